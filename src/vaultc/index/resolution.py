"""Which links wait for being resolved, and resolving them against the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.endings import is_note_path
from vaultc.index.records import link_of, resolution_columns
from vaultc.syntax.parse import parse_note
from vaultc.vault.files import read_source
from vaultc.vault.names import names_index
from vaultc.vault.resolve import NoteOutline, outline_of, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vaultc.core.source import VaultPath
    from vaultc.index.catalog import Catalog
    from vaultc.index.database import Row
    from vaultc.vault.files import FoundFile

_BATCH = 5_000


def resolve_links(catalog: Catalog, root: Path, files: Mapping[VaultPath, FoundFile]) -> int:
    """Resolve the links that wait for it; give their number. Killed in between, the rest waits for the next run."""
    waiting = catalog.links.pending()
    if not waiting:
        return 0
    names = names_index(files, catalog.notes.all_aliases())
    outlines: dict[VaultPath, NoteOutline | None] = {}

    def outline(path: VaultPath) -> NoteOutline | None:
        if path not in outlines:
            outlines[path] = _outline(catalog, root, files, path)
        return outlines[path]

    # What a link names depends on what it says and on the folder it stands in; notes repeat both.
    known: dict[tuple[str, str, str | None, str], tuple[object, ...]] = {}

    def resolved(path: VaultPath, row: Row) -> tuple[object, ...]:
        _, target, headings, block, *_ = row
        key = (target, headings, block, path.rpartition("/")[0] if target else path)
        found = known.get(key)
        if found is None:
            found = known[key] = resolution_columns(resolve(link_of(path, row), path, names, outline))
        return found

    for start in range(0, len(waiting), _BATCH):
        with catalog.transaction():
            catalog.links.put_resolutions(
                (id_, resolved(path, row)) for id_, path, row in waiting[start : start + _BATCH]
            )
    return len(waiting)


def _outline(catalog: Catalog, root: Path, files: Mapping[VaultPath, FoundFile], path: VaultPath) -> NoteOutline | None:
    """Give what links may name in a note; one that Obsidian excludes is not in the catalog, and is read."""
    file = files.get(path)
    if file is None or not is_note_path(path):
        return None
    if file.is_note:
        return NoteOutline(catalog.notes.headings(path), tuple(catalog.notes.block_ids(path)))
    source = read_source(root, file).source
    return None if source is None else outline_of(parse_note(source)[0])
