"""Runs in LangChain's own environment: an Obsidian vault into Chroma. Prints JSON.

`run_langchain.py VAULT VECTORS.npy FOLDER`. Embedding costs it nothing: each text is given the next row of
vaultc's own matrix of vectors, so Chroma gets vectors of the same length and the same spread.
"""

from __future__ import annotations

import json
import sys

import chromadb
import numpy as np
from langchain_chroma import Chroma
from langchain_community.document_loaders import ObsidianLoader
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import MarkdownTextSplitter


class StoredVectors(Embeddings):
    """Gives the rows of a matrix in turn."""

    def __init__(self, path: str) -> None:
        self._rows = np.load(path)
        self._next = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self._next += 1
        return list(map(float, self._rows[self._next % len(self._rows)]))


vault, vectors, folder = sys.argv[1:]
documents = ObsidianLoader(vault).load()
# Of about the length of vaultc's chunks.
pieces = MarkdownTextSplitter(chunk_size=800, chunk_overlap=0).split_documents(documents)
for piece in pieces:  # Chroma refuses some values that properties have: lists, and numbers beyond 64 bits
    piece.metadata = {"source": piece.metadata["source"]}
client = chromadb.PersistentClient(path=folder, settings=chromadb.Settings(anonymized_telemetry=False))
store = Chroma(collection_name="notes", client=client, embedding_function=StoredVectors(vectors))
batch = client.get_max_batch_size()
for start in range(0, len(pieces), batch):
    store.add_documents(pieces[start : start + batch])
print(json.dumps({"notes": len(documents), "chunks": client.get_collection("notes").count()}))
