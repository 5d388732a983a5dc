"""What a model takes, read from its header: weights by layer and kind, KV and state by architecture.

Never from the number of active parameters: every expert has to lie somewhere, however few of them a token uses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vaultc.core.errors import ModelError
from vaultc.model.file.tensors import CODES, type_bytes

if TYPE_CHECKING:
    from vaultc.model.file.gguf import Header
    from vaultc.model.file.tensors import TensorInfo

CELL_PADDING = 256  # llama.cpp rounds the cells of a cache up to this
PARTS = ("gate", "up", "down")
_EXPERT = re.compile(r"^blk\.[0-9]+\.ffn_(up|down|gate|gate_up)_(?:ch|)exps")
_MAX_LAYERS = 512  # llama.cpp refuses more

# Every Nth layer attends to all, the others through a sliding window; a number or list in the file goes first.
_WINDOW_EVERY = {
    "gpt-oss": 2, "gemma2": 2, "gemma3": 6, "gemma3n": 5, "cohere2": 4, "olmo2": 4, "exaone4": 4, "exaone-moe": 4,
    "afmoe": 4, "plamo3": 8,
}  # fmt: skip
_DENSE_FIRST = {"cohere2moe": 4, "smallthinker": 4}
_HYBRIDS_OF_FOUR = ("qwen3next", "qwen35", "qwen35moe")
_ENCODERS = ("bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert", "neo-bert")
# Their weights, KV and compute buffers were held against llama.cpp (tests/model/llama).
VERIFIED = ("llama", "qwen3", "qwen3moe", "gpt-oss", "qwen3next", "qwen35", "qwen35moe", "gemma3", "deepseek2")


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: bytes of its weights without experts, of its experts by part, and what it keeps for a token.

    `k` and `v` are numbers a cell of its cache holds, 0 for a layer without one; `window` is how far it looks back, 0
    for all; `state_bytes` does not grow with the context. `largest` are the bytes of its largest tensor of each sort.
    """

    weights_bytes: int
    expert_bytes: dict[str, int]
    k: int
    v: int
    window: int
    state_bytes: int
    largest: int
    largest_expert: int

    @property
    def all_expert_bytes(self) -> int:
        """Bytes of all its experts."""
        return sum(self.expert_bytes.values())

    def kv_bytes(self, context: int, kv_type: str, batch: int) -> int:
        """Give the bytes of its cache for `context` tokens evaluated in pieces of `batch`, and of its state."""
        cells = _padded(context)
        if self.window:
            cells = min(cells, _padded(self.window + batch))
        return cells * self._cell_bytes(kv_type) + self.state_bytes

    def read_bytes(self, filled: int, kv_type: str) -> int:
        """Give the bytes of cache and state that one token reads when `filled` tokens are behind it."""
        seen = min(filled, self.window) if self.window else filled
        return seen * self._cell_bytes(kv_type) + 2 * self.state_bytes

    def _cell_bytes(self, kv_type: str) -> int:
        code = CODES[kv_type.upper()]
        return type_bytes(code, self.k) + type_bytes(code, self.v)


@dataclass(frozen=True)
class ModelShape:
    """What the planner knows of a model. llama.cpp counts `skipped_layers` (heads for drafts) but loads them not."""

    name: str
    architecture: str
    parameters: int
    file_bytes: int
    context_length: int
    layers: tuple[Layer, ...]
    skipped_layers: int
    input_bytes: int
    output_bytes: int
    tied: bool
    width: int
    query_width: int
    feed_forward: int
    expert_feed_forward: int
    vocabulary: int
    experts: int
    experts_used: int
    heads: int
    notes: tuple[str, ...]

    @property
    def is_mixture(self) -> bool:
        """Whether it has experts that can lie in RAM."""
        return any(layer.expert_bytes for layer in self.layers)

    @property
    def is_hybrid(self) -> bool:
        """Whether some of its layers keep a state instead of a cache."""
        return any(layer.state_bytes for layer in self.layers)

    @property
    def has_cache(self) -> bool:
        """Whether it keeps anything for the tokens behind; an encoder does not."""
        return any(layer.k or layer.state_bytes for layer in self.layers)

    @cached_property
    def weights_bytes(self) -> int:
        """Bytes of all weights that are loaded."""
        inner = sum(layer.weights_bytes + layer.all_expert_bytes for layer in self.layers)
        return self.input_bytes + (0 if self.tied else self.output_bytes) + inner

    def kv_bytes(self, context: int, kv_type: str, batch: int) -> int:
        """Give the bytes of the whole cache and state."""
        return sum(layer.kv_bytes(context, kv_type, batch) for layer in self.layers)

    def kv_bytes_per_token(self, kv_type: str) -> int:
        """Give by how many bytes the cache grows with each token of the context."""
        padded = CELL_PADDING
        grown = [layer for layer in self.layers if not layer.window]
        return sum(layer.kv_bytes(padded, kv_type, 0) - layer.state_bytes for layer in grown) // padded


def shape_of(header: Header) -> ModelShape:
    """Give what the model of `header` takes.

    Raises:
        ModelError: the header does not say enough to plan, or a tensor's type has no known size.
    """
    count = header.block_count
    loaded = count - header.number("nextn_predict_layers")
    if not 0 < count <= _MAX_LAYERS or loaded <= 0 or not header.tensors:
        raise ModelError(
            f"{header.path} cannot be planned: its header names {count} layers and {header.tensor_count} tensors",
            hint="a language model has a block_count; adapters and projectors are planned with their model",
        )
    _check_types(header)
    by_layer: list[list[TensorInfo]] = [[] for _ in range(loaded)]
    other: dict[str, TensorInfo] = {}
    for tensor in header.tensors:
        layer = tensor.layer
        if layer is None:
            other[tensor.name] = tensor
        elif layer < loaded:
            by_layer[layer].append(tensor)
    empty = next((index for index, tensors in enumerate(by_layer) if not tensors), None)
    if empty is not None:
        raise ModelError(
            f"{header.path} cannot be planned: its header names {count} layers, but layer {empty} has no tensors",
            hint="a part of the model is missing, or the file is damaged",
        )
    heads = _per_layer(header, "attention.head_count", loaded, 0)
    layers = tuple(_layer(header, index, tensors) for index, tensors in enumerate(by_layer))
    embedding = other.get("token_embd.weight")
    tied = "output.weight" not in other
    inputs = {
        name for name in other if name.startswith(("token_embd", "token_types", "position_embd", "per_layer_tok"))
    }
    outputs = sum(tensor.size_bytes for name, tensor in other.items() if name not in inputs)
    return ModelShape(
        name=header.name,
        architecture=header.architecture,
        parameters=header.parameters,
        file_bytes=header.size_bytes,
        context_length=header.context_length,
        layers=layers,
        skipped_layers=count - loaded,
        input_bytes=sum(other[name].size_bytes for name in inputs),
        output_bytes=outputs + (embedding.size_bytes if tied and embedding else 0),
        tied=tied,
        width=header.number("embedding_length"),
        query_width=max(heads, default=0) * _head_width(header, "key_length"),
        feed_forward=max(_per_layer(header, "feed_forward_length", loaded, 0), default=0),
        expert_feed_forward=_expert_feed_forward(header),
        vocabulary=header.vocabulary_size or header.number("vocab_size") or (embedding.shape[-1] if embedding else 0),
        experts=header.number("expert_count"),
        experts_used=header.number("expert_used_count"),
        heads=max(heads, default=0),
        notes=_notes(header),
    )


def _check_types(header: Header) -> None:
    unknown = next((tensor for tensor in header.tensors if not tensor.is_known), None)
    if unknown is not None:
        raise ModelError(
            f'{header.path} cannot be planned: the tensor "{unknown.name[:80]}" has the unknown {unknown.type_name}',
            hint="the file was made for a llama.cpp that is newer than this vaultc",
        )


def _notes(header: Header) -> tuple[str, ...]:
    if header.architecture not in (*VERIFIED, *_ENCODERS):
        return (f"sizes for the architecture {header.architecture} were not checked against llama.cpp",)
    return ()


def _layer(header: Header, index: int, tensors: list[TensorInfo]) -> Layer:
    experts: dict[str, int] = {}
    plain, largest, largest_expert = 0, 0, 0
    for tensor in tensors:
        found = _EXPERT.match(tensor.name)
        if found:
            experts[found[1]] = experts.get(found[1], 0) + tensor.size_bytes
            largest_expert = max(largest_expert, tensor.size_bytes)
        else:
            plain += tensor.size_bytes
            largest = max(largest, tensor.size_bytes)
    k, v, state = _cache(header, index)
    window = header.number("attention.sliding_window") if _looks_through_window(header, index) else 0
    return Layer(plain, experts, k, v, window, state, largest, largest_expert)


def _cache(header: Header, index: int) -> tuple[int, int, int]:
    """Give the numbers that a cell of this layer's cache holds for keys and values, and the bytes of its state."""
    if header.architecture in _ENCODERS:
        return 0, 0, 0
    if _is_recurrent(header, index):
        return 0, 0, _state_bytes(header)
    heads = _per_layer(header, "attention.head_count_kv", index + 1, header.number("attention.head_count"))[index]
    values = 0 if header.number("attention.key_length_mla") else heads * _head_width(header, "value_length")
    return heads * _head_width(header, "key_length"), values, 0


def _is_recurrent(header: Header, index: int) -> bool:
    flags = header.numbers("attention.recurrent_layers")
    if len(flags) > index:
        return bool(flags[index])
    if header.architecture in _HYBRIDS_OF_FOUR:
        return (index + 1) % max(1, header.number("full_attention_interval", 4)) != 0
    keeps_state = header.number("ssm.state_size") or header.number("shortconv.l_cache")
    heads = header.numbers("attention.head_count_kv")
    if heads:
        return bool(keeps_state) and len(heads) > index and heads[index] == 0
    return bool(keeps_state) and not header.number("attention.head_count_kv")


def _state_bytes(header: Header) -> int:
    """Give the bytes of one sequence's state: the tail of the convolution and the matrix of each head, as F32."""
    if header.number("shortconv.l_cache"):
        return 4 * header.number("embedding_length") * (header.number("shortconv.l_cache") - 1)
    inner, state, groups = (header.number(f"ssm.{name}") for name in ("inner_size", "state_size", "group_count"))
    tail = max(0, header.number("ssm.conv_kernel") - 1) * (inner + 2 * groups * state)
    return 4 * (tail + inner * state)


def _looks_through_window(header: Header, index: int) -> bool:
    if not header.number("attention.sliding_window"):
        return False
    flags = header.numbers("attention.sliding_window_pattern")
    if len(flags) > index:
        return bool(flags[index])
    every = header.number("attention.sliding_window_pattern")
    if header.architecture in _DENSE_FIRST:
        return index % (every or _DENSE_FIRST[header.architecture]) != 0
    # A window that llama.cpp does not use for this architecture would be an under-estimate: count the whole context.
    every = every if header.architecture in _WINDOW_EVERY and every else _WINDOW_EVERY.get(header.architecture, 0)
    return every > 0 and index % every < every - 1


def _per_layer(header: Header, name: str, count: int, default: int) -> tuple[int, ...]:
    items = header.numbers(name)
    if items:
        return (*items, *([items[-1]] * count))[:count]
    return (header.number(name, default),) * count


def _expert_feed_forward(header: Header) -> int:
    said = header.number("expert_feed_forward_length")
    return said or header.number("feed_forward_length") // max(1, header.number("expert_used_count"))


def _head_width(header: Header, name: str) -> int:
    heads = max(_per_layer(header, "attention.head_count", 1, 1)[0], 1)
    return header.number(f"attention.{name}") or header.number("embedding_length") // heads


def _padded(cells: int) -> int:
    return -(-cells // CELL_PADDING) * CELL_PADDING
