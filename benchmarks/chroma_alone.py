"""`python -m benchmarks.chroma_alone VECTORS.npy FOLDER`: what Chroma itself costs, whoever uses it.

Imports it and stores the rows with their numbers as ids, no texts, five thousand at a time.
"""

from __future__ import annotations

import json
import sys

import chromadb
import numpy as np

if __name__ == "__main__":
    rows = np.load(sys.argv[1])
    settings = chromadb.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(path=sys.argv[2], settings=settings)
    collection = client.get_or_create_collection("rows", embedding_function=None)
    for start in range(0, len(rows), 5_000):
        piece = rows[start : start + 5_000]
        collection.upsert(ids=[str(start + at) for at in range(len(piece))], embeddings=piece)
    json.dump({"chunks": collection.count()}, sys.stdout)
