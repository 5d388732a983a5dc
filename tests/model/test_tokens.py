"""Counts held against llama.cpp's own tokenizer: equal for every text."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from model.made_gguf import gguf_bytes

from vaultc.core.errors import ModelError
from vaultc.model.file.gguf import Vocabulary, read_header, read_vocabulary
from vaultc.model.file.spec import starter_model
from vaultc.model.file.tokens import PATTERNS, TokenCounter, counter_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vaultc.model.file.gguf import Header

TEXTS = [
    "",
    " ",
    "Hello, world!  It's 2024-05-31, I'LL pay 1,234.56 $.",
    "Привет, мир! Ёлка — «не более 3,5 кг» № 12.",
    "def f(x: int) -> int:\n    return x ** 2  # квадрат\n\n\n\tif x:\r\n\t\tpass\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n- [ ] сделать\n- [x] done ^id-1\n",
    "🎉🇷🇺👨‍👩‍👧 é é 中文 日本語 العربية हिन्दी ½ ² ⅷ",
    "<|im_end|><|im_start|>system\n<think>x</think><|endoftext|>",
    "trailing   ",
    "   leading",
    "a\u00a0b\u2009c\u3000d \n \n  \t\n x",
    "don't DON'T we've 'tis 'S 're",
    "x" * 300,
    "1234567890" * 30,
    " \n" * 50 + "end",
    "!!!???...\n\n///***",
]


def random_texts(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    pools = ["abc XYZ '", "жзЁё «»—", "0123456789.,", " \t\n\r\u00a0", "🎉é中ن́ः", "<>|_=(){}[]#*", "'s't're"]
    return ["".join(chance.choice(chance.choice(pools)) for _ in range(chance.randrange(1, 120))) for _ in range(count)]


@pytest.fixture(scope="module")
def header() -> Header:
    path = starter_model()
    if path is None:
        pytest.skip("the starter package is not installed")
    return read_header(path)


@pytest.fixture(scope="module")
def vocabulary(header: Header) -> Vocabulary:
    return read_vocabulary(header)


@pytest.fixture
def llama_count(vocabulary: Vocabulary, tmp_path: Path) -> Callable[[str], Callable[[str], int]]:
    """Give llama.cpp's own counter of the starter model's vocabulary, cut in a given way."""
    llama_cpp = pytest.importorskip("llama_cpp")

    def opened(pre: str) -> Callable[[str], int]:
        path = tmp_path / f"{pre}.gguf"
        keys: dict[str, Any] = {
            "general.architecture": "llama",
            "tokenizer.ggml.model": "gpt2",
            "tokenizer.ggml.pre": pre,
            "tokenizer.ggml.tokens": vocabulary.tokens,
            "tokenizer.ggml.token_type": vocabulary.types,
            "tokenizer.ggml.merges": vocabulary.merges,
            "tokenizer.ggml.bos_token_id": 1,
            "tokenizer.ggml.eos_token_id": 2,
        }
        path.write_bytes(gguf_bytes(keys))
        lib = llama_cpp.llama_cpp
        params = lib.llama_model_default_params()
        params.vocab_only = True
        model = lib.llama_model_load_from_file(str(path).encode(), params)
        assert model
        vocab = lib.llama_model_get_vocab(model)

        def count(text: str) -> int:
            data = text.encode()
            tokens = (lib.llama_token * (len(data) + 8))()
            return int(lib.llama_tokenize(vocab, data, len(data), tokens, len(tokens), False, False))

        return count

    return opened


@pytest.mark.model
@pytest.mark.parametrize("pre", sorted(PATTERNS))
def test_the_count_is_that_of_llama_cpp(
    pre: str, vocabulary: Vocabulary, llama_count: Callable[[str], Callable[[str], int]]
) -> None:
    ours, theirs = TokenCounter(vocabulary, PATTERNS[pre]).count, llama_count(pre)

    wrong = [text for text in [*TEXTS, *random_texts(7, 1500)] if ours(text) != theirs(text)]

    assert wrong == []


def test_the_starter_models_way_of_cutting_is_known(header: Header) -> None:
    counter = counter_for(header)

    assert counter is not None
    assert counter.count("Hello, world!") == 4


def test_an_unknown_way_of_cutting_is_left_to_the_model(header: Header) -> None:
    other = replace(header, values={**header.values, "tokenizer.ggml.pre": "no-such-pre"})
    sentencepiece = replace(header, values={**header.values, "tokenizer.ggml.model": "llama"})

    assert counter_for(other) is None
    assert counter_for(sentencepiece) is None


def test_user_defined_tokens_count_as_one() -> None:
    vocabulary = Vocabulary(("<tool>", "<|end|>"), (4, 3))

    counter = TokenCounter(vocabulary, PATTERNS["gpt-2"])

    assert counter.count("a<tool>b") == 3
    assert counter.count("<|end|>") == 7


def test_a_vocabulary_that_is_no_byte_level_bpe_is_refused() -> None:
    with pytest.raises(ModelError, match="no byte-level BPE"):
        TokenCounter(Vocabulary(("a",), (1,), ("a \u2581b",)), PATTERNS["gpt-2"])


@pytest.mark.parametrize("piece", ["a", " ", "\n", "1", "!", "ж", " \n", "'s", "a\n", "🎉"])
def test_hostile_repeats_are_counted_in_linear_time(piece: str, vocabulary: Vocabulary) -> None:
    counter = TokenCounter(vocabulary, PATTERNS["llama-bpe"])
    text = piece * (200_000 // len(piece))
    started = time.process_time()

    assert counter.count(text) > 0

    assert time.process_time() - started < 5
