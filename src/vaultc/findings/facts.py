"""Statements without a number: what is so or not so, what must, may or must not be done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from vaultc.findings.claim import Value, ValueKind
from vaultc.findings.clauses import Clause, Sort, Term, clauses, scopes_of
from vaultc.findings.lexicon import PERSONS, attributes, statuses
from vaultc.findings.measures import may_measure
from vaultc.findings.standing import may_bind, may_deny, modality_of, negations_in
from vaultc.language.contrasts import antonyms
from vaultc.language.stems import fold, stem

if TYPE_CHECKING:
    from collections.abc import Iterator

_BINDING_NOT = frozenset({"must_not", "should_not", "waived"})
_MAX_WORDS = 8
_MIN_WORDS = 2
_SHORT = 24
"""A longer sentence names more than `_MAX_WORDS` things."""
_LETTERS = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_RELATIVE = re.compile(
    r"[\s,;(]{0,4}(?:which|that|who|whose|where|котор|где|чей|чтобы|что|чем|than|кроме|except)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement at `[start, end)` of a sentence: its words, whether it affirms, and how binding it is."""

    terms: tuple[Term, ...]
    value: Value
    is_affirmed: bool
    modality: str
    scope: tuple[str, ...]
    start: int
    end: int


def may_state(text: str) -> bool:
    """Tell whether a sentence can claim anything: it is short, or has a value, a state, a role, a "not" or a "must"."""
    found = _LETTERS.findall(text)
    return len(found) <= _SHORT or any(map(_is_hint, found)) or may_measure(text)


@lru_cache(maxsize=100_000)
def _is_hint(word: str) -> bool:
    folded, word_stem = fold(word), stem(word)
    if word_stem in statuses() or word_stem in antonyms() or attributes().get(word_stem) in PERSONS:
        return True
    return may_bind((folded,)) or may_deny((folded,))


def fact_of(text: str) -> Iterator[Fact]:
    """Give what a sentence states, as a whole where it is short, else its clauses that deny or bind."""
    whole = clauses(text)
    if not whole:
        return
    told = sum(len(_told(part)) for part in whole)
    if _MIN_WORDS <= told <= _MAX_WORDS and len(whole) <= 2:
        terms = tuple(term for part in whole for term in part.terms)
        yield _fact(text, Clause(0, len(text), terms))
        return
    for part, following in zip(whole, (*whole[1:], None), strict=True):
        if following is not None and _RELATIVE.match(text, following.start):
            continue  # "an error that comes later": the next clause narrows this one
        if _MIN_WORDS <= len(_told(part)) <= _MAX_WORDS:
            fact = _fact(text, part)
            if fact.modality or not fact.is_affirmed:
                yield fact


def _told(part: Clause) -> tuple[Term, ...]:
    return tuple(term for term in part.terms if term.sort in {Sort.SUBJECT, Sort.ATTRIBUTE})


def _fact(text: str, part: Clause) -> Fact:
    inner = text[part.start : part.end]
    folded = [term.folded for term in part.terms]
    modality = modality_of(inner) if may_bind(folded) else ""
    is_negated = may_deny(folded) and negations_in(inner)
    known = antonyms()
    flips = sum(not known[term.stem][1] for term in part.terms if term.stem in known)
    is_affirmed = (flips % 2 == 0) != (is_negated and modality not in _BINDING_NOT)
    value = Value(ValueKind.FACT, inner.strip(), dimension="fact")
    return Fact(_told(part), value, is_affirmed, modality, scopes_of(part.terms), part.start, part.end)
