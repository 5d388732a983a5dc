"""Writes small GGUF files for tests."""

from __future__ import annotations

import math
import os
import random
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from vaultc.model.file.gguf import Header


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
        out += gguf_string(key) + gguf_value(value)
    offset = 0
    body = bytearray()
    for name, shape in tensors:
        out += gguf_string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset)
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


def gguf_string(text: str) -> bytes:
    data = text.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def gguf_value(value: Any) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + gguf_string(value)
    if value and isinstance(value[0], str):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(gguf_string(item) for item in value)
    return struct.pack(f"<IIQ{len(value)}i", 9, 5, len(value), *value)


def hollow_gguf(path: Path, header: Header) -> None:
    """Write a GGUF of the size that `header` says whose weights are a hole: a model of 500 GB takes 100 KB of disk."""
    values = {**header.values, "tokenizer.ggml.model": "no_vocab"}
    if header.architecture.startswith("qwen35"):
        values[f"{header.architecture}.rope.dimension_sections"] = [11, 11, 10, 0]
    out = bytearray(b"GGUF" + struct.pack("<IQQ", 3, len(header.tensors), len(values)))
    for key, value in values.items():
        out += gguf_string(key) + gguf_value(value)
    for tensor in header.tensors:
        out += gguf_string(tensor.name)
        out += struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
        out += struct.pack("<IQ", tensor.kind, tensor.offset)
    out += b"\0" * (-len(out) % 32)
    path.write_bytes(out)
    os.truncate(path, len(out) + header.size_bytes)


def window_model_bytes(tokens: Sequence[str], types: Sequence[int], merges: Sequence[str], *, window: int) -> bytes:
    """Give a gemma3 of random numbers with a sliding window: 6 layers, of which 5 see no further than `window`."""
    size, inner, heads, head = 64, 128, 2, 32
    tensors: list[tuple[str, tuple[int, ...]]] = [
        ("token_embd.weight", (size, len(tokens))),
        ("output_norm.weight", (size,)),
    ]
    for layer in range(6):
        shapes: dict[str, tuple[int, ...]] = {
            "attn_norm": (size,), "attn_q": (size, heads * head), "attn_k": (size, heads * head),
            "attn_v": (size, heads * head), "attn_output": (heads * head, size), "post_attention_norm": (size,),
            "attn_q_norm": (head,), "attn_k_norm": (head,), "ffn_norm": (size,), "ffn_gate": (size, inner),
            "ffn_up": (size, inner), "ffn_down": (inner, size), "post_ffw_norm": (size,),
        }  # fmt: skip
        tensors += [(f"blk.{layer}.{name}.weight", shape) for name, shape in shapes.items()]
    contents = _drawn(tensors)
    values = {
        "general.architecture": "gemma3", "general.name": "window", "gemma3.context_length": 1024,
        "gemma3.embedding_length": size, "gemma3.block_count": 6, "gemma3.feed_forward_length": inner,
        "gemma3.attention.head_count": heads, "gemma3.attention.head_count_kv": heads,
        "gemma3.attention.key_length": head, "gemma3.attention.value_length": head,
        "gemma3.attention.layer_norm_rms_epsilon": 1e-6, "gemma3.attention.sliding_window": window,
        "gemma3.rope.freq_base": 10000.0, **_tokenizer(tokens, types, merges),
    }  # fmt: skip
    return gguf_bytes(values, tensors, contents=contents)


def recurrent_model_bytes(tokens: Sequence[str], types: Sequence[int], merges: Sequence[str]) -> bytes:
    """Give a mamba of random numbers: its state cannot be taken back to an earlier token."""
    size, inner, state, rank, kernel = 64, 128, 8, 4, 4
    tensors: list[tuple[str, tuple[int, ...]]] = [
        ("token_embd.weight", (size, len(tokens))),
        ("output_norm.weight", (size,)),
    ]
    for layer in range(2):
        shapes: dict[str, tuple[int, ...]] = {
            "attn_norm.weight": (size,), "ssm_in.weight": (size, 2 * inner), "ssm_conv1d.weight": (kernel, inner),
            "ssm_conv1d.bias": (inner,), "ssm_x.weight": (inner, rank + 2 * state), "ssm_dt.weight": (rank, inner),
            "ssm_dt.bias": (inner,), "ssm_a": (state, inner), "ssm_d": (inner,), "ssm_out.weight": (inner, size),
        }  # fmt: skip
        tensors += [(f"blk.{layer}.{name}", shape) for name, shape in shapes.items()]
    contents = _drawn(tensors)
    contents |= {
        name: (-np.abs(np.frombuffer(data, "<f4"))).tobytes() for name, data in contents.items() if "ssm_a" in name
    }
    values = {
        "general.architecture": "mamba", "general.name": "recurrent", "mamba.context_length": 1024,
        "mamba.embedding_length": size, "mamba.block_count": 2, "mamba.feed_forward_length": 0,
        "mamba.attention.head_count": 0, "mamba.attention.layer_norm_rms_epsilon": 1e-6,
        "mamba.ssm.conv_kernel": kernel, "mamba.ssm.inner_size": inner, "mamba.ssm.state_size": state,
        "mamba.ssm.time_step_rank": rank, **_tokenizer(tokens, types, merges),
    }  # fmt: skip
    return gguf_bytes(values, tensors, contents=contents)


def _drawn(tensors: Sequence[tuple[str, tuple[int, ...]]]) -> dict[str, bytes]:
    draw = np.random.default_rng(7)
    return {
        name: draw.normal(0, 0.05 if "embd" in name else 1, math.prod(shape)).astype("<f4").tobytes()
        for name, shape in tensors
    }


def _tokenizer(tokens: Sequence[str], types: Sequence[int], merges: Sequence[str]) -> dict[str, Any]:
    return {
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "smollm", "tokenizer.ggml.tokens": list(tokens),
        "tokenizer.ggml.token_type": list(types), "tokenizer.ggml.merges": list(merges),
        "tokenizer.ggml.bos_token_id": 1, "tokenizer.ggml.eos_token_id": 2,
    }  # fmt: skip
