"""The vector store: Chroma in a child process, or a Chroma server asked by one. The only importer of chromadb.

Chroma is derived, never the truth: a damaged store can kill the process that opens it (SIGSEGV), so it is
opened in a child with a time limit, and whatever goes wrong there is a StoreError here. It is given ids
and vectors only; texts stay in the catalog. Of a store on a server the folder holds which collection it is.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from vaultc.core.digest import Digest
from vaultc.core.errors import StoreError, VaultError
from vaultc.core.strict_json import parse_object
from vaultc.disk.policy import Root
from vaultc.disk.write import read_bytes, write_atomic
from vaultc.index import child
from vaultc.index.child import Answer, ChildError, ChildProcess

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from vaultc.model.remote.endpoint import Endpoint

BATCH = 5000  # Chroma refuses more than 5461 records at once
_MODULE = "vaultc.index.vectors"
_WAIT_S = 20.0
_SERVER_FILE = "server.json"
_HINT = "run `vaultc index`; the vectors are kept in the catalog, and the store is made again from it"


class VectorStore:
    """One collection of vectors in `folder`, for one embedder. Close it, or use it in a `with` block.

    The child starts at once and loads while the caller goes on; the first request waits for it. With a `server` the
    vectors lie there, under a name that is made up with the folder: vaults that share a server do not meet.
    """

    def __init__(
        self, folder: Path, fingerprint: Digest, *, server: Endpoint | None = None, timeout_s: float = 120.0
    ) -> None:
        self.folder = folder
        self._server = server
        self._timeout_s = timeout_s
        self._is_open, self._was_open = False, False
        self._name = collection_name(fingerprint)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._require_files(folder)
            self._is_new = self._take_name(folder, server)
            self._child = ChildProcess(_MODULE, folder)
        except OSError as error:
            raise StoreError(f'cannot open the vector store in "{folder}": {error.strerror}', hint=_HINT) from error
        except (ChildError, VaultError) as error:
            raise self._failed(str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; it finishes what it was told."""
        self._child.close(timeout_s=self._timeout_s if self._was_open else 0.1)

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

    def drop(self, collections: Sequence[str]) -> None:
        """Remove other collections from the server, as far as that can be done: stores that this one replaces."""
        with contextlib.suppress(StoreError):
            self._ask({"do": "drop", "names": list(collections)})

    def _require_files(self, folder: Path) -> None:
        """Raise StoreError where something else than files and folders lies in `folder`: Chroma opens what it finds.

        Through a link it would write elsewhere, at a FIFO it would wait for ever.
        """
        for path in (folder, *folder.rglob("*")):
            if stat.S_IFMT(path.lstat().st_mode) in (stat.S_IFREG, stat.S_IFDIR):
                continue
            raise self._failed(f'holds "{path.name}", which is neither a file nor a folder')

    def _take_name(self, folder: Path, server: Endpoint | None) -> bool:
        """Take the name of the collection on the server; tell whether it was made up now."""
        known = server_collection(folder)
        if known is None and server is not None and not any(folder.iterdir()):
            known = (str(server), f"{self._name}-{secrets.token_hex(8)}")
            data = json.dumps({"url": known[0], "collection": known[1]})
            write_atomic(Root(folder), _SERVER_FILE, data.encode(), mode=0o600)
            self._name = known[1]
            return True
        if (known[0] if known else None) != (str(server) if server else None):
            raise self._failed("lies elsewhere than the setting `search.chroma_url` says")
        self._name = known[1] if known else self._name
        return False

    def _ask(self, request: dict[str, Any], vectors: NDArray[np.float32] | None = None) -> dict[str, Any]:
        deadline = time.monotonic() + self._timeout_s
        if not self._is_open:
            opening = {"do": "open", "name": self._name, "server": _dialled(self._server), "makes": self._is_new}
            self._exchange(opening, b"", deadline)
            self._is_open = self._was_open = True
        data, shape = b"", [0, 0]
        if vectors is not None:
            data, shape = vectors.astype("<f4").tobytes(), list(vectors.shape)
        return self._exchange({**request, "shape": shape}, data, deadline)

    def _exchange(self, request: dict[str, Any], data: bytes, deadline: float) -> dict[str, Any]:
        try:
            answer, _ = self._child.ask(request, data, timeout_s=max(0.0, deadline - time.monotonic()))
        except ChildError as error:
            raise self._failed(str(error)) from error
        if "error" in answer:
            raise self._failed(f"is not usable: {answer['error']}")
        return answer

    def _failed(self, why: str) -> StoreError:
        where = f" (at {self._server})" if self._server is not None else ""
        return StoreError(f'the vector store in "{self.folder}"{where} {why}', hint=_HINT)


def collection_name(fingerprint: Digest) -> str:
    """Give the name of the collection of an embedder: letters, digits and a dash, as Chroma wants it."""
    return "v-" + fingerprint.partition(":")[2]


def server_collection(folder: Path) -> tuple[str, str] | None:
    """Give the server and the collection of a store that lies on one, None for any other."""
    try:
        data = read_bytes(Root(folder), _SERVER_FILE)
        told = parse_object(data or b"{}")
        return str(told["url"]), str(told["collection"])
    except (VaultError, ValueError, KeyError, TypeError):
        return None


def _dialled(server: Endpoint | None) -> list[Any] | None:
    """Give what the child connects to: of this machine the address that was judged, no name to be looked up again."""
    if server is None:
        return None
    name = server.addresses[0] if server.scheme == "http" else server.host
    return [f"[{name}]" if ":" in name else name, server.port, server.scheme == "https"]


# What follows runs in the child.


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


def _open(request: dict[str, Any]) -> tuple[Any, Any]:
    """Give Chroma's client and its collection.

    A collection on a server is made with a new store only: where it is gone, that must not look like an empty one.
    """
    import chromadb
    from chromadb.config import Settings

    settings, name = Settings(anonymized_telemetry=False), request["name"]
    if request["server"] is None:
        client = chromadb.PersistentClient(path=str(Path.cwd()), settings=settings)
    else:
        host, port, is_tls = request["server"]
        client = chromadb.HttpClient(host=host, port=port, ssl=is_tls, settings=settings)
        if not request["makes"]:
            return client, client.get_collection(name, embedding_function=None)
    # Without embedding_function=None Chroma would try to download one.
    return client, client.get_or_create_collection(
        name,
        embedding_function=None,
        configuration={"hnsw": {"space": "cosine", "ef_search": 200, "ef_construction": 64}},
    )


def _answer(client: Any, collection: Any, request: dict[str, Any], vectors: NDArray[np.float32]) -> dict[str, Any]:  # noqa: ANN401
    match request["do"]:
        case "upsert":
            collection.upsert(ids=request["ids"], embeddings=vectors)
        case "delete":
            collection.delete(ids=request["ids"])
        case "count":
            return {"count": collection.count()}
        case "drop":
            for name in request["names"]:
                client.delete_collection(name)
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

    client: Any = None
    collection: Any = None

    def answer(request: dict[str, Any], data: bytes) -> Answer:
        nonlocal client, collection
        try:
            if request["do"] != "open":
                return _answer(client, collection, request, np.frombuffer(data, "<f4").reshape(request["shape"])), b""
            if client is None:
                _hold_folder()
            else:
                client.close()
            client, collection = _open(request)
        except Exception as error:  # noqa: BLE001 - Chroma raises whatever its parts raise; the parent decides
            return {"error": f"{type(error).__name__}: {error}"}, b""
        return {}, b""

    child.serve(answer)


if __name__ == "__main__":
    serve()
