"""The leg that finds by words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.index.catalog import Catalog
    from vaultc.index.lexical import LexicalMatch
    from vaultc.retrieve.query import Query


def by_words(catalog: Catalog, query: Query, limit: int) -> dict[int, LexicalMatch]:
    """Give the chunks that carry words of the question, by row id."""
    found = catalog.lexical.search(query.stems, query.phrase_stems, limit=limit)
    return {match.id: match for match in found}
