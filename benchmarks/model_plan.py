"""Writes the table of docs/model-plan.md: the planner's figures, and beside them what llama.cpp itself chooses.

`python -m benchmarks.model_plan` needs a C++ compiler, for the GPU that only pretends to be one (tests/model/llama).
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from vaultc.model.file.known import known_model
from vaultc.model.file.recipes import header_of
from vaultc.model.fit.hardware import Gpu, Machine
from vaultc.model.fit.offload import OffloadPlan, Wishes, plan_model, tensor_overrides

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "model-plan.md"
BEGIN, END = "<!-- begin: table -->", "<!-- end: table -->"
LLAMA = ROOT / "tests" / "model" / "llama"
MIB, GIB = 1 << 20, 1 << 30
FREE_MIB = 96_500  # what a card of 96 GB has free
MARGIN = 1 << 30
RAM_SIZES = (132, 192, 512)  # GB
KEPT = 0.9

ROWS = (
    ("Qwen3-30B-A3B", ("BF16", "Q8_0")),
    ("Qwen3.5-35B-A3B", ("BF16", "Q8_0")),
    ("Qwen3-Next-80B-A3B", ("Q8_0", "Q6_K")),
    ("gpt-oss-120b", ("MXFP4",)),
    ("Qwen3-32B", ("BF16", "Q8_0")),
    ("Qwen3.8-27B", ("BF16", "Q8_0")),
    ("Llama-3.3-70B", ("Q8_0", "Q6_K")),
    ("Qwen3.5-122B-A10B", ("Q8_0", "Q6_K", "Q4_K_M")),
    ("Qwen3-235B-A22B", ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M")),
    ("Qwen3.5-397B-A17B", ("Q8_0", "Q6_K", "Q4_K_M", "Q3_K_M")),
    ("Qwen3-Coder-480B-A35B", ("Q8_0", "Q6_K", "Q4_K_M", "Q3_K_M", "Q2_K")),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = _table(Path(folder))
    text = PAGE.read_text("utf-8")
    head, rest = text.split(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", "utf-8")


def _table(folder: Path) -> str:
    sys.path.insert(0, str(ROOT / "tests"))
    from model.made_gguf import hollow_gguf

    machine = Machine((Gpu("GPU 0", FREE_MIB * MIB),), 1 << 42, 16)
    plans: list[tuple[str, str, OffloadPlan]] = []
    jobs: list[dict[str, Any]] = []
    for name, quants in ROWS:
        for quant in quants:
            found = known_model(f"{name}:{quant}")
            assert found is not None
            header = header_of(*found)
            path = folder / header.path.name
            hollow_gguf(path, header)
            wishes = [Wishes(context, "f16", batch=512) for context in (32768, 131072)]
            if not _is_light(plan_model(header, machine, wishes[1])):
                wishes.append(Wishes(131072, "q8_0", batch=512))
            for wish in wishes:
                plan = plan_model(header, machine, wish)
                plans.append((name, f"{quant}, {header.size_bytes / GIB:.1f}", plan))
                job = {"path": str(path), "n_ctx": plan.n_ctx, "n_ubatch": 512, "kv_type": plan.kv_type}
                jobs += [
                    {**job, "gpu_layers": plan.gpu_layers, "patterns": list(tensor_overrides(plan))},
                    {**job, "fit": True, "margin": MARGIN},
                ]
    answers = _asked(_compiled(folder), jobs)
    head = (
        "| model | quant, GiB | context, KV | expert layers in RAM | VRAM by vaultc | the same by llama.cpp | "
        "llama.cpp's own choice | RAM GiB | 132 GB | 192 GB | 512 GB | tokens/s |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|"
    )
    lines = [
        _row(name, quant, plan, ours, theirs)
        for (name, quant, plan), ours, theirs in zip(plans, answers[::2], answers[1::2], strict=True)
    ]
    return "\n".join([head, *lines])


def _is_light(plan: OffloadPlan) -> bool:
    return not plan.ram_experts and plan.gpu_layers > plan.layers


def _row(name: str, quant: str, plan: OffloadPlan, ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    use = plan.devices[0]
    mine = f"{use.weights_bytes / MIB:,.0f} + {use.kv_bytes / MIB:,.0f} + {use.compute_bytes / MIB:,.0f}"
    layers = str(len(plan.ram_experts) or "-")
    if plan.gpu_layers <= plan.layers:
        whole = plan.layers + 1 - plan.gpu_layers
        layers = f"{whole} whole layer{'s' if whole > 1 else ''}"
    ram = plan.ram_use.used_bytes
    fits = ["yes" if ram <= size * 10**9 * KEPT else "no" for size in RAM_SIZES]
    context = f"{plan.n_ctx // 1024}k {plan.kv_type}"
    speed = f"{plan.speed.at_2k:.0f} / {plan.speed.at_full:.0f}"
    cells = (name, quant, context, layers, mine, _in_vram(ours), _in_vram(theirs), f"{ram / GIB:.1f}", *fits, speed)
    return f"| {' | '.join(cells)} |"


def _in_vram(answer: dict[str, Any]) -> str:
    for _, in_ram, weights, kv, compute in answer.get("buffers", ()):
        if not in_ram:
            return f"{weights / MIB:,.0f} + {kv / MIB:,.0f} + {compute / MIB:,.0f}"
    return "not found"


def _compiled(folder: Path) -> Path:
    found = importlib.util.find_spec("llama_cpp")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    built = folder / "libpretend.so"
    command: list[str | Path] = ["c++", "-std=c++17", "-O1", "-shared", "-fPIC", f"-I{package.parent / 'include'}"]
    command += [LLAMA / "pretend_gpu.cpp", "-o", built, f"-L{package / 'lib'}", "-lllama", "-lggml", "-lggml-base"]
    subprocess.run(command, check=True)
    return built


def _asked(pretend: Path, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    question = json.dumps({"pretend": str(pretend), "devices": str(FREE_MIB), "jobs": jobs})
    done = subprocess.run(
        [sys.executable, LLAMA / "measure.py"], input=question, stdout=subprocess.PIPE, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


if __name__ == "__main__":
    main()
