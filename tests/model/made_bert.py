"""Writes a BERT as a GGUF, and computes the same with numpy."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from model.made_gguf import gguf_string, gguf_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

Weights = dict[str, "NDArray[np.float32]"]
LETTERS = "abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя0123456789.,:?#*-"
TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{letter}" for letter in LETTERS))
_LAYER = {
    "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm",
}  # fmt: skip
_OUTER = {
    "embeddings.word_embeddings.weight": "token_embd.weight",
    "embeddings.position_embeddings.weight": "position_embd.weight",
    "embeddings.token_type_embeddings.weight": "token_types.weight",
    "embeddings.LayerNorm.weight": "token_embd_norm.weight",
    "embeddings.LayerNorm.bias": "token_embd_norm.bias",
}


@dataclass(frozen=True)
class Bert:
    """A BERT: its shape, its weights by the names of its makers, and its vocabulary."""

    weights: Weights
    tokens: tuple[str, ...]
    heads: int
    layers: int

    @property
    def positions(self) -> int:
        return len(self.weights["embeddings.position_embeddings.weight"])

    @property
    def size(self) -> int:
        return int(self.weights["embeddings.word_embeddings.weight"].shape[1])

    def states(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Give the last layer's states of a sequence of tokens."""
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][list(ids)] + w["embeddings.position_embeddings.weight"][: len(ids)]
        x = _norm(x + w["embeddings.token_type_embeddings.weight"][0], w, "embeddings.LayerNorm")
        for number in range(self.layers):
            name = f"encoder.layer.{number}"
            q, k, v = (
                _parts(_dense(x, w, f"{name}.attention.self.{of}"), self.heads) for of in ("query", "key", "value")
            )
            scores = q @ k.transpose(0, 2, 1) / math.sqrt(self.size // self.heads)
            share = np.exp(scores - scores.max(-1, keepdims=True))
            seen = (share / share.sum(-1, keepdims=True)) @ v
            seen = seen.transpose(1, 0, 2).reshape(len(ids), self.size)
            x = _norm(_dense(seen, w, f"{name}.attention.output.dense") + x, w, f"{name}.attention.output.LayerNorm")
            inner = _gelu(_dense(x, w, f"{name}.intermediate.dense"))
            x = _norm(_dense(inner, w, f"{name}.output.dense") + x, w, f"{name}.output.LayerNorm")
        return x

    def pooled(self, ids: Sequence[int], pooling: str) -> NDArray[np.float32]:
        """Give the unit vector of a sequence."""
        states = self.states(ids)
        found = {"mean": states.mean(0), "cls": states[0], "last": states[-1]}[pooling]
        return np.asarray(found / np.linalg.norm(found), np.float32)

    def score(self, ids: Sequence[int]) -> float:
        """Give what the head says of a pair: tanh of a layer over the first state, then one number."""
        first = np.tanh(_dense(self.states(ids)[0], self.weights, "cls"))
        return float(1 / (1 + np.exp(-_dense(first, self.weights, "cls.output")[0])))


def made_bert(*, seed: int = 1, size: int = 32, positions: int = 48, with_head: bool = False) -> Bert:
    """Give a BERT of random numbers: 2 layers, letters as its words."""
    draw = np.random.default_rng(seed)
    w: Weights = {}

    def dense(name: str, out: int, into: int) -> None:
        w[f"{name}.weight"] = draw.normal(0, 0.3, (out, into)).astype(np.float32)
        w[f"{name}.bias"] = draw.normal(0, 0.1, out).astype(np.float32)

    def norm(name: str) -> None:
        w[f"{name}.weight"] = (1 + draw.normal(0, 0.1, size)).astype(np.float32)
        w[f"{name}.bias"] = draw.normal(0, 0.1, size).astype(np.float32)

    for name, count in (("word", len(TOKENS)), ("position", positions), ("token_type", 2)):
        w[f"embeddings.{name}_embeddings.weight"] = draw.normal(0, 0.5, (count, size)).astype(np.float32)
    norm("embeddings.LayerNorm")
    for number in range(2):
        name = f"encoder.layer.{number}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            dense(f"{name}.{part}", size, size)
        dense(f"{name}.intermediate.dense", 2 * size, size)
        dense(f"{name}.output.dense", size, 2 * size)
        norm(f"{name}.attention.output.LayerNorm")
        norm(f"{name}.output.LayerNorm")
    if with_head:
        dense("cls", size, size)
        dense("cls.output", 1, size)
    return Bert(w, TOKENS, heads=4, layers=2)


def read_bert(folder: Path) -> Bert:
    """Read a BERT from safetensors, with its vocab.txt and config.json."""
    config = json.loads((folder / "config.json").read_text())
    data = (folder / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    weights: Weights = {}
    for name, told in json.loads(data[8 : 8 + size]).items():
        if told.get("dtype") == "F32":
            start, end = told["data_offsets"]
            weights[name] = np.frombuffer(data[8 + size + start : 8 + size + end], "<f4").reshape(told["shape"])
    tokens = tuple((folder / "vocab.txt").read_text("utf-8").splitlines())
    return Bert(weights, tokens, config["num_attention_heads"], config["num_hidden_layers"])


def bert_gguf(bert: Bert, *, pooling: int | None = 1, half: bool = False, name: str = "made") -> bytes:
    """Give `bert` as a GGUF; `half` writes matrices as F16."""
    inner = len(bert.weights["encoder.layer.0.intermediate.dense.bias"])
    values: dict[str, Any] = {
        "general.architecture": "bert", "general.name": name, "bert.context_length": bert.positions,
        "bert.embedding_length": bert.size, "bert.block_count": bert.layers, "bert.feed_forward_length": inner,
        "bert.attention.head_count": bert.heads, "bert.attention.layer_norm_epsilon": 1e-12,
        "bert.attention.causal": False, "tokenizer.ggml.model": "bert", "tokenizer.ggml.pre": "default",
        "tokenizer.ggml.token_type_count": 2, "tokenizer.ggml.tokens": [_word(token) for token in bert.tokens],
        "tokenizer.ggml.token_type": [3 if _is_control(token) else 1 for token in bert.tokens],
    }  # fmt: skip
    for key, token in (("padding", "[PAD]"), ("unknown", "[UNK]"), ("cls", "[CLS]"), ("bos", "[CLS]"),
                       ("seperator", "[SEP]"), ("mask", "[MASK]")):  # fmt: skip
        values[f"tokenizer.ggml.{key}_token_id"] = bert.tokens.index(token)
    if pooling is not None:
        values["bert.pooling_type"] = pooling
    return _file(values, {_tensor(key): array for key, array in bert.weights.items() if _tensor(key)}, half=half)


def _tensor(name: str) -> str:
    if name in _OUTER:
        return _OUTER[name]
    if name.startswith("cls."):
        return name
    head, _, kind = name.rpartition(".")
    parts = head.split(".", 3)
    if parts[:2] == ["encoder", "layer"] and parts[3] in _LAYER:
        return f"blk.{parts[2]}.{_LAYER[parts[3]]}.{kind}"
    return ""


def _file(values: Mapping[str, Any], tensors: Mapping[str, NDArray[np.float32]], *, half: bool) -> bytes:
    out = bytearray(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(values)))
    for key, value in values.items():
        out += gguf_string(key) + gguf_value(value)
    body = bytearray()
    for name, array in tensors.items():
        is_half = half and array.ndim == 2 and not name.startswith(("position", "token_types"))
        out += gguf_string(name) + struct.pack("<I", array.ndim)
        out += struct.pack(f"<{array.ndim}QIQ", *reversed(array.shape), int(is_half), len(body))
        body += array.astype("<f2" if is_half else "<f4").tobytes()
        body += b"\0" * (-len(body) % 32)
    return bytes(out + b"\0" * (-len(out) % 32) + body)


def _is_control(token: str) -> bool:
    return token.startswith("[") and token.endswith("]") and len(token) > 2


def _word(token: str) -> str:
    if _is_control(token):
        return token
    return token[2:] if token.startswith("##") else f"▁{token}"


def _dense(x: NDArray[np.float32], w: Weights, name: str) -> NDArray[np.float32]:
    return np.asarray(x @ w[f"{name}.weight"].T + w[f"{name}.bias"], np.float32)


def _norm(x: NDArray[np.float32], w: Weights, name: str) -> NDArray[np.float32]:
    moved = x - x.mean(-1, keepdims=True)
    scaled = moved / np.sqrt((moved**2).mean(-1, keepdims=True) + 1e-12)
    return np.asarray(scaled * w[f"{name}.weight"] + w[f"{name}.bias"], np.float32)


def _parts(x: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    return x.reshape(len(x), heads, -1).transpose(1, 0, 2)


def _gelu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    erf = np.vectorize(math.erf, otypes=[np.float32])
    return np.asarray(x * 0.5 * (1 + erf(x / math.sqrt(2))), np.float32)
