"""The unit as a model is shown it: short lines with ids, notes between data tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name
from vaultc.compiler.passes.gather import binds
from vaultc.compiler.python.scope import attribute_names, states_of
from vaultc.compiler.unit import EntityKind
from vaultc.model.prompt import fence_data
from vaultc.model.protocols import Sampling

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vaultc.compiler.tools import Tools
    from vaultc.compiler.unit import Component, Entity, Interface, Limit, Procedure, Requirement, Unit
    from vaultc.model.protocols import ChatModel

_ANSWER_TOKENS = 24_000
_ANSWER_SHARE = 0.4
_NOTES_SHARE = 0.4


def sampling(tools: Tools, model: ChatModel) -> Sampling:
    """Give how a long answer is drawn. Reasoning models go round in circles when drawn greedily; the seed is fixed."""
    room = int(model.spec.working_tokens * _ANSWER_SHARE)
    tokens = min(tools.settings.get("answer_tokens", _ANSWER_TOKENS), room)
    return Sampling(max_tokens=tokens, temperature=0.6, top_k=20)


def notes(unit: Unit, model: ChatModel) -> str:
    """Give the gathered passages as data, those that may bind first, as far as the window takes them."""
    budget = int(model.spec.working_tokens * _NOTES_SHARE)
    pieces: list[str] = []
    for passage in sorted(unit.context, key=lambda item: not binds(item)):
        weight = "may bind" if binds(passage) else "background"
        label = f"{passage.quote.span.path} | {' > '.join(passage.headings)} | {weight}"
        piece = fence_data(passage.quote.text, label)
        budget -= model.count(piece)
        if budget < 0:
            break
        pieces.append(piece)
    return "\n\n".join(pieces)


def requirements(needs: Iterable[Requirement], *, with_quotes: bool = False) -> str:
    """Give requirements, one a line, with their ids."""
    lines = []
    for need in needs:
        lines.append(f"- {need.id} [{need.modality}, {need.kind}] {one_line(need.text)}")
        if with_quotes:
            lines += [f"    stated: {one_line(quote.text)}" for quote in need.origins[:2]]
    return "\n".join(lines) or "- none"


def entities(found: Iterable[Entity]) -> str:
    """Give records, enumerations and state machines as their classes will be."""
    lines = []
    for entity in found:
        lines.append(f"- {entity.id} {entity.kind} class {class_name(entity)} ({one_line(entity.name)})")
        if entity.kind is EntityKind.RECORD:
            for item, name in zip(entity.fields, attribute_names(entity), strict=True):
                default = f" = {item.default}" if item.default is not None else "" if item.is_required else " = None"
                lines.append(
                    f"    {name}: {item.type}{default}{_bounds(item.limits)}  # {one_line(item.note)}".rstrip(" #")
                )
        else:
            lines.append(f"    values: {', '.join(repr(value) for value in states_of(entity))}")
            lines += [f"    {move.source} -> {move.target} on {move.event!r}" for move in entity.transitions]
    return "\n".join(lines) or "- none"


def _bounds(limits: Iterable[Limit]) -> str:
    shown = ", ".join(f"{limit.comparator} {limit.value:g} {limit.unit}".strip() for limit in limits)
    return f"  [{shown}]" if shown else ""


def constants(unit: Unit, ids: Iterable[str] | None = None) -> str:
    """Give constants as they will stand in code."""
    wanted = None if ids is None else set(ids)
    lines = [
        f"- {item.id} {item.code_name}: {item.type} = {item.value}  # {item.unit}".rstrip(" #")
        for item in unit.declared
        if wanted is None or item.id in wanted
    ]
    return "\n".join(lines) or "- none"


def signature_of(item: Interface) -> str:
    """Give the signature of an operation as Python."""
    params = ", ".join(
        f"{param.code_name}: {param.type}" + (f" = {param.default}" if param.default is not None else "")
        for param in item.params
    )
    return f"{item.code_name}({params}) -> {item.returns}"


def interfaces(found: Iterable[Interface]) -> str:
    """Give operations, one a line, with their ids."""
    lines = []
    for item in found:
        serves = f"  serves {', '.join(item.serves)}" if item.serves else ""
        usage = f"  usage: {one_line(item.usage)}" if item.usage else ""
        lines.append(f"- {item.id} {signature_of(item)}: {one_line(item.summary)}{serves}{usage}")
    return "\n".join(lines) or "- none"


def components(unit: Unit) -> str:
    """Give the computed components, one a line."""
    lines = [
        f"- {item.code_name} ({one_line(item.name)}): {one_line(item.duty)} "
        f"serves {', '.join(item.serves) or 'nothing'}"
        for item in unit.components
    ]
    return "\n".join(lines)


def rest(unit: Unit) -> str:
    """Give decisions, constraints, flows, stated cases and questions."""
    lines = [f"- decision {item.id}: {one_line(item.title)}: {one_line(item.chosen)}" for item in unit.decisions]
    lines += [f"- constraint {item.id}: {one_line(item.text)}" for item in unit.constraints]
    for flow in unit.flows:
        lines.append(f"- flow {flow.id} {one_line(flow.name)}:")
        lines += [f"    {number}. {one_line(step.text)}" for number, step in enumerate(flow.steps, 1)]
    lines += [f"- case {item.id}: {item.call} == {item.expected}" for item in unit.examples]
    lines += [f"- question {item.id}: {one_line(item.text)}" for item in unit.questions]
    return "\n".join(lines) or "- none"


def pseudocode(found: Iterable[Procedure], unit: Unit) -> str:
    """Give procedures as indented steps."""
    names = {item.id: item.code_name for item in unit.interfaces}
    lines = []
    for item in found:
        lines.append(f"{names.get(item.interface, item.name)}:")
        for step in item.steps:
            ids = f" ({', '.join(step.serves)})" if step.serves else ""
            lines.append(f"{'  ' * (step.depth + 1)}- {one_line(step.text)}{ids}")
    return "\n".join(lines) or "none"


def neighbours(unit: Unit, component: Component) -> str:
    """Give what the modules that `component` may import offer."""
    by_id = {item.id: item for item in unit.components}
    lines = []
    for other in (by_id[id_] for id_ in component.uses if id_ in by_id):
        lines.append(f"module {unit.idea.package}.{other.code_name}:")
        own = [item for item in unit.entities if item.id in other.holds]
        lines += ["  " + line for line in entities(own).splitlines()] if own else []
        if any(item.id in other.holds for item in unit.constants):
            lines += ["  " + line for line in constants(unit, other.holds).splitlines()]
        lines += [f"  - {signature_of(item)}" for item in unit.interfaces if item.component == other.id]
    return "\n".join(lines) or "none"


def one_line(text: str) -> str:
    """Give `text` on one line."""
    return " ".join(text.split())
