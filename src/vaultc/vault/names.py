"""Names that links use, and the index of the files that carry them.

Names compare as Obsidian compares them: composed (NFC), in lower case, a no-break space as a space.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from vaultc.core.endings import NOTE_SUFFIXES
from vaultc.vault.conflict import conflict_of
from vaultc.vault.nearness import Nearness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vaultc.core.source import VaultPath


def link_key(text: str) -> str:
    """Give the form in which names of files compare."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).replace("\u00a0", " ").lower()


class NamesIndex:
    """Which files a name may mean; made once for a set of paths, then only read."""

    def __init__(self, paths: Iterable[VaultPath], aliases: Mapping[VaultPath, Iterable[str]] | None = None) -> None:
        """Index `paths`; `aliases` of notes serve as hints alone."""
        listed = sorted(set(paths))
        self.paths = frozenset(listed)
        keys = [path.lower() if path.isascii() else link_key(path) for path in listed]
        self._by_path = dict(zip(keys, listed, strict=True))
        # Paths that differ by case, or by how their letters are composed.
        self._twins = _groups(keys, listed) if len(self._by_path) < len(listed) else {}
        self._by_name = _groups([key[key.rfind("/") + 1 :] for key in keys], listed)
        self._by_alias: dict[str, list[VaultPath]] = {}
        self._near_titles: Nearness | None = None
        self._near_files: Nearness | None = None
        for path, names in sorted((aliases or {}).items()):
            for name in names:
                self._by_alias.setdefault(link_key(name), []).append(path)

    def at_path(self, key: str) -> tuple[VaultPath, ...]:
        """Give the files whose whole path is `key` (several only where paths differ by case)."""
        if key in self._twins:
            return tuple(self._twins[key])
        return (self._by_path[key],) if key in self._by_path else ()

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
        """Give the notes whose names look most like `name`, best first; a copy of a sync service is none."""
        if self._near_titles is None:
            names = (name for name in self._by_name if conflict_of(name) is None)
            self._near_titles = Nearness(title for name in names if (title := _title(name)) is not None)
        titles = self._near_titles.near(link_key(name.rpartition("/")[2]), limit)
        near = (path for title in titles for suffix in NOTE_SUFFIXES for path in self.ending_in(title + suffix))
        return tuple(near)[:limit]

    def near_files(self, name: str, limit: int = 3) -> tuple[VaultPath, ...]:
        """Give the files that are no notes and whose names with their endings look most like `name`, best first."""
        if self._near_files is None:
            self._near_files = Nearness(name for name in self._by_name if _title(name) is None)
        names = self._near_files.near(link_key(name.rpartition("/")[2]), limit)
        return tuple(path for found in names for path in self.ending_in(found))[:limit]


def _groups(keys: Iterable[str], paths: Iterable[VaultPath]) -> dict[str, list[VaultPath]]:
    groups: dict[str, list[VaultPath]] = {}
    for key, path in zip(keys, paths, strict=True):
        if key in groups:
            groups[key].append(path)
        else:
            groups[key] = [path]
    return groups


def names_index(paths: Iterable[VaultPath], aliases: Mapping[VaultPath, Iterable[str]] | None = None) -> NamesIndex:
    """Index the files at `paths` (notes and attachments) by the names that links may use."""
    return NamesIndex(paths, aliases)


def _title(name: str) -> str | None:
    """Give the name of a note without its ending, None for another file."""
    return next((name.removesuffix(suffix) for suffix in NOTE_SUFFIXES if name.endswith(suffix)), None)
