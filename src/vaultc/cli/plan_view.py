"""A plan as a person reads it: the verdict first, then a picture of what lies where, then what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from vaultc.cli.render import out, plain, table
from vaultc.model.fit.offload import parts_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.app.models.planning import PlannedModel, Planning
    from vaultc.model.fit.hardware import Machine
    from vaultc.model.fit.offload import OffloadPlan
    from vaultc.model.fit.placement import DeviceUse
    from vaultc.model.fit.together import JointPlan

_GIB = 1 << 30
_MIN_WIDTH, _MAX_WIDTH = 60, 100
_FIGURES = 24  # columns of " 94.2 of 94.2 GiB"
_NAME = 14
_FIGURE_COLUMNS = ("VRAM GiB", "RAM GiB", "tokens/s")
_SORTS = (("weights", "█", "blue"), ("KV", "▓", "green"), ("compute", "▒", "yellow"), ("free", "·", "dim"))


def print_planning(planning: Planning) -> None:
    """Print what was planned."""
    if planning.joint is not None:
        _print_joint(planning, planning.joint)
    elif planning.from_table:
        _print_known(planning)
    else:
        _print_one(planning.models[0], planning.machine)


def _print_one(model: PlannedModel, machine: Machine) -> None:
    _print_title(model)
    _line(_verdict(model.plan))
    out.print()
    _print_devices(model.plan)
    _print_layers(model.plan)
    out.print()
    _print_settings(model.plan)
    if model.alternatives:
        out.print()
        _print_alternatives(model)
    out.print()
    _print_notes([*model.plan.assumptions, *machine.said])


def _print_title(model: PlannedModel) -> None:
    shape = model.shape
    kind = f"{shape.experts} experts, {shape.experts_used} used" if shape.is_mixture else "dense"
    if shape.is_hybrid:
        kind += ", hybrid"
    facts = f"{shape.architecture}, {_billions(shape.parameters)}, {kind}, {_gib(shape.file_bytes)} GiB"
    _line(Text.assemble((_name(model), "bold"), "  ", (facts, "dim")))


def _verdict(plan: OffloadPlan) -> Text:
    if not plan.fits:
        return Text.assemble(("does not fit", "bold red"), f": {plan.reason}")
    speed = f"about {_rate(plan.speed.at_2k)} tokens/s with 2k behind, {_rate(plan.speed.at_full)} with {_tokens(plan)}"
    return Text.assemble(("fits", "bold green"), f": {_where(plan)}; {speed}")


def _where(plan: OffloadPlan) -> str:
    if plan.ram_experts:
        number = len(plan.ram_experts)
        return f"the experts of {number} of {plan.layers} layers in RAM, the rest in VRAM"
    if plan.gpu_layers > plan.layers:
        return "all of it in VRAM"
    if plan.gpu_layers == 0:
        return "all of it in RAM"
    return f"{plan.gpu_layers} of {plan.layers + 1} layers in VRAM, the others in RAM"


def _print_devices(plan: OffloadPlan) -> None:
    width = _width() - _NAME - _FIGURES
    for use in plan.devices:
        bar = Text(plain(use.name)[: _NAME - 1].ljust(_NAME))
        marks = [sort[1:] for sort, cells in zip(_SORTS, _cells(use, width), strict=True) for _ in range(cells)]
        over = use.used_bytes > use.capacity_bytes
        room = width * max(0, use.capacity_bytes) // use.used_bytes if over else width
        for cell, (mark, style) in enumerate(marks):
            bar.append(mark if cell < room else "×", style=style if cell < room else "bold red")
        bar.append(f" {_gib(use.used_bytes):>6} of {_gib(use.capacity_bytes):>6} GiB", style="red" if over else "")
        _line(bar)
    legend = Text(" " * _NAME)
    beyond = [("more than there is", "×", "bold red")] if not plan.fits else []
    for name, mark, style in (*_SORTS, *beyond):
        legend.append(mark, style=style)
        legend.append(f" {name}  ", style="dim")
    _line(legend)


def _cells(use: DeviceUse, width: int) -> list[int]:
    """Divide `width` cells by what a device holds; what holds anything has one, and the sum is `width`."""
    parts = [use.weights_bytes, use.kv_bytes, use.compute_bytes]
    whole = max(use.capacity_bytes, use.used_bytes, 1)
    cells = [max(1, round(part * width / whole)) if part else 0 for part in parts]
    while sum(cells) > width:
        cells[cells.index(max(cells))] -= 1
    return [*cells, width - sum(cells)]


def _print_layers(plan: OffloadPlan) -> None:
    """Print one mark a layer, in order: on a GPU, on a GPU but its experts in RAM, in RAM."""
    first = plan.layers + 1 - plan.gpu_layers if plan.gpu_layers else plan.layers
    away = set(plan.expert_layers_in_ram)
    marks = ["·" if layer < first else "▄" if layer in away else "█" for layer in range(plan.layers)]
    room = _width() - _NAME
    lines = ["".join(marks[start : start + room]) for start in range(0, len(marks), room)]
    for number, line in enumerate(lines):
        text = Text(("layers" if number == 0 else "").ljust(_NAME))
        for mark in line:
            text.append(mark, style={"█": "blue", "▄": "cyan", "·": "dim"}[mark])
        _line(text)
    said = [("█", "in VRAM"), ("▄", "its experts in RAM"), ("·", "in RAM")]
    _line(Text(" " * _NAME + "  ".join(f"{mark} {what}" for mark, what in said if mark in marks), style="dim"))


def _print_settings(plan: OffloadPlan) -> None:
    rows = [
        ("layers on the GPU", f"{plan.gpu_layers} of {plan.layers + 1} (the output layer is one)"),
        ("experts in RAM", _experts(plan)),
        ("context", f"{plan.n_ctx:,} tokens, KV in {plan.kv_type}, evaluated {plan.n_ubatch} at a time"),
    ]
    if plan.tensor_split:
        rows.insert(1, ("layers by GPU", ", ".join(map(str, plan.tensor_split))))
    for name, value in rows:
        _line(Text.assemble((name.ljust(20), "bold"), value), indent=20)


def _print_alternatives(model: PlannedModel) -> None:
    head = "What would be faster:" if model.plan.fits else "What would fit:"
    _line(Text(head, style="bold"))
    rows = [
        (f"  {each.what}", _gib(each.plan.vram_bytes), _gib(each.plan.ram_use.used_bytes), _rates(each.plan))
        for each in model.alternatives
    ]
    table(("  with", "VRAM GiB", "RAM GiB", "tokens/s"), rows, right=_FIGURE_COLUMNS)


def _print_known(planning: Planning) -> None:
    """Print which known models this machine can run, each at its largest quant that fits."""
    _print_machine(planning.machine)
    rows = []
    for model in planning.models:
        assert model.known is not None
        plan = model.plan
        rows.append(
            (
                model.known.name,
                model.quant,
                model.known.use,
                _tokens(plan),
                plan.kv_type,
                _gib(plan.vram_bytes),
                _gib(plan.ram_use.used_bytes),
                _rates(plan),
            )
        )
    right = ("context", "VRAM", "RAM", "tokens/s")
    table(("model", "quant", "good as", "context", "KV", "VRAM", "RAM", "tokens/s"), rows, right=right)
    out.print()
    _print_notes(
        [
            "the largest quant that fits; GiB; tokens/s with 2k tokens behind and with the context full",
            "`vaultc model plan NAME:QUANT` shows one, `--context 128k` plans for longer notes",
            *planning.models[0].plan.assumptions,
        ]
    )


def _print_joint(planning: Planning, joint: JointPlan) -> None:
    names = " + ".join(_name(model) for model in planning.models)
    _line(Text(names, style="bold"))
    style = "bold red" if joint.advice == "neither" else "bold green"
    _line(Text.assemble((joint.advice, style), f": {joint.reason}"))
    for way, plans in (("resident", joint.resident), ("swapped", joint.swapped)):
        out.print()
        _line(Text(f"{way}: " + ("all loaded at once" if way == "resident" else "the large ones take turns"), "bold"))
        rows = [
            (
                f"  {_name(model)}",
                _gib(made.vram_bytes),
                _gib(made.ram_use.used_bytes),
                _rates(made),
                _turn(joint, index) if way == "swapped" else "",
            )
            for index, (model, made) in enumerate(zip(planning.models, plans, strict=True))
        ]
        table(("  model", "VRAM GiB", "RAM GiB", "tokens/s", ""), rows, right=_FIGURE_COLUMNS)
    out.print()
    _print_notes([*joint.chosen[0].assumptions, "a model is read from disk with 3 GB/s", *planning.machine.said])


def _turn(joint: JointPlan, index: int) -> str:
    return "stays" if joint.stays[index] else f"{joint.swap_seconds[index]:.0f} s to load"


def _print_machine(machine: Machine) -> None:
    gpus = ", ".join(f"{plain(gpu.name)} with {_gib(gpu.free_bytes)} GiB free" for gpu in machine.gpus) or "no GPU"
    _line(Text.assemble(("This machine", "bold"), f": {gpus}; {_gib(machine.ram_bytes)} GiB of RAM may be used"))
    out.print()


def _print_notes(lines: Sequence[str]) -> None:
    for line in lines:
        _line(Text(f"· {line}", style="dim"), indent=2)


def _line(text: Text, indent: int = 0) -> None:
    """Print one line, folded at words to the width of the terminal."""
    width = _width() if out.is_terminal else 2000
    for number, part in enumerate(text.wrap(out, width - indent)):
        lead = Text(" " * indent) if number and indent else Text("")
        part.rstrip()
        out.print(Text.assemble(lead, part))


def _width() -> int:
    return max(_MIN_WIDTH, min(_MAX_WIDTH, out.width))


def _experts(plan: OffloadPlan) -> str:
    """Give "none", or "layers 61 to 93, of layer 60 only down"."""
    whole = [layer for layer, parts in plan.ram_experts if not parts_left(parts)]
    partly = [f"of layer {layer} only {', '.join(parts)}" for layer, parts in plan.ram_experts if parts_left(parts)]
    return ", ".join([*([_spans(whole)] if whole or not partly else []), *partly])


def _spans(numbers: Sequence[int]) -> str:
    """Give "60 to 93", "3, 5" or "none"."""
    if not numbers:
        return "none"
    if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"layers {numbers[0]} to {numbers[-1]}"
    return "layers " + ", ".join(map(str, numbers))


def _name(model: PlannedModel) -> str:
    return plain(f"{model.known.name} {model.quant}" if model.known else model.shape.name)


def _rates(plan: OffloadPlan) -> str:
    return f"{_rate(plan.speed.at_2k)} / {_rate(plan.speed.at_full)}" if plan.fits else "does not fit"


def _tokens(plan: OffloadPlan) -> str:
    return f"{plan.n_ctx // 1024}k" if plan.n_ctx % 1024 == 0 else f"{plan.n_ctx:,}"


def _gib(size: int) -> str:
    return f"{size / _GIB:,.1f}"


def _rate(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _billions(parameters: int) -> str:
    return f"{parameters / 1e9:.1f} B" if parameters >= 10**9 else f"{parameters / 1e6:.0f} M"
