"""Operations of a group: for each requirement that asks for an action, each flow that serves one, each stated case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.naming import first_free, snake, unique
from vaultc.compiler.outline.shared import SharedWords
from vaultc.compiler.outline.signatures import (
    called_name,
    function_names,
    returns_of,
    signature_of_example,
    things_in,
)
from vaultc.compiler.unit import Interface, InterfaceKind, Modality, RequirementKind
from vaultc.compiler.wording import say
from vaultc.core.digest import short_id
from vaultc.language.actions import action_of
from vaultc.language.stems import content_stems, words

if TYPE_CHECKING:
    from vaultc.compiler.outline.groups import Group
    from vaultc.compiler.unit import Example, Flow, Requirement, Unit

# A task is the person's own work on the project: it stays in the architecture and asks nothing of the program.
_ACTIONS = frozenset({RequirementKind.FUNCTION, RequirementKind.INTERFACE})
_FORBIDDEN = frozenset({Modality.MUST_NOT, Modality.SHOULD_NOT})
_SHARED_STEMS = 3
_SHORT = 3


def is_operation(requirement: Requirement) -> bool:
    """Tell whether the requirement asks for something to be done; else it is a rule that always holds."""
    if requirement.modality in _FORBIDDEN:
        return False
    deed = action_of(requirement.text)
    if requirement.kind is RequirementKind.DATA:
        return deed is not None and bool(deed.verb and deed.things)
    return requirement.kind in _ACTIONS and deed is not None


def operations(unit: Unit, group: Group, component: str, taken: set[str]) -> tuple[Interface, ...]:
    """Give the interfaces of `group`; names in `taken` are not used again and the new ones are added to it."""
    own = set(group.flows)
    flows = [flow for flow in unit.flows if flow.id in own]
    needs = SharedWords(content_stems(item.text) for item in group.requirements if flows)
    found = []
    for flow in flows:
        serves = tuple(group.requirements[at].id for at in needs.each(_told_by(flow, needs)))
        if serves:  # else it is an account that asks nothing of the program
            found.append(_of_flow(unit, flow, serves, component, taken))
    for requirement in group.requirements:
        if is_operation(requirement):
            found.append(_of_requirement(unit, requirement, component, taken))
    return tuple(found)


def _of_requirement(unit: Unit, requirement: Requirement, component: str, taken: set[str]) -> Interface:
    condition = requirement.condition or requirement.text.partition(",")[2]
    name = first_free(function_names(requirement.text, condition, unit.idea.title), taken)
    return Interface(
        id=short_id("I", ("requirement", requirement.id)),
        component=component,
        kind=InterfaceKind.FUNCTION,
        name=_heading(requirement, name, unit.idea.language),
        code_name=name,
        summary=requirement.text,
        params=things_in(requirement.text, unit.entities, unit.idea.title),
        returns=returns_of(requirement.text),
        serves=(requirement.id,),
        origins=requirement.origins,
    )


def _heading(requirement: Requirement, code_name: str, language: str) -> str:
    """Give what a person reads above the operation: code names are English, the note may not be."""
    deed = action_of(requirement.text)
    if deed is not None:
        return deed.name[:1].upper() + deed.name[1:]
    if language == "en":
        return code_name.replace("_", " ")
    return " ".join(word.text for word in list(words(requirement.text))[:_SHORT])


def _of_flow(unit: Unit, flow: Flow, serves: tuple[str, ...], component: str, taken: set[str]) -> Interface:
    text = " ".join(step.text for step in flow.steps)
    name = unique(snake(flow.name), taken)
    return Interface(
        id=short_id("I", ("flow", flow.id)),
        component=component,
        kind=InterfaceKind.FUNCTION,
        name=flow.name,
        code_name=name,
        summary=f"{say(unit.idea.language, 'flow')} {flow.name}",
        params=things_in(text, unit.entities, unit.idea.title)[:4],
        returns="None",
        serves=serves,
        origins=flow.origins,
    )


def _told_by(flow: Flow, needs: SharedWords) -> int:
    """Give the requirements that speak of a step of `flow`."""
    told = 0
    for step in flow.steps:
        told |= needs.with_at_least(_SHARED_STEMS, content_stems(step.text))
    return told


def example_operations(unit: Unit, taken: set[str]) -> tuple[Interface, ...]:
    """Give an interface for each function that stated cases call and nothing else offers."""
    by_name: dict[str, list[Example]] = {}
    for example in unit.examples:
        by_name.setdefault(called_name(example), []).append(example)
    found = []
    for name, examples in by_name.items():
        signature = signature_of_example(examples)
        if name in taken or signature is None:
            continue
        taken.add(name)
        serves = tuple(dict.fromkeys(id_ for example in examples for id_ in example.serves))
        found.append(
            Interface(
                id=short_id("I", ("example", name)),
                component="",
                kind=InterfaceKind.FUNCTION,
                name=name,
                code_name=name,
                summary=f"{say(unit.idea.language, 'example')}: {examples[0].call} → {examples[0].expected}",
                params=signature[1],
                returns=signature[2],
                serves=serves,
                origins=tuple(dict.fromkeys(quote for example in examples for quote in example.origins)),
            )
        )
    return tuple(found)
