"""Elements from a model's answer: admitted with quotations that stand, or as derived with a reason; else refused."""

from __future__ import annotations

import ast
import keyword
from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.evidence import contradicts_modality, disagreement, find_quote, is_binding, is_known
from vaultc.compiler.extract.limits import held_by_prohibition, limits_of
from vaultc.compiler.extract.requirements import requirement_id
from vaultc.compiler.extract.settled import field_code_name
from vaultc.compiler.extract.type_words import read_type
from vaultc.compiler.trees import expression
from vaultc.compiler.unit import (
    By,
    Constant,
    Constraint,
    Decision,
    Derivation,
    Entity,
    EntityKind,
    Example,
    Field,
    Flow,
    Limit,
    Modality,
    Question,
    Requirement,
    RequirementKind,
    Step,
    Transition,
)  # fmt: skip
from vaultc.core.digest import short_id
from vaultc.language.lexicon import listed
from vaultc.language.stems import content_stems
from vaultc.language.translit import code_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.extract.answers import (
        FoundConstant,
        FoundEntities,
        FoundEntity,
        FoundExample,
        FoundField,
        FoundFlow,
        FoundQuestions,
        FoundQuote,
        FoundRequirement,
        FoundRequirements,
    )  # fmt: skip
    from vaultc.compiler.unit import Unit
    from vaultc.core.source import Quote

_MIN_REASON = 12
_MAX_QUESTIONS = 5
_TYPES = listed("int float str bool date datetime time timedelta Decimal Path None list dict")


class _Refusal(Exception):  # noqa: N818 - no error of ours: an element of an answer does not pass
    """Why an element is not admitted."""


def _evidence(
    unit: Unit, found: Sequence[FoundQuote], text: str, reason: str
) -> tuple[tuple[Quote, ...], Derivation | None]:
    """Give the origins of a stated element, or the derivation of a derived one. Raises _Refusal where it has none."""
    quotes = [find_quote(quote.path, quote.text, unit.context) for quote in found]
    missing = next((quote.text for quote, place in zip(found, quotes, strict=True) if place is None), None)
    if missing is not None:
        raise _Refusal(f'these words do not stand in the notes: "{missing[:80]}"')
    standing = tuple(dict.fromkeys(place for place in quotes if place is not None))
    if not standing:
        raise _Refusal("it quotes nothing")
    if reason.strip():
        if len(reason.strip()) < _MIN_REASON:
            raise _Refusal("it is derived without a reason")
        return (), Derivation(" ".join(reason.split()), standing)
    if not any(is_binding(quote, unit.context) for quote in standing):
        raise _Refusal("the quoted note speaks of something else, and it is not marked as derived")
    why = disagreement(text, standing)
    if why:
        raise _Refusal(why)
    return standing, None


def _refuse(unit: Unit, target: str, what: str, refusal: _Refusal) -> Unit:
    return unit.with_refusal("extract", target, f'"{what[:80]}": {refusal}')


def admit_requirements(unit: Unit, answer: FoundRequirements, target: str) -> Unit:
    """Add the requirements, constraints and decisions of an answer that pass the gate."""
    for need in answer.requirements:
        try:
            unit = _with_requirement(unit, need)
        except _Refusal as refusal:
            unit = _refuse(unit, target, need.text, refusal)
    for found in answer.constraints:
        try:
            origins, _ = _evidence(unit, found.quotes, found.text, "")
        except _Refusal as refusal:
            unit = _refuse(unit, target, found.text, refusal)
            continue
        if not is_known(found.text, (item.text for item in unit.constraints)):
            made = Constraint(short_id("K", ("constraint", *_key(found.text))), found.text, origins, by=By.MODEL)
            unit = replace(unit, constraints=(*unit.constraints, made))
    for choice in answer.decisions:
        try:
            origins, derived = _evidence(unit, choice.quotes, f"{choice.title} {choice.chosen}", choice.derived)
        except _Refusal as refusal:
            unit = _refuse(unit, target, choice.title, refusal)
            continue
        if not is_known(choice.chosen, (item.chosen for item in unit.decisions)):
            id_ = short_id("D", ("decision", choice.title, choice.chosen))
            settled = Decision(
                id_, choice.title, choice.chosen, tuple(choice.alternatives), choice.reason, origins, By.MODEL, derived
            )
            unit = replace(unit, decisions=(*unit.decisions, settled))
    return unit


def _key(text: str) -> list[str]:
    return sorted(set(content_stems(text))) or [text]


def _with_requirement(unit: Unit, found: FoundRequirement) -> Unit:
    text = " ".join(found.text.split())
    modality = Modality(found.modality)
    if len(text) < _MIN_REASON // 2:
        raise _Refusal("it says nothing")
    origins, derived = _evidence(unit, found.quotes, text, found.derived)
    if origins and contradicts_modality(modality, origins):
        raise _Refusal(f"the quoted words do not say {found.modality}")
    id_ = requirement_id(text, modality)
    if is_known(text, (need.text for need in unit.requirements)) or any(need.id == id_ for need in unit.requirements):
        return unit
    limits = _limits(text, modality, origins)
    made = Requirement(
        id_, RequirementKind(found.kind), modality, text, origins, By.MODEL, found.priority,
        " ".join(found.condition.split()), limits, derived=derived,
    )  # fmt: skip
    return replace(unit, requirements=(*unit.requirements, made))


def _limits(text: str, modality: Modality, origins: Sequence[Quote]) -> tuple[Limit, ...]:
    """Give the bounds of a stated requirement; a derived one has no quotation that a bound could lean on."""
    if not origins:
        return ()
    found = limits_of(text, origins[0])
    return held_by_prohibition(found) if modality in {Modality.MUST_NOT, Modality.SHOULD_NOT} else found


def admit_entities(unit: Unit, answer: FoundEntities, target: str) -> Unit:
    """Add the entities, constants and examples of an answer that pass the gate; a known record gains only fields."""
    names = {code_name(entity.name, "pascal") for entity in answer.entities}
    for entity in answer.entities:
        try:
            unit = _with_entity(unit, entity, names)
        except _Refusal as refusal:
            unit = _refuse(unit, target, entity.name, refusal)
    for constant in answer.constants:
        try:
            unit = _with_constant(unit, constant)
        except _Refusal as refusal:
            unit = _refuse(unit, target, constant.name, refusal)
    for example in answer.examples:
        try:
            unit = _with_example(unit, example)
        except _Refusal as refusal:
            unit = _refuse(unit, target, example.call, refusal)
    return unit


def _with_entity(unit: Unit, found: FoundEntity, names: set[str]) -> Unit:
    origins, derived = _evidence(unit, found.quotes, found.name, found.derived)
    code = code_name(found.name, "pascal").rstrip("_")
    kind = EntityKind(found.kind)
    evidence = origins or (derived.leans_on if derived is not None else ())
    known_types = names | {entity.code_name for entity in unit.entities}
    fields = tuple(_field(part, known_types, evidence) for part in found.fields)
    same = next((entity for entity in unit.entities if entity.code_name == code), None)
    if same is not None:
        if same.kind is not EntityKind.RECORD or kind is not EntityKind.RECORD:
            return unit
        have = {part.code_name for part in same.fields}
        added = (part for part in fields if not {part.code_name, field_code_name(part.name)} & have)
        grown = replace(same, fields=(*same.fields, *added))
        return replace(unit, entities=tuple(grown if entity is same else entity for entity in unit.entities))
    values = tuple(dict.fromkeys(value.strip() for value in found.values if value.strip()))
    transitions = tuple(Transition(step.source, step.target, step.event, evidence) for step in found.transitions)
    loose = [end for step in transitions for end in (step.source, step.target) if end != "[*]" and end not in values]
    if (kind is EntityKind.RECORD and not fields) or (kind is not EntityKind.RECORD and len(values) < 2) or loose:
        raise _Refusal("it has no fields or values, or a transition to a state that is not listed")
    id_ = short_id("E", ("entity", "record" if kind is EntityKind.RECORD else "values", code))
    made = Entity(id_, kind, found.name, code, origins, fields, values, transitions, By.MODEL, derived)
    return replace(unit, entities=(*unit.entities, made))


def _field(found: FoundField, known: set[str], evidence: tuple[Quote, ...]) -> Field:
    type_ = found.type.removesuffix(" | None").removeprefix("Optional[").strip()
    if not _is_type(type_, known):
        type_ = read_type(found.type).type or "str"
    default = found.default.strip() or (None if found.required else "None")
    if default is not None and not _is_source(default):
        default = "None"
    return Field(
        found.name,
        found.name if _is_field_name(found.name) else field_code_name(found.name),
        type_,
        found.required and default is None,
        default,
        found.note,
        (),
        evidence,
    )


def _is_field_name(text: str) -> bool:
    """Tell whether `text` is a name for code already: `as_json` is meant so, with all its words."""
    is_name = text.isascii() and text.isidentifier() and text == text.lower()
    return is_name and not text.startswith("_") and not keyword.iskeyword(text)


def _is_source(text: str) -> bool:
    return expression(text) is not None


def _is_type(text: str, known: set[str]) -> bool:
    tree = expression(text)
    if tree is None:
        return False
    allowed = (ast.Name, ast.Subscript, ast.Tuple, ast.Load)
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return all(isinstance(node, allowed) for node in nodes) and names <= _TYPES | known


def _with_constant(unit: Unit, found: FoundConstant) -> Unit:
    origins, _ = _evidence(unit, found.quotes, found.value, "")
    try:
        value = ast.literal_eval(found.value)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        raise _Refusal("its value is no Python literal") from None
    if type(value).__name__ != found.type and not (found.type == "float" and isinstance(value, int)):
        raise _Refusal(f"its value is no {found.type}")
    code = (
        found.name
        if found.name.isascii() and found.name.isupper() and found.name.isidentifier()
        else code_name(found.name, "constant")
    )
    if any(constant.code_name == code for constant in unit.constants):
        return unit
    made = Constant(short_id("C", ("constant", code)), found.name, code, found.type, found.value, found.unit, origins)
    return replace(unit, constants=(*unit.constants, made))


def _with_example(unit: Unit, found: FoundExample) -> Unit:
    origins, _ = _evidence(unit, found.quotes, "", "")
    call = found.call.strip()
    if not isinstance(expression(call), ast.Call) or expression(found.expected) is None:
        raise _Refusal("it is no Python call with a result")
    why = disagreement(found.expected, origins) if any(char.isdigit() for char in found.expected) else ""
    if why.startswith("the number"):
        raise _Refusal(why)
    id_ = short_id("X", ("example", call, found.expected.strip()))
    if any(example.id == id_ for example in unit.examples):
        return unit
    return replace(unit, examples=(*unit.examples, Example(id_, call, found.expected.strip(), origins)))


def admit_questions(unit: Unit, answer: FoundQuestions, target: str) -> Unit:
    """Add the flows and open questions of an answer that pass the gate; at most five questions."""
    for flow in answer.flows:
        try:
            unit = _with_flow(unit, flow)
        except _Refusal as refusal:
            unit = _refuse(unit, target, flow.name, refusal)
    for question in answer.questions[:_MAX_QUESTIONS]:
        try:
            origins, derived = _evidence(unit, question.quotes, "", question.derived)
        except _Refusal as refusal:
            unit = _refuse(unit, target, question.text, refusal)
            continue
        if not is_known(question.text, (item.text for item in unit.questions)):
            id_ = short_id("Q", ("question", *_key(question.text)))
            asked = Question(id_, question.text, question.rank, origins, By.MODEL, derived)
            unit = replace(unit, questions=(*unit.questions, asked))
    return replace(unit, questions=tuple(sorted(unit.questions, key=lambda item: item.rank)))


def _with_flow(unit: Unit, found: FoundFlow) -> Unit:
    origins, _ = _evidence(unit, found.quotes, "", "")
    if len(found.steps) < 2:
        raise _Refusal("it has fewer than two steps")
    steps = []
    for step in found.steps:
        place = find_quote(step.quote.path, step.quote.text, unit.context) if step.quote is not None else None
        if step.quote is not None and place is None:
            raise _Refusal(f'these words do not stand in the notes: "{step.quote.text[:80]}"')
        steps.append(Step(" ".join(step.text.split()), (place,) if place is not None else origins))
    joined = " ".join(step.text for step in steps)
    if is_known(joined, (" ".join(step.text for step in flow.steps) for flow in unit.flows)):
        return unit
    id_ = short_id("F", ("flow", *(step.text for step in steps)))
    return replace(unit, flows=(*unit.flows, Flow(id_, found.name, tuple(steps), origins, By.MODEL)))
