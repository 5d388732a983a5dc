"""The notes of a vault as they are on disk now."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from vaultc.core.endings import is_note_path, is_read_path
from vaultc.core.errors import VaultError
from vaultc.core.link import ResolvedLink
from vaultc.core.source import Source, VaultPath, vault_path
from vaultc.vault.files import FoundFile, read_source
from vaultc.vault.ignore import Ignore, read_ignore
from vaultc.vault.kinds import as_generated, parse_file
from vaultc.vault.names import NamesIndex, link_key, names_index
from vaultc.vault.resolve import NoteOutline, outline_of, resolve
from vaultc.vault.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from vaultc.core.diagnostic import Diagnostic
    from vaultc.core.digest import Digest
    from vaultc.core.link import Link, Unresolved
    from vaultc.core.note import Note

_T = TypeVar("_T")
_KEPT_NOTES = 64
_KEPT_OUTLINES = 4_096


@dataclass(frozen=True, slots=True)
class ParsedNote:
    """A note as read and parsed: its text, its parts, the digest of its bytes, what is wrong with it."""

    source: Source
    note: Note
    digest: Digest
    diagnostics: tuple[Diagnostic, ...]


class VaultReader:
    """Reads notes and follows links. The list of files is made once; `refresh` makes it again."""

    def __init__(
        self,
        root: Path,
        ignore: Ignore | None = None,
        aliases: Callable[[], Mapping[VaultPath, Iterable[str]]] | None = None,
    ) -> None:
        """Read the vault at `root`.

        `ignore` replaces what the vault itself says; `aliases` gives the aliases of all notes, asked once, when the
        first link does not resolve.

        Raises:
            VaultError: `root` cannot be listed.
        """
        self.root = root
        self._ignore = ignore
        self._aliases = aliases
        self._notes: OrderedDict[VaultPath, tuple[tuple[int, int], ParsedNote]] = OrderedDict()
        self._outlines: OrderedDict[VaultPath, tuple[tuple[int, int], NoteOutline]] = OrderedDict()
        self.refresh()

    def refresh(self) -> None:
        """List the files again."""
        found = walk(self.root, ignore=self._ignore if self._ignore is not None else read_ignore(self.root))
        self._files = found.files
        self._by_path = {file.path: file for file in found.files}
        self.diagnostics: tuple[Diagnostic, ...] = found.diagnostics
        self._names: NamesIndex | None = None
        self._names_with_aliases: NamesIndex | None = None

    def files(self) -> tuple[FoundFile, ...]:
        """Give all files: notes, attachments, and what Obsidian excludes."""
        return self._files

    def paths(self) -> tuple[VaultPath, ...]:
        """Give the paths of the notes, in order of their parts."""
        return tuple(file.path for file in self._files if file.is_note)

    @property
    def names(self) -> NamesIndex:
        """The index of names of all files."""
        if self._names is None:
            self._names = names_index(self._by_path)
        return self._names

    def read(self, path: VaultPath) -> ParsedNote:
        """Read and parse the note at `path` as it is on disk now; an unchanged file is not read again.

        Raises:
            VaultError: there is no such file, or it cannot be read as text.
        """
        file = self._by_path.get(path)
        if file is None:
            raise VaultError(f"no note at {path}", hint="paths count from the vault's root")
        stamp = self._stamp(file)
        kept = self._notes.get(path)
        if kept is not None and kept[0] == stamp:
            self._notes.move_to_end(path)
            return kept[1]
        result = read_source(self.root, file)
        if result.source is None or result.digest is None:
            raise VaultError(f"{path}: {result.diagnostics[0].message}", hint=result.diagnostics[0].help)
        note, diagnostics = parse_file(result.source)
        if file.is_generated:
            note = as_generated(note, result.source)
        parsed = ParsedNote(result.source, note, result.digest, (*result.diagnostics, *diagnostics))
        _keep(self._notes, path, (stamp, parsed), _KEPT_NOTES)
        _keep(self._outlines, path, (stamp, outline_of(note)), _KEPT_OUTLINES)
        return parsed

    def source(self, path: VaultPath) -> Source:
        """Give the text of the file at `path` without parsing it. Raises VaultError where it cannot be read."""
        file = self._by_path.get(path)
        if file is None:
            raise VaultError(f"{path}: there is no such file")
        kept = self._notes.get(path)
        if kept is not None and kept[0] == self._stamp(file):
            return kept[1].source
        result = read_source(self.root, file)
        if result.source is None:
            raise VaultError(f"{path}: {result.diagnostics[0].message}")
        return result.source

    def outline(self, path: VaultPath) -> NoteOutline | None:
        """Give the headings and block ids of the note at `path`; None where it cannot be read."""
        file = self._by_path.get(path)
        if file is None or not is_note_path(path):
            return None
        try:
            kept = self._outlines.get(path)
            if kept is not None and kept[0] == self._stamp(file):
                return kept[1]
            return outline_of(self.read(path).note)
        except VaultError:
            return None

    def resolve(self, link: Link, source: VaultPath) -> ResolvedLink | Unresolved:
        """Give what `link`, written in the note `source`, names."""
        found = resolve(link, source, self.names, self.outline)
        if self._aliases is None or isinstance(found, ResolvedLink):
            return found
        if self._names_with_aliases is None:
            self._names_with_aliases = names_index(self._by_path, self._aliases())
        return resolve(link, source, self._names_with_aliases, self.outline)

    def note_named(self, text: str) -> VaultPath | None:
        """Give the note that a person means by `text`: a path from the root, a name, or the end of a path."""
        name = text.strip().removeprefix("[[").removesuffix("]]").strip()
        path = vault_path(name)
        if path in self._by_path and is_read_path(path):
            return path
        key = link_key(path)
        spellings = (key, f"{key}.md", f"{key}.idea", f"{key}.pseudo")
        for look in (self.names.at_path, self.names.ending_in):
            for spelling in spellings:
                found = [path for path in look(spelling) if is_read_path(path)]
                if key and found:
                    return min(found, key=lambda path: (len(path), path))
        return None

    def _stamp(self, file: FoundFile) -> tuple[int, int]:
        try:
            return file.stamp(self.root)
        except OSError as error:
            raise VaultError(f"{file.path}: the file cannot be read: {error.strerror}") from error


def _keep(kept: OrderedDict[VaultPath, _T], path: VaultPath, value: _T, limit: int) -> None:
    kept[path] = value
    kept.move_to_end(path)
    while len(kept) > limit:
        kept.popitem(last=False)
