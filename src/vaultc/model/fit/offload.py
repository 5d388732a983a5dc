"""The planner: what of a model lies in VRAM and what in RAM, from its header and the machine.

`plan_model` gives an OffloadPlan, which is what a load needs; `tensor_overrides` gives its patterns for llama.cpp.
What does not fit is refused: `fits` is false, `reason` says by how much, and alternatives.py says what would.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.core.errors import ModelError
from vaultc.model.file.shape import PARTS, ModelShape, shape_of
from vaultc.model.fit.llama_settings import KV_TYPES
from vaultc.model.fit.placement import MARGIN_BYTES, DeviceUse, Placement, ReadBytes, place
from vaultc.model.fit.speed import Speed, assumptions, expected_speed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vaultc.model.file.gguf import Header
    from vaultc.model.fit.hardware import Machine

DEFAULT_CONTEXT = 32_768
_BATCHES = (512, 256, 128)
_LARGE_BATCHES = (2048, 1024)
_LOGICAL_BATCH = 2048
_WORTH_ROUNDING_KV = 1.2  # times faster, for f16 to give way to q8_0
_MAX_CONTEXT = 1 << 24


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of a plan; 0 and an empty text leave it to the planner.

    `context` is in tokens, `batch` the piece that is evaluated at once (llama.cpp's n_ubatch), `kv_type` a ggml type.
    """

    context: int = 0
    kv_type: str = ""
    batch: int = 0
    flash_attn: bool = True


@dataclass(frozen=True, slots=True)
class OffloadPlan:
    """What lies in VRAM and what in RAM, and how the model is then opened.

    `gpu_layers` counts as llama.cpp does: the output layer is one and goes first. `ram_experts` names the parts of the
    experts that lie in RAM although their layer is on a GPU. `tensor_split` is for several GPUs. `devices` ends with
    the RAM. `speed` is what to expect under the `assumptions`.
    """

    fits: bool
    reason: str
    gpu_layers: int
    layers: int
    ram_experts: tuple[tuple[int, tuple[str, ...]], ...]
    tensor_split: tuple[int, ...]
    op_offload: bool
    n_ctx: int
    n_batch: int
    n_ubatch: int
    kv_type: str
    flash_attn: bool
    devices: tuple[DeviceUse, ...]
    speed: Speed
    assumptions: tuple[str, ...]

    @property
    def expert_layers_in_ram(self) -> tuple[int, ...]:
        """Layers of which some experts lie in RAM, though the rest of the layer is on a GPU."""
        return tuple(layer for layer, _ in self.ram_experts)

    @property
    def vram_bytes(self) -> int:
        """Bytes on all GPUs."""
        return sum(use.used_bytes for use in self.devices[:-1])

    @property
    def ram_use(self) -> DeviceUse:
        """What lies in RAM."""
        return self.devices[-1]


def plan_model(header: Header, machine: Machine, wishes: Wishes | None = None) -> OffloadPlan:
    """Give the plan for a model on a machine.

    Raises:
        ModelError: the header does not say enough, or a wish cannot be (a KV type that ggml does not know).
    """
    return plan_shape(shape_of(header), machine, wishes or Wishes())


def plan_shape(shape: ModelShape, machine: Machine, wishes: Wishes) -> OffloadPlan:
    """Give the plan for a model whose shape is known. Raises ModelError as `plan_model`."""
    context = _context(shape, wishes)
    if wishes.kv_type and wishes.kv_type not in KV_TYPES:
        raise ModelError(f'"{wishes.kv_type}" is no type for KV', hint="f16 is exact, q8_0 half as large")
    if wishes.kv_type or not wishes.flash_attn:
        # A rounded V needs flash attention.
        return _planned(shape, machine, replace(wishes, context=context, kv_type=wishes.kv_type or "f16"))
    exact = _planned(shape, machine, replace(wishes, context=context, kv_type="f16"))
    if exact.fits and not (machine.gpus and _spills(exact)):
        return exact
    rounded = _planned(shape, machine, replace(wishes, context=context, kv_type="q8_0"))
    if rounded.fits and (not exact.fits or rounded.speed.at_full >= _WORTH_ROUNDING_KV * exact.speed.at_full):
        return rounded
    return exact


def tensor_overrides(plan: OffloadPlan) -> tuple[str, ...]:
    """Give the patterns of the tensors that are to lie in RAM, for llama.cpp's `tensor_buft_overrides`."""
    whole = [layer for layer, parts in plan.ram_experts if not parts_left(parts)]
    patterns = [expert_pattern(whole)] if whole else []
    patterns += [expert_pattern([layer], parts) for layer, parts in plan.ram_experts if parts_left(parts)]
    return tuple(patterns)


def expert_pattern(layers: Iterable[int], parts: Sequence[str] = ()) -> str:
    """Give the pattern of the experts of these layers; `parts` of `gate`, `up`, `down`, `gate_up`, all if empty."""
    names = "|".join(parts or ("up", "down", "gate_up", "gate"))
    return rf"blk\.({'|'.join(map(str, layers))})\.ffn_({names})_(ch|)exps"


def last_expert_layers(layers: int, number: int) -> tuple[str, ...]:
    """Give the patterns that keep the experts of the last `number` of `layers` in RAM, as a setting asks for."""
    number = max(0, min(number, layers))
    return (expert_pattern(range(layers - number, layers)),) if number else ()


def parts_left(parts: Sequence[str]) -> tuple[str, ...]:
    """Give the parts of a layer's experts that are not among `parts`."""
    fused = "gate_up" in parts
    return tuple(part for part in PARTS if part not in parts and not (fused and part != "down"))


def _context(shape: ModelShape, wishes: Wishes) -> int:
    if wishes.context < 0 or wishes.context > _MAX_CONTEXT or wishes.batch < 0:
        raise ModelError(f"no plan for a context of {wishes.context} tokens and a batch of {wishes.batch}")
    trained = shape.context_length or DEFAULT_CONTEXT
    return wishes.context or min(trained, DEFAULT_CONTEXT)


def _spills(plan: OffloadPlan) -> bool:
    return bool(plan.ram_experts) or plan.gpu_layers <= plan.layers


def _planned(shape: ModelShape, machine: Machine, wishes: Wishes) -> OffloadPlan:
    """Plan with a given KV type: in pieces of 512, of fewer where that makes it fit, of more where that is free."""
    if wishes.batch:
        return _with_batch(shape, machine, wishes, wishes.batch)
    plan = _with_batch(shape, machine, wishes, _BATCHES[0])
    if not plan.fits:
        smaller = (_with_batch(shape, machine, wishes, batch) for batch in _BATCHES[1:])
        return next((each for each in smaller if each.fits), plan)
    if machine.gpus and not _spills(plan):
        for batch in _LARGE_BATCHES:
            larger = _with_batch(shape, machine, wishes, batch)
            if larger.fits and not _spills(larger):
                return larger
    return plan


def _with_batch(shape: ModelShape, machine: Machine, wishes: Wishes, batch: int) -> OffloadPlan:
    reading = ReadBytes(wishes.context, min(batch, wishes.context), wishes.kv_type, wishes.flash_attn)
    placement, devices = place(shape, machine, reading)
    reason = _reason(devices)
    return OffloadPlan(
        fits=not reason,
        reason=reason,
        gpu_layers=_gpu_layers(shape, placement),
        layers=len(shape.layers) + shape.skipped_layers,
        ram_experts=tuple(sorted(placement.ram_experts.items())),
        tensor_split=placement.split,
        op_offload=placement.op_offload,
        n_ctx=reading.n_ctx,
        n_batch=max(_LOGICAL_BATCH, reading.n_ubatch),
        n_ubatch=reading.n_ubatch,
        kv_type=reading.kv_type,
        flash_attn=reading.flash_attn,
        devices=devices,
        speed=expected_speed(shape, machine, reading, placement),
        assumptions=(*assumptions(machine), *_stated(shape, machine, reading)),
    )


def _gpu_layers(shape: ModelShape, placement: Placement) -> int:
    if not placement.with_output:
        return 0
    return len(shape.layers) - placement.first + shape.skipped_layers + 1


def _reason(devices: tuple[DeviceUse, ...]) -> str:
    ram = devices[-1]
    over = ram.used_bytes - ram.capacity_bytes
    if over <= 0:
        return ""
    needed, there = ram.used_bytes / 2**30, max(0, ram.capacity_bytes) / 2**30
    return f"it needs {needed:.1f} GiB of RAM, and {there:.1f} GiB may be used"


def _stated(shape: ModelShape, machine: Machine, reading: ReadBytes) -> tuple[str, ...]:
    said = list(shape.notes)
    if machine.gpus:
        said.append(f"{MARGIN_BYTES >> 30} GiB is left free on every GPU")
    if len(machine.gpus) > 1:
        said.append("GPUs in the order of nvidia-smi, which CUDA keeps with CUDA_DEVICE_ORDER=PCI_BUS_ID")
    if shape.context_length and reading.n_ctx > shape.context_length:
        said.append(
            f"the model was trained for {shape.context_length:,} tokens: a context of {reading.n_ctx:,} needs YaRN"
        )
    return tuple(said)
