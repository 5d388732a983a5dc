"""The leg that finds by links: notes beside the best ones. Off by default (weight 0).

On questions over several notes it raised recall, on others it moved right answers down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vaultc.core.source import VaultPath
    from vaultc.index.catalog import Catalog

_SEEDS = 5


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
