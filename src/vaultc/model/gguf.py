"""Reads the header of a GGUF file: shapes, tokenizer, chat template. Its bytes are not trusted.

Layout after the GGUF specification of ggml (versions 2 and 3, little-endian): magic, version, counts, key-value
pairs, tensor infos, padding, tensor data. Every length is held against the size of the file and a limit before
it is used. Arrays of the vocabulary are skipped, and read only when asked for.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from vaultc.core.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MAGIC = b"GGUF"
_MAX_KEYS = 65_536
_MAX_TENSORS = 262_144
_MAX_KEY_BYTES = 65_536
_MAX_STRING_BYTES = 8 << 20
_MAX_ARRAY_ITEMS = 1 << 24
_MAX_DIMENSIONS = 4
_BLOCK_BYTES = 1 << 20
_STRING, _ARRAY = 8, 9
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_HINT = "the file is damaged, or its download was not finished"

# ggml type: (weights in a block, bytes of a block); a type that is not here is not checked against the file's end.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ArrayAt:
    """An array that was skipped: where its items begin, what and how many they are."""

    offset: int
    kind: int
    count: int


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF says about itself. `values` holds its scalars and strings, `arrays` where its arrays lie."""

    path: Path
    size_bytes: int
    version: int
    values: Mapping[str, Any]
    arrays: Mapping[str, ArrayAt]
    tensor_count: int
    parameters: int
    data_offset: int

    @property
    def architecture(self) -> str:
        """Family of the model, as llama.cpp names it."""
        return self._text("general.architecture")

    @property
    def name(self) -> str:
        """The model's own name, else that of its file."""
        return self._text("general.name") or self.path.stem

    @property
    def block_count(self) -> int:
        """Number of layers; 0 where it is not said."""
        return self._number(f"{self.architecture}.block_count")

    @property
    def context_length(self) -> int:
        """Longest context the model was trained for, in tokens; 0 where it is not said."""
        return self._number(f"{self.architecture}.context_length")

    @property
    def chat_template(self) -> str:
        """The Jinja template of a chat; empty where there is none."""
        return self._text("tokenizer.chat_template")

    @property
    def tokenizer_kind(self) -> str:
        """Kind of the tokenizer: `gpt2` is BPE, `llama` is SentencePiece, ..."""
        return self._text("tokenizer.ggml.model")

    @property
    def tokenizer_pre(self) -> str:
        """Name of the way the tokenizer cuts text before merging."""
        return self._text("tokenizer.ggml.pre")

    @property
    def vocabulary_size(self) -> int:
        """Number of tokens."""
        tokens = self.arrays.get("tokenizer.ggml.tokens")
        return tokens.count if tokens else 0

    @property
    def special_ids(self) -> dict[str, int]:
        """Ids of the tokens with a part to play: `bos`, `eos`, `eot`, ... as the file names them."""
        start, end = "tokenizer.ggml.", "_token_id"
        return {
            key[len(start) : -len(end)]: value
            for key, value in self.values.items()
            if key.startswith(start) and key.endswith(end) and isinstance(value, int)
        }

    def _text(self, key: str) -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def _number(self, key: str) -> int:
        value = self.values.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens in order of their ids, their types (ggml: 1 normal, 3 control, 4 user-defined, 6 byte), the merges."""

    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[str, ...] = field(default=())


def read_header(path: Path) -> Header:
    """Read the header of the GGUF at `path`. Raises ModelError with the reason where it cannot be."""
    try:
        with path.open("rb") as file:
            return _read_header(path, _Reader(file, path))
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror or error}") from error


def read_vocabulary(header: Header) -> Vocabulary:
    """Read the tokens of a GGUF. Raises ModelError where it has none or they cannot be read."""
    try:
        with header.path.open("rb") as file:
            reader = _Reader(file, header.path)
            tokens = _strings(reader, header, "tokenizer.ggml.tokens")
            types = _integers(reader, header, "tokenizer.ggml.token_type")
            merges = _strings(reader, header, "tokenizer.ggml.merges")
    except OSError as error:
        raise ModelError(f"cannot read the model {header.path}: {error.strerror or error}") from error
    if not tokens:
        raise ModelError(f"the model {header.path} has no vocabulary")
    return Vocabulary(tokens, types or (1,) * len(tokens), merges)


class _Reader:
    """Reads forward through a window of the file; the end of the file is a ModelError."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self.size = path.stat().st_size
        self._window = b""
        self._at = 0  # in the window
        self._base = 0  # of the window, in the file

    @property
    def position(self) -> int:
        return self._base + self._at

    @property
    def left(self) -> int:
        return self.size - self.position

    def fail(self, reason: str) -> ModelError:
        return ModelError(f"the model {self._path} cannot be used: {reason}", hint=_HINT)

    def seek(self, position: int) -> None:
        if position > self.size:
            raise self.fail("it ends inside its header")
        inside = position - self._base
        if 0 <= inside <= len(self._window):
            self._at = inside
        else:
            self._file.seek(position)
            self._base, self._at, self._window = position, 0, b""

    def take(self, size: int) -> bytes:
        start = self._ensure(size)
        self._at = start + size
        return self._window[start : self._at]

    def u32(self) -> int:
        start = self._ensure(4)
        self._at = start + 4
        return int(_U32.unpack_from(self._window, start)[0])

    def u64(self) -> int:
        start = self._ensure(8)
        self._at = start + 8
        return int(_U64.unpack_from(self._window, start)[0])

    def text(self, limit: int, what: str) -> str:
        size = self.u64()
        if size > limit or size > self.left:
            raise self.fail(f"{what} has a length of {size} bytes")
        try:
            return self.take(size).decode("utf-8")
        except UnicodeDecodeError:
            raise self.fail(f"{what} is not UTF-8") from None

    def skip_text(self, limit: int) -> None:
        size = self.u64()
        if size > limit or size > self.left:
            raise self.fail(f"a string has a length of {size} bytes")
        self.seek(self.position + size)

    def _ensure(self, size: int) -> int:
        """Have `size` bytes in the window and give where they begin in it."""
        if len(self._window) - self._at >= size:
            return self._at
        if size > self.left:
            raise self.fail("it ends inside its header")
        kept = self._window[self._at :]
        self._base += self._at
        self._file.seek(self._base + len(kept))
        self._window = kept + self._file.read(max(size, _BLOCK_BYTES))
        self._at = 0
        if len(self._window) < size:
            raise self.fail("it became shorter while it was read")
        return 0


def _read_header(path: Path, reader: _Reader) -> Header:
    if reader.size < 24 or reader.take(4) != _MAGIC:
        raise ModelError(
            f"{path} is not a GGUF file", hint="a model is a file that llama.cpp can read; it begins with `GGUF`"
        )
    version = reader.u32()
    if version not in (2, 3):
        said = "is big-endian" if version in (2 << 24, 3 << 24) else f"has version {version}"
        raise reader.fail(f"it {said}; versions 2 and 3, little-endian, are read")
    tensor_count, key_count = reader.u64(), reader.u64()
    if tensor_count > _MAX_TENSORS or key_count > _MAX_KEYS:
        raise reader.fail(f"it claims {tensor_count} tensors and {key_count} keys")
    values: dict[str, Any] = {}
    arrays: dict[str, ArrayAt] = {}
    for _ in range(key_count):
        _read_pair(reader, values, arrays)
    tensors = [_read_tensor(reader) for _ in range(tensor_count)]
    data = _aligned(reader, values)
    _check_end(reader, data, tensors)
    parameters = sum(weights for _, weights, _, _ in tensors)
    return Header(path, reader.size, version, values, arrays, tensor_count, parameters, data)


def _read_pair(reader: _Reader, values: dict[str, Any], arrays: dict[str, ArrayAt]) -> None:
    key = reader.text(_MAX_KEY_BYTES, "a key")
    if key in values or key in arrays:
        raise reader.fail(f'the key "{key[:80]}" stands twice')
    kind = reader.u32()
    if kind == _ARRAY:
        arrays[key] = _skip_array(reader)
    elif kind == _STRING:
        values[key] = reader.text(_MAX_STRING_BYTES, f'the value of "{key[:80]}"')
    elif kind in _SCALARS:
        form = _SCALARS[kind]
        values[key] = struct.unpack(form, reader.take(struct.calcsize(form)))[0]
    else:
        raise reader.fail(f'the value of "{key[:80]}" has the unknown type {kind}')


def _skip_array(reader: _Reader) -> ArrayAt:
    kind, count = reader.u32(), reader.u64()
    found = ArrayAt(reader.position, kind, count)
    if count > _MAX_ARRAY_ITEMS or count > reader.left:
        raise reader.fail(f"an array claims {count} items")
    if kind == _STRING:
        for _ in range(count):
            reader.skip_text(_MAX_STRING_BYTES)
    elif kind in _SCALARS:
        reader.seek(reader.position + count * struct.calcsize(_SCALARS[kind]))
    else:
        raise reader.fail(f"an array has items of the type {kind}")
    return found


def _read_tensor(reader: _Reader) -> tuple[str, int, int, int]:
    """Give name, number of weights, type and offset of the next tensor."""
    name = reader.text(_MAX_KEY_BYTES, "the name of a tensor")
    dimensions = reader.u32()
    if dimensions > _MAX_DIMENSIONS:
        raise reader.fail(f'the tensor "{name[:80]}" claims {dimensions} dimensions')
    weights = 1
    for _ in range(dimensions):
        weights *= reader.u64()
    if weights >= 1 << 63:
        raise reader.fail(f'the tensor "{name[:80]}" claims {weights} weights')
    return name, weights, reader.u32(), reader.u64()


def _aligned(reader: _Reader, values: Mapping[str, Any]) -> int:
    alignment = values.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20:
        raise reader.fail(f"it claims an alignment of {alignment}")
    return -(-reader.position // alignment) * alignment


def _check_end(reader: _Reader, data: int, tensors: list[tuple[str, int, int, int]]) -> None:
    for name, weights, kind, offset in tensors:
        per_block, block_bytes = _BLOCKS.get(kind, (1, 0))
        end = data + offset + -(-weights // per_block) * block_bytes
        if end > reader.size:
            raise reader.fail(f'the tensor "{name[:80]}" ends at byte {end}, but the file has {reader.size} bytes')


def _strings(reader: _Reader, header: Header, key: str) -> tuple[str, ...]:
    found = header.arrays.get(key)
    if found is None:
        return ()
    if found.kind != _STRING:
        raise reader.fail(f'"{key}" is not an array of strings')
    reader.seek(found.offset)
    return tuple(reader.text(_MAX_STRING_BYTES, f'an item of "{key}"') for _ in range(found.count))


def _integers(reader: _Reader, header: Header, key: str) -> tuple[int, ...]:
    found = header.arrays.get(key)
    if found is None:
        return ()
    form = _SCALARS.get(found.kind, "<d")
    if form[1] in "fd?":
        raise reader.fail(f'"{key}" is not an array of whole numbers')
    reader.seek(found.offset)
    data = reader.take(found.count * struct.calcsize(form))
    return tuple(item[0] for item in struct.iter_unpack(form, data))
