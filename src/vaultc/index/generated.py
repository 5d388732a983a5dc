"""A catalog of what vaultc wrote, made in memory for a person who asks for it: no other search finds it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vaultc.index.catalog import open_catalog
from vaultc.index.job import put_all
from vaultc.index.reading import read_note
from vaultc.vault.canvas import GENERATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vaultc.core.chunk import ChunkOptions
    from vaultc.core.note import Note
    from vaultc.index.catalog import Catalog
    from vaultc.vault.files import FoundFile


@contextmanager
def generated_catalog(root: Path, files: Iterable[FoundFile], options: ChunkOptions) -> Iterator[Catalog]:
    """Give a catalog of generated `files` of the vault at `root`, in which they are searched as notes are."""
    here = {file.path: replace(file, is_generated=False) for file in files}
    readings = [read_note(root, file, options, as_read=_without_mark) for file in here.values()]
    with open_catalog(Path(":memory:")) as catalog:
        with catalog.transaction():
            put_all(catalog, readings, here)
        yield catalog


def _without_mark(note: Note) -> Note:
    return replace(note, properties=tuple(prop for prop in note.properties if prop.key != GENERATED))
