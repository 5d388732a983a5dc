"""Where the models of a run lie: as their settings say, or as the planner says for this machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.core.errors import ModelError, UsageError
from vaultc.model.fit.llama_settings import LlamaSettings
from vaultc.model.fit.schedule import Room

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vaultc.config import ModelEntry, RoleEntry
    from vaultc.model.file.gguf import Header
    from vaultc.model.fit.hardware import Machine
    from vaultc.model.fit.offload import OffloadPlan, Wishes


@dataclass(frozen=True, slots=True)
class Asked:
    """A model that is to be opened: what the settings say of it and of its role, and its header."""

    entry: ModelEntry
    role: RoleEntry
    header: Header


@dataclass(frozen=True, slots=True)
class Placed:
    """How a model is opened, and the room it takes; None where that is not known."""

    settings: LlamaSettings
    needs: Room | None


def place(asked: Sequence[Asked], machine: Callable[[], Machine]) -> tuple[Placed, ...]:
    """Give how the models of a run are opened, in their order; `machine` is asked only where it matters.

    Several that are to be placed by the planner are planned together. On a machine without a GPU that is known
    "auto" takes all layers where this build of llama.cpp can use one, and none elsewhere.

    Raises:
        UsageError: there is no such placement.
        ModelError: a model cannot fit.
    """
    for one in asked:
        if one.entry.placement not in ("auto", "given"):
            raise UsageError(f'there is no placement "{one.entry.placement}"', hint='write "auto" or "given"')
    if len(asked) == 1 and asked[0].entry.placement == "given":
        return (Placed(_given(asked[0]), None),)
    found = machine()
    plans = _plans(asked, found)
    return tuple(_placed(one, plan, found) for one, plan in zip(asked, plans, strict=True))


def room_of(machine: Machine) -> Room:
    """Give the room for models on a machine."""
    from vaultc.model.fit.placement import MARGIN_BYTES

    vram = sum(max(0, gpu.free_bytes - MARGIN_BYTES) for gpu in machine.gpus)
    return Room(vram, machine.ram_bytes)


def _plans(asked: Sequence[Asked], machine: Machine) -> tuple[OffloadPlan | None, ...]:
    """Plan the models together; none where one of them is of a kind that cannot be planned."""
    from vaultc.model.file.shape import shape_of
    from vaultc.model.fit.together import plan_together

    try:
        shapes = [shape_of(one.header) for one in asked]
        return plan_together(shapes, machine, [_wishes(one) for one in asked]).chosen
    except ModelError:
        return (None,) * len(asked)


def _wishes(one: Asked) -> Wishes:
    from vaultc.model.fit.offload import Wishes

    entry = one.entry
    context = one.role.context_tokens or entry.context_tokens
    kv_type = entry.kv_type or ("f16" if entry.placement == "given" else "")
    return Wishes(context, kv_type, entry.batch_tokens, entry.flash_attn)


def _placed(one: Asked, plan: OffloadPlan | None, machine: Machine) -> Placed:
    if plan is None:
        return Placed(_given(one), None)
    needs = Room(plan.vram_bytes, plan.ram_use.used_bytes)
    if one.entry.placement == "given" or not machine.gpus:
        return Placed(_given(one), needs)
    if not plan.fits:
        name = one.header.name or one.header.path.name
        raise ModelError(
            f"{name} does not fit into this machine: {plan.reason}",
            hint=f'`vaultc model plan "{one.header.path}"` says what would; placement = "given" tries it all the same',
        )
    from vaultc.model.fit.offload import tensor_overrides

    in_ram = tensor_overrides(plan)
    settings = LlamaSettings(
        gpu_layers=plan.gpu_layers,
        in_ram=in_ram,
        context_tokens=plan.n_ctx,
        threads=one.entry.threads or None,
        batch_tokens=plan.n_batch,
        ubatch_tokens=plan.n_ubatch,
        type_k=plan.kv_type,
        type_v=plan.kv_type,
        flash_attn=None if plan.flash_attn else False,
        use_mmap=not in_ram,
        tensor_split=plan.tensor_split,
        op_offload=plan.op_offload,
    )
    return Placed(settings, needs)


def _given(one: Asked) -> LlamaSettings:
    """Give the settings that the entry spells out; "auto" without a plan takes as many layers as the build can."""
    from vaultc.model.fit.offload import last_expert_layers

    entry = one.entry
    is_given = entry.placement == "given"
    layers = one.header.block_count if is_given and entry.expert_layers_in_ram else 0
    in_ram = last_expert_layers(layers, entry.expert_layers_in_ram)
    kv_type = entry.kv_type or "f16"
    settings = LlamaSettings(
        gpu_layers=entry.gpu_layers if is_given else None,
        in_ram=in_ram,
        context_tokens=one.role.context_tokens or entry.context_tokens or None,
        threads=entry.threads or None,
        type_k=kv_type,
        type_v=kv_type,
        flash_attn=None if entry.flash_attn else False,
        use_mmap=not in_ram,  # llama.cpp itself advises against mapping where tensors are put elsewhere
    )
    if entry.batch_tokens:
        settings = replace(settings, batch_tokens=entry.batch_tokens, ubatch_tokens=entry.batch_tokens)
    return settings
