"""The planner's figures against llama.cpp's own, for models of real shapes whose weights are a hole in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from model.made_gguf import hollow_gguf

from vaultc.model.file.gguf import read_header
from vaultc.model.file.known import known_model
from vaultc.model.file.recipes import header_of
from vaultc.model.fit.hardware import Gpu, Machine
from vaultc.model.fit.offload import OffloadPlan, Wishes, plan_model, tensor_overrides

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vaultc.model.file.gguf import Header

    Ask = Callable[..., list[dict[str, Any]]]

MIB = 1 << 20
FREE_MIB = 96_500
MARGIN = 1 << 30
NEAR = 64 * MIB
ALIGNMENT = 128  # of a tensor in a buffer

# name and quant, context, type of KV, MiB free on each GPU
CASES = [
    ("Qwen3-30B-A3B:Q8_0", 32768, "f16", (FREE_MIB,)),
    ("Qwen3-30B-A3B:Q8_0", 32768, "f16", (12_000,)),
    ("Qwen3-235B-A22B:Q4_K_M", 32768, "f16", (FREE_MIB,)),
    ("Qwen3-235B-A22B:Q6_K", 131072, "q8_0", (FREE_MIB,)),
    ("Qwen3-Coder-480B-A35B:Q2_K", 32768, "f16", (FREE_MIB,)),
    ("Qwen3-Coder-480B-A35B:Q3_K_M", 32768, "f16", (FREE_MIB,)),
    ("Qwen3-32B:Q8_0", 32768, "f16", (FREE_MIB,)),
    ("Qwen3-32B:Q8_0", 32768, "f16", (24_000,)),
    ("Llama-3.3-70B:Q8_0", 32768, "f16", (FREE_MIB,)),
    ("Llama-3.3-70B:Q8_0", 131072, "f16", (FREE_MIB,)),
    ("Llama-3.3-70B:Q4_K_M", 32768, "q8_0", (24_000, 24_000)),
    ("gpt-oss-120b:MXFP4", 131072, "f16", (FREE_MIB,)),
    ("gpt-oss-120b:MXFP4", 32768, "f16", (32_000,)),
    ("Qwen3.5-122B-A10B:Q8_0", 32768, "f16", (FREE_MIB,)),
    ("Qwen3.5-397B-A17B:Q3_K_M", 32768, "f16", (FREE_MIB,)),
    ("Qwen3-235B-A22B:Q4_K_M", 32768, "f16", (48_000, 48_000)),
    ("Qwen3.8-27B:Q6_K", 32768, "f16", (FREE_MIB,)),
    ("Qwen3-Next-80B-A3B:Q6_K", 32768, "f16", (FREE_MIB,)),
    ("Qwen3-Embedding-0.6B:Q8_0", 8192, "f16", (FREE_MIB,)),
]


@pytest.fixture(scope="module")
def hollow(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Write a known model as a file whose weights are a hole, once."""
    folder = tmp_path_factory.mktemp("hollow")

    def written(name: str) -> Path:
        path = folder / f"{name.replace(':', '-')}.gguf"
        found = known_model(name)
        assert found is not None
        if not path.exists():
            hollow_gguf(path, header_of(*found))
        return path

    return written


def planned(header: Header, gpus: tuple[int, ...], context: int, kv_type: str) -> OffloadPlan:
    machine = Machine(tuple(Gpu(f"GPU {at}", mib * MIB) for at, mib in enumerate(gpus)), 1 << 40, 16)
    return plan_model(header, machine, Wishes(context, kv_type, batch=512))


def job_of(path: Path, plan: OffloadPlan) -> dict[str, Any]:
    return {
        "path": str(path),
        "n_ctx": plan.n_ctx,
        "n_ubatch": plan.n_ubatch,
        "kv_type": plan.kv_type,
        "gpu_layers": plan.gpu_layers,
        "patterns": list(tensor_overrides(plan)),
        "tensor_split": list(plan.tensor_split),
        "op_offload": plan.op_offload,
    }


def by_device(answer: dict[str, Any]) -> list[list[int]]:
    """Give weights, KV and compute of each GPU in order, the RAM last."""
    found: dict[str, list[int]] = {}
    for name, in_ram, *sizes in answer["buffers"]:
        key = "RAM" if in_ram else name
        found[key] = [a + b for a, b in zip(found.get(key, [0, 0, 0]), sizes, strict=True)]
    ram = found.pop("RAM")
    return [*(found[name] for name in sorted(found)), ram]


def test_the_shape_in_a_file_is_the_shape_that_was_written(hollow: Callable[[str], Path]) -> None:
    found = known_model("Qwen3.5-122B-A10B:Q4_K_M")
    assert found is not None
    made = header_of(*found)

    header = read_header(hollow("Qwen3.5-122B-A10B:Q4_K_M"))

    assert header.tensors == made.tensors
    assert header.parameters == made.parameters
    assert planned(header, (FREE_MIB,), 32768, "f16") == planned(made, (FREE_MIB,), 32768, "f16")


def test_weights_and_kv_are_llama_cpp_s_own_and_compute_is_near(ask: Ask, hollow: Callable[[str], Path]) -> None:
    by_gpus: dict[tuple[int, ...], list[tuple[str, Path, OffloadPlan]]] = {}
    for name, context, kv_type, gpus in CASES:
        path = hollow(name)
        plan = planned(read_header(path), gpus, context, kv_type)
        by_gpus.setdefault(gpus, []).append((name, path, plan))

    wrong: list[Any] = []
    for gpus, cases in by_gpus.items():
        answers = ask([job_of(path, plan) for _, path, plan in cases], ",".join(map(str, gpus)))
        for (name, path, plan), answer in zip(cases, answers, strict=True):
            spare = ALIGNMENT * read_header(path).tensor_count
            for use, (weights, kv, compute) in zip(plan.devices, by_device(answer), strict=True):
                if abs(use.weights_bytes - weights) > spare or use.kv_bytes != kv:
                    wrong.append((name, gpus, use, weights, kv))
                if abs(use.compute_bytes - compute) > max(NEAR, 0.05 * compute):
                    wrong.append((name, gpus, use, compute))
    assert wrong == []


def test_no_placement_is_worse_than_llama_cpp_s_own(ask: Ask, hollow: Callable[[str], Path]) -> None:
    cases = [case for case in CASES if case[3] == (FREE_MIB,)]
    jobs = []
    for name, context, kv_type, gpus in cases:
        path = hollow(name)
        job = job_of(path, planned(read_header(path), gpus, context, kv_type))
        jobs += [job, {**job, "fit": True, "margin": MARGIN}]

    answers = ask(jobs)

    if answers[1].get("fit", 0) is None:
        pytest.skip("this llama.cpp does not let its own choice be asked for")
    for case, ours, theirs in zip(cases, answers[::2], answers[1::2], strict=True):
        assert theirs["fit"] == 0, case
        mine, own = by_device(ours)[0], by_device(theirs)[0]
        assert mine[0] >= own[0], (case, "weights in VRAM")
        assert sum(mine) <= FREE_MIB * MIB - MARGIN + max(NEAR, 0.05 * mine[2]), (case, "room left")
