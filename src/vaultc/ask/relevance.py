"""Whether what is said is about the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.ask.terms import name_keys, terms_of

if TYPE_CHECKING:
    from vaultc.ask.question import Question

_SHARE = 0.33
_SHARE_ABROAD = 0.25


def is_about(question: Question, text: str) -> bool:
    """Tell whether a sentence with its quotations and headings has the names and a third of the content asked for.

    A question without content of its own ("what should I do now?") is about anything.
    """
    asked = question.terms
    if asked.names - name_keys(text):
        return False
    said = terms_of(text)
    wanted = asked.concepts | asked.measured
    if question.attribute and question.attribute not in said.concepts:
        wanted |= {question.attribute}
    there = wanted & said.content
    needed = _SHARE if said.language == asked.language else _SHARE_ABROAD
    return not wanted or len(there) / len(wanted) >= needed
