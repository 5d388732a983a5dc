"""`RemoteEmbedder`: vectors from a server that speaks OpenAI's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.digest import Digest, digest_json
from vaultc.core.errors import ModelError
from vaultc.model.remote import dialect
from vaultc.model.remote.server import RemoteSettings, Server

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vaultc.model.remote.endpoint import Endpoint

BATCH = 32
_PROBE = "vaultc"


class RemoteEmbedder:
    """An embedder behind a server. Its first question tells how long the vectors are."""

    def __init__(self, endpoint: Endpoint, settings: RemoteSettings | None = None, *, query_prefix: str = "") -> None:
        """Prepare; nothing is connected yet. `query_prefix` is put before questions, as some models want it."""
        self._endpoint = endpoint
        self._settings = settings or RemoteSettings()
        self._server = Server(endpoint, self._settings)
        self._query_prefix = query_prefix
        self._name = ""
        self._dimensions = 0

    @property
    def fingerprint(self) -> Digest:
        """Server and model; where the settings do not name the model, the server is asked. Raises ModelError."""
        name = self._settings.served_as or self._model()
        return digest_json(["remote", str(self._endpoint), name, self._query_prefix])

    @property
    def dimensions(self) -> int:
        """Length of its vectors. Raises ModelError."""
        if not self._dimensions:
            self._dimensions = int(self._rows([_PROBE]).shape[1])
        return self._dimensions

    def embed(self, texts: Sequence[str], *, is_query: bool = False) -> NDArray[np.float32]:
        """Give a matrix of unit rows, one a text. Raises ModelError, as for a text longer than the model reads."""
        import numpy as np  # slow to import

        prefix = self._query_prefix if is_query else ""
        asked = [prefix + text for text in texts]
        parts = [self._rows(asked[start : start + BATCH]) for start in range(0, len(asked), BATCH)]
        if parts and not self._dimensions:
            self._dimensions = int(parts[0].shape[1])
        for part in parts:
            if part.shape[1] != self.dimensions:
                raise ModelError(f"{self._endpoint} gave vectors of {part.shape[1]} instead of {self.dimensions}")
        return np.concatenate(parts) if parts else np.zeros((0, self.dimensions), "f4")

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    def __enter__(self) -> RemoteEmbedder:
        """Give the embedder itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _model(self) -> str:
        if not self._name:
            listed = self._server.json("GET", "/models")
            self._name = dialect.served_model(listed, self._settings.served_as, str(self._endpoint)).name
        return self._name

    def _rows(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        # Some servers refuse an empty text, for which no vector says anything either.
        told = [text if text.strip() else _PROBE for text in texts]
        body = {"model": self._model(), "input": told, "encoding_format": "float"}
        answer = self._server.json("POST", "/embeddings", body)
        try:
            entries = sorted(answer["data"], key=lambda entry: int(entry["index"]))
            rows = np.asarray([entry["embedding"] for entry in entries], dtype=np.float32)
            is_whole = [int(entry["index"]) for entry in entries] == list(range(len(texts)))
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{self._endpoint} gave something that is no vectors") from error
        if not is_whole or rows.ndim != 2 or not np.isfinite(rows).all():
            raise ModelError(f"{self._endpoint} did not give one vector for each text")
        rows[[not text.strip() for text in texts]] = 0.0
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(norms > 0, norms, 1.0)).astype(np.float32, copy=False)
