"""The vault's embedder, fitted in a process of its own.

The libraries that fit it take more memory than all else that an index run holds, and keep it until their process ends;
so that process is not the one which fills the vector store afterwards.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.index.catalog import open_catalog
from vaultc.index.child import Answer, ChildError, ChildProcess, serve
from vaultc.index.embed import FitOptions, StemEmbedder, fit

if TYPE_CHECKING:
    from vaultc.index.catalog import Catalog

_MODULE = "vaultc.index.fitting"
_TIMEOUT_S = 3600.0


def fit_vault(catalog: Catalog, options: FitOptions) -> StemEmbedder | None:
    """Fit an embedder on the chunks of the catalog, as committed; None where they hold no word.

    A few texts are fitted here: that needs no library. So are all where the other process fails.
    """
    sample = catalog.embeddings.wanted_digests()[: options.max_texts]
    if len(sample) > options.dense_up_to and catalog.path.is_file():
        with contextlib.suppress(ChildError):
            return _fitted_elsewhere(catalog, options)
    return _fit(catalog, options)


def _fitted_elsewhere(catalog: Catalog, options: FitOptions) -> StemEmbedder | None:
    child = ChildProcess(_MODULE, Path("/"))
    try:
        request = {"catalog": os.fsdecode(catalog.path), "options": asdict(options)}
        said, state = child.ask(request, timeout_s=_TIMEOUT_S)
    finally:
        child.kill()
    return StemEmbedder.from_bytes(state) if said["found"] else None


def _fit(catalog: Catalog, options: FitOptions) -> StemEmbedder | None:
    sample = catalog.embeddings.wanted_digests()[: options.max_texts]
    prepared = catalog.embeddings.prepared(sample)
    return fit([prepared[digest] for digest in sample], options)


def _answer(request: dict[str, Any], _: bytes) -> Answer:
    """Answer a request in the child."""
    with open_catalog(Path(request["catalog"])) as catalog:
        found = _fit(catalog, FitOptions(**request["options"]))
    return {"found": found is not None}, b"" if found is None else found.to_bytes()


if __name__ == "__main__":
    serve(_answer)
