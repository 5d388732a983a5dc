"""Notes around a note, looked up in the catalog: what it links to, what links to it, what holds its words."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

from vaultc.core.link import ResolvedLink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.core.source import VaultPath
    from vaultc.index.catalog import Catalog

_FEWEST = 60
"""In a vault of fewer chunks rarity would be chance."""


class CatalogSurroundings:
    """Looks notes up in one catalog, never in their files.

    Notes that vaultc wrote are none of them: what a compile writes shall not change what the next one reads.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    @cached_property
    def _generated(self) -> frozenset[VaultPath]:
        return frozenset(record.path for record in self._catalog.notes.records() if record.is_generated)

    def links_into(self, path: VaultPath) -> tuple[ResolvedLink, ...]:
        """Give the links that name the note, in the order of the notes they stand in."""
        found = (link for link in self._catalog.links.into(path) if isinstance(link, ResolvedLink))
        return tuple(link for link in found if link.link.span.path not in self._generated)

    def neighbours(self, path: VaultPath) -> frozenset[VaultPath]:
        """Give the notes that a note links to or is linked from."""
        return self._catalog.links.neighbours([path])[path] - self._generated

    def holding(self, terms: Sequence[str], phrase: Sequence[str], limit: int) -> tuple[VaultPath, ...]:
        """Give the notes with passages that hold any of the stems, or the stems of `phrase` in a row, best first."""
        found = self._catalog.lexical.search(terms, [phrase] if phrase else [], limit=limit)
        chunks = self._catalog.notes.chunks_by_id(match.id for match in found)
        return tuple(dict.fromkeys(chunks[match.id].chunk.span.path for match in found if match.id in chunks))

    def rarity(self, terms: Sequence[str]) -> Mapping[str, float]:
        """Give for each stem how rare it is, from 0 (in every passage) to 1 (in one at most)."""
        counts, total = self._catalog.lexical.shares(terms)
        whole = max(total, _FEWEST)
        return {term: min(1.0, math.log(whole / max(counts[term], 1)) / math.log(whole)) for term in counts}
