"""Passages without a model."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from vaultc.app.indexing import freshen, reading, whole_catalog
from vaultc.app.models.embedding import models_of_search, note_once
from vaultc.app.session import Session
from vaultc.core.errors import StoreError, UsageError
from vaultc.index.renew import distrust_store, reading_store
from vaultc.retrieve.fuse import Weights
from vaultc.retrieve.search import Searcher, SearchOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from vaultc.core.chunk import Passage
    from vaultc.core.digest import Digest
    from vaultc.core.source import Place
    from vaultc.index.catalog import Catalog

VECTOR_STORES = ("exact", "chroma")


@dataclass(frozen=True, slots=True)
class PlacedPassage:
    """A passage with its place."""

    passage: Passage
    place: Place

    def as_json(self) -> dict[str, Any]:
        """Give the passage in the form of docs/json.md."""
        passage = self.passage
        return {
            "rank": passage.rank,
            "score": round(passage.score, 4),
            "legs": {key: None if v is None else round(v, 4) for key, v in asdict(passage.legs).items()},
            "note": passage.chunk.span.path,
            "heading": list(passage.chunk.headings),
            "place": self.place.as_json(),
            "reasons": list(passage.reasons),
        }


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What a search found, the best first; `notes` is what a person may want to know beside it."""

    query: str
    passages: tuple[PlacedPassage, ...]
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        return {"query": self.query, "passages": [passage.as_json() for passage in self.passages]}


@contextmanager
def searching(session: Session, catalog: Catalog) -> Iterator[Searcher]:
    """Give the searcher that the settings ask for; it ends with the block.

    Where the vector store is broken, the catalog's vectors are searched, which finds the same, and the next index run
    looks at the store.
    """
    with ExitStack() as stack:
        yield _searcher(session, catalog, stack)


def _searcher(session: Session, catalog: Catalog, stack: ExitStack) -> Searcher:
    config = session.settings.config.search
    options = SearchOptions(weights=Weights(vector=config.vector_weight))
    if config.vector_store not in VECTOR_STORES:
        raise UsageError(
            f'setting `search.vector_store` is "{config.vector_store}"', hint=f"use one of {', '.join(VECTOR_STORES)}"
        )
    nearest = None
    if config.vector_store == "chroma" and catalog.counts().embeddings:
        nearest = _nearest(session, catalog, stack)
    embedder, reranker = models_of_search(session, catalog, stack)
    return Searcher(
        catalog,
        embedder=embedder,
        nearest=nearest,
        reranker=reranker,
        options=options,
        on_note=note_once(session),
    )


def _nearest(
    session: Session, catalog: Catalog, stack: ExitStack
) -> Callable[[NDArray[np.float32], int], tuple[tuple[Digest, float], ...]] | None:
    from vaultc.app.models.remote import chroma_server

    server = chroma_server(session.settings.config)
    try:
        store = stack.enter_context(reading_store(catalog, session.state.vectors, server))
    except StoreError:
        return None

    def nearest(vector: NDArray[np.float32], k: int) -> tuple[tuple[Digest, float], ...]:
        try:
            return store.query(vector, k)
        except StoreError:
            distrust_store(catalog)
            raise

    return nearest


def placed_passages(session: Session, passages: Iterable[Passage]) -> tuple[PlacedPassage, ...]:
    """Give passages with their places."""
    placer = session.placer
    return tuple(PlacedPassage(passage, placer.place(passage.chunk.span)) for passage in passages)


def _among_generated(session: Session, catalog: Catalog, query: str, limit: int) -> tuple[Passage, ...]:
    from vaultc.core.chunk import ChunkOptions
    from vaultc.index.generated import generated_catalog

    paths = {record.path for record in catalog.notes.records() if record.is_generated}
    files = [file for file in session.reader.files() if file.path in paths]
    options = ChunkOptions(target_words=session.settings.config.index.chunk_words)
    with generated_catalog(session.root, files, options) as scratch:
        return Searcher(scratch).search(query, limit=limit, lexical_only=True)


def search_vault(
    query: str, vault: Path | None, *, limit: int | None = None, lexical_only: bool = False, generated: bool = False
) -> SearchOutcome:
    """Search the vault; its index is brought up to date first. Raises UsageError for an empty query.

    With `generated`, what vaultc wrote is searched instead, by words alone.
    """
    if not query.strip():
        raise UsageError("the query is empty", hint='give some words: `vaultc search "pump power"`')
    session = Session.open(vault)
    freshen(session, embeds=not lexical_only)

    def read() -> SearchOutcome:
        with whole_catalog(session) as catalog:
            count = limit or session.settings.config.search.limit
            if generated:
                return SearchOutcome(query, placed_passages(session, _among_generated(session, catalog, query, count)))
            with searching(session, catalog) as searcher:
                passages = searcher.search(query, limit=count, lexical_only=lexical_only)
            return SearchOutcome(query, placed_passages(session, passages), tuple(session.notes))

    return reading(session, read)
