"""What a compile has to tell the person about the notes, the model's answers and the generated code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.trees import parsed
from vaultc.core.diagnostic import Diagnostic
from vaultc.core.rules import (
    ANSWER_REFUSED,
    CHECK_SKIPPED,
    CODE_CHECK_FAILED,
    FILE_MOVED,
    OPEN_QUESTION,
    REQUIREMENT_CONFLICT,
    UNCLEAR_REQUIREMENT,
)
from vaultc.core.source import Span
from vaultc.language.stems import stem, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.unit import Refusal, Unit

# Words that promise a quality and name no value: no test can check them.
_VAGUE = """
fast quick quickly slow easy easily simple intuitive robust reliable convenient responsive flexible scalable beautiful
nice user-friendly efficient efficiently soon reasonable appropriate
быстро быстрый быстрая медленно удобно удобный удобная просто простой интуитивно понятный надёжно надёжный гибкий
красиво красивый эффективно эффективный скоро разумный подходящий
"""


def diagnostics_of(unit: Unit) -> Iterator[Diagnostic]:
    """Give the findings of a compiled unit, in the order of the passes."""
    idea = Span(unit.idea.path, 0, 0)
    vague = {stem(word) for word in _VAGUE.split()}
    for requirement in unit.requirements:
        found = [word.text for word in words(requirement.text) if stem(word.text) in vague]
        if found and not requirement.limits and requirement.origins:
            message = f'{requirement.id} says "{found[0]}" and gives no value that a test could check'
            yield Diagnostic(UNCLEAR_REQUIREMENT, message, requirement.origins[0].span, help="name a number and a unit")
    for question in sorted(unit.questions, key=lambda item: item.rank):
        span = question.origins[0].span if question.origins else idea
        yield Diagnostic(OPEN_QUESTION, f"the notes leave open: {question.text}", span)
    for pair in unit.contradictions:
        related = ((pair.b.span, "against"),)
        yield Diagnostic(REQUIREMENT_CONFLICT, f"two statements cannot both hold: {pair.reason}", pair.a.span, related)
    yield from (_of_refusal(refusal, idea) for refusal in unit.refusals)
    yield from _unread(unit)
    yield from _checks(unit, idea)


def _checks(unit: Unit, idea: Span) -> Iterator[Diagnostic]:
    for check in unit.checks:
        if check.status == "failed":
            yield Diagnostic(CODE_CHECK_FAILED, f"the check of {check.name} failed: {check.detail}", idea)
        elif check.status == "skipped":
            yield Diagnostic(CHECK_SKIPPED, f"the check of {check.name} was not run: {check.detail}", idea)


def _unread(unit: Unit) -> Iterator[Diagnostic]:
    """Give the code of the notes that is kept as text, because it cannot be read as Python."""
    for item in unit.verbatim:
        if item.path.endswith(".py") and parsed(item.text) is None:
            message = f"{item.path} is no Python that can be read, or nests too deep: it is kept as text, not imported"
            yield Diagnostic(CHECK_SKIPPED, message, item.origin.span, help="mend the code in the note")


def _of_refusal(refusal: Refusal, idea: Span) -> Diagnostic:
    if refusal.task == "layout":
        return Diagnostic(CODE_CHECK_FAILED, f"{refusal.target}: {refusal.reason}", idea)
    if refusal.task == "place":
        message = f"{refusal.target} of the notes cannot stand at that path; it lies at {refusal.reason}"
        return Diagnostic(FILE_MOVED, message, idea, help="give the fence another file name, or remove the other one")
    target = f" about {refusal.target}" if refusal.target else ""
    message = f"an answer of the model in the pass {refusal.task}{target} was refused: {refusal.reason}"
    return Diagnostic(ANSWER_REFUSED, message, idea)
