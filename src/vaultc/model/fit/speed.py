"""Expected throughput: tokens a second of a placement, from how long its bytes take to be read.

Every token reads the weights it uses and the KV behind it once. Time = bytes on GPUs / (their bandwidth x 0.6) +
bytes in RAM / (its bandwidth x 0.75). The shares are assumptions; prefill and the latency of kernels are left out, so
small models that lie wholly in VRAM come out too fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.model.file.shape import ModelShape
    from vaultc.model.fit.hardware import Machine
    from vaultc.model.fit.placement import Placement, ReadBytes

GPU_SHARE = 0.6
RAM_SHARE = 0.75
SHORT = 2048


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second with 2,048 tokens behind and with the context full."""

    at_2k: float
    at_full: float


def expected_speed(shape: ModelShape, machine: Machine, reading: ReadBytes, placement: Placement) -> Speed:
    """Give the expected tokens a second of a placement."""
    return Speed(
        *(
            1 / _seconds(shape, machine, reading, placement, min(filled, reading.n_ctx))
            for filled in (SHORT, reading.n_ctx)
        )
    )


def read_bytes(shape: ModelShape, reading: ReadBytes, placement: Placement, filled: int) -> tuple[int, int]:
    """Give the bytes that one token reads on GPUs and in RAM with `filled` tokens behind it."""
    share = shape.experts_used / shape.experts if shape.experts and shape.is_mixture else 1.0
    gpu = ram = 0.0
    for index, layer in enumerate(shape.layers):
        away = placement.ram_experts.get(index, ())
        in_ram = sum(layer.expert_bytes[part] for part in away) * share
        whole = layer.weights_bytes + layer.all_expert_bytes * share + layer.read_bytes(filled, reading.kv_type)
        if index >= placement.first:
            gpu, ram = gpu + whole - in_ram, ram + in_ram
        else:
            ram += whole
    return (
        (int(gpu + shape.output_bytes), int(ram))
        if placement.with_output
        else (int(gpu), int(ram + shape.output_bytes))
    )


def assumptions(machine: Machine) -> tuple[str, ...]:
    """Name what the expected speed rests on."""
    gpu = min((each.bandwidth for each in machine.gpus), default=0)
    parts = [f"RAM reads {machine.ram_bandwidth / 1e9:.0f} GB/s, of which {RAM_SHARE:.0%} are reached"]
    if gpu:
        parts.insert(0, f"the GPU reads {gpu / 1e9:,.0f} GB/s, of which {GPU_SHARE:.0%} are reached")
    parts.append("one token reads the weights it uses and the KV behind it once; prefill and kernel latency left out")
    return tuple(parts)


def _seconds(shape: ModelShape, machine: Machine, reading: ReadBytes, placement: Placement, filled: int) -> float:
    gpu, ram = read_bytes(shape, reading, placement, filled)
    seconds = ram / (machine.ram_bandwidth * RAM_SHARE)
    if machine.gpus:
        seconds += gpu / (min(each.bandwidth for each in machine.gpus) * GPU_SHARE)
    return max(seconds, 1e-9)
