"""Several models on one machine: all resident, or the giants swapped for one another.

Resident, the small ones get their place first and the largest takes what is left: a slow embedder costs every search,
a slower hand one step. Swapped, each large one has the machine for itself, less what the small ones hold, and is read
from disk again for each turn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.model.fit.offload import OffloadPlan, Wishes, plan_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.model.file.shape import ModelShape
    from vaultc.model.fit.hardware import Machine

DISK_BANDWIDTH = 3e9
"""Bytes a second that a model is read with from disk: an assumption, for an NVMe disk."""
_SMALL = 16 << 30  # a model below this stays in any case
_WORTH_SWAPPING = 2.0  # times faster, for the minutes that loading takes


@dataclass(frozen=True, slots=True)
class JointPlan:
    """Plans for several models, in the order they were named, and which way is advised.

    `resident` holds a plan for each where all are loaded at once, `swapped` where the large ones take turns;
    `stays[i]` says whether model i stays loaded when they do. `advice` is `resident`, `swapped` or `neither`.
    """

    resident: tuple[OffloadPlan, ...]
    swapped: tuple[OffloadPlan, ...]
    stays: tuple[bool, ...]
    swap_seconds: tuple[float, ...]
    advice: str
    reason: str

    @property
    def chosen(self) -> tuple[OffloadPlan, ...]:
        """The plans of the way that is advised; of `neither` the swapped ones, which say what is missing."""
        return self.resident if self.advice == "resident" else self.swapped


def plan_together(shapes: Sequence[ModelShape], machine: Machine, wishes: Sequence[Wishes]) -> JointPlan:
    """Give the joint plan for models that are to work together. Raises ModelError as `plan_model`."""
    order = sorted(range(len(shapes)), key=lambda index: shapes[index].weights_bytes)
    resident = _in_turn(order, shapes, machine, wishes)
    small = [index for index in order[:-1] if shapes[index].weights_bytes <= _SMALL]
    held = _in_turn(small, shapes, machine, wishes)
    left = machine
    for index in small:
        left = without(left, held[index])
    swapped = {
        index: held[index] if index in small else plan_shape(shapes[index], left, wishes[index]) for index in order
    }
    stays = tuple(index in small for index in range(len(shapes)))
    seconds = tuple(shape.weights_bytes / DISK_BANDWIDTH for shape in shapes)
    advice, reason = _advice(order, resident, swapped)
    ordered = range(len(shapes))
    return JointPlan(
        tuple(resident[index] for index in ordered),
        tuple(swapped[index] for index in ordered),
        stays, seconds, advice, reason,
    )  # fmt: skip


def without(machine: Machine, plan: OffloadPlan) -> Machine:
    """Give what is left of a machine when a plan is loaded."""
    used = plan.devices[:-1]
    gpus = tuple(
        replace(gpu, free_bytes=max(0, gpu.free_bytes - use.used_bytes))
        for gpu, use in zip(machine.gpus, used, strict=True)
    )
    return replace(machine, gpus=gpus, ram_bytes=max(0, machine.ram_bytes - plan.ram_use.used_bytes))


def _in_turn(
    order: Sequence[int], shapes: Sequence[ModelShape], machine: Machine, wishes: Sequence[Wishes]
) -> dict[int, OffloadPlan]:
    plans: dict[int, OffloadPlan] = {}
    left = machine
    for index in order:
        # A batch larger than needs be would take room from the next model.
        wish = wishes[index] if wishes[index].batch else replace(wishes[index], batch=512)
        plans[index] = plan_shape(shapes[index], left, wish)
        left = without(left, plans[index])
    return plans


def _advice(order: Sequence[int], resident: dict[int, OffloadPlan], swapped: dict[int, OffloadPlan]) -> tuple[str, str]:
    together = all(plan.fits for plan in resident.values())
    in_turn = all(plan.fits for plan in swapped.values())
    if not in_turn and not together:
        return "neither", "not even alone does each of them fit"
    if not together:
        return "swapped", "they do not fit together"
    largest = order[-1]
    gain = swapped[largest].speed.at_full / resident[largest].speed.at_full
    if in_turn and gain >= _WORTH_SWAPPING:
        return "swapped", f"the largest is {gain:.1f} times faster when it has the machine for itself"
    return "resident", f"they fit together; alone the largest would be {gain:.1f} times faster"
