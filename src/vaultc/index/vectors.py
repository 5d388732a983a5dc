"""The vector store: Chroma in a child process. The only importer of chromadb.

Chroma is derived, never the truth: a damaged store can kill the process that opens it (SIGSEGV), so it is
opened in a child with a time limit, and whatever goes wrong there is a StoreError here. It is given ids
and vectors only; texts stay in the catalog.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from vaultc.core.digest import Digest
from vaultc.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

BATCH = 5000  # Chroma refuses more than 5461 records at once
_HEAD = struct.Struct("<II")  # lengths of the JSON and of the vectors
_TOP_PAYLOAD = 1 << 30
_WAIT_S = 20.0
_HINT = "run `vaultc index`; the vectors are kept in the catalog, and the store is made again from it"
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


class VectorStore:
    """One collection of vectors in `folder`, for one embedder. Close it, or use it in a `with` block.

    The child starts at once and loads while the caller goes on; the first request waits for it.
    """

    def __init__(self, folder: Path, fingerprint: Digest, *, timeout_s: float = 120.0) -> None:
        self.folder = folder
        self._timeout_s = timeout_s
        self._is_open, self._was_open = False, False
        self._name = collection_name(fingerprint)
        environment = {key: os.environ[key] for key in _KEPT_VARIABLES if key in os.environ}
        environment |= {
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            "ANONYMIZED_TELEMETRY": "False",
            "HF_HUB_OFFLINE": "1",
        }
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # -P and the folder as place: nothing that lies in a vault is imported or read as settings.
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "vaultc.index.vectors"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=environment,
            )
        except OSError as error:
            raise StoreError(f'cannot open the vector store in "{folder}": {error.strerror}', hint=_HINT) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; it finishes what it was told."""
        with contextlib.suppress(OSError):
            _stream(self._child.stdin).close()
        try:
            self._child.wait(self._timeout_s if self._was_open else 0.1)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        _stream(self._child.stdout).close()

    def upsert(self, ids: Sequence[Digest], vectors: NDArray[np.float32]) -> None:
        """Store a row of `vectors` for each id, replacing what was there; at most `BATCH` of them."""
        self._ask({"do": "upsert", "ids": list(ids)}, vectors)

    def delete(self, ids: Sequence[Digest]) -> None:
        """Remove ids; unknown ones are fine; at most `BATCH` of them."""
        self._ask({"do": "delete", "ids": list(ids)})

    def reopen(self) -> None:
        """Make what follows be answered from the disk: Chroma passes over some errors of writing in silence."""
        self._is_open = False

    def count(self) -> int:
        """Give the number of vectors stored."""
        return int(self._ask({"do": "count"})["count"])

    def check(self, count: int, ids: Sequence[Digest], vectors: NDArray[np.float32], *, looks_up: bool = True) -> None:
        """Raise StoreError unless the store holds `count` vectors, gives back these and (`looks_up`) finds them."""
        self._ask({"do": "check", "count": count, "ids": list(ids), "looks_up": looks_up}, vectors)

    def query(self, vector: NDArray[np.float32], k: int) -> tuple[tuple[Digest, float], ...]:
        """Give the `k` nearest ids and their cosine similarities, best first."""
        found = self._ask({"do": "query", "k": k}, vector.reshape(1, -1))
        return tuple((Digest(id_), 1.0 - float(far)) for id_, far in zip(found["ids"], found["distances"], strict=True))

    def _ask(self, request: dict[str, Any], vectors: NDArray[np.float32] | None = None) -> dict[str, Any]:
        deadline = time.monotonic() + self._timeout_s
        if not self._is_open:
            self._exchange({"do": "open", "name": self._name}, b"", deadline)
            self._is_open = self._was_open = True
        data, shape = b"", [0, 0]
        if vectors is not None:
            data, shape = vectors.astype("<f4").tobytes(), list(vectors.shape)
        return self._exchange({**request, "shape": shape}, data, deadline)

    def _exchange(self, request: dict[str, Any], data: bytes, deadline: float) -> dict[str, Any]:
        try:
            _send(_stream(self._child.stdin), request, data)
            size, _ = _HEAD.unpack(self._read(_HEAD.size, deadline))
            answer: dict[str, Any] = json.loads(self._read(size, deadline))
        except (OSError, EOFError) as error:
            self._child.kill()
            code = self._child.wait()
            ended = "did not answer in time" if isinstance(error, TimeoutError) else f"ended with code {code}"
            raise StoreError(f'the vector store in "{self.folder}" {ended}', hint=_HINT) from error
        if "error" in answer:
            raise StoreError(f'the vector store in "{self.folder}" is not usable: {answer["error"]}', hint=_HINT)
        return answer

    def _read(self, size: int, deadline: float) -> bytes:
        """Read exactly `size` bytes of the child's answer before `deadline`."""
        pipe = _stream(self._child.stdout)
        data = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while len(data) < size:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                piece = os.read(pipe.fileno(), size - len(data))
                if not piece:
                    raise EOFError
                data += piece
        return bytes(data)


def collection_name(fingerprint: Digest) -> str:
    """Give the name of the collection of an embedder: letters, digits and a dash, as Chroma wants it."""
    return "v-" + fingerprint.partition(":")[2]


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _send(pipe: IO[bytes], message: dict[str, Any], data: bytes = b"") -> None:
    text = json.dumps(message).encode()
    pipe.write(_HEAD.pack(len(text), len(data)) + text + data)
    pipe.flush()


# What follows runs in the child.


def _receive(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    text, data = _HEAD.unpack(head)
    if data > _TOP_PAYLOAD:
        return None
    return json.loads(pipe.read(text)), pipe.read(data)


def _hold_folder() -> None:
    """Hold the folder as long as this child lives.

    Two writers ruin a store, and the child of a run that was killed still ends what it was told.
    """
    folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    deadline = time.monotonic() + _WAIT_S
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError("another process uses it") from None
            time.sleep(0.02)
        except OSError:
            return  # a file system without locks
        else:
            return


def _open(name: str) -> tuple[Any, Any]:
    """Give Chroma's client and its collection."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(path=str(Path.cwd()), settings=Settings(anonymized_telemetry=False))
    # Without embedding_function=None Chroma would try to download one.
    return client, client.get_or_create_collection(
        name, embedding_function=None, configuration={"hnsw": {"space": "cosine", "ef_search": 200}}
    )


def _answer(collection: Any, request: dict[str, Any], vectors: NDArray[np.float32]) -> dict[str, Any]:  # noqa: ANN401
    match request["do"]:
        case "upsert":
            collection.upsert(ids=request["ids"], embeddings=vectors)
        case "delete":
            collection.delete(ids=request["ids"])
        case "count":
            return {"count": collection.count()}
        case "check":
            return _check(collection, request, vectors)
        case _:
            k = min(request["k"], collection.count())
            if k == 0:
                return {"ids": [], "distances": []}
            found = collection.query(query_embeddings=vectors, n_results=k, include=["distances"])
            return {"ids": found["ids"][0], "distances": [float(far) for far in found["distances"][0]]}
    return {}


_ZERO = 1e-6
_SELF = 1e-3
_MISSED_SHARE = 0.1


def _check(collection: Any, request: dict[str, Any], vectors: NDArray[np.float32]) -> dict[str, Any]:  # noqa: ANN401
    import numpy as np

    if (count := collection.count()) != request["count"]:
        return {"error": f"it holds {count} vectors instead of {request['count']}"}
    if not request["ids"]:
        return {}
    got = collection.get(ids=request["ids"], include=["embeddings"])
    stored = dict(zip(got["ids"], got["embeddings"], strict=True))
    for id_, vector in zip(request["ids"], vectors, strict=True):
        if id_ not in stored or not np.allclose(stored[id_], vector, atol=1e-5):
            return {"error": f"the vector of {id_} is missing or another"}
    # A zero row (a text with no known word) is near to nothing, itself included.
    asked = [at for at, vector in enumerate(vectors) if float(np.linalg.norm(vector)) > _ZERO]
    if not asked or not request["looks_up"]:
        return {}
    found = collection.query(query_embeddings=vectors[asked], n_results=1, include=["distances"])
    missed = [at for at, near in zip(asked, found["distances"], strict=True) if not near or near[0] > _SELF]
    # The graph is approximate: a few of many may not be reached; a broken one reaches next to none.
    if len(missed) > _MISSED_SHARE * len(asked):
        return {"error": f"{len(missed)} of {len(asked)} vectors are not found, one is {request['ids'][missed[0]]}"}
    return {}


def serve() -> None:
    """Answer requests on standard input until it ends. Runs in the child."""
    import numpy as np

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; we end when our input does
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    client: Any = None
    collection: Any = None
    while (received := _receive(sys.stdin.buffer)) is not None:
        request, data = received
        try:
            answer: dict[str, Any] = {}
            if request["do"] == "open":
                if client is None:
                    _hold_folder()
                else:
                    client.close()
                client, collection = _open(request["name"])
            else:
                answer = _answer(collection, request, np.frombuffer(data, "<f4").reshape(request["shape"]))
        except Exception as error:  # noqa: BLE001 - Chroma raises whatever its parts raise; the parent decides
            answer = {"error": f"{type(error).__name__}: {error}"}
        _send(out, answer)


if __name__ == "__main__":
    serve()
