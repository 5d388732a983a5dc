"""`python -m benchmarks.export_vectors VAULT FILE.npy`: the vectors of an indexed vault, for the peers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from vaultc.disk.state import open_state
from vaultc.index.catalog import open_catalog
from vaultc.retrieve.search import fitted_embedder


def export(vault: Path, file: Path) -> dict[str, int]:
    """Save the matrix; give its shape."""
    with open_catalog(open_state(vault).catalog) as catalog:
        embedder = fitted_embedder(catalog)
        if embedder is None:
            raise SystemExit(f"{vault} has no vectors")
        _, rows = catalog.embeddings.matrix(embedder.fingerprint)
    np.save(file, rows)
    return {"vectors": rows.shape[0], "dimensions": rows.shape[1]}


if __name__ == "__main__":
    json.dump(export(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout)
