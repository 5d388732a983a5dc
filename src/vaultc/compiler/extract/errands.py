"""Errands: what the writer or another person is to do for the project or in life, and the product does not."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from vaultc.language.clauses import Predicate
from vaultc.language.form import Mood, Pos
from vaultc.language.lexicon import phrases
from vaultc.language.matching import phrase_set
from vaultc.language.reading import Basis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.extract.product import Product
    from vaultc.language.clauses import Clause
    from vaultc.language.reading import Reading
    from vaultc.language.tagging import Token

_PERSONAL = ("talk", "buy", "go", "mind")
_SUBJECT_POS = frozenset({Pos.NOUN, Pos.PRONOUN})


def has_subject(reading: Reading, clause: Clause) -> bool:
    """Tell whether a clause names who or what acts: a noun or pronoun before its verb, in Russian a nominative."""
    words = clause.words(reading.tokens)
    if clause.kind is Predicate.ORDER:
        words = clause.subject(reading.tokens)
        return any(token.form.pos in _SUBJECT_POS and _is_nominative(token) for token in words)
    verb = reading.tokens[clause.predicate] if clause.predicate >= 0 else None
    if verb is not None and verb.form.pos is Pos.MODAL and not verb.folded.isascii():
        return False  # «надо», «можно», «нельзя» take no subject
    if any(token.is_code and token.start < reading.tokens[max(clause.predicate, 0)].start for token in words):
        return True
    before = clause.subject(reading.tokens)
    if any(token.folded.isascii() and token.form.pos in _SUBJECT_POS for token in before):
        return True
    if any(_is_nominative(token) or (token.is_code and not words[0].folded.isascii()) for token in words):
        return True
    if not words or words[0].form.pos is not Pos.COORDINATOR:
        return False
    earlier = [other for other in reading.main if other.last < clause.first]
    return bool(earlier) and has_subject(reading, earlier[-1])  # "it is an error and has to be named"


def _is_nominative(token: Token) -> bool:
    """Tell whether a Russian word can only be a subject: before its verb or behind it."""
    nominal = [form for form in token.forms if form.is_nominal]
    return token.form.pos in _SUBJECT_POS and bool(nominal) and nominal[0].case == "nomn"


def names_person(reading: Reading, clause: Clause, product: Product) -> bool:
    """Tell whether who acts is somebody by name, and not the product."""
    subject = clause.subject(reading.tokens)
    nouns = [token for token in subject if token.form.pos is Pos.NOUN]
    if _by_person(reading.tokens):
        return True
    if not nouns or product.is_named(" ".join(token.text for token in subject)):
        return False
    return all(map(_is_name, nouns)) or any(map(_is_somebody, nouns))


def _by_person(tokens: Sequence[Token]) -> bool:
    """Tell whether somebody by name does what is said in the passive: "painted by Anna"."""
    agents = phrases("clauses", "agent")
    pairs = pairwise(tokens)
    return any(before.folded in agents and _is_name(after) for before, after in pairs)


def _is_name(token: Token) -> bool:
    if token.form.is_name or (token.text[:1].isupper() and any(form.is_name for form in token.forms)):
        return True
    is_capital = token.text[:1].isupper() and not token.text.isupper() and token.text.isalpha()
    return is_capital and token.folded.isascii() and not token.form.is_known


def _is_somebody(token: Token) -> bool:
    """Tell whether a Russian word is a person's name, whatever else it may be."""
    return token.text[:1].isupper() and any(form.is_name and form.is_animate for form in token.forms)


def is_errand(reading: Reading, product: Product, *, of_task: bool = False) -> bool:
    """Tell whether a sentence without a subject orders what only a person does: "call Anna", «купить лампу».

    What hangs on a condition or comes again and again is no errand: "ask for the PIN when the door opens". In a task
    work on the project counts too: "look into caching".
    """
    binding = reading.binding
    if binding is None or reading.condition is not None or is_often(reading):
        return False
    if binding.basis not in {Basis.ORDER, Basis.WORD} or has_subject(reading, binding.clause):
        return False
    categories = (*_PERSONAL, "home", "work") if of_task else (*_PERSONAL, "home")
    clause = binding.clause
    verbs = [at for at in range(clause.first, clause.last + 1) if _is_verb(reading.tokens[at])]
    if of_task and verbs and next(phrase_set("errands", "own_things").find(reading.tokens), None) is not None:
        return True
    if not verbs or phrase_set("errands", *categories).match(reading.tokens, verbs[0]) is None:
        return False
    if phrase_set("errands", *_PERSONAL).match(reading.tokens, verbs[0]) is not None:
        return True
    return not product.is_named(" ".join(token.text for token in clause.words(reading.tokens)))


def asks_person(reading: Reading) -> bool:
    """Tell whether a sentence without a subject is about speaking with somebody by name: «спросить у Пети»."""
    binding = reading.binding
    if binding is None or has_subject(reading, binding.clause):
        return False
    words = binding.clause.words(reading.tokens)
    is_talk = next(phrase_set("errands", "talk").find(words), None) is not None
    return is_talk and any(_is_somebody(token) or (at and _is_name(token)) for at, token in enumerate(words))


def _is_verb(token: Token) -> bool:
    return token.form.pos is Pos.VERB and token.form.mood in {Mood.INFINITIVE, Mood.IMPERATIVE}


def is_often(reading: Reading) -> bool:
    """Tell whether a sentence says that something comes again and again."""
    return next(phrase_set("errands", "often").find(reading.tokens), None) is not None
