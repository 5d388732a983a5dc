"""`python -m benchmarks.index_given VAULT VECTORS.npy`: an index into Chroma where making the vectors costs nothing.

What `vaultc index` does, with an embedder that gives the rows of a matrix in turn, as the peers are given them.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vaultc.core.digest import Digest, digest_bytes
from vaultc.disk.state import open_state
from vaultc.index.job import IndexJob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class StoredVectors:
    """An `Embedder` that gives the rows of a matrix in turn."""

    def __init__(self, file: Path) -> None:
        self._rows: NDArray[np.float32] = np.load(file)
        self._next = 0
        self.fingerprint: Digest = digest_bytes(self._rows.tobytes())
        self.dimensions = int(self._rows.shape[1])

    def embed(self, texts: Sequence[str], *, is_query: bool = False) -> NDArray[np.float32]:
        del is_query
        places = np.arange(self._next, self._next + len(texts)) % len(self._rows)
        self._next += len(texts)
        return self._rows[places]


if __name__ == "__main__":
    root = Path(sys.argv[1])
    done = IndexJob(root, open_state(root), embedder=StoredVectors(Path(sys.argv[2]))).run()
    json.dump(
        {"stats": dataclasses.asdict(done.stats), "found": [one.message for one in done.diagnostics][:3]}, sys.stdout
    )
