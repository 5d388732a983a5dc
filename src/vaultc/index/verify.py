"""Compare the index with the notes, to the byte: what does not agree is made to be derived again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vaultc.core.digest import Digest
from vaultc.core.errors import DamagedError
from vaultc.core.event import Progress
from vaultc.index.account import forget_account
from vaultc.index.catalog import open_catalog
from vaultc.index.embed import StemEmbedder
from vaultc.index.resolution import resolve_links

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vaultc.core.event import Report
    from vaultc.core.source import VaultPath
    from vaultc.index.catalog import Catalog
    from vaultc.index.embeddings import EmbedderRecord
    from vaultc.model.protocols import Embedder
    from vaultc.vault.files import FoundFile

    Derive = Callable[[Catalog, FoundFile], None]
    """Reads a note and puts what it says into a catalog, as an index run does."""

_TOLERANCE = 1e-4
_BATCH = 512


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What did not agree: notes to be read again, notes whose links named something else, chunks to be embedded."""

    notes: tuple[VaultPath, ...] = ()
    links: tuple[VaultPath, ...] = ()
    vectors: int = 0

    def __str__(self) -> str:
        """Give it as the end of a sentence; empty where all agreed."""
        parts = [
            f"what was kept of {len(paths)} notes (the first is {paths[0]}) {said}"
            for paths, said in ((self.notes, "is not what they say"), (self.links, "resolved links otherwise"))
            if paths
        ]
        return "; ".join([*parts, f"{self.vectors} vectors were not those of their texts"] if self.vectors else parts)


def verify(
    catalog: Catalog, root: Path, files: Sequence[FoundFile], derive: Derive, embedder: Embedder | None, report: Report
) -> Disagreement:
    """Derive notes, links and vectors again and compare; what disagrees is forgotten, so that it is made anew.

    What analyses derived is forgotten unseen: they derive it again when they are asked.

    Raises:
        DamagedError: the SQLite file or its full-text table is damaged; only a rebuild helps.
    """
    catalog.check_integrity()
    known = catalog.files()
    notes = [file for file in files if file.is_note and file.path in known and known[file.path].digest is not None]
    stale = _stale_notes(catalog, notes, derive, report)
    with catalog.transaction():
        catalog.forget_derived()
        catalog.forget_contents(stale)
    links = _verify_links(catalog, root, files, report)
    return Disagreement(tuple(stale), links, _verify_vectors(catalog, embedder, report))


def _stale_notes(catalog: Catalog, notes: Sequence[FoundFile], derive: Derive, report: Report) -> list[VaultPath]:
    """Give the notes of which a scratch catalog, into which they are read now, says something else."""
    stale: list[VaultPath] = []
    with open_catalog(Path(":memory:")) as scratch:
        for done, file in enumerate(notes, 1):
            report(Progress("verify", done, len(notes), file.path))
            with scratch.transaction():
                derive(scratch, file)
                if scratch.contents.of(file.path) != catalog.contents.of(file.path):
                    stale.append(file.path)
                scratch.remove_file(file.path)
    return stale


def _verify_links(catalog: Catalog, root: Path, files: Sequence[FoundFile], report: Report) -> tuple[VaultPath, ...]:
    """Resolve all links again; give the notes in which one named something else."""
    report(Progress("verify links", 0))
    before = catalog.links.resolutions()
    catalog.links.forget_all()
    resolve_links(catalog, root, {file.path: file for file in files})
    after = catalog.links.resolutions()
    return tuple(path for path in after if before.get(path) != after[path])


def _verify_vectors(catalog: Catalog, embedder: Embedder | None, report: Report) -> int:
    """Embed everything again with the fitted embedder; a model's vectors are checked for length alone: it is slow.

    Gives how many were dropped.
    """
    import numpy as np

    fingerprint = catalog.setting("embedder")
    record = catalog.embeddings.embedder(Digest(fingerprint)) if fingerprint else None
    if record is None:
        return 0
    report(Progress("verify vectors", 0))
    fitted = _fitted(record) if embedder is None else None
    if embedder is None and (fitted is None or fitted.dimensions != record.dimensions):
        with catalog.transaction():
            catalog.embeddings.forget_embedders()
            catalog.set_setting("embedder", None)
            forget_account(catalog)
        return len(catalog.embeddings.wanted_digests())
    with catalog.transaction():
        misfits = catalog.embeddings.drop_misfits(record.fingerprint, record.dimensions)
    digests, matrix = catalog.embeddings.matrix(record.fingerprint)
    wrong: list[Digest] = []
    for start in range(0, len(digests), _BATCH):
        piece = digests[start : start + _BATCH]
        rows = matrix[start : start + len(piece)]
        if fitted is not None:
            wanted = catalog.embeddings.prepared(piece)
            again = fitted.embed_prepared([wanted.get(digest, "") for digest in piece])
            is_near = np.abs(again - rows).max(axis=1) <= _TOLERANCE
        else:
            is_near = np.abs(np.linalg.norm(rows, axis=1) - 1) <= _TOLERANCE
        wrong += [digest for digest, near in zip(piece, is_near, strict=True) if not near]  # not a number: not near
    with catalog.transaction():
        catalog.embeddings.drop(record.fingerprint, wrong)
        forget_account(catalog)
    return misfits + len(wrong)


def _fitted(record: EmbedderRecord) -> StemEmbedder | None:
    """Give the fitted embedder of a record, None where its bytes are not those that were stored."""
    try:
        fitted = StemEmbedder.from_bytes(record.state)
    except DamagedError:
        return None
    return fitted if fitted.fingerprint == record.fingerprint else None
