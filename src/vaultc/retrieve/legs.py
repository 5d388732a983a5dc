"""The retrievers of a search (legs): lexical, dense and graph.

By meaning is the cosine of vectors, exact by default, by Chroma when asked: exact search over the matrix takes 7 ms at
100,000 vectors, opening Chroma two seconds (docs/design/002-vectors.md). By links has weight 0 by default: on
questions over several notes it raised recall, on others it moved right answers down.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from vaultc.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from vaultc.core.digest import Digest
    from vaultc.core.source import VaultPath
    from vaultc.index.catalog import Catalog
    from vaultc.index.lexical import LexicalMatch
    from vaultc.model.protocols import Embedder
    from vaultc.retrieve.query import Query

_SEEDS = 5


def by_words(catalog: Catalog, query: Query, limit: int) -> dict[int, LexicalMatch]:
    """Give the chunks that carry words of the question, by row id."""
    found = catalog.lexical.search(query.stems, query.phrase_stems, limit=limit)
    return {match.id: match for match in found}


def by_links(catalog: Catalog, scores: Mapping[VaultPath, float]) -> dict[VaultPath, tuple[float, VaultPath]]:
    """Give the notes linked with the best of `scores`: the best score beside each, and the note that has it.

    A note with many links gives each of them less: its score is divided by the root of their number.
    """
    seeds = sorted(scores, key=lambda path: (-scores[path], path))[:_SEEDS]
    found: dict[VaultPath, tuple[float, VaultPath]] = {}
    for seed, others in catalog.links.neighbours(seeds).items():
        for other in others:
            score = scores[seed] / len(others) ** 0.5
            found[other] = max(found.get(other, (0.0, seed)), (score, seed))
    return found


class DenseLeg:
    """Finds chunks by the vector of a question. The matrix is read once and kept."""

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder,
        nearest: Callable[[NDArray[np.float32], int], Iterable[tuple[Digest, float]]] | None = None,
    ) -> None:
        self._catalog = catalog
        self._embedder = embedder
        self._nearest = nearest
        self._lock = threading.Lock()
        self._digests: tuple[Digest, ...] | None = None
        self._rows: dict[Digest, int] = {}
        self._matrix: NDArray[np.float32] | None = None

    def by_meaning(self, text: str, limit: int, also: Iterable[int] = ()) -> dict[int, float]:
        """Give the cosine similarity of the nearest chunks, and of the chunks with the ids `also`, by row id.

        Empty where nothing is known of the text.
        """
        vector = self._embedder.embed([text], is_query=True)[0]
        if not vector.any():
            return {}
        self._load()
        assert self._matrix is not None
        assert self._digests is not None
        if not self._digests:
            return {}
        near = self._near(vector, limit)
        found: dict[int, float] = {}
        for digest, ids in self._catalog.notes.ids_by_digest(near).items():
            found.update(dict.fromkeys(ids, near[digest]))
        for id_, digest in self._catalog.notes.digests_by_id(also).items():
            if id_ not in found and digest in self._rows:
                found[id_] = float(self._matrix[self._rows[digest]] @ vector)
        return found

    def _near(self, vector: NDArray[np.float32], limit: int) -> dict[Digest, float]:
        """Ask the vector store, if there is one; one that fails is not asked again."""
        if self._nearest is not None:
            try:
                return dict(self._nearest(vector, limit))
            except StoreError:
                self._nearest = None
        return self._exact(vector, limit)

    def _exact(self, vector: NDArray[np.float32], limit: int) -> dict[Digest, float]:
        import numpy as np

        assert self._matrix is not None
        assert self._digests is not None
        scores = self._matrix @ vector
        best = np.argpartition(-scores, limit - 1)[:limit] if limit < len(scores) else np.arange(len(scores))
        return {self._digests[row]: float(scores[row]) for row in best}

    def _load(self) -> None:
        with self._lock:
            if self._digests is None:
                digests, self._matrix = self._catalog.embeddings.matrix(self._embedder.fingerprint)
                self._rows = {digest: row for row, digest in enumerate(digests)}
                self._digests = digests
