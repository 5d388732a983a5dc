"""Writes small GGUF files for tests."""

from __future__ import annotations

import random
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
    contents: Mapping[str, bytes] | None = None,
) -> bytes:
    """Give a GGUF with these keys and F32 tensors, which hold their `contents` or zeros."""
    out = bytearray(b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(values)))
    for key, value in values.items():
        out += _string(key) + _value(value)
    offset = 0
    body = bytearray()
    for name, shape in tensors:
        out += _string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
        size = 4
        for side in shape:
            size *= side
        offset += -(-size // 32) * 32
        body += (contents or {}).get(name, b"")
        body += b"\0" * (offset - len(body))
    out += b"\0" * (-len(out) % 32)
    return bytes(out + body if data else out)


def lora_bytes(seed: int, *, architecture: str = "llama", size: int = 576, layers: int = 30, rank: int = 4) -> bytes:
    """Give a LoRA adapter of random numbers for the queries of the starter model's layers."""
    draw = random.Random(seed)
    tensors: list[tuple[str, tuple[int, ...]]] = []
    contents: dict[str, bytes] = {}
    for layer in range(layers):
        for part, shape in (("lora_a", (size, rank)), ("lora_b", (rank, size))):
            name = f"blk.{layer}.attn_q.weight.{part}"
            tensors.append((name, shape))
            contents[name] = struct.pack(f"<{size * rank}f", *(draw.gauss(0, 0.4) for _ in range(size * rank)))
    values = {
        "general.architecture": architecture,
        "general.type": "adapter",
        "adapter.type": "lora",
        "adapter.lora.alpha": float(rank),
    }
    return gguf_bytes(values, tensors, contents=contents)


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
