"""What a strong model adds to the computed elements: three calls a chunk of context, every answer through the gate.

Targets of the calls: `requirements`, `entities`, `questions`; with more than one chunk `requirements-2` and so on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.extract.admit import admit_entities, admit_questions, admit_requirements
from vaultc.compiler.extract.answers import FoundEntities, FoundQuestions, FoundRequirements
from vaultc.compiler.passes.gather import binds
from vaultc.model.prompt import fence_data, load_prompt
from vaultc.model.protocols import Sampling
from vaultc.model.structured import Refused, ask_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.tools import Tools
    from vaultc.compiler.unit import ContextPassage, Unit
    from vaultc.model.protocols import ChatModel

_ANSWER_TOKENS = 16_384
_ANSWER_SHARE = 0.4  # of the context window, at most
_NOTES_SHARE = 0.5
_MIN_NOTES_TOKENS = 512
_WANTED = {
    "requirements": "requirements, constraints and decisions. Text of a requirement: one sentence "
    "that says what the product "
    'must, should, may or must not do; `condition`: its trigger ("when …"), if it has one.',
    "entities": "entities (records with fields, enumerations, state machines), constants, and "
    "examples that can be written as a "
    "Python call and its result.",
    "questions": "flows (what happens in which order) and open questions. A question counts only if "
    "its answer would change the code; "
    "at most five, the most important first.",
}


@dataclass(frozen=True)
class _Asked:
    """One call: what it is about, under which name, with which notes."""

    topic: str
    target: str
    notes: str


def add_found(unit: Unit, tools: Tools) -> Unit:
    """Ask the brain what the rules missed and add what passes the gate; each refusal is kept with its reason."""
    brain = tools.brain
    if brain is None:
        return unit
    for asked in _calls(unit, brain):
        unit = _ask(unit, tools, brain, asked)
    return unit


def _calls(unit: Unit, brain: ChatModel) -> Iterator[_Asked]:
    chunks = list(_chunks(unit, brain))
    for topic in _WANTED:
        for number, notes in enumerate(chunks, start=1):
            yield _Asked(topic, topic if number == 1 else f"{topic}-{number}", notes)


def _chunks(unit: Unit, brain: ChatModel) -> Iterator[str]:
    """Give the gathered passages as prompt text, in as few pieces as the context window takes."""
    budget = max(_MIN_NOTES_TOKENS, int(brain.spec.working_tokens * _NOTES_SHARE))
    pieces: list[str] = []
    used = 0
    for passage in unit.context:
        text = _shown(passage)
        cost = brain.count(text)
        if pieces and used + cost > budget:
            yield "\n\n".join(pieces)
            pieces, used = [], 0
        pieces.append(text)
        used += cost
    if pieces:
        yield "\n\n".join(pieces)


def _shown(passage: ContextPassage) -> str:
    where = " > ".join(passage.headings)
    weight = "may bind" if binds(passage) else "background"
    return fence_data(passage.quote.text, f"{passage.quote.span.path} | {where} | {weight}")


def _known(unit: Unit, topic: str) -> str:
    """Give what the rules found, in short lines."""
    lines: list[str] = []
    if topic == "requirements":
        lines += [f"- {need.modality}: {need.text}" for need in unit.requirements]
        lines += [f"- constraint: {constraint.text}" for constraint in unit.constraints]
        lines += [f"- decision: {decision.title}: {decision.chosen}" for decision in unit.decisions]
    elif topic == "entities":
        for entity in unit.entities:
            parts = [f"{part.code_name}: {part.type}" for part in entity.fields] or list(entity.values)
            lines.append(f"- {entity.kind} {entity.code_name} ({entity.name}): {', '.join(parts)}")
        lines += [f"- constant {constant.code_name} = {constant.shown}" for constant in unit.constants]
        lines += [f"- example {example.call} == {example.expected}" for example in unit.examples]
    else:
        lines += [f"- flow {flow.name}: {'; '.join(step.text for step in flow.steps)}" for flow in unit.flows]
        lines += [f"- question: {question.text}" for question in unit.questions]
    return "\n".join(lines) or "- nothing"


def _ask(unit: Unit, tools: Tools, brain: ChatModel, asked: _Asked) -> Unit:
    prompt = load_prompt("extract", tools.prompt_overrides).fill(
        "extract", asked.target,
        title=unit.idea.title, language=unit.idea.language, wanted=_WANTED[asked.topic],
        known=_known(unit, asked.topic), notes=asked.notes,
    )  # fmt: skip
    room = int(brain.spec.working_tokens * _ANSWER_SHARE)
    # Reasoning models go round in circles when drawn greedily; the seed keeps the answer the same.
    sampling = Sampling(
        max_tokens=min(tools.settings.get("answer_tokens", _ANSWER_TOKENS), room), temperature=0.6, top_k=20
    )
    if asked.topic == "requirements":
        needs = ask_value(brain, prompt, FoundRequirements, sampling)
        return (
            _refused(unit, asked, needs)
            if isinstance(needs, Refused)
            else admit_requirements(unit, needs, asked.target)
        )
    if asked.topic == "entities":
        things = ask_value(brain, prompt, FoundEntities, sampling)
        return (
            _refused(unit, asked, things) if isinstance(things, Refused) else admit_entities(unit, things, asked.target)
        )
    points = ask_value(brain, prompt, FoundQuestions, sampling)
    return _refused(unit, asked, points) if isinstance(points, Refused) else admit_questions(unit, points, asked.target)


def _refused(unit: Unit, asked: _Asked, refused: Refused) -> Unit:
    return unit.with_refusal("extract", asked.target, refused.reason)
