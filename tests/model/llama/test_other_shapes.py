"""Shapes that no known model has: latent attention, windows in five of six layers, heads for drafts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from model.llama.test_against_llama import NEAR, by_device, job_of
from model.made_gguf import hollow_gguf

from vaultc.model.file.gguf import Header, read_header
from vaultc.model.file.known import known_model
from vaultc.model.file.recipes import header_of
from vaultc.model.file.tensors import CODES, TensorInfo
from vaultc.model.fit.hardware import Gpu, Machine
from vaultc.model.fit.offload import Wishes, plan_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Ask = Callable[..., list[dict[str, Any]]]

Shapes = "list[tuple[str, tuple[int, ...]]]"
MIB = 1 << 20


def header(architecture: str, values: dict[str, Any], shapes: Iterable[tuple[str, tuple[int, ...]]]) -> Header:
    """Give a header with matrices in Q8_0 and the rest in F32."""
    tensors: list[TensorInfo] = []
    offset = 0
    for name, shape in shapes:
        tensor = TensorInfo(name, shape, CODES["Q8_0" if len(shape) > 1 and "gate_inp" not in name else "F32"], offset)
        offset += -(-tensor.size_bytes // 32) * 32
        tensors.append(tensor)
    keys = {"general.architecture": architecture, f"{architecture}.attention.layer_norm_rms_epsilon": 1e-6}
    keys |= {f"{architecture}.{key}": value for key, value in values.items()}
    weights = sum(tensor.weights for tensor in tensors)
    return Header(Path("made.gguf"), offset, 3, keys, {}, len(tensors), weights, 0, tuple(tensors), ())


def latent() -> Header:
    """The shape of DeepSeek-V3: 671 B."""
    width, heads, experts, inner = 7168, 128, 256, 2048
    values = {
        "block_count": 61, "context_length": 163840, "embedding_length": width, "feed_forward_length": 18432,
        "attention.head_count": heads, "attention.head_count_kv": 1, "attention.key_length": 576,
        "attention.value_length": 512, "attention.key_length_mla": 192, "attention.value_length_mla": 128,
        "attention.q_lora_rank": 1536, "attention.kv_lora_rank": 512, "leading_dense_block_count": 3,
        "expert_count": experts, "expert_used_count": 8, "expert_shared_count": 1, "expert_gating_func": 2,
        "expert_feed_forward_length": inner, "rope.dimension_count": 64, "vocab_size": 129280,
    }  # fmt: skip
    shapes: list[tuple[str, tuple[int, ...]]] = [
        ("token_embd.weight", (width, 129280)), ("output_norm.weight", (width,)), ("output.weight", (width, 129280)),
    ]  # fmt: skip
    for layer in range(61):
        own: list[tuple[str, tuple[int, ...]]] = [
            ("attn_norm.weight", (width,)), ("attn_q_a_norm.weight", (1536,)), ("attn_kv_a_norm.weight", (512,)),
            ("attn_q_a.weight", (width, 1536)), ("attn_q_b.weight", (1536, heads * 192)),
            ("attn_kv_a_mqa.weight", (width, 576)), ("attn_k_b.weight", (128, 512, heads)),
            ("attn_v_b.weight", (512, 128, heads)), ("attn_output.weight", (heads * 128, width)),
            ("ffn_norm.weight", (width,)),
        ]  # fmt: skip
        if layer < 3:
            own += [("ffn_gate.weight", (width, 18432)), ("ffn_up.weight", (width, 18432))]
            own += [("ffn_down.weight", (18432, width))]
        else:
            own += [("ffn_gate_inp.weight", (width, experts)), ("exp_probs_b.bias", (experts,))]
            own += [("ffn_gate_exps.weight", (width, inner, experts)), ("ffn_up_exps.weight", (width, inner, experts))]
            own += [("ffn_down_exps.weight", (inner, width, experts)), ("ffn_down_shexp.weight", (inner, width))]
            own += [("ffn_gate_shexp.weight", (width, inner)), ("ffn_up_shexp.weight", (width, inner))]
        shapes += [(f"blk.{layer}.{name}", shape) for name, shape in own]
    return header("deepseek2", values, shapes)


def windowed() -> Header:
    """The shape of Gemma 3 27B: five layers look through a window of 1,024, the sixth at all."""
    width, inner, vocabulary = 5376, 21504, 262144
    values = {
        "block_count": 62, "context_length": 131072, "embedding_length": width, "feed_forward_length": inner,
        "attention.head_count": 32, "attention.head_count_kv": 16, "attention.key_length": 128,
        "attention.value_length": 128, "attention.sliding_window": 1024, "vocab_size": vocabulary,
    }  # fmt: skip
    shapes: list[tuple[str, tuple[int, ...]]] = [
        ("token_embd.weight", (width, vocabulary)), ("output_norm.weight", (width,)),
    ]  # fmt: skip
    for layer in range(62):
        own: list[tuple[str, tuple[int, ...]]] = [
            ("attn_norm.weight", (width,)), ("attn_q.weight", (width, 4096)), ("attn_k.weight", (width, 2048)),
            ("attn_v.weight", (width, 2048)), ("attn_output.weight", (4096, width)), ("attn_q_norm.weight", (128,)),
            ("attn_k_norm.weight", (128,)), ("post_attention_norm.weight", (width,)), ("ffn_norm.weight", (width,)),
            ("ffn_gate.weight", (width, inner)), ("ffn_up.weight", (width, inner)), ("ffn_down.weight", (inner, width)),
            ("post_ffw_norm.weight", (width,)),
        ]  # fmt: skip
        shapes += [(f"blk.{layer}.{name}", shape) for name, shape in own]
    return header("gemma3", values, shapes)


def with_draft_head() -> Header:
    """A hybrid whose last layer is a head for drafts, which is in the file but not loaded."""
    found = known_model("Qwen3.5-35B-A3B:Q8_0")
    assert found is not None
    base = header_of(*found)
    offset = base.size_bytes
    tensors = list(base.tensors)
    for tensor in [tensor for tensor in base.tensors if tensor.layer == 39]:
        tensors.append(replace(tensor, name=tensor.name.replace("blk.39.", "blk.40."), offset=offset))
        offset += -(-tensor.size_bytes // 32) * 32
    for name, shape in (("eh_proj", (4096, 2048)), ("enorm", (2048,)), ("hnorm", (2048,))):
        made = TensorInfo(f"blk.40.nextn.{name}.weight", shape, CODES["F32"], offset)
        tensors.append(made)
        offset += made.size_bytes
    values = {**base.values, "qwen35moe.block_count": 41, "qwen35moe.nextn_predict_layers": 1}
    return replace(base, values=values, tensors=tuple(tensors), tensor_count=len(tensors), size_bytes=offset)


@pytest.mark.parametrize("make", [latent, windowed, with_draft_head])
@pytest.mark.parametrize("free_mib", [96_500, 20_000])
def test_other_shapes_take_what_llama_cpp_says(
    ask: Ask, tmp_path: Path, make: Callable[[], Header], free_mib: int
) -> None:
    path = tmp_path / "made.gguf"
    hollow_gguf(path, make())
    made = read_header(path)
    plan = plan_model(made, Machine((Gpu("GPU 0", free_mib * MIB),), 1 << 41, 8), Wishes(32768, "f16", batch=512))

    (answer,) = ask([job_of(path, plan)], str(free_mib))

    assert "error" not in answer, answer
    for use, (weights, kv, compute) in zip(plan.devices, by_device(answer), strict=True):
        assert abs(use.weights_bytes - weights) <= 128 * made.tensor_count
        assert use.kv_bytes == kv
        assert abs(use.compute_bytes - compute) <= max(NEAR, 0.05 * compute)
