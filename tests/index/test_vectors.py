from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vaultc.core.digest import Digest, digest_text
from vaultc.core.errors import StoreError
from vaultc.index.vectors import VectorStore

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.native

FINGERPRINT = digest_text("embedder")


def some(count: int, *, seed: int = 0, width: int = 16) -> tuple[list[Digest], NDArray[np.float32]]:
    rows = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return [digest_text(f"{seed}/{n}") for n in range(count)], rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_what_was_stored_is_found_again_by_another_process(tmp_path: Path) -> None:
    ids, vectors = some(1500)

    with VectorStore(tmp_path, FINGERPRINT) as store:
        store.upsert(ids, vectors)
        store.delete(ids[1490:])
    with VectorStore(tmp_path, FINGERPRINT) as store:
        store.check(1490, ids[:20], vectors[:20])
        found = store.query(vectors[7], 5)

    exact = vectors[:1490] @ vectors[7]
    best = np.argsort(-exact)[:5]
    assert [id_ for id_, _ in found] == [ids[n] for n in best]
    assert [near for _, near in found] == pytest.approx(exact[best], abs=1e-4)


def test_a_store_that_lost_rows_or_has_others_does_not_pass_the_check(tmp_path: Path) -> None:
    ids, vectors = some(30)
    _, others = some(30, seed=1)

    with VectorStore(tmp_path, FINGERPRINT) as store:
        store.upsert(ids, vectors)

        store.check(30, ids, vectors)
        with pytest.raises(StoreError, match="30 vectors instead of 31"):
            store.check(31, [], vectors[:0])
        with pytest.raises(StoreError, match="missing or another"):
            store.check(30, ids, others)
        assert store.count() == 30


def test_an_empty_store_answers(tmp_path: Path) -> None:
    with VectorStore(tmp_path, FINGERPRINT) as store:
        assert store.count() == 0
        assert store.query(np.ones(16, np.float32), 5) == ()


def test_the_death_of_the_child_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    ids, vectors = some(5)

    with VectorStore(tmp_path, FINGERPRINT) as store:
        store.upsert(ids, vectors)
        os.kill(store._child.process_id, signal.SIGSEGV)

        with pytest.raises(StoreError, match="ended with code -11") as caught:
            store.count()

    assert "vaultc index" in (caught.value.hint or "")


def test_a_child_that_hangs_is_ended_in_time(tmp_path: Path) -> None:
    with VectorStore(tmp_path, FINGERPRINT) as store:
        store.count()
        os.kill(store._child.process_id, signal.SIGSTOP)
        store._timeout_s = 0.3
        start = time.monotonic()

        with pytest.raises(StoreError, match="in time"):
            store.count()

    assert time.monotonic() - start < 10


def test_a_damaged_store_is_an_error_and_not_our_death(tmp_path: Path) -> None:
    ids, vectors = some(1200)
    with VectorStore(tmp_path, FINGERPRINT) as store:
        store.upsert(ids, vectors)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = bytearray(path.read_bytes())
            data[: len(data) // 2] = os.urandom(len(data) // 2)
            path.write_bytes(data)

    with VectorStore(tmp_path, FINGERPRINT) as store, pytest.raises(StoreError, match="vector store"):
        store.check(1200, ids[:20], vectors[:20])


def test_nothing_that_lies_in_the_folder_is_imported(tmp_path: Path) -> None:
    for name in ("numpy", "chromadb", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(77)")

    with VectorStore(tmp_path, FINGERPRINT) as store:
        assert store.count() == 0
