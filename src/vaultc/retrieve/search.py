"""Search over an indexed vault: words, meaning and links, fused, with reasons."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from vaultc.core.chunk import Legs, Passage
from vaultc.core.digest import Digest
from vaultc.core.errors import ModelError
from vaultc.index.embed import StemEmbedder
from vaultc.retrieve.fuse import Fused, Weights, fuse, scale
from vaultc.retrieve.legs import DenseLeg, by_links, by_words
from vaultc.retrieve.named import NoteNames
from vaultc.retrieve.query import parse_query
from vaultc.retrieve.reasons import LIKE, reasons, with_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from numpy.typing import NDArray

    from vaultc.core.source import VaultPath
    from vaultc.index.catalog import Catalog
    from vaultc.index.lexical import LexicalMatch
    from vaultc.index.records import ChunkRecord
    from vaultc.model.protocols import Embedder, Reranker
    from vaultc.retrieve.query import Query

_FIRST_CHUNKS = 3
_LEAST_SIMILAR = 0.05
"""A cosine below this is noise: in a small vault, vectors of texts with no word in common are nearly orthogonal."""


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How legs are weighed, how many chunks each of them brings, how many the reranker reads."""

    weights: Weights = field(default_factory=Weights)
    depth: int = 200
    rerank: int = 30


@dataclass(frozen=True, slots=True)
class _Found:
    """What the legs brought: fused chunks, and what the reasons need."""

    fused: tuple[Fused, ...]
    words: dict[int, LexicalMatch]
    similar: dict[int, float]
    linked: dict[VaultPath, tuple[float, VaultPath]]


class Searcher:
    """Finds passages in the notes of one catalog. Notes that vaultc wrote are never among them."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        embedder: Embedder | None = None,
        nearest: Callable[[NDArray[np.float32], int], Iterable[tuple[Digest, float]]] | None = None,
        reranker: Reranker | None = None,
        options: SearchOptions | None = None,
        on_note: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Make a searcher.

        Args:
            catalog: an open catalog.
            embedder: the model the vault was indexed with; None takes the one fitted on the vault.
            nearest: a vector store's `query`; None searches the catalog's vectors exactly.
            reranker: reads the best passages again with the question.
            options: weights and depths.
            on_note: is told when a model fails; what it would have found or ordered is then left out.
        """
        self._catalog = catalog
        self._options = options or SearchOptions()
        self._reranker = reranker
        self._embedder, self._nearest = embedder, nearest
        self._on_note = on_note
        self._names = NoteNames(catalog)

    @cached_property
    def _dense(self) -> DenseLeg | None:
        """The leg of meaning: read when first asked, for it takes longer than all else."""
        embedder = self._embedder or fitted_embedder(self._catalog)
        return None if embedder is None else DenseLeg(self._catalog, embedder, self._nearest)

    def search(
        self, query: str, *, limit: int = 10, lexical_only: bool = False, exclude: frozenset[VaultPath] = frozenset()
    ) -> tuple[Passage, ...]:
        """Give the passages that answer `query` best, at most `limit`.

        Args:
            query: a question or words, in Russian or English; words in quotes should stand side by side.
            limit: how many passages.
            lexical_only: find by words alone.
            exclude: notes whose passages are left out.
        """
        asked = parse_query(query)
        found = self._find(asked, lexical_only=lexical_only)
        chunks = self._catalog.notes.chunks_by_id(one.id for one in found.fused)
        kept = [one for one in found.fused if one.id in chunks and chunks[one.id].chunk.span.path not in exclude]
        ordered = (kept if lexical_only else self._reranked(query, kept, chunks))[:limit]
        return tuple(self._passage(rank, one, asked, chunks[one.id], found) for rank, one in enumerate(ordered, 1))

    def named(self, name: str, *, limit: int = 3) -> tuple[Passage, ...]:
        """Give the first passages of each note that `name` names by its title or an alias, at most `limit` notes."""
        found: list[Passage] = []
        for path in self._names.find(name)[:limit]:
            for chunk in self._catalog.notes.chunks_of(path)[:_FIRST_CHUNKS]:
                found.append(Passage(len(found) + 1, 1.0, Legs(), chunk, (f'named "{name}"',)))
        return tuple(found)

    def aliases_of(self, path: VaultPath) -> tuple[str, ...]:
        """Give the other names of a note."""
        return self._catalog.notes.aliases_of(path)

    def _find(self, asked: Query, *, lexical_only: bool) -> _Found:
        depth, weights = self._options.depth, self._options.weights
        matches = by_words(self._catalog, asked, depth)
        lexical = scale({id_: match.score for id_, match in matches.items()}, floor=0.0)
        similar: dict[int, float] = {}
        if weights.vector and not lexical_only and asked.stems and self._dense is not None:
            try:
                similar = self._dense.by_meaning(asked.text, depth, also=matches)
            except ModelError as error:
                self._on_note(f"found by words alone: {error.message}")
        if any(match.phrases for match in matches.values()):  # a quoted phrase that is there is required
            similar = {id_: score for id_, score in similar.items() if id_ in matches}
        # What is hardly alike counts as nothing; scaling by the least would lift it.
        vector = scale({id_: score for id_, score in similar.items() if score >= _LEAST_SIMILAR}, floor=0.0)
        said = lexical.keys() | {id_ for id_, score in similar.items() if score >= LIKE}
        fused = tuple(one for one in fuse(lexical, vector, {}, weights) if one.score > 0 and one.id in said)
        if not weights.graph or lexical_only:
            return _Found(fused, matches, similar, {})
        linked = by_links(self._catalog, self._note_scores(fused))
        graph = self._graph_leg(fused, linked)
        return _Found(fuse(lexical, vector, graph, weights), matches, similar, linked)

    def _note_scores(self, fused: tuple[Fused, ...]) -> dict[VaultPath, float]:
        top = fused[: self._options.depth]
        chunks = self._catalog.notes.chunks_by_id(one.id for one in top)
        scores: dict[VaultPath, float] = {}
        for one in top:
            if one.id in chunks:
                scores.setdefault(chunks[one.id].chunk.span.path, one.score)
        return scores

    def _graph_leg(
        self, fused: tuple[Fused, ...], linked: dict[VaultPath, tuple[float, VaultPath]]
    ) -> dict[int, float]:
        """Score the best chunk of each linked note: the one the other legs found, else its first."""
        best: dict[int, float] = {}
        order = {one.id: place for place, one in enumerate(fused)}
        for path, ids in self._catalog.notes.chunk_ids_of(linked).items():
            chosen = min(ids, key=lambda id_: (order.get(id_, len(order)), id_))
            best[chosen] = linked[path][0]
        return scale(best, floor=0.0)

    def _reranked(self, query: str, fused: list[Fused], chunks: dict[int, ChunkRecord]) -> list[Fused]:
        if self._reranker is None or not fused:
            return fused
        head, rest = fused[: self._options.rerank], fused[self._options.rerank :]
        try:
            scores = self._reranker.rerank(query, [chunks[one.id].chunk.text for one in head])
        except ModelError as error:
            self._on_note(f"not reordered: {error.message}")
            return fused
        merged = [
            Fused(one.id, (one.score + score) / 2, replace(one.legs, rerank=score))
            for one, score in zip(head, scores, strict=True)
        ]
        merged.sort(key=lambda one: (-one.score, one.id))
        return merged + [replace(one, score=one.score / 2) for one in rest]

    def _passage(self, rank: int, one: Fused, asked: Query, record: ChunkRecord, found: _Found) -> Passage:
        chunk = record.chunk
        said = reasons(asked, chunk, found.words.get(one.id), found.similar.get(one.id))
        _, source = found.linked.get(chunk.span.path, (0.0, None))
        return Passage(rank, round(one.score, 6), _rounded(one.legs), chunk, with_link(said, one.legs, source))


def fitted_embedder(catalog: Catalog) -> StemEmbedder | None:
    """Give the embedder that was fitted on the vault, or None where there is none (or it is another model's)."""
    fingerprint = catalog.setting("embedder")
    record = catalog.embeddings.embedder(Digest(fingerprint)) if fingerprint else None
    return StemEmbedder.from_bytes(record.state, record.fingerprint) if record is not None and record.state else None


def _rounded(legs: Legs) -> Legs:
    def short(score: float | None) -> float | None:
        return None if score is None else round(min(max(score, 0.0), 1.0), 6)

    return Legs(short(legs.lexical), short(legs.vector), short(legs.graph), short(legs.rerank))
