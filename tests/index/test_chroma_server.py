"""Vectors on a real Chroma server, `chroma run`, which comes with chromadb."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes import write_vault

from vaultc.app.indexing import index_vault
from vaultc.app.searching import search_vault
from vaultc.core.digest import Digest, digest_text
from vaultc.core.errors import StoreError
from vaultc.disk.state import open_state
from vaultc.index.catalog import open_catalog
from vaultc.index.job import IndexJob, IndexOptions, IndexResult
from vaultc.index.renew import open_store
from vaultc.index.vectors import VectorStore, server_collection
from vaultc.model.remote.endpoint import Endpoint, allowed_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FINGERPRINT = digest_text("embedder")
_START_S = 30.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    program = shutil.which("chroma", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("chroma is not installed as a program")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("chroma")
    arguments = [program, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    deadline = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            break
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
    yield allowed_endpoint(f"http://127.0.0.1:{port}", (), setting="search.chroma_url")
    process.send_signal(signal.SIGTERM)
    process.wait(10.0)


def some(count: int, seed: int = 0) -> tuple[list[Digest], NDArray[np.float32]]:
    rows = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    return [digest_text(f"{seed}/{n}") for n in range(count)], rows / np.linalg.norm(rows, axis=1, keepdims=True)


def index(root: Path, server: Endpoint | None) -> IndexResult:
    return IndexJob(root, open_state(root), options=IndexOptions(chroma=server)).run()


def notes(root: Path, count: int, word: str = "water") -> Path:
    return write_vault(
        root, {f"n{n}.md": f"# Note {n}\n\nnote {n} about {word} and word{n % 7}\n" for n in range(count)}
    )


def test_a_store_on_a_server_is_a_store_that_no_other_meets(
    server: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody is there, and nobody is asked
    ids, vectors = some(60)

    with VectorStore(tmp_path / "1", FINGERPRINT, server=server) as store:
        store.upsert(ids, vectors)
        store.delete(ids[50:])
    with (
        VectorStore(tmp_path / "1", FINGERPRINT, server=server) as store,
        VectorStore(tmp_path / "2", FINGERPRINT, server=server) as other,
    ):
        store.check(50, ids[:20], vectors[:20])
        found = store.query(vectors[7], 3)
        with pytest.raises(StoreError, match="50 vectors instead of 51"):
            store.check(51, [], vectors[:0])
        assert other.count() == 0

    best = np.argsort(-(vectors[:50] @ vectors[7]))[:3]
    assert [id_ for id_, _ in found] == [ids[n] for n in best]
    assert [path.name for path in (tmp_path / "1").iterdir()] == ["server.json"]


def test_a_vault_is_searched_on_a_server_and_what_is_gone_there_is_made_again(
    server: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULTC_SEARCH_CHROMA_URL", str(server))
    monkeypatch.setenv("VAULTC_SEARCH_VECTOR_STORE", "chroma")
    root = notes(tmp_path / "vault", 6)
    (root / ".obsidian").mkdir()
    state = open_state(root)

    assert index_vault(root).diagnostics == ()
    passage = search_vault("water word3", root).passages[0].passage
    assert passage.legs.vector is not None
    lost = server_collection(state.vectors / "1")
    assert lost is not None
    with VectorStore(tmp_path / "hand", FINGERPRINT, server=server) as hand:
        hand.drop([lost[1]])
    with (
        open_catalog(state.catalog) as catalog,
        open_store(catalog, state.vectors, server) as store,
        pytest.raises(StoreError),  # and not an empty answer
    ):
        store.query(np.ones(4, np.float32), 1)
    found = index_vault(root).diagnostics

    assert [placed.diagnostic.rule.code for placed in found] == ["V201"]
    assert [path.name for path in state.vectors.iterdir()] == ["2"]


def test_a_server_that_is_not_there_costs_no_vector_and_one_that_comes_gets_them(
    server: Endpoint, tmp_path: Path
) -> None:
    notes(tmp_path, 6)
    state = open_state(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        gone = replace(server, port=free.getsockname()[1])

    result = index(tmp_path, gone)

    assert [diagnostic.rule.code for diagnostic in result.diagnostics] == ["V202"]
    assert str(gone) in result.diagnostics[0].message
    assert index(tmp_path, None).diagnostics == ()
    moved = index(tmp_path, server).diagnostics
    assert [diagnostic.rule.code for diagnostic in moved] == ["V201"]
    assert "lies elsewhere" in moved[0].message
    with open_catalog(state.catalog) as catalog, open_store(catalog, state.vectors, server) as store:
        assert store.count() == catalog.counts().embeddings == 6
