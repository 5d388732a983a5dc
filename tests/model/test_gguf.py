from __future__ import annotations

import random
import struct
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model.made_gguf import gguf_bytes

from vaultc.core.errors import ModelError
from vaultc.model.file.gguf import read_header, read_vocabulary
from vaultc.model.file.tensors import TYPES, TensorInfo

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


def test_tensors_are_given_with_their_layer_type_and_bytes(path: Path) -> None:
    path.write_bytes(gguf_bytes(KEYS, [*TENSORS, ("blk.11.ffn_up_exps.weight", (8, 4, 2))]))

    tensors = read_header(path).tensors

    assert tensors[2] == TensorInfo("blk.11.ffn_up_exps.weight", (8, 4, 2), 0, 256)
    assert (tensors[2].layer, tensors[2].weights, tensors[2].size_bytes, tensors[2].type_name) == (11, 64, 256, "F32")
    assert tensors[0].layer is None
    assert TensorInfo("blk.x.y", (1,), 0).layer is None


def test_the_bytes_of_a_type_are_those_of_ggml() -> None:
    assert TensorInfo("a", (256, 2), 14).size_bytes == 420
    assert TensorInfo("a", (32,), 8).size_bytes == 34
    assert TensorInfo("a", (32,), 39).size_bytes == 17
    assert (TensorInfo("a", (32,), 99).size_bytes, TensorInfo("a", (32,), 99).is_known) == (0, False)
    assert len({name for name, _, _ in TYPES.values()}) == len(TYPES)


def test_short_lists_of_numbers_are_read_at_once(path: Path) -> None:
    path.write_bytes(gguf_bytes({**KEYS, "llama.attention.head_count_kv": [2, 0, 4]}, TENSORS))

    header = read_header(path)

    assert header.numbers("attention.head_count_kv") == (2, 0, 4)
    assert header.numbers("attention.nothing") == ()
    assert header.number("block_count") == 2


def parts(folder: Path, count: int, **changed: Any) -> list[Path]:
    found = []
    for number in range(count):
        own = {"split.no": number, "split.count": count, "split.tensors.count": 2 * count}
        keys = {**(KEYS if number == 0 else {}), **own, **changed}
        tensors = [(f"blk.{number}.a.weight", (8, 4)), (f"blk.{number}.b.weight", (8, 4))]
        path = folder / f"big-{number + 1:05}-of-{count:05}.gguf"
        path.write_bytes(gguf_bytes(keys, tensors))
        found.append(path)
    return found


def test_a_model_in_parts_is_read_as_a_whole(tmp_path: Path) -> None:
    files = parts(tmp_path, 3)

    header = read_header(files[0])

    assert header.parts == tuple(files)
    assert [tensor.layer for tensor in header.tensors] == [0, 0, 1, 1, 2, 2]
    assert header.parameters == 6 * 32
    assert header.size_bytes == sum(file.stat().st_size for file in files)
    assert header.name == "Крошка"


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    files = parts(tmp_path, 3)
    files[1].unlink()

    with pytest.raises(ModelError, match=r"missing: .*big-00002-of-00003"):
        read_header(files[0])


def test_a_part_that_is_not_the_first_says_which_is(tmp_path: Path) -> None:
    files = parts(tmp_path, 2)

    with pytest.raises(ModelError, match="part 2 of 2") as caught:
        read_header(files[1])

    assert "big-00001-of-00002" in str(caught.value.hint)


def test_a_renamed_or_exchanged_part_is_refused(tmp_path: Path) -> None:
    files = parts(tmp_path, 2)
    renamed = tmp_path / "other.gguf"
    renamed.write_bytes(files[0].read_bytes())
    files[1].write_bytes(files[0].read_bytes())

    with pytest.raises(ModelError, match="not named so"):
        read_header(renamed)
    with pytest.raises(ModelError, match="another part"):
        read_header(files[0])


def test_parts_of_different_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="hold 4 tensors, but it claims 9"):
        read_header(parts(tmp_path, 2, **{"split.tensors.count": 9})[0])
    with pytest.raises(ModelError, match="not named so"):
        read_header(parts(tmp_path, 2, **{"split.count": 60_000})[0])


def test_the_header_of_a_large_vocabulary_is_read_well_under_a_second(path: Path) -> None:
    tokens = [f"token-{number}" for number in range(152_000)]
    merges = [f"tok en{number}" for number in range(151_400)]
    types = [1] * len(tokens)
    keys = {
        **KEYS,
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.merges": merges,
    }
    path.write_bytes(gguf_bytes(keys, [(f"blk.{number}.a.weight", (32,)) for number in range(1100)]))
    started = time.process_time()

    header = read_header(path)

    assert time.process_time() - started < 0.5
    assert header.vocabulary_size == 152_000
