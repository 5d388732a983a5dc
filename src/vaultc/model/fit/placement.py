"""Offloading: where each layer and expert of a model lies, on GPUs or in RAM, and what each device then holds.

The output layer counts as one and goes to the GPU first, then whole layers from the last backwards, as llama.cpp does.
Of a mixture of experts all attention and shared weights go to the GPU, and experts overflow to RAM from the last layer
backwards: the first layers of a hybrid would cost a second copy of an expert tensor (compute.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING

from vaultc.model.fit.compute import Load, gpu_compute_bytes, ram_compute_bytes, ram_only_compute_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vaultc.model.file.shape import Layer, ModelShape
    from vaultc.model.fit.hardware import Machine

MARGIN_BYTES = 1 << 30
"""What is left free on every GPU: CUDA's context, its pools, the screen. llama.cpp leaves as much."""


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """What a device holds, and what it could."""

    name: str
    weights_bytes: int
    kv_bytes: int
    compute_bytes: int
    capacity_bytes: int

    @property
    def used_bytes(self) -> int:
        """Bytes of weights, KV and compute together."""
        return self.weights_bytes + self.kv_bytes + self.compute_bytes


@dataclass(frozen=True, slots=True)
class ReadBytes:
    """How the model runs: context, pieces it is evaluated in, type of its KV, flash attention."""

    n_ctx: int
    n_ubatch: int
    kv_type: str
    flash_attn: bool = True


@dataclass(frozen=True, slots=True)
class Placement:
    """`first` is the first layer on a GPU (all before it lie in RAM), `ram_experts` the parts of experts in RAM.

    `with_output` is whether the output layer lies on a GPU; `split` says how many of llama.cpp's layers, the output
    among them, each GPU takes. Without `op_offload` no weights are copied to a GPU for large batches.
    """

    first: int
    with_output: bool
    ram_experts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    split: tuple[int, ...] = ()
    op_offload: bool = True


def place(shape: ModelShape, machine: Machine, reading: ReadBytes) -> tuple[Placement, tuple[DeviceUse, ...]]:
    """Give the placement that puts most onto the GPUs, and what each device then holds, the RAM last."""
    count = len(shape.layers)

    def tried(placement: Placement) -> tuple[Placement, tuple[DeviceUse, ...]] | None:
        done, devices = holding(shape, machine, reading, placement)
        fits = all(use.used_bytes <= use.capacity_bytes - MARGIN_BYTES for use in devices[:-1])
        return (done, devices) if fits else None

    if machine.gpus:
        if shape.is_mixture:
            found = _with_experts_in_ram(shape, tried)
            if found:
                return found
        experts = {index: _parts(layer) for index, layer in enumerate(shape.layers) if layer.expert_bytes}
        first = _smallest(0, count, lambda at: tried(Placement(at, True, _before(experts, at))) is not None)
        if first is not None:
            found = tried(Placement(first, True, _before(experts, first)))
            if found:
                return found
    return _in_ram(shape, machine, reading)


def _in_ram(shape: ModelShape, machine: Machine, reading: ReadBytes) -> tuple[Placement, tuple[DeviceUse, ...]]:
    """Give the placement with all in RAM; a GPU helps with large batches where the copies fit on it."""
    count = len(shape.layers)
    done, devices = holding(shape, machine, reading, Placement(count, with_output=False))
    if all(use.used_bytes <= use.capacity_bytes - MARGIN_BYTES for use in devices[:-1]):
        return done, devices
    bare = replace(machine, gpus=())
    done, (ram,) = holding(shape, bare, reading, Placement(count, with_output=False, op_offload=False))
    return done, (*(DeviceUse(gpu.name, 0, 0, 0, gpu.free_bytes) for gpu in machine.gpus), ram)


def _before(experts: Mapping[int, tuple[str, ...]], first: int) -> Mapping[int, tuple[str, ...]]:
    """Give the experts of the layers on GPUs: where not even these fit there, they lie in RAM."""
    return {layer: parts for layer, parts in experts.items() if layer >= first}


def _with_experts_in_ram(
    shape: ModelShape, tried: Callable[[Placement], tuple[Placement, tuple[DeviceUse, ...]] | None]
) -> tuple[Placement, tuple[DeviceUse, ...]] | None:
    holders = [index for index, layer in enumerate(shape.layers) if layer.expert_bytes]

    def ending(number: int) -> dict[int, tuple[str, ...]]:
        return {index: _parts(shape.layers[index]) for index in holders[len(holders) - number :]}

    def holds(number: int) -> bool:
        return tried(Placement(0, True, ending(number))) is not None

    # Experts before the first layer that attends cost a second copy: they go to RAM only where nothing else helps.
    attending = next((index for index, layer in enumerate(shape.layers) if layer.k), 0)
    late = sum(index >= attending for index in holders)
    number = _smallest(0, late, holds)
    if number is None:
        number = _smallest(late, len(holders), holds)
    if number is None:
        return None
    if number:
        edge = holders[len(holders) - number]
        for parts in _by_size(shape.layers[edge]):
            found = tried(Placement(0, True, {**ending(number - 1), edge: parts}))
            if found:
                return found
    return tried(Placement(0, True, ending(number)))


def _parts(layer: Layer) -> tuple[str, ...]:
    return tuple(sorted(layer.expert_bytes))


def _by_size(layer: Layer) -> list[tuple[str, ...]]:
    """Give the ways to keep a part of a layer's experts in RAM, the smallest first."""
    names = _parts(layer)
    ways = [chosen for size in range(1, len(names)) for chosen in combinations(names, size)]
    return sorted(ways, key=lambda chosen: (sum(layer.expert_bytes[name] for name in chosen), chosen))


def _smallest(low: int, high: int, holds: Callable[[int], bool]) -> int | None:
    """Give the smallest number in `low..high` for which `holds`, which stays true once it is; None if none."""
    if not holds(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def holding(
    shape: ModelShape, machine: Machine, reading: ReadBytes, placement: Placement
) -> tuple[Placement, tuple[DeviceUse, ...]]:
    """Give what each device holds under a placement, the RAM last, and the placement with its split among the GPUs."""
    on_gpu = list(range(placement.first, len(shape.layers)))
    groups = _divided(shape, machine, reading, placement, on_gpu)
    devices = []
    for index, gpu in enumerate(machine.gpus):
        group, last = groups[index], index == len(machine.gpus) - 1
        weights, kv = _held(shape, reading, placement, group)
        output = shape.output_bytes if last and placement.with_output else 0
        load = _load(shape, reading, placement, group, index, len(machine.gpus))
        compute = gpu_compute_bytes(shape, load, reading.n_ctx, reading.n_ubatch, flash_attn=reading.flash_attn)
        uses_it = bool(group) or output or load.ram_tensor or load.ram_expert
        devices.append(DeviceUse(gpu.name, weights + output, kv, compute if uses_it else 0, gpu.free_bytes))
    devices.append(_ram_use(shape, machine, reading, placement))
    extra = [0] * max(0, len(groups) - 1) + [shape.skipped_layers + int(placement.with_output)]
    split = tuple(len(group) + more for group, more in zip(groups, extra, strict=True)) if len(groups) > 1 else ()
    return replace(placement, split=split), tuple(devices)


def _ram_use(shape: ModelShape, machine: Machine, reading: ReadBytes, placement: Placement) -> DeviceUse:
    below = range(placement.first)
    weights, kv = _held(shape, reading, placement, list(below))
    experts = sum(
        shape.layers[layer].expert_bytes[part]
        for layer, parts in placement.ram_experts.items()
        if layer >= placement.first
        for part in parts
    )
    weights += shape.input_bytes + experts
    if not placement.with_output:
        weights += shape.output_bytes - (shape.input_bytes if shape.tied else 0)
    compute = ram_compute_bytes if machine.gpus else ram_only_compute_bytes
    return DeviceUse("RAM", weights, kv, compute(shape, reading.n_ctx, reading.n_ubatch), machine.ram_bytes)


def _held(shape: ModelShape, reading: ReadBytes, placement: Placement, layers: list[int]) -> tuple[int, int]:
    """Give the bytes of weights and of KV that lie with these layers."""
    weights = kv = 0
    for index in layers:
        layer = shape.layers[index]
        away = placement.ram_experts.get(index, ()) if index >= placement.first else ()
        weights += layer.weights_bytes + layer.all_expert_bytes - sum(layer.expert_bytes[part] for part in away)
        kv += layer.kv_bytes(reading.n_ctx, reading.kv_type, reading.n_ubatch)
    return weights, kv


def _load(shape: ModelShape, reading: ReadBytes, placement: Placement, group: list[int], at: int, gpus: int) -> Load:
    """Say what GPU number `at` computes besides its layers: the last the output, the first all that comes from RAM."""
    last, helps = at == gpus - 1, at == 0
    away = placement.ram_experts if helps else {}
    below = shape.layers[: placement.first] if helps else ()
    attending = next((index for index, layer in enumerate(shape.layers) if layer.k), 0)
    return Load(
        has_output=last and placement.with_output,
        has_layers=bool(group),
        ram_tensor=max((max(layer.largest, layer.largest_expert) for layer in below), default=0),
        ram_expert=max((shape.layers[index].largest_expert for index in away), default=0),
        ram_output=shape.output_bytes if helps and not placement.with_output else 0,
        ram_kv=max((layer.kv_bytes(reading.n_ctx, reading.kv_type, reading.n_ubatch) for layer in below), default=0),
        splits_experts=any(parts != _parts(shape.layers[index]) for index, parts in away.items()),
        early_experts=any(0 < index < attending for index in away),
        crosses_gpus=gpus > 1,
    )


def _divided(
    shape: ModelShape, machine: Machine, reading: ReadBytes, placement: Placement, layers: list[int]
) -> list[list[int]]:
    """Divide the layers among the GPUs in order: each takes what it has room for, the last the rest."""
    groups: list[list[int]] = []
    left = list(layers)
    for at, gpu in enumerate(machine.gpus[:-1]):
        group: list[int] = []
        held = 0
        for index in left:
            load = _load(shape, reading, placement, [*group, index], at, len(machine.gpus))
            compute = gpu_compute_bytes(shape, load, reading.n_ctx, reading.n_ubatch, flash_attn=reading.flash_attn)
            held += sum(_held(shape, reading, placement, [index]))
            if held + compute > gpu.free_bytes - MARGIN_BYTES:
                break
            group.append(index)
        left = left[len(group) :]
        groups.append(group)
    return [*groups, left] if machine.gpus else []
