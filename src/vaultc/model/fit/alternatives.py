"""What would fit, or run faster, where a plan does not do: each is a plan of its own, not a rule of thumb."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.model.file.known import KNOWN, KnownModel
from vaultc.model.file.recipes import header_of
from vaultc.model.file.shape import shape_of
from vaultc.model.fit.offload import OffloadPlan, Wishes, plan_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.model.file.shape import ModelShape
    from vaultc.model.fit.hardware import Machine

_RAM_SIZES = (16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
_USABLE = 0.9
_WORTH = 1.5  # times faster, to be told
_SHORTEST = 4096
_CLOSE = 0.02  # parameters of a file and of a known model may differ by this


@dataclass(frozen=True, slots=True)
class Alternative:
    """One change (`what`), of a sort (`context`, `kv`, `quant`, `ram`), and the plan that it gives."""

    kind: str
    what: str
    plan: OffloadPlan


def alternatives(
    shape: ModelShape, machine: Machine, wishes: Wishes, plan: OffloadPlan, known: KnownModel | None = None
) -> tuple[Alternative, ...]:
    """Give what would fit where `plan` does not, else what would be much faster, the smallest change first."""
    wishes = replace(wishes, context=plan.n_ctx)
    found = [
        *_other_kv(shape, machine, wishes, plan),
        *_shorter(shape, machine, wishes, plan),
        *_other_quants(shape, machine, wishes, plan, known or _like(shape)),
        *_more_ram(shape, machine, wishes, plan),
    ]
    return tuple(found)


def _better(plan: OffloadPlan, other: OffloadPlan) -> bool:
    return other.fits and (not plan.fits or other.speed.at_full >= _WORTH * plan.speed.at_full)


def _other_kv(shape: ModelShape, machine: Machine, wishes: Wishes, plan: OffloadPlan) -> Iterator[Alternative]:
    if plan.kv_type != "q8_0" and wishes.flash_attn and shape.has_cache:
        other = plan_shape(shape, machine, replace(wishes, kv_type="q8_0"))
        if _better(plan, other):
            yield Alternative("kv", "KV in q8_0", other)


def _shorter(shape: ModelShape, machine: Machine, wishes: Wishes, plan: OffloadPlan) -> Iterator[Alternative]:
    context = 1 << max(plan.n_ctx - 1, 1).bit_length() - 1
    while context >= _SHORTEST:
        other = plan_shape(shape, machine, replace(wishes, context=context))
        if _better(plan, other):
            yield Alternative("context", f"a context of {context:,} tokens", other)
            return
        context //= 2


def _other_quants(
    shape: ModelShape, machine: Machine, wishes: Wishes, plan: OffloadPlan, known: KnownModel | None
) -> Iterator[Alternative]:
    """Give the largest smaller quant that fits, and the largest that is much faster than it."""
    best = plan
    for quant in known.quants if known else ():
        assert known is not None
        other_shape = shape_of(header_of(known, quant))
        if other_shape.weights_bytes >= 0.99 * shape.weights_bytes:
            continue
        other = plan_shape(other_shape, machine, wishes)
        if _better(best, other):
            yield Alternative("quant", f"{quant} ({other_shape.file_bytes / 2**30:.0f} GiB)", other)
            best = other


def _more_ram(shape: ModelShape, machine: Machine, wishes: Wishes, plan: OffloadPlan) -> Iterator[Alternative]:
    if plan.fits:
        return
    for size in _RAM_SIZES:
        usable = int(size * 10**9 * _USABLE)
        if usable > machine.ram_bytes:
            other = plan_shape(shape, replace(machine, ram_bytes=usable), wishes)
            if other.fits:
                yield Alternative("ram", f"{size} GB of RAM", other)
                return


def _like(shape: ModelShape) -> KnownModel | None:
    """Give the known model that a file is a quant of: the same architecture, layers and number of parameters."""
    for model in KNOWN:
        same = model.architecture == shape.architecture and model.layers == len(shape.layers)
        if same and abs(model.parameters * 1e9 - shape.parameters) <= _CLOSE * shape.parameters:
            return model
    return None
