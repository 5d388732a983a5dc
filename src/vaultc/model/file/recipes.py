"""The header that a known model has at a quant: the tensors of its architecture, typed as llama.cpp's recipes do.

Published files vary in their recipe by a few per cent, so a plan for a file at hand reads that file's header instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.model.file.gguf import Header
from vaultc.model.file.tensors import CODES, TensorInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.model.file.known import KnownModel

_FULL_EVERY = 4  # a hybrid's layers that attend
_KERNEL = 4  # width of a linear layer's convolution
_STATE = 128  # width of one head of its state
_BASE = {"Q8_0": "Q8_0", "Q6_K": "Q6_K", "Q5_K_M": "Q5_K", "Q4_K_M": "Q4_K", "Q3_K_M": "Q3_K", "Q2_K": "Q2_K",
         "BF16": "BF16"}  # fmt: skip
_DOWN = {"Q3_K_M": "Q4_K", "Q2_K": "Q3_K"}
_ATTENTION_OUT = {"Q3_K_M": "Q4_K", "Q2_K": "Q3_K"}
_FUSED = {"Q3_K_M": "Q4_K", "Q4_K_M": "Q5_K", "Q5_K_M": "Q6_K"}


def header_of(model: KnownModel, quant: str) -> Header:
    """Give the header of `model` at `quant`, one of its quants; its path is a name only."""
    tensors = []
    offset = 0
    shapes = list(_tensors(model))
    value_layers = [name for name, _ in shapes if ".attn_v." in name or ".attn_qkv." in name]
    for name, shape in shapes:
        kind = CODES[_type(model, quant, name, shape, value_layers)]
        tensor = TensorInfo(name, shape, kind, offset)
        tensors.append(tensor)
        offset += -(-tensor.size_bytes // 32) * 32
    parameters = sum(tensor.weights for tensor in tensors)
    values = _values(model, quant)
    path = Path(f"{model.name}-{quant}.gguf")
    return Header(path, offset, 3, values, {}, len(tensors), parameters, 0, tuple(tensors), ())


def _values(model: KnownModel, quant: str) -> dict[str, Any]:
    own: dict[str, Any] = {
        "block_count": model.layers,
        "context_length": model.context,
        "embedding_length": model.width,
        "feed_forward_length": model.feed_forward,
        "attention.head_count": model.heads,
        "attention.head_count_kv": model.kv_heads,
        "attention.key_length": model.head_width,
        "attention.value_length": model.head_width,
        "attention.layer_norm_rms_epsilon": 1e-6,
        "rope.dimension_count": model.head_width // 4 if model.linear else model.head_width,
        "vocab_size": model.vocabulary,
    }
    if model.experts:
        own |= {"expert_count": model.experts, "expert_used_count": model.experts_used}
        own["expert_feed_forward_length"] = model.feed_forward
    if model.shared_feed_forward:
        own["expert_shared_feed_forward_length"] = model.shared_feed_forward
    if model.window:
        own["attention.sliding_window"] = model.window
    if model.linear:
        width, heads, groups = model.linear
        own |= {"ssm.conv_kernel": _KERNEL, "ssm.inner_size": width, "ssm.state_size": _STATE}
        own |= {"ssm.time_step_rank": heads, "ssm.group_count": groups, "full_attention_interval": _FULL_EVERY}
    general = {"general.architecture": model.architecture, "general.name": f"{model.name} {quant}"}
    return general | {f"{model.architecture}.{key}": value for key, value in own.items()}


def _tensors(model: KnownModel) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "token_embd.weight", (model.width, model.vocabulary)
    yield "output_norm.weight", (model.width,)
    if not model.tied:
        yield "output.weight", (model.width, model.vocabulary)
    if model.architecture == "llama":
        yield "rope_freqs.weight", (model.head_width // 2,)
    for layer in range(model.layers):
        linear = model.linear is not None and (layer + 1) % _FULL_EVERY != 0
        parts = [*(_linear(model) if linear else _attention(model)), *_feed_forward(model)]
        yield from ((f"blk.{layer}.{name}", shape) for name, shape in parts)


def _attention(model: KnownModel) -> Iterator[tuple[str, tuple[int, ...]]]:
    width, queries, keys = model.width, model.heads * model.head_width, model.kv_heads * model.head_width
    yield "attn_norm.weight", (width,)
    yield "attn_q.weight", (width, queries * (2 if model.linear else 1))  # a hybrid gates its attention
    yield "attn_k.weight", (width, keys)
    yield "attn_v.weight", (width, keys)
    yield "attn_output.weight", (queries, width)
    if model.architecture == "gpt-oss":
        yield from (("attn_q.bias", (queries,)), ("attn_k.bias", (keys,)), ("attn_v.bias", (keys,)))
        yield from (("attn_output.bias", (width,)), ("attn_sinks.weight", (model.heads,)))
    elif model.architecture != "llama":
        yield from (("attn_q_norm.weight", (model.head_width,)), ("attn_k_norm.weight", (model.head_width,)))


def _linear(model: KnownModel) -> Iterator[tuple[str, tuple[int, ...]]]:
    assert model.linear is not None
    width, (inner, heads, groups) = model.width, model.linear
    keys = _STATE * groups
    yield "attn_norm.weight", (width,)
    yield "attn_qkv.weight", (width, 2 * keys + inner)
    yield "attn_gate.weight", (width, inner)
    yield "ssm_conv1d.weight", (_KERNEL, 2 * keys + inner)
    yield from (("ssm_dt.bias", (heads,)), ("ssm_a", (heads,)))
    if model.architecture == "qwen3next":
        yield "ssm_ba.weight", (width, 2 * heads)
    else:
        yield from (("ssm_beta.weight", (width, heads)), ("ssm_alpha.weight", (width, heads)))
    yield from (("ssm_norm.weight", (_STATE,)), ("ssm_out.weight", (inner, width)))


def _feed_forward(model: KnownModel) -> Iterator[tuple[str, tuple[int, ...]]]:
    width, inner, experts, shared = model.width, model.feed_forward, model.experts, model.shared_feed_forward
    after = model.linear is not None or model.architecture == "gpt-oss"
    yield "post_attention_norm.weight" if after else "ffn_norm.weight", (width,)
    if not experts:
        yield from (("ffn_gate.weight", (width, inner)), ("ffn_up.weight", (width, inner)))
        yield "ffn_down.weight", (inner, width)
        return
    yield "ffn_gate_inp.weight", (width, experts)
    yield from (("ffn_gate_exps.weight", (width, inner, experts)), ("ffn_up_exps.weight", (width, inner, experts)))
    yield "ffn_down_exps.weight", (inner, width, experts)
    if model.architecture == "gpt-oss":
        yield from (("ffn_gate_inp.bias", (experts,)), ("ffn_gate_exps.bias", (inner, experts)))
        yield from (("ffn_up_exps.bias", (inner, experts)), ("ffn_down_exps.bias", (width, experts)))
    if shared:
        yield "ffn_gate_inp_shexp.weight", (width,)
        yield from (("ffn_gate_shexp.weight", (width, shared)), ("ffn_up_shexp.weight", (width, shared)))
        yield "ffn_down_shexp.weight", (shared, width)


def _type(model: KnownModel, quant: str, name: str, shape: tuple[int, ...], value_layers: list[str]) -> str:
    small = len(shape) < 2 or not name.endswith(".weight") or "_norm." in name
    if small or "ffn_gate_inp." in name or "ssm_conv1d" in name:
        return "F32"
    if quant == "MXFP4":
        return "MXFP4" if len(shape) == 3 else "Q8_0"
    base = _BASE[quant]
    chosen = base if quant in ("BF16", "Q8_0") else _k_quant(model, quant, name, value_layers)
    return chosen if chosen[-2:] != "_K" or shape[0] % 256 == 0 else "Q8_0"


def _k_quant(model: KnownModel, quant: str, name: str, value_layers: list[str]) -> str:
    """Give the type that llama.cpp's mixtures choose: more bits for the output, values and some layers' ffn_down."""
    base = _BASE[quant]
    layer = TensorInfo(name, (), 0).layer
    if name == "output.weight" or (model.tied and name == "token_embd.weight"):
        return "Q6_K"
    if ".attn_v." in name:
        return _value_type(model, quant, value_layers.index(name), len(value_layers))
    if ".attn_qkv." in name:
        return _FUSED.get(quant, base)
    if ".attn_output." in name:
        return _ATTENTION_OUT.get(quant, base)
    if ".ffn_down" in name and layer is not None:
        if quant in ("Q4_K_M", "Q5_K_M"):
            return "Q6_K" if _more_bits(layer, model.layers) else base
        if quant == "Q3_K_M" and layer < model.layers // 16:
            return "Q5_K"
        return _DOWN.get(quant, base)
    return base


def _value_type(model: KnownModel, quant: str, index: int, count: int) -> str:
    if quant == "Q2_K":
        return "Q4_K" if model.heads >= 4 * model.kv_heads else "Q3_K"
    if quant == "Q3_K_M":
        chosen = "Q5_K" if index < 2 else "Q4_K"
    else:
        chosen = "Q6_K" if quant in ("Q4_K_M", "Q5_K_M") and _more_bits(index, count) else _BASE[quant]
    is_70b = model.architecture == "llama" and model.layers == 80
    return "Q5_K" if is_70b and chosen in ("Q3_K", "Q4_K") else chosen


def _more_bits(layer: int, layers: int) -> bool:
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2
