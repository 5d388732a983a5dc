"""Layers and experts land where the plan says, and a model says the same wherever it lies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from model.made_gguf import hollow_gguf

from vaultc.model.file.gguf import read_header
from vaultc.model.file.known import KnownModel
from vaultc.model.file.recipes import header_of
from vaultc.model.file.shape import shape_of
from vaultc.model.file.spec import starter_model
from vaultc.model.fit.hardware import Gpu, Machine
from vaultc.model.fit.offload import OffloadPlan, Wishes, plan_shape, tensor_overrides

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ask = Callable[..., list[dict[str, Any]]]

MIB = 1 << 20
TINY = KnownModel(
    "tiny", "qwen3moe", 0.0, 6, 256, 8, 2, 32, 256, 512, 1024, "made for this test", "nothing", ("Q8_0",),
    experts=8, experts_used=2,
)  # fmt: skip


def fill(path: Path) -> None:
    """Put small random weights into the hole, so that the model says something of its own."""
    header = read_header(path)
    random = np.random.default_rng(7)
    with path.open("r+b") as file:
        for tensor in header.tensors:
            file.seek(header.data_offset + tensor.offset)
            if tensor.type_name == "F32":
                values = random.normal(1.0, 0.05, tensor.weights) if "norm" in tensor.name else None
                values = random.normal(0, 0.3, tensor.weights) if values is None else values
                file.write(values.astype("<f4").tobytes())
            else:
                file.write(_rounded(random.normal(0, 0.08, tensor.weights)))


def _rounded(values: Any) -> bytes:
    """Give numbers as Q8_0: for each 32 a scale as F16 and 32 bytes."""
    blocks = values.reshape(-1, 32)
    scales = (np.abs(blocks).max(axis=1) / 127).astype("<f2")
    numbers = np.rint(blocks / scales.astype("f4")[:, None]).clip(-127, 127).astype("i1")
    return b"".join(scale.tobytes() + row.tobytes() for scale, row in zip(scales, numbers, strict=True))


def job_of(path: Path, plan: OffloadPlan, prompt: Any, count: int) -> dict[str, Any]:
    return {
        "path": str(path),
        "n_ctx": plan.n_ctx,
        "n_ubatch": plan.n_ubatch,
        "kv_type": plan.kv_type,
        "gpu_layers": plan.gpu_layers,
        "patterns": list(tensor_overrides(plan)),
        "tensor_split": list(plan.tensor_split),
        "op_offload": plan.op_offload,
        "prompt": prompt,
        "generate": count,
    }


def plans(path: Path, bytes_free: list[int]) -> list[OffloadPlan]:
    """Plan for cards of these sizes; the margin for a real card's driver is given on top."""
    shape = shape_of(read_header(path))
    machines = [Machine((Gpu("PRETEND0", free + (1 << 30)),) if free else (), 1 << 36, 4) for free in bytes_free]
    return [plan_shape(shape, machine, Wishes(256, "f16", batch=64)) for machine in machines]


def check_obeyed(plan: OffloadPlan, answer: dict[str, Any], tensors: int) -> None:
    """Check that each layer lies where the plan says, and that each device holds the bytes it says."""
    first = plan.layers + 1 - plan.gpu_layers if plan.gpu_layers else plan.layers
    for layer in range(plan.layers):
        assert answer["layers"][str(layer)].startswith("PRETEND" if layer >= first else "CPU"), layer
    in_vram = sum(weights for _, in_ram, weights, _, _ in answer["buffers"] if not in_ram)
    in_ram = sum(weights for _, in_ram, weights, _, _ in answer["buffers"] if in_ram)
    spare = 128 * tensors
    assert abs(sum(use.weights_bytes for use in plan.devices[:-1]) - in_vram) <= spare
    assert abs(plan.ram_use.weights_bytes - in_ram) <= spare


def test_experts_land_where_the_plan_says_and_the_text_stays(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    hollow_gguf(path, header_of(TINY, "Q8_0"))
    fill(path)
    shape = shape_of(read_header(path))
    dense = shape.weights_bytes - sum(layer.all_expert_bytes for layer in shape.layers)
    experts = shape.layers[0].all_expert_bytes
    base = dense + 3 * MIB + shape.kv_bytes(256, "f16", 64)
    made = plans(path, [0, 1 << 20, base + experts // 2, base + 2 * experts + experts // 2, 1 << 30])
    prompt = [(37 * at) % 509 for at in range(80)]

    answers = ask([job_of(path, plan, prompt, 24) for plan in made], "4000")

    kinds = {(plan.gpu_layers, len(plan.ram_experts)) for plan in made}
    assert len(kinds) >= 4, kinds
    assert any(0 < len(plan.ram_experts) < plan.layers for plan in made)
    for plan, answer in zip(made, answers, strict=True):
        check_obeyed(plan, answer, len(read_header(path).tensors))
    assert len({tuple(answer["tokens"]) for answer in answers}) == 1
    assert len(set(answers[0]["tokens"])) > 3, "the model repeats itself: a difference would not show"


def test_two_cards_share_the_layers_as_the_plan_says(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    hollow_gguf(path, header_of(replace(TINY, layers=8), "Q8_0"))
    fill(path)
    shape = shape_of(read_header(path))
    layer = shape.layers[0].weights_bytes + shape.layers[0].all_expert_bytes
    cards = tuple(Gpu(f"PRETEND{at}", (1 << 30) + 3 * layer + 2 * MIB + at * 64 * MIB) for at in range(2))
    plan = plan_shape(shape, Machine(cards, 1 << 36, 4), Wishes(256, "f16", batch=64))
    prompt = [(31 * at) % 509 for at in range(70)]
    alone = plan_shape(shape, Machine((), 1 << 36, 4), Wishes(256, "f16", batch=64))

    apart, together = ask([job_of(path, plan, prompt, 12), job_of(path, alone, prompt, 12)], "4000,4000")

    assert len(plan.tensor_split) == 2
    assert all(plan.tensor_split)
    assert sum(plan.tensor_split) == plan.layers + 1
    on_first = [number for number, device in apart["layers"].items() if device == "PRETEND0"]
    assert len(on_first) == plan.tensor_split[0]
    assert apart["tokens"] == together["tokens"]


@pytest.mark.model
def test_the_starter_model_says_the_same_wherever_its_layers_lie(ask: Ask) -> None:
    path = starter_model()
    if path is None:
        pytest.skip("the starter model is not installed")
    shape = shape_of(read_header(path))
    layer = shape.layers[0].weights_bytes + shape.layers[0].kv_bytes(256, "f16", 64)
    base = shape.output_bytes + 40 * MIB
    made = plans(path, [0, base + 5 * layer, base + 17 * layer, 1 << 30])

    answers = ask([job_of(path, plan, "The old lighthouse stood at the edge of", 16) for plan in made], "4000")

    assert len({plan.gpu_layers for plan in made}) == 4
    for plan, answer in zip(made, answers, strict=True):
        check_obeyed(plan, answer, len(read_header(path).tensors))
    assert len({tuple(answer["tokens"]) for answer in answers}) == 1
