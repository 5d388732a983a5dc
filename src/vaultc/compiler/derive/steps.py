"""The brain writes pseudocode, one component a call; each procedure enters on its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.derive import shown
from vaultc.compiler.derive.answers import FoundProcedure, FoundProcedures
from vaultc.compiler.outline.procedures import in_order
from vaultc.compiler.outline.verbatim import python_modules
from vaultc.compiler.unit import By, Derivation, Procedure, Step
from vaultc.core.errors import ModelError
from vaultc.language.detect import language_of
from vaultc.model.prompt import load_prompt
from vaultc.model.structured import Refused, ask_value

if TYPE_CHECKING:
    from vaultc.compiler.tools import Tools
    from vaultc.compiler.unit import Component, Interface, Unit
    from vaultc.model.protocols import ChatModel

TASK = "pseudocode"
_MAX_STEPS = 80
_MAX_STEP = 400
_MAX_DEPTH = 6


def derive_steps(unit: Unit, tools: Tools) -> Unit:
    """Give `unit`, whose procedures are computed, with those of the brain where they pass the gate."""
    if tools.brain is None:
        return unit
    verbatim = python_modules(unit)
    for component in in_order(unit.components):
        own = [item for item in unit.interfaces if item.component == component.id]
        if own and component.code_name not in verbatim:
            unit = _ask(unit, tools, tools.brain, component, own)
    return unit


def _ask(unit: Unit, tools: Tools, brain: ChatModel, component: Component, own: list[Interface]) -> Unit:
    served = [item for item in unit.requirements if item.id in component.serves]
    prompt = load_prompt("pseudocode", tools.prompt_overrides).fill(
        TASK,
        component.code_name,
        title=unit.idea.title,
        language=unit.idea.language,
        component=f"{component.code_name} ({component.name}): {component.duty}",
        interfaces=shown.interfaces(own),
        requirements=shown.requirements(served, with_quotes=True),
        entities=shown.entities(unit.entities),
        constants=shown.constants(unit),
        rest=shown.rest(unit),
        neighbours=shown.neighbours(unit, component),
    )
    try:
        answer = ask_value(brain, prompt, FoundProcedures, shown.sampling(tools, brain), check=_is_empty)
    except ModelError as error:
        return unit.with_refusal(TASK, component.code_name, error.message)
    if isinstance(answer, Refused):
        return unit.with_refusal(TASK, component.code_name, answer.reason)
    return _admit(unit, component, own, answer)


def _is_empty(found: FoundProcedures) -> tuple[str, ...]:
    return () if found.procedures else ("there is no procedure in it",)


def _admit(unit: Unit, component: Component, own: list[Interface], answer: FoundProcedures) -> Unit:
    by_name = {item.code_name: item for item in own}
    for found in answer.procedures:
        interface = by_name.pop(found.operation, None)
        reason = "no operation of this component has this name" if interface is None else _fault(found, unit)
        if reason:
            unit = unit.with_refusal(TASK, f"{component.code_name}.{found.operation[:60]}", reason)
            continue
        assert interface is not None
        changed = _procedure(unit, interface, found)
        procedures = tuple(changed if item.interface == interface.id else item for item in unit.procedures)
        unit = replace(unit, procedures=procedures)
    return unit


def _fault(found: FoundProcedure, unit: Unit) -> str:
    if not 1 <= len(found.steps) <= _MAX_STEPS:
        return f"{len(found.steps)} steps"
    depth = 0
    for step in found.steps:
        if not step.text.strip() or len(step.text) > _MAX_STEP:
            return "a step is empty or too long"
        if not 0 <= step.depth <= min(depth + 1, _MAX_DEPTH):
            return "a step is indented by more than one"
        depth = step.depth
    known = {item.id for item in unit.requirements}
    lost = next((id_ for step in found.steps for id_ in step.serves if id_ not in known), None)
    if lost is not None:
        return f"it serves {lost[:40]!r}, which is no requirement"
    if language_of(" ".join(step.text for step in found.steps)) != unit.idea.language:
        return "it is not in the language of the note"
    return ""


def _procedure(unit: Unit, interface: Interface, found: FoundProcedure) -> Procedure:
    needs = {item.id: item for item in unit.requirements}
    old = next(item for item in unit.procedures if item.interface == interface.id)
    ground = interface.origins or (interface.derived.leans_on if interface.derived is not None else ())
    steps = []
    for step in found.steps:
        quotes = tuple(dict.fromkeys(quote for id_ in step.serves for quote in needs[id_].origins))
        steps.append(Step(shown.one_line(step.text), quotes or ground, step.depth, tuple(dict.fromkeys(step.serves))))
    served = dict.fromkeys((*interface.serves, *(id_ for step in steps for id_ in step.serves)))
    reason = interface.derived.reason if interface.derived is not None else interface.summary
    return replace(
        old,
        steps=tuple(steps),
        serves=tuple(served),
        by=By.MODEL,
        derived=Derivation(reason, ground) if not interface.origins else None,
    )
