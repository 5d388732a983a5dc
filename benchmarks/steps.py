"""What a person does to a vault between two runs: change a note, rename one, move a folder; and whether it was seen."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.measure import note_files

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.tool import Tool

_ODD = set('#^[]|%\\:*"<>?`$')


@dataclass(frozen=True, slots=True)
class Change:
    """A note that got a link, and the note that the link names."""

    note: str
    target: str


class Person:
    """Edits a copy of a vault; the same seed makes the same edits."""

    def __init__(self, root: Path, seed: int = 1) -> None:
        self._root = root
        self._rng = random.Random(seed)
        self._notes = [path for path in note_files(root) if path.suffix == ".md"]
        names = Counter(path.stem.casefold() for path in self._notes)
        self._plain = [
            path
            for path in self._notes
            if names[path.stem.casefold()] == 1 and not _ODD & set(path.stem) and 300 <= path.stat().st_size <= 20_000
        ]

    def change(self) -> Change:
        """Append a paragraph with a link to one note."""
        note, target = self._rng.sample(self._plain, 2)
        with note.open("a", encoding="utf-8") as file:
            file.write(f"\n\nДописано сегодня, added today: [[{target.stem}]].\n")
        return Change(self._relative(note), self._relative(target))

    def rename(self) -> tuple[str, str]:
        """Give one note another name in the same folder."""
        note = self._rng.choice(self._plain)
        self._plain.remove(note)
        new = note.rename(note.with_name(f"{note.stem} переименована.md"))
        return self._relative(note), self._relative(new)

    def move_folder(self) -> tuple[str, str, int]:
        """Move a folder of a few dozen notes to the root, under another name; give both paths and its notes."""
        counts = Counter(path.parent for path in self._notes)
        folders = sorted(folder for folder in counts if folder != self._root)
        whole = {folder: sum(counts[other] for other in counts if other.is_relative_to(folder)) for folder in folders}
        folder = min(folders, key=lambda one: (abs(whole[one] - 40), one))
        new = folder.rename(self._root / f"Moved {folder.name}")
        self._plain = [path for path in self._plain if not path.is_relative_to(folder)]
        return self._relative(folder), self._relative(new), whole[folder]

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def link_is_right(tool: Tool, change: Change) -> dict[str, Any]:
    """Ask `vaultc links` whether the new link leads to its note, and whether that note knows of it."""
    forward, back = tool.links(change.note), tool.links(change.target)
    out = [row for row in forward.answer["links"] if (row["resolved"] or {}).get("path") == change.target]
    into = [row for row in back.answer["backlinks"] if row["from"]["path"] == change.note]
    return {"link": bool(out), "backlink": bool(into), "links_wall": round(back.cost.wall, 3)}
