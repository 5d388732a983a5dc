"""Names that links use, and the index of the files that carry them.

Names compare as Obsidian compares them: composed (NFC), in lower case, a no-break space as a space.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from vaultc.syntax.parse import NOTE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vaultc.core.source import VaultPath

_MIN_LIKENESS = 0.6
_MAX_COMPARED = 80
_NUMBER = re.compile(r"\d+")


def link_key(text: str) -> str:
    """Give the form in which names of files compare."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).replace("\u00a0", " ").lower()


class NamesIndex:
    """Which files a name may mean; made once for a set of paths, then only read."""

    def __init__(self, paths: Iterable[VaultPath], aliases: Mapping[VaultPath, Iterable[str]] | None = None) -> None:
        """Index `paths`; `aliases` of notes serve as hints alone."""
        self.paths = frozenset(paths)
        self._by_path: dict[str, list[VaultPath]] = {}
        self._by_name: dict[str, list[VaultPath]] = {}
        self._by_alias: dict[str, list[VaultPath]] = {}
        self._grams: dict[str, list[str]] | None = None
        for path in sorted(self.paths):
            key = link_key(path)
            self._by_path.setdefault(key, []).append(path)
            self._by_name.setdefault(key.rpartition("/")[2], []).append(path)
        for path, names in sorted((aliases or {}).items()):
            for name in names:
                self._by_alias.setdefault(link_key(name), []).append(path)

    def at_path(self, key: str) -> tuple[VaultPath, ...]:
        """Give the files whose whole path is `key` (several only where paths differ by case)."""
        return tuple(self._by_path.get(key, ()))

    def ending_in(self, key: str) -> tuple[VaultPath, ...]:
        """Give the files whose path is `key` or ends with `/` and `key`, in order of path."""
        found = self._by_name.get(key.rpartition("/")[2], [])
        if "/" not in key:
            return tuple(found)
        tail = f"/{key}"
        return tuple(path for path in found if f"/{link_key(path)}".endswith(tail))

    def with_alias(self, name: str) -> tuple[VaultPath, ...]:
        """Give the notes that carry `name` as an alias."""
        return tuple(dict.fromkeys(self._by_alias.get(link_key(name), ())))

    def near(self, name: str, limit: int = 3) -> tuple[VaultPath, ...]:
        """Give the notes whose names look most like `name`, best first.

        Names with other numbers are other names: no day is offered for another day.
        """
        key = link_key(name.rpartition("/")[2])
        wanted = _grams(key)
        if not wanted:
            return ()
        shared: Counter[str] = Counter()
        index = self._gram_index()
        for gram in wanted:
            shared.update(index.get(gram, ()))
        scored: list[tuple[float, str]] = []
        for title, count in shared.most_common(_MAX_COMPARED):
            likeness = 2 * count / (len(wanted) + len(_grams(title)))
            if likeness >= _MIN_LIKENESS and _NUMBER.findall(title) == _NUMBER.findall(key):
                scored.append((-likeness, title))
        near = [
            path for _, title in sorted(scored) for suffix in NOTE_SUFFIXES for path in self.ending_in(title + suffix)
        ]
        return tuple(near[:limit])

    def _gram_index(self) -> dict[str, list[str]]:
        if self._grams is None:
            self._grams = {}
            for name in self._by_name:
                for suffix in NOTE_SUFFIXES:
                    if name.endswith(suffix):
                        title = name.removesuffix(suffix)
                        for gram in _grams(title):
                            self._grams.setdefault(gram, []).append(title)
        return self._grams


def names_index(paths: Iterable[VaultPath], aliases: Mapping[VaultPath, Iterable[str]] | None = None) -> NamesIndex:
    """Index the files at `paths` (notes and attachments) by the names that links may use."""
    return NamesIndex(paths, aliases)


def _grams(text: str) -> frozenset[str]:
    padded = f"  {text} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2)) if text else frozenset()
