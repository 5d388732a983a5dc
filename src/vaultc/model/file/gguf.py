"""Reads the header of a GGUF file: shapes, tokenizer, chat template. Its bytes are not trusted.

Layout after the GGUF specification of ggml (versions 2 and 3, little-endian): magic, version, counts, key-value
pairs, tensor infos, padding, tensor data. Every length is held against the size of the file and a limit before
it is used. Arrays of the vocabulary are skipped, and read only when asked for.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from vaultc.core.errors import ModelError
from vaultc.disk.read import opened
from vaultc.model.file.gguf_bytes import ByteReader
from vaultc.model.file.tensors import TensorInfo

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
_MAX_PARTS = 1000
_SHORT_ARRAY = 1024  # items; one number a layer
_STRING, _ARRAY = 8, 9
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}


@dataclass(frozen=True, slots=True)
class ArrayAt:
    """An array: where its items begin, what and how many they are. A short one of whole numbers is read (`items`)."""

    offset: int
    kind: int
    count: int
    items: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF says about itself. `values` holds its scalars and strings, `arrays` where its arrays lie.

    Of a model in several files this is the whole: `path` is the first of `parts`, and sizes and tensors are of all.
    """

    path: Path
    size_bytes: int
    version: int
    values: Mapping[str, Any]
    arrays: Mapping[str, ArrayAt]
    tensor_count: int
    parameters: int
    data_offset: int
    tensors: tuple[TensorInfo, ...] = ()
    parts: tuple[Path, ...] = ()

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
        return self.number("block_count")

    @property
    def context_length(self) -> int:
        """Longest context the model was trained for, in tokens; 0 where it is not said."""
        return self.number("context_length")

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

    def _text(self, key: str) -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def number(self, name: str, default: int = 0) -> int:
        """Give the whole number that the file has for `name` of its architecture, else `default`."""
        value = self.values.get(f"{self.architecture}.{name}")
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default

    def numbers(self, name: str) -> tuple[int, ...]:
        """Give the short array of whole numbers (or flags) for `name` of its architecture; empty if there is none."""
        found = self.arrays.get(f"{self.architecture}.{name}")
        return found.items if found else ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens in order of their ids, their types (ggml: 1 normal, 3 control, 4 user-defined, 6 byte), the merges."""

    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[str, ...] = field(default=())


def read_header(path: Path) -> Header:
    """Read the header of the GGUF at `path`, and of all its parts where it is the first of several.

    Raises:
        ModelError: with the reason, where it cannot be read or a part is missing.
    """
    header = _read_file(path)
    number, count = header.values.get("split.no", 0), header.values.get("split.count", 0)
    if not isinstance(count, int) or count <= 1:
        return header
    if number != 0:
        first = _part(path, 1, count)
        raise ModelError(f"{path} is part {number + 1} of {count} of a model", hint=f"name its first part: {first}")
    if count > _MAX_PARTS or path != _part(path, 1, count):
        raise ModelError(
            f"{path} says that it is the first of {count} parts, but is not named so",
            hint=f"its name has to end with -00001-of-{count:05}.gguf, as that of its other parts",
        )
    return _joined([header, *(_read_part(_part(path, part, count), part - 1) for part in range(2, count + 1))])


def _read_file(path: Path) -> Header:
    try:
        with opened(path) as file:
            return _read_header(path, ByteReader(file, path))
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror or error}") from error


def _part(path: Path, number: int, count: int) -> Path:
    stem = re.sub(r"-[0-9]{5}-of-[0-9]{5}$", "", path.stem)
    return path.with_name(f"{stem}-{number:05}-of-{count:05}.gguf")


def _read_part(path: Path, number: int) -> Header:
    if not path.is_file():
        raise ModelError(f"a part of the model is missing: {path}", hint="fetch all parts into one folder")
    part = _read_file(path)
    if part.values.get("split.no") != number:
        raise ModelError(f"{path} is another part than its name says", hint="fetch that part again")
    return part


def _joined(parts: list[Header]) -> Header:
    first = parts[0]
    tensors = tuple(tensor for part in parts for tensor in part.tensors)
    claimed = first.values.get("split.tensors.count", len(tensors))
    if claimed != len(tensors):
        raise ModelError(
            f"the parts of {first.path} hold {len(tensors)} tensors, but it claims {claimed}",
            hint="the parts are of different models, or one is damaged; fetch them again",
        )
    return replace(
        first,
        size_bytes=sum(part.size_bytes for part in parts),
        tensor_count=len(tensors),
        parameters=sum(part.parameters for part in parts),
        tensors=tensors,
        parts=tuple(part.path for part in parts),
    )


def read_vocabulary(header: Header) -> Vocabulary:
    """Read the tokens of a GGUF. Raises ModelError where it has none or they cannot be read."""
    try:
        with opened(header.path) as file:
            reader = ByteReader(file, header.path)
            tokens = _strings(reader, header, "tokenizer.ggml.tokens")
            types = _integers(reader, header, "tokenizer.ggml.token_type")
            merges = _strings(reader, header, "tokenizer.ggml.merges")
    except OSError as error:
        raise ModelError(f"cannot read the model {header.path}: {error.strerror or error}") from error
    if not tokens:
        raise ModelError(f"the model {header.path} has no vocabulary")
    return Vocabulary(tokens, types or (1,) * len(tokens), merges)


def _read_header(path: Path, reader: ByteReader) -> Header:
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
    tensors = tuple(_read_tensor(reader) for _ in range(tensor_count))
    data = _aligned(reader, values)
    _check_end(reader, data, tensors)
    parameters = sum(tensor.weights for tensor in tensors)
    return Header(path, reader.size, version, values, arrays, tensor_count, parameters, data, tensors, (path,))


def _read_pair(reader: ByteReader, values: dict[str, Any], arrays: dict[str, ArrayAt]) -> None:
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


def _skip_array(reader: ByteReader) -> ArrayAt:
    kind, count = reader.u32(), reader.u64()
    found = ArrayAt(reader.position, kind, count)
    if count > _MAX_ARRAY_ITEMS or count > reader.left:
        raise reader.fail(f"an array claims {count} items")
    if kind == _STRING:
        reader.skip_texts(count, _MAX_STRING_BYTES)
    elif kind in _SCALARS:
        reader.seek(reader.position + count * struct.calcsize(_SCALARS[kind]))
    else:
        raise reader.fail(f"an array has items of the type {kind}")
    if 0 < count <= _SHORT_ARRAY and kind in _SCALARS and _SCALARS[kind][1] not in "fd":
        after = reader.position
        reader.seek(found.offset)
        found = replace(found, items=_items(reader, found))
        reader.seek(after)
    return found


def _read_tensor(reader: ByteReader) -> TensorInfo:
    name = reader.text(_MAX_KEY_BYTES, "the name of a tensor")
    dimensions = reader.u32()
    if dimensions > _MAX_DIMENSIONS:
        raise reader.fail(f'the tensor "{name[:80]}" claims {dimensions} dimensions')
    shape = tuple(reader.u64() for _ in range(dimensions))
    tensor = TensorInfo(name, shape, reader.u32(), reader.u64())
    if tensor.weights >= 1 << 63:
        raise reader.fail(f'the tensor "{name[:80]}" claims {tensor.weights} weights')
    return tensor


def _aligned(reader: ByteReader, values: Mapping[str, Any]) -> int:
    alignment = values.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20:
        raise reader.fail(f"it claims an alignment of {alignment}")
    return -(-reader.position // alignment) * alignment


def _check_end(reader: ByteReader, data: int, tensors: tuple[TensorInfo, ...]) -> None:
    for tensor in tensors:
        # A type that is not known is not checked against the end of the file.
        end = data + tensor.offset + tensor.size_bytes
        if end > reader.size:
            raise reader.fail(
                f'the tensor "{tensor.name[:80]}" ends at byte {end}, but the file has {reader.size} bytes'
            )


def _strings(reader: ByteReader, header: Header, key: str) -> tuple[str, ...]:
    found = header.arrays.get(key)
    if found is None:
        return ()
    if found.kind != _STRING:
        raise reader.fail(f'"{key}" is not an array of strings')
    reader.seek(found.offset)
    return tuple(reader.text(_MAX_STRING_BYTES, f'an item of "{key}"') for _ in range(found.count))


def _integers(reader: ByteReader, header: Header, key: str) -> tuple[int, ...]:
    found = header.arrays.get(key)
    if found is None:
        return ()
    form = _SCALARS.get(found.kind, "<d")
    if form[1] in "fd":
        raise reader.fail(f'"{key}" is not an array of whole numbers')
    reader.seek(found.offset)
    return _items(reader, found)


def _items(reader: ByteReader, found: ArrayAt) -> tuple[int, ...]:
    form = _SCALARS[found.kind]
    return tuple(item[0] for item in struct.iter_unpack(form, reader.take(found.count * struct.calcsize(form))))
