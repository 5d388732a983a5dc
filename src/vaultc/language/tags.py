"""Which part of speech each word of a sentence is, by its dictionary and the words beside it; and noun phrases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.language.form import Form, Mood, Pos, Tense
from vaultc.language.morphology import analyse

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = re.compile(r"[^\W\d_]++(?:['’-][^\W\d_]++)*+")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_BEFORE_NOUN = frozenset({Pos.DETERMINER, Pos.NUMERAL, Pos.PREPOSITION})
_AFTER_VERB = frozenset({Pos.DETERMINER, Pos.NUMERAL, Pos.PREPOSITION, Pos.ADVERB, Pos.PRONOUN, Pos.PARTICLE})
_MODIFIERS = frozenset({Pos.ADJECTIVE, Pos.NOUN})
_BETWEEN = frozenset({Pos.MODAL, Pos.ADVERB, Pos.PARTICLE})
_OPEN = frozenset({Pos.NOUN, Pos.VERB, Pos.ADJECTIVE, Pos.ADVERB})
_HELPERS = frozenset({"be", "have", "get"})
_BREAKS = frozenset(",;:.!?()")


@dataclass(frozen=True, slots=True)
class Tagged:
    """A word at `[start, end)` in the reading that fits its place."""

    text: str
    start: int
    end: int
    form: Form

    @property
    def is_noun(self) -> bool:
        """Tell whether the word names a thing."""
        return self.form.pos is Pos.NOUN

    @property
    def is_verb(self) -> bool:
        """Tell whether the word is a verb in any form but a participle used as an adjective."""
        return self.form.pos is Pos.VERB


def tagged(text: str) -> tuple[Tagged, ...]:
    """Give the words of `text` in order, each in its likeliest reading. Digits are no words. Never raises."""
    found: list[Tagged] = []
    matches = list(_WORD.finditer(text))
    readings = [analyse(match.group()) for match in matches]
    predicates = _predicate_follows(text, matches, readings)
    for at, match in enumerate(matches):
        is_near = bool(found) and text[found[-1].end : match.start()].isspace()
        if _CYRILLIC.search(match.group()):
            form = _russian(readings[at], found[-1] if is_near else None)
        else:
            gap = text[match.end() : matches[at + 1].start() if at + 1 < len(matches) else len(text)]
            after = readings[at + 1] if at + 1 < len(matches) and not gap.strip() else ()
            place = _Place(found[-1] if is_near else None, after, gap.lstrip()[:1].isdigit(), predicates[at])
            form = _english(readings[at], place, _verb_of(found, text))
        found.append(Tagged(match.group(), match.start(), match.end(), form))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands around a word: the word before, what the next may be, a digit behind, a sure predicate later."""

    previous: Tagged | None
    after: Sequence[Form]
    is_measured: bool
    has_predicate: bool

    @property
    def opens(self) -> bool:
        """Tell whether what follows is what follows a verb."""
        return self.is_measured or any(form.pos in _AFTER_VERB or form.pos is Pos.ADJECTIVE for form in self.after)

    @property
    def modifies(self) -> bool:
        """Tell whether a noun follows that the word may describe."""
        is_open = bool(self.after) and self.after[0].pos in _OPEN
        return is_open and any(form.pos in _MODIFIERS for form in self.after)


def _predicate_follows(text: str, matches: Sequence[re.Match[str]], readings: Sequence[Sequence[Form]]) -> list[bool]:
    """Tell of each word whether a word that can only be a predicate stands later in its clause."""
    found, is_there = [False] * len(matches), False
    for at in range(len(matches) - 2, -1, -1):
        is_link = any(form.pos is Pos.SUBORDINATOR for form in readings[at + 1])
        if is_link or set(text[matches[at].end() : matches[at + 1].start()]) & _BREAKS:
            is_there = False
        elif _is_surely_predicate(readings[at + 1], readings[at + 2] if at + 2 < len(matches) else ()):
            is_there = True
        found[at] = is_there
    return found


def _is_surely_predicate(forms: Sequence[Form], after: Sequence[Form]) -> bool:
    """Tell whether a word can be nothing else, or is a verb of the third person before an article: "locks the door"."""
    is_third = any(form.pos is Pos.VERB and form.person == 3 for form in forms)
    is_sure = all(form.is_predicate for form in forms) and not all(form.tense is Tense.PAST for form in forms)
    return is_sure or forms[0].pos is Pos.MODAL or (is_third and bool(after) and after[0].pos is Pos.DETERMINER)


def _verb_of(found: Sequence[Tagged], text: str) -> Tagged | None:
    """Give the last predicate of the clause so far: the one after the last comma or the like."""
    for at in range(len(found) - 1, -1, -1):
        if found[at].form.is_predicate or found[at].form.mood is Mood.INFINITIVE:
            return found[at]
        if at and set(text[found[at - 1].end : found[at].start]) & _BREAKS:
            return None
    return None


def _first(forms: Sequence[Form], pos: Pos) -> Form | None:
    return next((form for form in forms if form.pos is pos), None)


def _russian(forms: Sequence[Form], previous: Tagged | None) -> Form:
    """Take the part of speech that weighs most in all; a noun where an adjective or a preposition asks for one."""
    noun = _first(forms, Pos.NOUN)
    if noun is not None and previous is not None and previous.form.pos in {Pos.PREPOSITION, Pos.ADJECTIVE}:
        agreeing = [form for form in forms if form.pos is Pos.NOUN and form.case == previous.form.case]
        return agreeing[0] if agreeing else noun
    weights: dict[Pos, float] = {}
    for form in forms:
        weights[form.pos] = weights.get(form.pos, 0.0) + form.weight
    best = max(weights, key=lambda pos: weights[pos])
    if previous is not None and previous.is_noun and best is Pos.NOUN:
        genitive = next((form for form in forms if form.pos is Pos.NOUN and form.case == "gent"), None)
        if genitive is not None and genitive.weight > 0.2:
            return genitive
    return next(form for form in forms if form.pos is best)


def _english(forms: Sequence[Form], place: _Place, governing: Tagged | None) -> Form:
    """Choose between noun, adjective and verb by the words around and by the verb that was there before."""
    if forms[0].pos not in _OPEN:
        return forms[0]
    noun, verb, adjective = (_first(forms, pos) for pos in (Pos.NOUN, Pos.VERB, Pos.ADJECTIVE))
    previous = place.previous
    pos = previous.form.pos if previous is not None else None
    after_to = previous is not None and previous.text.lower() == "to"
    is_governed = governing is not None and governing.form.pos is Pos.MODAL
    if verb is not None and (after_to or (is_governed and pos in _BETWEEN) or pos is Pos.PRONOUN):
        return _form_of_verb(forms, Mood.INFINITIVE) or verb
    is_helped = previous is not None and previous.form.lemma in _HELPERS
    participle = _form_of_verb(forms, Mood.PARTICIPLE) if is_helped else None
    if participle is not None:
        return participle
    if verb is not None and noun is None and pos in _BEFORE_NOUN and verb.mood is not Mood.PARTICIPLE:
        noun = Form(verb.lemma, Pos.NOUN, is_plural=verb.person == 3)  # the dictionary has no noun "log"
    if pos in _BEFORE_NOUN or pos is Pos.ADJECTIVE:
        return (adjective if place.modifies else None) or noun or adjective or forms[0]
    if verb is not None and verb.mood is Mood.FINITE and verb.tense is Tense.PAST:
        is_later = governing is not None or place.has_predicate
        return (_form_of_verb(forms, Mood.PARTICIPLE) if is_later else None) or verb
    if verb is None or noun is None:
        return _of_one_kind(forms, place, noun, verb, adjective)
    if pos is None:
        is_order = place.opens and verb.mood is Mood.INFINITIVE and not place.has_predicate
        return verb if is_order and governing is None else noun
    if pos is Pos.COORDINATOR and governing is not None and place.opens and verb.person != 3:
        return verb  # "have one decimal and run from"
    if governing is not None or place.has_predicate or previous is None or not (previous.is_noun or place.opens):
        return noun
    is_agreeing = bool(previous.form.is_plural) == (verb.person != 3)
    is_agreeing = is_agreeing or (verb.person == 3 and bool(place.after) and place.after[0].pos is Pos.DETERMINER)
    return verb if is_agreeing and (place.opens or not place.after) else noun


def _of_one_kind(
    forms: Sequence[Form], place: _Place, noun: Form | None, verb: Form | None, adjective: Form | None
) -> Form:
    """Choose where a word is a noun or a verb, not both; a verb before a sure predicate is a noun: "fades take"."""
    is_followed = place.has_predicate or (place.previous is None and any(form.pos is Pos.VERB for form in place.after))
    if verb is not None and noun is None and verb.tense is Tense.PRESENT and is_followed:
        return Form(verb.lemma, Pos.NOUN, is_plural=verb.person == 3)
    if place.modifies:
        return adjective or noun or verb or forms[0]
    return noun or adjective or verb or forms[0]


def _form_of_verb(forms: Sequence[Form], mood: Mood) -> Form | None:
    return next((form for form in forms if form.pos is Pos.VERB and form.mood is mood), None)

