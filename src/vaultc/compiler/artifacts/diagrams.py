"""Mermaid diagrams of a unit; every label is escaped so that the parser takes any words of a note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name, member_names
from vaultc.compiler.python.records import event_of
from vaultc.compiler.python.scope import attribute_names, states_of
from vaultc.compiler.unit import EntityKind

if TYPE_CHECKING:
    from vaultc.compiler.unit import Entity, Field, Flow, Unit

_MAX_LABEL = 80
_ENTITIES = {'"': "#quot;", "#": "#35;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "'", "\\": "/"}


def label(text: str) -> str:
    """Give `text` for a quoted label of a flowchart."""
    return "".join(_ENTITIES.get(char, char) for char in _short(text))


def bare(text: str) -> str:
    """Give `text` for an unquoted label: signs that the parser reads are left out."""
    return "".join(" " if char in '{}[]();:#<>"`%\\' else char for char in _short(text)).strip() or "·"


def _short(text: str) -> str:
    words = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return words if len(words) <= _MAX_LABEL else words[: _MAX_LABEL - 1].rstrip() + "…"


def fenced(lines: list[str]) -> list[str]:
    """Give a diagram as a fenced block."""
    return ["```mermaid", *lines, "```", ""]


def component_diagram(unit: Unit) -> list[str]:
    """Give the components and what each uses."""
    nodes = {item.id: f"c{number}" for number, item in enumerate(unit.components, 1)}
    lines = ["flowchart LR"]
    lines += [f'    {nodes[item.id]}["{label(item.name)}"]' for item in unit.components]
    for item in unit.components:
        lines += [f"    {nodes[item.id]} --> {nodes[used]}" for used in item.uses if used in nodes]
    return lines


def data_diagram(unit: Unit) -> list[str]:
    """Give the records and enumerations as a class diagram."""
    lines = ["classDiagram"]
    names = {class_name(item) for item in unit.entities}
    for entity in unit.entities:
        name = class_name(entity)
        lines.append(f'    class {name}["{label(entity.name)}"] {{')
        if entity.kind is EntityKind.RECORD:
            lines += [f"        {_type(field.type)} {attribute}" for field, attribute in _fields(entity)]
        else:
            lines.append("        <<enumeration>>")
            lines += [f"        {member}" for member in member_names(states_of(entity))]
        lines.append("    }")
    for entity in unit.entities:
        for field, attribute in _fields(entity):
            used = "".join(char if char.isalnum() or char == "_" else " " for char in field.type).split()
            lines += [f"    {class_name(entity)} --> {name} : {attribute}" for name in used if name in names]
    return lines


def _fields(entity: Entity) -> list[tuple[Field, str]]:
    return list(zip(entity.fields, attribute_names(entity), strict=True))


def _type(text: str) -> str:
    is_open = "None" in text
    first = text.split(" | ")[0]
    if first.startswith("list["):
        first = f"list~{first[5:-1].replace('[', '~').replace(']', '~').split(',')[0]}~"
    return first.split("[")[0] + ("?" if is_open else "")


def state_diagram(entity: Entity) -> list[str]:
    """Give a state machine."""
    states = states_of(entity)
    nodes = {state: f"s{number}" for number, state in enumerate(states, 1)} | {"[*]": "[*]"}
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{label(state)}" as {nodes[state]}' for state in states]
    for item in entity.transitions:
        text = f" : {bare(event_of(item))}" if item.event else ""
        lines.append(f"    {nodes.get(item.source, '[*]')} --> {nodes.get(item.target, '[*]')}{text}")
    return lines


def flow_diagram(flow: Flow) -> list[str]:
    """Give a flow as a chain of steps; nested steps hang on the one above."""
    lines = ["flowchart TD"]
    last: dict[int, str] = {}
    for number, step in enumerate(flow.steps, 1):
        node = f"s{number}"
        lines.append(f'    {node}["{label(f"{number}. {step.text}")}"]')
        before = last.get(step.depth) or last.get(step.depth - 1)
        if before is not None:
            lines.append(f"    {before} --> {node}")
        last = {depth: name for depth, name in last.items() if depth <= step.depth}
        last[step.depth] = node
    return lines
