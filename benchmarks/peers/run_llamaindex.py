"""Runs in LlamaIndex's own environment: an Obsidian vault into Chroma. Prints JSON.

`run_llamaindex.py VAULT VECTORS.npy FOLDER`. Embedding costs it nothing: each text is given the next row of
vaultc's own matrix of vectors, so Chroma gets vectors of the same length and the same spread.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import chromadb
import numpy as np
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.readers.obsidian import ObsidianReader
from llama_index.vector_stores.chroma import ChromaVectorStore
from pydantic import PrivateAttr


class StoredVectors(BaseEmbedding):
    """Gives the rows of a matrix in turn."""

    _rows: Any = PrivateAttr()
    _next: int = PrivateAttr(default=0)

    def __init__(self, path: str) -> None:
        super().__init__(model_name="stored", embed_batch_size=2048)
        self._rows = np.load(path)

    def _get_text_embedding(self, text: str) -> list[float]:
        self._next += 1
        return list(map(float, self._rows[self._next % len(self._rows)]))

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


vault, vectors, folder = sys.argv[1:]
documents = ObsidianReader(input_dir=vault).load_data()
for document in documents:  # Chroma refuses lists, and the reader gives two: the links out and in
    document.metadata = {key: value for key, value in document.metadata.items() if not isinstance(value, list)}
client = chromadb.PersistentClient(path=folder, settings=chromadb.Settings(anonymized_telemetry=False))
collection = client.get_or_create_collection("notes", embedding_function=None)
storage = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
VectorStoreIndex.from_documents(documents, storage_context=storage, embed_model=StoredVectors(vectors))
notes = {document.metadata.get("note_name") for document in documents}
print(json.dumps({"notes": len(notes), "chunks": collection.count()}))
