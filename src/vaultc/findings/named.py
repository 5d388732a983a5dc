"""Values that are words: who is responsible, what state a thing is in, its colour, a named choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.findings.claim import Value, ValueKind
from vaultc.findings.clauses import Clause, Sort, Term, attribute_words, colours_of, name_key, states_of, terms_of
from vaultc.findings.glossary import is_unknown
from vaultc.findings.lexicon import PERSONS, attributes, statuses
from vaultc.language.lexicon import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_VALUE_WORDS = 4
_YES_NO = listed("yes true да есть on вкл no false нет off выкл")
_CLOSED = frozenset({"owner", "lead", "author", "status", "colour", "material", "location", "language"})
"""Attributes that a thing has one of; of any other key two notes may well say different words."""
_COPULAS = listed("is are now been got remains становится")
_SPOKEN_STATES = frozenset({"done", "cancelled", "postponed", "broken", "working"})


def labelled_value(label: str, text: str) -> tuple[str, Value, tuple[str, ...]] | None:
    """Read "label: text" where text is no number: attribute, value, and the label's words that name the subject."""
    terms = terms_of(label)
    known = attributes()
    named = [known[term.stem] for term in terms if term.sort is Sort.ATTRIBUTE]
    things = tuple(term.concept for term in terms if term.sort is Sort.SUBJECT)
    attribute = named[-1] if named else ""
    if attribute not in _CLOSED or len(things) > 3:
        return None
    inner = terms_of(text)
    rest = things
    if attribute == "status":
        states = states_of(inner)
        return (
            (attribute, Value(ValueKind.STATUS, text.strip(), dimension="state", parts=states), rest)
            if states
            else None
        )
    if attribute == "colour":
        hues = colours_of(inner)
        return (attribute, Value(ValueKind.COLOUR, text.strip(), parts=hues), rest) if hues else None
    parts = _parts(text, inner)
    dimension = "person" if attribute in PERSONS else attribute
    return (attribute, Value(ValueKind.NAME, text.strip(), dimension=dimension, parts=parts), rest) if parts else None


def _parts(text: str, inner: tuple[Term, ...]) -> tuple[str, ...]:
    """Give the keys of a short value; a sentence is no value."""
    if not inner or len(inner) > _MAX_VALUE_WORDS or any(char in text for char in ".!?;/"):
        return ()
    if len(inner) == 1 and inner[0].folded in _YES_NO:
        return ()
    if any(term.sort is Sort.NEGATION for term in inner):
        return ()
    told = [term for term in inner if term.sort is not Sort.LIGHT]
    return tuple(dict.fromkeys(key for term in told for key in (term.concept, name_key(term.text))))


def named_values(clause: Clause) -> Iterator[tuple[str, Value, tuple[Term, ...]]]:
    """Give what a clause says in words: a person in charge, a state; with the words left as subject."""
    yield from _persons(clause)
    yield from _states(clause)


def _persons(clause: Clause) -> Iterator[tuple[str, Value, tuple[Term, ...]]]:
    roles = {name for name, _ in attribute_words(clause) if name in PERSONS}
    if len(roles) != 1:
        return
    names = [term for term in clause.terms if _may_be_name(term, clause)]
    last = clause.terms[-1]
    if not names and last.sort is Sort.SUBJECT and last.text.istitle() and last.text.isalpha():
        names = [last]  # «Ответственный — Марта»: a capital behind a dash
    things = tuple(term for term in clause.subject if term not in names)
    if 1 <= len(names) <= 2 and things:
        keys = tuple(name_key(term.text) for term in names)
        text = " ".join(term.text for term in names)
        yield roles.pop(), Value(ValueKind.NAME, text, dimension="person", parts=keys), things


def _may_be_name(term: Term, clause: Clause) -> bool:
    if term.sort is not Sort.SUBJECT or not term.text[0].isupper() or not term.text.isalpha() or term.text.isupper():
        return False
    # At the start of a clause any word has a capital: there a name is a word that no glossary knows.
    return bool(term.name) or (term is clause.terms[0] and is_unknown(term.text))


def _states(clause: Clause) -> Iterator[tuple[str, Value, tuple[Term, ...]]]:
    """Read "X is cancelled", «X готов», "the status of X is done"."""
    known = statuses()
    is_named = any(name == "status" for name, _ in attribute_words(clause))
    if any(term.sort is Sort.NEGATION for term in clause.terms) or len(clause.subject) > 6:
        return
    for before, term in zip(clause.terms, clause.terms[1:], strict=False):
        state = known.get(term.stem)
        is_told = is_named or before.folded in _COPULAS or (not term.text.isascii() and term is clause.terms[-1])
        if state is None or not is_told or (not is_named and state not in _SPOKEN_STATES):
            continue
        things = tuple(other for other in clause.subject if other.stem not in known)
        if things:
            yield "status", Value(ValueKind.STATUS, term.text, dimension="state", parts=(state,)), things
        return
