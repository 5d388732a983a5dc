"""Link → ResolvedLink | Unresolved, by the rules that Obsidian was seen to follow.

1. An empty path is the note itself. 2. `./` and `../` count from the note's folder, and only exactly. 3. A path that
exists from the vault's root wins, even over a namesake beside the note. 4. Else files whose path ends with the
target at a folder's border; 5. of them one in the note's own folder, else the one with the shortest path;
6. of equally short ones the first by order, which is reported as ambiguous. Aliases and titles never resolve.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vaultc.core.endings import NOTE_SUFFIXES, is_note_path
from vaultc.core.link import Link, Missing, ResolvedLink, Unresolved
from vaultc.vault.names import link_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from vaultc.core.note import Heading, Note
    from vaultc.core.source import VaultPath
    from vaultc.vault.names import NamesIndex

_BLANKED = {ord(letter): " " for letter in '!"#$%&()*+,.:;<=>?@^`{|}~/[]\\\r\n'}


@dataclass(frozen=True)
class NoteOutline:
    """What links may name inside a note: its headings in order, and its block ids."""

    headings: tuple[Heading, ...] = ()
    block_ids: tuple[str, ...] = ()

    @cached_property
    def _by_key(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for at, heading in enumerate(self.headings):
            found.setdefault(heading_key(heading.text), []).append(at)
        return found

    @cached_property
    def _above(self) -> Sequence[int]:
        """For each heading the one that it stands below, -1 for none."""
        parents: list[int] = []
        above: list[int] = []
        for at, heading in enumerate(self.headings):
            while above and self.headings[above[-1]].level >= heading.level:
                above.pop()
            parents.append(above[-1] if above else -1)
            above.append(at)
        return parents

    @cached_property
    def _ids(self) -> Mapping[str, str]:
        return {known.lower(): known for known in reversed(self.block_ids)}

    def heading(self, chain: Sequence[str]) -> Heading | None:
        """Give the heading that `A#B#C` names: the first C below a B below an A, each deeper than the one before."""
        wanted = [heading_key(name) for name in chain]
        if not wanted or not all(name in self._by_key for name in wanted):
            return None
        for at in self._by_key[wanted[-1]]:
            way = [at]
            while self._above[way[-1]] >= 0:
                way.append(self._above[way[-1]])
            rest = iter([heading_key(self.headings[number].text) for number in way])
            if next(rest) == wanted[-1] and all(name in rest for name in reversed(wanted[:-1])):
                return self.headings[at]
        return None

    def block(self, name: str) -> str | None:
        """Give the block id that `name` means; ids compare without case."""
        return self._ids.get(name.lower())


def outline_of(note: Note) -> NoteOutline:
    """Give the outline of `note`."""
    return NoteOutline(note.headings, tuple(block.id for block in note.blocks if block.id is not None))


def resolve(
    link: Link, source_path: VaultPath, names: NamesIndex, outline: Callable[[VaultPath], NoteOutline | None]
) -> ResolvedLink | Unresolved:
    """Give what `link`, written in the note `source_path`, names.

    `outline` is asked only for a link with a heading or a block, and may give None for a file that cannot be read.
    """
    found = _files(link.target, source_path, names)
    if not found:
        return Unresolved(link, names.with_alias(link.target))
    path = found[0]
    candidates = found if len(found) > 1 else ()
    if (not link.headings and link.block is None) or not is_note_path(path):
        return ResolvedLink(link, path, candidates=candidates)
    inside = outline(path) or NoteOutline()
    if link.block is not None:
        block = inside.block(link.block)
        missing = Missing.BLOCK if block is None else None
        return ResolvedLink(link, path, block=block, missing=missing, candidates=candidates)
    heading = inside.heading(link.headings)
    if heading is None:
        return ResolvedLink(link, path, missing=Missing.HEADING, candidates=candidates)
    return ResolvedLink(link, path, heading=heading.text, candidates=candidates)


def heading_key(text: str) -> str:
    """Give the form in which headings compare: most ASCII punctuation is a blank, runs of blanks are one, no case.

    `-`, `_` and apostrophes stay, as does everything outside ASCII.
    """
    return link_key(" ".join(text.translate(_BLANKED).split()))


def _files(target: str, source_path: VaultPath, names: NamesIndex) -> tuple[VaultPath, ...]:
    """Give the files that `target` means equally well, the one to take first."""
    if not target:
        return (source_path,)
    key = link_key(target).strip()
    folder = source_path.rpartition("/")[0]
    if key.startswith(("./", "../")) or key in (".", ".."):
        path = _relative(key, link_key(folder))
        return _exact(path, target, names) if path else ()
    if key.startswith("/"):
        return _exact(key.strip("/"), target, names)
    return _exact(key, target, names) or _ending(key, folder, names)


def _relative(key: str, folder: str) -> str | None:
    """Give the path that `key` means from `folder`; None above the root."""
    parts = folder.split("/") if folder else []
    for part in key.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _spellings(key: str) -> Iterable[str]:
    """Give `key` as a file's name, then as the name of a note without its ending."""
    yield key
    for suffix in NOTE_SUFFIXES:
        yield key + suffix


def _exact(key: str, target: str, names: NamesIndex) -> tuple[VaultPath, ...]:
    for spelling in _spellings(key):
        found = names.at_path(spelling)
        if found:
            written = target.strip("/")
            return tuple(sorted(found, key=lambda path: (not path.startswith(written), path)))
    return ()


def _ending(key: str, folder: str, names: NamesIndex) -> tuple[VaultPath, ...]:
    for spelling in _spellings(key):
        found = names.ending_in(spelling)
        if found:
            beside = [path for path in found if path.rpartition("/")[0] == folder]
            shortest = min(map(len, found))
            return tuple(sorted(beside or [path for path in found if len(path) == shortest]))
    return ()
