from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from model.fake_servers import KINDS, Fake, serving

from vaultc.core.errors import ModelError
from vaultc.model.remote.embedder import BATCH, RemoteEmbedder
from vaultc.model.remote.endpoint import allowed_endpoint
from vaultc.model.remote.server import RemoteSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.model.protocols import Embedder


@pytest.fixture(params=KINDS)
def fake(request: pytest.FixtureRequest) -> Iterator[Fake]:
    with serving(Fake(request.param, models=("qwen3-embedding:0.6b",))) as server:
        yield server


def embedder_at(fake: Fake, *, query_prefix: str = "") -> RemoteEmbedder:
    endpoint = allowed_endpoint(fake.url, (), setting="models.embedder.url")
    return RemoteEmbedder(endpoint, RemoteSettings(attempts=1), query_prefix=query_prefix)


def test_each_text_has_its_unit_vector_whatever_the_order_of_the_answer(fake: Fake) -> None:
    texts = [f"note {number} " + "a" * number for number in range(BATCH + 5)]

    with embedder_at(fake) as remote:
        embedder: Embedder = remote
        rows = embedder.embed([*texts, "  "])
        dimensions = embedder.dimensions
        nothing = embedder.embed([])

    wanted = np.array([[len(text), 1.0, text.count("a")] for text in texts], "f4")
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    assert dimensions == 3
    assert rows.dtype == np.float32
    assert rows[:-1] == pytest.approx(wanted, abs=1e-6)
    assert not rows[-1].any()
    assert [len(body["input"]) for body in fake.bodies("/v1/embeddings")] == [BATCH, 6]
    assert nothing.shape == (0, 3)


def test_a_question_gets_its_prefix_and_a_fingerprint_of_its_own(fake: Fake) -> None:
    with embedder_at(fake, query_prefix="query: ") as asking:
        asking.embed(["pump"], is_query=True)
        asking.embed(["pump"])
        fingerprints = [asking.fingerprint]
    for _ in range(2):
        with embedder_at(fake) as plain:
            fingerprints.append(plain.fingerprint)

    assert [body["input"] for body in fake.bodies("/v1/embeddings")][:2] == [["query: pump"], ["pump"]]
    assert fingerprints[0] != fingerprints[1] == fingerprints[2]


@pytest.mark.parametrize(
    "answer",
    [
        {"data": [{"index": 0, "embedding": [1.0, 2.0]}]},
        {"data": [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}]},
        {"data": [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}]},
        {"data": [{"index": 0, "embedding": ["x"]}, {"index": 1, "embedding": ["y"]}]},
        {"data": [{"index": 0, "embedding": "AAAA"}, {"index": 1, "embedding": "AAAA"}]},
        {"error": "no"},
        [],
    ],
)
def test_what_is_no_vector_for_each_text_is_refused(answer: object) -> None:
    with serving(Fake("llama-server")) as fake, embedder_at(fake) as embedder:
        embedder.embed(["a", "b"])
        fake.failures = [(200, {}, json.dumps(answer))]

        with pytest.raises(ModelError):
            embedder.embed(["a", "b"])


def test_vectors_of_another_length_are_refused() -> None:
    with serving(Fake("llama-server")) as fake, embedder_at(fake) as embedder:
        embedder.embed(["a"])
        fake.failures = [(200, {}, '{"data": [{"index": 0, "embedding": [1.0, 0.0]}]}')]

        with pytest.raises(ModelError, match="instead of 3"):
            embedder.embed(["a"])


def test_a_text_that_is_too_long_is_an_error_and_not_cut() -> None:
    with serving(Fake("llama-server")) as fake, embedder_at(fake) as embedder:
        embedder.embed(["a"])
        fake.failures = [(500, {}, '{"error": {"message": "input is too large to process"}}')]

        with pytest.raises(ModelError, match="input is too large"):
            embedder.embed(["a" * 10_000])
