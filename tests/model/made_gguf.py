"""Writes small GGUF files for tests."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def gguf_bytes(
    values: Mapping[str, Any],
    tensors: Sequence[tuple[str, tuple[int, ...]]] = (),
    *,
    version: int = 3,
    data: bool = True,
) -> bytes:
    """Give a GGUF with these keys and F32 tensors of zeros."""
    out = bytearray(b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(values)))
    for key, value in values.items():
        out += _string(key) + _value(value)
    offset = 0
    for name, shape in tensors:
        out += _string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
        size = 4
        for side in shape:
            size *= side
        offset += -(-size // 32) * 32
    out += b"\0" * (-len(out) % 32)
    if data:
        out += b"\0" * offset
    return bytes(out)


def _string(text: str) -> bytes:
    data = text.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def _value(value: Any) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + _string(value)
    if value and isinstance(value[0], str):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(_string(item) for item in value)
    return struct.pack(f"<IIQ{len(value)}i", 9, 5, len(value), *value)
