"""Which models this machine can run, and how: plans for a file, for a known model, for several together."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.core.errors import UsageError
from vaultc.model.file.gguf import read_header
from vaultc.model.file.known import KNOWN, KnownModel, known_model
from vaultc.model.file.recipes import header_of
from vaultc.model.file.shape import ModelShape, shape_of
from vaultc.model.fit.alternatives import Alternative, alternatives
from vaultc.model.fit.hardware import machine_of
from vaultc.model.fit.llama_settings import KV_TYPES
from vaultc.model.fit.offload import OffloadPlan, Wishes, plan_shape, tensor_overrides
from vaultc.model.fit.together import JointPlan, plan_together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.model.fit.hardware import Machine

_NEVER_CHOSEN = "BF16"  # twice the size of Q8_0 for a difference that nobody measures
_TOKENS = re.compile(r"^([0-9]{1,9})(k?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PlannedModel:
    """A model and its plan; `known` where it is one of the table, `quant` then which of its quants."""

    shape: ModelShape
    plan: OffloadPlan
    alternatives: tuple[Alternative, ...] = ()
    known: KnownModel | None = None
    quant: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give the plan in the form of docs/json.md."""
        known = {"quant": self.quant, "use": self.known.use, "source": self.known.source} if self.known else {}
        return {
            "model": {
                "name": self.known.name if self.known else self.shape.name,
                "arch": self.shape.architecture,
                "params": self.shape.parameters,
                "file_bytes": self.shape.file_bytes,
                "kv_bytes_per_token": self.shape.kv_bytes_per_token(self.plan.kv_type),
                **known,
            },
            **plan_json(self.plan),
            "alternatives": [{"kind": each.kind, "what": each.what, **_short(each.plan)} for each in self.alternatives],
        }


@dataclass(frozen=True, slots=True)
class Planning:
    """What was asked and what came out: one model, several together (`joint`), or the table of known ones."""

    machine: Machine
    models: tuple[PlannedModel, ...]
    joint: JointPlan | None = None
    from_table: bool = False

    @property
    def fits(self) -> bool:
        """Whether what was asked for can run; a table always can be read."""
        if self.joint is not None:
            return self.joint.advice != "neither"
        return self.from_table or all(model.plan.fits for model in self.models)

    def as_json(self) -> dict[str, Any]:
        """Give it in the form of docs/json.md."""
        machine = {
            "gpus": [{"name": gpu.name, "free_bytes": gpu.free_bytes} for gpu in self.machine.gpus],
            "ram_bytes": self.machine.ram_bytes,
            "cores": self.machine.cores,
            "said": list(self.machine.said),
        }
        if self.joint is not None:
            return {"machine": machine, "together": self._together(self.joint)}
        if self.from_table:
            return {"machine": machine, "models": [model.as_json() for model in self.models]}
        return {"machine": machine, **self.models[0].as_json()}

    def _together(self, joint: JointPlan) -> dict[str, Any]:
        models = []
        for index, model in enumerate(self.models):
            entry = {"model": model.as_json()["model"], "stays": joint.stays[index]}
            entry["swap_seconds"] = round(joint.swap_seconds[index], 1)
            entry["resident"], entry["swapped"] = plan_json(joint.resident[index]), plan_json(joint.swapped[index])
            models.append(entry)
        return {"advice": joint.advice, "reason": joint.reason, "models": models}


def plan_json(plan: OffloadPlan) -> dict[str, Any]:
    """Give a plan with its devices, speed and assumptions in the form of docs/json.md."""
    return {
        "plan": {
            "fits": plan.fits,
            "reason": plan.reason,
            "n_gpu_layers": plan.gpu_layers,
            "layers": plan.layers,
            "expert_layers_in_ram": list(plan.expert_layers_in_ram),
            "tensor_overrides": list(tensor_overrides(plan)),
            "tensor_split": list(plan.tensor_split),
            "op_offload": plan.op_offload,
            "kv_type": plan.kv_type,
            "flash_attn": plan.flash_attn,
            "n_ctx": plan.n_ctx,
            "n_batch": plan.n_batch,
            "n_ubatch": plan.n_ubatch,
        },
        "devices": [
            {
                "name": use.name,
                "weights_bytes": use.weights_bytes,
                "kv_bytes": use.kv_bytes,
                "compute_bytes": use.compute_bytes,
                "capacity_bytes": use.capacity_bytes,
            }
            for use in plan.devices
        ],
        "tokens_per_s": _speed(plan),
        "assumptions": list(plan.assumptions),
    }


def _short(plan: OffloadPlan) -> dict[str, Any]:
    said = {"fits": plan.fits, "kv_type": plan.kv_type, "n_ctx": plan.n_ctx, "tokens_per_s": _speed(plan)}
    return {**said, "vram_bytes": plan.vram_bytes, "ram_bytes": plan.ram_use.used_bytes}


def _speed(plan: OffloadPlan) -> dict[str, float]:
    return {"at_2k": round(plan.speed.at_2k, 1), "at_full": round(plan.speed.at_full, 1)}


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The words of the command line: sizes as `96GB`, a context as `32k`, a KV type or `auto`, other models."""

    vram: str | None = None
    ram: str | None = None
    context: str | None = None
    kv: str = "auto"
    others: Sequence[str] = ()


def plan(name: str | None, request: PlanRequest) -> Planning:
    """Plan the model at a path, a known model by name, or without a name every known model.

    Raises:
        UsageError: a size, context, KV type or name that is none.
        ModelError: a file that cannot be read or planned.
    """
    wishes = Wishes(parse_tokens(request.context), _kv(request.kv))
    machine = machine_of(request.vram, request.ram)
    if name is None:
        if request.others:
            raise UsageError("--with needs a model before it", hint="vaultc model plan BRAIN.gguf --with HAND.gguf")
        return Planning(machine, tuple(_chosen(model, machine, wishes) for model in KNOWN), from_table=True)
    models = [_planned(each, machine, wishes) for each in (name, *request.others)]
    if not request.others:
        return Planning(machine, (models[0],))
    joint = plan_together([model.shape for model in models], machine, [wishes] * len(models))
    return Planning(machine, tuple(models), joint)


def parse_tokens(text: str | None) -> int:
    """Give the number of tokens that `32768` or `32k` says; 0 where nothing is said. Raises UsageError."""
    if text is None:
        return 0
    found = _TOKENS.match(text.strip().replace("_", ""))
    tokens = int(found[1]) * (1024 if found[2] else 1) if found else 0
    if not 256 <= tokens <= 1 << 24:
        raise UsageError(f'"{text}" is no length of a context', hint="write it as 32768 or 32k, at least 256 tokens")
    return tokens


def _kv(text: str) -> str:
    if text == "auto":
        return ""
    if text not in KV_TYPES:
        close = difflib.get_close_matches(text, KV_TYPES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"one of auto, {', '.join(KV_TYPES)}"
        raise UsageError(f'"{text}" is no type for KV', hint=hint)
    return text


def _planned(name: str, machine: Machine, wishes: Wishes) -> PlannedModel:
    path = Path(name)
    known = known_model(name) if not path.exists() else None
    if known is not None:
        model, quant = known
        if ":" not in name:
            return _chosen(model, machine, wishes)
        return _with_alternatives(shape_of(header_of(model, quant)), machine, wishes, model, quant)
    if not path.is_file() and path.suffix != ".gguf":
        head = name.partition(":")[0]
        model_names = {model.name.casefold(): model for model in KNOWN}
        model_found = model_names.get(head.casefold())
        close = difflib.get_close_matches(head.casefold(), model_names, n=1)
        hint = "name a GGUF file, or one of the models that `vaultc model plan` lists"
        if model_found is not None:
            hint = f"its quants: {', '.join(model_found.quants)}"
        elif close:
            hint = f"did you mean {model_names[close[0]].name}?"
        raise UsageError(f'"{name}" is neither a file nor a known model', hint=hint)
    return _with_alternatives(shape_of(read_header(path)), machine, wishes, None, "")


def _with_alternatives(
    shape: ModelShape, machine: Machine, wishes: Wishes, known: KnownModel | None, quant: str
) -> PlannedModel:
    made = plan_shape(shape, machine, wishes)
    return PlannedModel(shape, made, alternatives(shape, machine, wishes, made, known), known, quant)


def _chosen(model: KnownModel, machine: Machine, wishes: Wishes) -> PlannedModel:
    """Plan a known model at its largest quant that fits, else at its smallest."""
    quants = [quant for quant in model.quants if quant != _NEVER_CHOSEN]
    for quant in quants:
        shape = shape_of(header_of(model, quant))
        made = plan_shape(shape, machine, wishes)
        if made.fits:
            return PlannedModel(shape, made, alternatives(shape, machine, wishes, made, model), model, quant)
    return _with_alternatives(shape, machine, wishes, model, quants[-1])
