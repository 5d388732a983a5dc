"""Pseudocode that follows from the design: the steps of each operation, in the words of the notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.outline.assemble import next_state_name
from vaultc.compiler.outline.guards import guards
from vaultc.compiler.outline.signatures import called_name
from vaultc.compiler.python.layout import number
from vaultc.compiler.python.records import event_of, moves, unit_words
from vaultc.compiler.unit import EntityKind, Interface, Procedure, Step, Unit
from vaultc.compiler.wording import say
from vaultc.core.digest import short_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vaultc.compiler.outline.guards import LimitGuard
    from vaultc.compiler.unit import Component, Entity, Example, Flow, Limit, Requirement


def in_order(components: Iterable[Component]) -> tuple[Component, ...]:
    """Give the components so that each stands behind those it uses; a circle is cut where it is met."""
    by_id = {item.id: item for item in components}
    done: dict[str, Component] = {}

    def visit(component: Component, above: frozenset[str]) -> None:
        if component.id in done or component.id in above:
            return
        for used in component.uses:
            if used in by_id:
                visit(by_id[used], above | {component.id})
        done.setdefault(component.id, component)

    for component in by_id.values():
        visit(component, frozenset())
    return tuple(done.values())


def procedures(unit: Unit) -> tuple[Procedure, ...]:
    """Give one procedure for each interface, in the order of dependency."""
    ground = _ground(unit)
    of_component: dict[str, list[Interface]] = {}
    for item in unit.interfaces:
        of_component.setdefault(item.component, []).append(item)
    return tuple(
        _procedure(unit, item, ground)
        for component in in_order(unit.components)
        for item in of_component.get(component.id, ())
    )


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the steps of every interface are looked up in, computed once."""

    flows: Mapping[str, Flow]
    guards: Mapping[str, LimitGuard]
    machines: Mapping[str, Entity]
    needs: Mapping[str, Requirement]
    examples: Mapping[str, Sequence[Example]]


def _ground(unit: Unit) -> _Ground:
    machines: dict[str, Entity] = {}
    for item in unit.entities:
        if item.kind is EntityKind.STATES:
            machines.setdefault(next_state_name(item), item)
    examples: dict[str, list[Example]] = {}
    for example in unit.examples:
        examples.setdefault(called_name(example), []).append(example)
    return _Ground(
        {short_id("I", ("flow", item.id)): item for item in unit.flows},
        {item.id: item for item in guards(unit)},
        machines,
        {item.id: item for item in unit.requirements},
        examples,
    )


def _procedure(unit: Unit, interface: Interface, ground: _Ground) -> Procedure:
    """Give the computed procedure of `interface`."""
    steps = tuple(_steps(unit, interface, ground)) or (Step(interface.summary or interface.name, interface.origins),)
    return Procedure(
        id=short_id("P", ("procedure", interface.id)),
        interface=interface.id,
        name=interface.name,
        steps=steps,
        serves=interface.serves,
        origins=interface.origins,
        derived=interface.derived if not interface.origins else None,
    )


def _steps(unit: Unit, interface: Interface, ground: _Ground) -> list[Step]:
    flow = ground.flows.get(interface.id)
    if flow is not None:
        return list(flow.steps)
    guard = ground.guards.get(interface.id)
    language = unit.idea.language
    if guard is not None:
        return [Step(_limit_step(limit, language), (limit.quote,), 0, interface.serves) for limit in guard.limits]
    machine = ground.machines.get(interface.code_name)
    if machine is not None:
        steps = [
            Step(
                say(language, "state_step", source=move.source, event=event_of(move), target=move.target), move.origins
            )
            for move in moves(machine)
        ]
        return [*steps, Step(say(language, "else_error"), machine.origins)]
    return _plain_steps(unit, interface, ground)


def _limit_step(limit: Limit, language: str) -> str:
    words = unit_words(limit)
    return say(
        language,
        "check_step",
        subject=limit.subject,
        comparator=say(language, limit.comparator),
        value=number(limit.value),
        unit=f" {words}" if words else "",
    )


def _condition_step(condition: str, language: str) -> str:
    """Give "WHEN the lid is open THEN": the trigger with its first word as a key word."""
    first, blank, rest = condition.strip(" ,:").partition(" ")
    return f"{first.upper()}{blank}{rest}{say(language, 'then_word')}"


def _consequence(text: str, condition: str) -> str:
    """Give what a requirement asks for, without its condition and the word between."""
    at = text.find(condition)
    if at < 0:
        return text
    before, behind = text[:at].strip(" ,"), text[at + len(condition) :].strip(" ,")
    for word in ("то", "then", "тогда"):
        if behind.casefold().startswith(f"{word} "):
            behind = behind[len(word) + 1 :].lstrip()
    rest = f"{before} {behind}".strip(" ,") if before else behind
    return rest[:1].upper() + rest[1:] if len(rest.split()) > 1 else text


def _plain_steps(unit: Unit, interface: Interface, ground: _Ground) -> list[Step]:
    language = unit.idea.language
    fixed = {"load": "read_step", "save": "write_step"}.get(interface.code_name.partition("_")[0])
    if interface.code_name == "main":
        return [Step(say(language, "run_step"), interface.origins)]
    if fixed is not None and interface.derived is not None:
        return [Step(say(language, fixed), interface.origins)]
    steps = []
    if interface.params:
        names = ", ".join(param.name for param in interface.params)
        steps.append(Step(say(language, "take_step", names=names), interface.origins))
    for need in (ground.needs[id_] for id_ in interface.serves if id_ in ground.needs):
        depth = 0
        if need.condition:
            steps.append(Step(_condition_step(need.condition, language), need.origins, 0, (need.id,)))
            depth = 1
        steps += [Step(_limit_step(limit, language), (limit.quote,), depth, (need.id,)) for limit in need.limits]
        text = _consequence(need.text, need.condition) if need.condition else need.text
        steps.append(Step(text, need.origins, depth, (need.id,)))
    for example in ground.examples.get(interface.code_name, ()):
        steps.append(Step(f"{example.call} → {example.expected}", example.origins, 0, (example.id,)))
    if not steps or (interface.params and len(steps) == 1):
        steps.append(Step(interface.summary or interface.name, interface.origins))
    if interface.returns not in ("None", "object"):
        steps.append(Step(say(language, "give_step", type=interface.returns), interface.origins))
    return steps
