"""How much of what hangs on the chunks is open: vectors to be made, a fit that has aged, vectors Chroma is owed.

To count exactly, all chunks and vectors are looked at. A run that changed a few notes need not: it adds what was
touched to numbers that are never too low, and only where one of them passes its limit is counted again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.core.digest import Digest
    from vaultc.index.catalog import Catalog
    from vaultc.index.embeddings import EmbedderRecord

ALWAYS_REFIT_BELOW = 2_000
REFIT_SHARE = 0.10
_SETTLED, _CHANGED, _OWED = "embeddings.settled", "embeddings.changed", "vectors.owed"


def forget_account(catalog: Catalog) -> None:
    """Have everything counted again: other vectors are there, or some are in doubt."""
    for key in (_SETTLED, _CHANGED, _OWED):
        catalog.set_setting(key, None)


def is_settled(catalog: Catalog, fingerprint: Digest) -> bool:
    """Tell whether all chunks but the touched ones have the vectors of this embedder, and no others are there."""
    return catalog.setting(_SETTLED) == fingerprint


def settle(catalog: Catalog, fingerprint: Digest, *, is_new: bool = False) -> None:
    """Record that every chunk has its vector, and drop the others; `is_new` says that the embedder was just fitted.

    Called inside a transaction.
    """
    everything = not is_settled(catalog, fingerprint)
    touched = catalog.embeddings.touched()
    catalog.embeddings.settle(fingerprint, everything=everything)
    for key in (_CHANGED, _OWED):
        known = None if everything else _number(catalog, key)
        catalog.set_setting(key, None if known is None else str(known + touched))
    if is_new:
        catalog.set_setting(_CHANGED, "0")
    catalog.set_setting(_SETTLED, fingerprint)


def must_refit(catalog: Catalog, fitted: EmbedderRecord, missing: int) -> bool:
    """Tell whether the vault's embedder is to be fitted again, where `missing` chunks have no vector.

    It is when chunks changed and there are fewer than 2,000, or a tenth of them changed since the fit.
    """
    table, most = catalog.embeddings, REFIT_SHARE * fitted.fitted
    known = _number(catalog, _CHANGED)
    is_counted = known is not None and is_settled(catalog, fitted.fingerprint)
    if is_counted and (known or 0) + table.touched() <= most and table.has_chunks(ALWAYS_REFIT_BELOW):
        return False
    used, used_fitted = table.count(fitted.fingerprint)
    changed = missing + (used - used_fitted) + (fitted.fitted - used_fitted)
    catalog.set_setting(_CHANGED, str(changed))
    return changed > 0 and (used + missing < ALWAYS_REFIT_BELOW or changed > most)


def owes_at_most(catalog: Catalog, fingerprint: Digest, most: int) -> bool:
    """Tell whether at most `most` vectors of this embedder are to be given to the vector store, or taken from it.

    Whether there is none at all is always counted.
    """
    known = _number(catalog, _OWED)
    if known is None or known > most or not most:
        known = catalog.embeddings.owed(fingerprint)
        catalog.set_setting(_OWED, str(known))
    return known <= most


def owe_nothing(catalog: Catalog) -> None:
    """Record that the vector store holds what it should."""
    catalog.set_setting(_OWED, "0")


def _number(catalog: Catalog, key: str) -> int | None:
    value = catalog.setting(key)
    return int(value) if value is not None and value.isascii() and value.isdigit() else None
