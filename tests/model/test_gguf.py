from __future__ import annotations

import random
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model.made_gguf import gguf_bytes

from vaultc.core.errors import ModelError
from vaultc.model.gguf import read_header, read_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {
    "general.architecture": "llama",
    "general.name": "Крошка",
    "general.file_type": 0,
    "llama.block_count": 2,
    "llama.context_length": 4096,
    "llama.rope.freq_base": 10000.0,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "smollm",
    "tokenizer.ggml.tokens": ["<end>", "a", "b", "ab"],
    "tokenizer.ggml.token_type": [3, 1, 1, 1],
    "tokenizer.ggml.merges": ["a b"],
    "tokenizer.ggml.eos_token_id": 0,
    "tokenizer.ggml.add_bos_token": False,
    "tokenizer.chat_template": "{{ messages }}",
}
TENSORS = [("token_embd.weight", (8, 4)), ("output.weight", (8, 4))]
GOOD = gguf_bytes(KEYS, TENSORS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m.gguf"


def test_a_header_says_what_the_model_is(path: Path) -> None:
    path.write_bytes(GOOD)

    header = read_header(path)

    assert (header.name, header.architecture, header.block_count, header.context_length) == ("Крошка", "llama", 2, 4096)
    assert (header.parameters, header.tensor_count, header.vocabulary_size) == (64, 2, 4)
    assert (header.tokenizer_kind, header.tokenizer_pre) == ("gpt2", "smollm")
    assert header.chat_template == "{{ messages }}"
    assert header.special_ids == {"eos": 0}


def test_the_vocabulary_is_read_when_it_is_asked_for(path: Path) -> None:
    path.write_bytes(GOOD)

    vocabulary = read_vocabulary(read_header(path))

    assert vocabulary.tokens == ("<end>", "a", "b", "ab")
    assert vocabulary.types == (3, 1, 1, 1)
    assert vocabulary.merges == ("a b",)


def test_every_cut_of_the_file_is_a_model_error(path: Path) -> None:
    for size in range(0, len(GOOD), 3):
        path.write_bytes(GOOD[:size])

        with pytest.raises(ModelError):
            read_header(path)


def test_an_unfinished_download_is_named(path: Path) -> None:
    path.write_bytes(gguf_bytes(KEYS, [("big.weight", (4096, 4096))], data=False))

    with pytest.raises(ModelError, match=r'"big\.weight" ends at byte') as caught:
        read_header(path)

    assert "download" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a GGUF"),
        (b"PK\x03\x04" + b"\0" * 100, "not a GGUF"),
        (gguf_bytes({}, version=1), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0), "claims"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60), "claims"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 62), "length of"),
        (b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"k", 9, 8, 1 << 50), "array claims"),
        (b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 0, 1, 1, b"k", 9, 9, 1) + b"\0" * 64, "items of the type 9"),
        (b"GGUF" + struct.pack("<IQQQ1sI", 3, 0, 1, 1, b"k", 77), "unknown type 77"),
        (b"GGUF" + struct.pack("<IQQQ1sI", 3, 0, 1, 1, b"\xff", 0) + b"\0", "not UTF-8"),
        (b"GGUF" + struct.pack("<IQQQ1sI", 3, 1, 0, 1, b"t", 4000000000), "dimensions"),
        (b"GGUF" + struct.pack("<IQQQ1sI2QIQ", 3, 1, 0, 1, b"t", 2, 1 << 63, 1 << 63, 0, 0), "weights"),
        (gguf_bytes({"general.alignment": 0}), "alignment"),
    ],
)
def test_a_hostile_file_is_refused_with_its_reason(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)

    with pytest.raises(ModelError, match=said):
        read_header(path)


def test_a_missing_file_is_a_model_error(path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read the model"):
        read_header(path)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 30), count=st.integers(1, 16))
def test_changed_bytes_give_a_header_or_a_model_error(path: Path, seed: int, count: int) -> None:
    chance = random.Random(seed)
    data = bytearray(GOOD)
    for _ in range(count):
        data[chance.randrange(len(data))] = chance.choice((0, 1, 255, chance.randrange(256)))
    path.write_bytes(bytes(data))

    try:
        header = read_header(path)
        vocabulary = read_vocabulary(header)
    except ModelError:
        return

    assert header.parameters >= 0
    assert all(isinstance(token, str) for token in vocabulary.tokens)
    assert header.block_count >= 0
    assert isinstance(header.name + header.chat_template, str)
