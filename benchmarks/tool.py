"""How the cases run vaultc: every command line and variable stands here."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Cost, measured, without_network
from benchmarks.record import ROOT

if TYPE_CHECKING:
    from pathlib import Path

VAULTC = [sys.executable, "-m", "vaultc"]
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")
_NO_VECTORS = {"VAULTC_INDEX_EMBEDDER": "none"}


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of vaultc: its cost and what it printed."""

    cost: Cost
    answer: dict[str, Any]

    @property
    def stats(self) -> dict[str, Any]:
        return dict(self.answer["stats"])


class Tool:
    """Runs vaultc on one vault, with a home of its own, and with no network where the system allows that."""

    def __init__(self, vault: Path, home: Path) -> None:
        self.vault = vault
        self.prefix = without_network()
        kept = {
            key: value for key, value in os.environ.items() if key in _KEPT or key.startswith(("OPENBLAS_", "OMP_"))
        }
        self.env = {
            **kept,
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
        home.mkdir(parents=True, exist_ok=True)

    def forget_index(self) -> None:
        """Delete the state, so that the next run reads everything."""
        shutil.rmtree(self.vault / ".vaultc", ignore_errors=True)

    def index(self, *, vectors: bool = True) -> Ran:
        """`vaultc index`; without `vectors` the vault is read, linked and indexed by words only."""
        argv = [*VAULTC, "index", str(self.vault), "--json"]
        if vectors:
            return self._run(argv)
        ran = self._run(argv, _NO_VECTORS)
        if ran.stats["embedded"]:
            raise RuntimeError("vectors were made although none were asked for")
        return ran

    def links(self, note: str) -> Ran:
        """`vaultc links NOTE`."""
        return self._run([*VAULTC, "links", note, "--vault", str(self.vault), "--json"])

    def search(self, query: str, *, lexical: bool = False, vectors: bool = True) -> Ran:
        """`vaultc search`, in a process of its own. `vectors` says how the vault was indexed."""
        extra = {} if vectors else _NO_VECTORS
        flags = ["--lexical"] if lexical else []
        return self._run([*VAULTC, "search", *flags, "--vault", str(self.vault), "--json", "--", query], extra)

    def script(self, module: str, *arguments: str) -> Ran:
        """`python -m benchmarks.MODULE`, which prints JSON."""
        return self._run([sys.executable, "-m", f"benchmarks.{module}", *arguments], codes=(0,))

    def python(self, code: str) -> Cost:
        """A bare interpreter with `code`."""
        return measured([*self.prefix, sys.executable, "-c", code], env=self.env).cost

    def _run(self, argv: list[str], extra: dict[str, str] | None = None, codes: tuple[int, ...] = (0, 1)) -> Ran:
        done = measured([*self.prefix, *argv], env={**self.env, **(extra or {})}, cwd=ROOT, codes=codes)
        return Ran(done.cost, json.loads(done.out))
