"""A vault with a compiled idea in it: where tests of what is kept on disk take place."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from compiler.packages import lowered
from compiler.units import Notes, kettle

from vaultc.compiler.emit import Emitter
from vaultc.disk.policy import Root
from vaultc.disk.seal import Seal

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.compiler.unit import Unit

NOTE = "Ideas/Kettle timer.architecture.md"
MODULE = "kettle_timer/brewing.py"
_WORD = re.compile(r"Brewing|Boiling\d*")
SEAL = Seal(b"of this machine")


class Place:
    """A vault, its state and an output folder."""

    def __init__(self, root: Path) -> None:
        self.unit, self.notes = _unit()
        self.vault = root / "vault"
        self.out = root / "out"
        for path, text in self.notes.texts.items():
            (self.vault / path).parent.mkdir(parents=True, exist_ok=True)
            (self.vault / path).write_text(text, encoding="utf-8")

    def emitter(self, out: Path | None = None) -> Emitter:
        """Give the emitter."""
        state = Root(self.vault / ".vaultc", allow_hidden=True)
        return Emitter(Root(self.vault), state, Root(out or self.out), self.notes, SEAL)

    def without(self, path: str) -> Unit:
        """Give the unit without one of its modules."""
        return replace(self.unit, code=tuple(file for file in self.unit.code if file.path != path))

    @staticmethod
    def unit_of() -> Unit:
        """Give the unit that is compiled here."""
        return _unit()[0]

    def actions(self, unit: Unit | None = None) -> dict[str, str]:
        """Emit, and give what became of each file."""
        return {item.path: item.action for item in self.emitter().emit(unit or self.unit).writes}

    def tree(self) -> dict[str, bytes]:
        """Give every file with its bytes."""
        roots = (self.vault, self.out)
        return {str(path): path.read_bytes() for root in roots for path in sorted(root.rglob("*")) if path.is_file()}


@functools.cache
def _unit() -> tuple[Unit, Notes]:
    unit, notes = kettle()
    return lowered(unit, notes), notes


def changed(unit: Unit, word: str = "Boiling") -> Unit:
    """Give the unit as a later compile would make it: other text in one note and one module."""
    artifacts = tuple(replace(item, text=_WORD.sub(word, item.text)) for item in unit.artifacts)
    code = tuple(replace(item, text=_WORD.sub(word, item.text)) if item.path == MODULE else item for item in unit.code)
    return replace(unit, artifacts=artifacts, code=code)
