"""Compare the index with the notes, to the byte: what does not agree is made to be derived again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.digest import Digest
from vaultc.core.errors import StoreError
from vaultc.core.event import Progress
from vaultc.index.database import REBUILD_HINT
from vaultc.index.embed import StemEmbedder
from vaultc.index.searchable import searchable
from vaultc.vault.files import read_source
from vaultc.vault.kinds import parse_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vaultc.chunk.pack import ChunkOptions
    from vaultc.core.event import Report
    from vaultc.core.source import VaultPath
    from vaultc.index.catalog import Catalog
    from vaultc.index.records import FileRecord
    from vaultc.model.protocols import Embedder
    from vaultc.vault.files import FoundFile

_TOLERANCE = 1e-4
_BATCH = 512


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What did not agree: notes to be read again, chunks to be embedded again."""

    notes: tuple[VaultPath, ...]
    vectors: tuple[Digest, ...]


def verify(
    catalog: Catalog,
    root: Path,
    files: Iterable[FoundFile],
    options: ChunkOptions,
    embedder: Embedder | None,
    report: Report,
) -> Disagreement:
    """Derive digests, chunks and vectors again and compare; what disagrees is forgotten, so that it is made anew.

    Raises:
        StoreError: the SQLite file or its full-text table is damaged; only a rebuild helps.
    """
    catalog.check_integrity()
    if not catalog.lexical.is_sound():
        raise StoreError(f'the full-text table of "{catalog.path}" is damaged', hint=REBUILD_HINT)
    known = catalog.files()
    notes = [file for file in files if file.is_note and file.path in known]
    stale: list[VaultPath] = []
    for done, file in enumerate(notes, 1):
        report(Progress("verify", done, len(notes), file.path))
        if not _agrees(catalog, root, file, known[file.path], options):
            stale.append(file.path)
    with catalog.transaction():
        catalog.forget_contents(stale)
    return Disagreement(tuple(stale), _verify_vectors(catalog, embedder))


def _agrees(catalog: Catalog, root: Path, file: FoundFile, known: FileRecord, options: ChunkOptions) -> bool:
    if known.digest is None:
        return True  # could not be read; the run tries again anyway
    result = read_source(root, file)
    if result.source is None or result.digest != known.digest:
        return False
    note, _ = parse_file(result.source)
    chunks = searchable(result.source, note, options)
    return catalog.notes.chunks_of(file.path) == chunks and catalog.notes.is_searchable(file.path)


def _verify_vectors(catalog: Catalog, embedder: Embedder | None) -> tuple[Digest, ...]:
    """Embed everything again with the fitted embedder; a model's vectors are checked for length alone: it is slow."""
    import numpy as np

    fingerprint = catalog.setting("embedder")
    record = catalog.embeddings.embedder(Digest(fingerprint)) if fingerprint else None
    if record is None:
        return ()
    digests, matrix = catalog.embeddings.matrix(record.fingerprint)
    wrong: list[Digest] = []
    if record.state and embedder is None:
        fitted = StemEmbedder.from_bytes(record.state)
        wanted = catalog.embeddings.prepared()
        for start in range(0, len(digests), _BATCH):
            piece = digests[start : start + _BATCH]
            again = fitted.embed_prepared([wanted.get(digest, "") for digest in piece])
            far = np.abs(again - matrix[start : start + len(piece)]).max(axis=1) > _TOLERANCE
            wrong += [digest for digest, is_far in zip(piece, far, strict=True) if is_far]
    elif digests:
        far = np.abs(np.linalg.norm(matrix, axis=1) - 1) > _TOLERANCE
        wrong += [digest for digest, is_far in zip(digests, far, strict=True) if is_far]
    with catalog.transaction():
        catalog.embeddings.drop(record.fingerprint, wrong)
    return tuple(wrong)
