"""What a small model may do: say a component's duty in one sentence, where it can do so from the notes' own words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.derive import shown
from vaultc.compiler.unit import By
from vaultc.core.errors import ModelError
from vaultc.language.detect import language_of
from vaultc.language.sentences import sentences
from vaultc.language.stems import content_stems, words
from vaultc.model.prompt import load_prompt
from vaultc.model.protocols import Sampling
from vaultc.model.structured import Refused, ask_text

if TYPE_CHECKING:
    from vaultc.compiler.tools import Tools
    from vaultc.compiler.unit import Component, Unit

TASK = "summary"
MAX_CALLS = 2
_MIN_NEEDS = 2
_MAX_SHOWN = 4
_MIN_CHARS, _MAX_CHARS = 24, 180
_MAX_TOKENS = 64
_MIN_SHARE = 0.75
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def guide(unit: Unit, tools: Tools) -> Unit:
    """Give `unit` with duties in words where a model's sentence passes the gate; at most MAX_CALLS calls."""
    if tools.brain is None:
        return unit
    needs = {item.id: item for item in unit.requirements}
    groups = [item for item in unit.components if len(item.serves) >= _MIN_NEEDS and item.derived is None]
    groups.sort(key=lambda item: -len(item.serves))
    for component in groups[:MAX_CALLS]:
        said = [needs[id_].text for id_ in component.serves if id_ in needs]
        prompt = load_prompt("summary", tools.prompt_overrides).fill(
            TASK,
            component.code_name,
            title=unit.idea.title,
            language=unit.idea.language,
            name=component.name,
            requirements="\n".join(f"- {shown.one_line(text)}" for text in said[:_MAX_SHOWN]),
        )
        try:
            answer = ask_text(tools.brain, prompt, Sampling(max_tokens=_MAX_TOKENS, thinking=False), attempts=1)
        except ModelError as error:
            unit = unit.with_refusal(TASK, component.code_name, error.message)
            continue
        unit = _admit(unit, component, answer, said)
    return unit


def _admit(unit: Unit, component: Component, answer: str | Refused, said: list[str]) -> Unit:
    fault = answer.reason if isinstance(answer, Refused) else sentence_fault(answer, said, unit.idea.language)
    if fault or isinstance(answer, Refused):
        return unit.with_refusal(TASK, component.code_name, fault)
    changed = replace(component, duty=shown.one_line(answer), by=By.MODEL)
    components = tuple(changed if item.id == component.id else item for item in unit.components)
    return replace(unit, components=components)


def sentence_fault(text: str, said: list[str], language: str) -> str:
    """Give why `text` is no faithful sentence on what was said, or an empty text."""
    line = text.strip()
    evidence = " ".join(said)
    if "\n" in line or not _MIN_CHARS <= len(line) <= _MAX_CHARS or len(sentences(line)) != 1:
        return "it is not one sentence of fair length"
    if not line.endswith(".") or any(sign in line for sign in "`*#[]<>|{}"):
        return "it is not a plain sentence"
    if language_of(line) != language:
        return "it is not in the language of the note"
    if set(_NUMBER.findall(line)) - set(_NUMBER.findall(evidence)):
        return "it holds a number that the notes do not"
    own, known = set(content_stems(line)), set(content_stems(evidence))
    if not own or len(own & known) / len(own) < _MIN_SHARE:
        return "its words are not those of the notes"
    names = {word.text for word in words(line) if word.text[:1].isupper() and word.start > 0}
    if names - {word.text for word in words(evidence)}:
        return "it names something that the notes do not"
    return _stance_fault(line, said)


def _stance_fault(line: str, said: list[str]) -> str:
    """Refuse a sentence that forbids or denies what none of the statements does, or the other way round."""
    marks = {"not", "never", "no", "не", "нельзя", "никогда", "без", "cannot", "without"}
    own = {word.text.lower() for word in words(line)} & marks
    theirs = {word.text.lower() for text in said for word in words(text)} & marks
    if bool(own) != bool(theirs):
        return "it denies what the notes do not, or leaves out what they deny"
    return ""
