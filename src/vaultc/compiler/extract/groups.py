"""Groups of words that name a thing: "the colour of a yarn", «регистрационный номер лифта», by parts of speech."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from vaultc.language.form import Form, Mood, Pos
from vaultc.language.lexicon import phrases
from vaultc.language.morphology import analyse, lemmas_of
from vaultc.language.stems import Word, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_OF = frozenset({"of", "for"})
_CLOSED = frozenset({Pos.PREPOSITION, Pos.COORDINATOR, Pos.SUBORDINATOR, Pos.MODAL, Pos.PARTICLE, Pos.PRONOUN})
_BEFORE_HEAD = frozenset({Pos.ADJECTIVE, Pos.NUMERAL, Pos.DETERMINER})
_ENDING = re.compile("(?:ую|юю|ой|ей|ого|его|ому|ему|ым|им|ом|ем|ые|ие|ых|их|ыми|ими|ая|яя|ое|ее|ый|ий)$")
_FEMININE = {"кий": "кая", "гий": "гая", "хий": "хая", "жий": "жая", "ший": "шая", "чий": "чая", "щий": "щая"}
_NEUTER = {"кий": "кое", "гий": "гое", "хий": "хое", "жий": "жее", "ший": "шее", "чий": "чее", "щий": "щее"}


def is_russian(word: str) -> bool:
    """Tell whether `word` is written in Cyrillic letters."""
    return any("\u0400" <= char <= "\u04ff" for char in word)


def noun_form(word: str) -> Form | None:
    """Give the likeliest reading of `word` as a noun, or None where it cannot be one."""
    forms = analyse(word)
    if forms[0].pos in _CLOSED or (is_russian(word) and forms[0].pos is Pos.DETERMINER):
        return None
    return next((form for form in forms if form.pos is Pos.NOUN), None)


def can_stand_before(word: str) -> bool:
    """Tell whether `word` may stand before the noun it belongs to: adjective, participle, numeral, another noun."""
    forms = analyse(word)
    if forms[0].pos in _CLOSED:
        return False
    if is_russian(word):
        return any(form.pos in _BEFORE_HEAD and form.mood is not Mood.SHORT for form in forms)
    return any(form.pos in {*_BEFORE_HEAD, Pos.NOUN} or form.mood in {Mood.PARTICIPLE, Mood.GERUND} for form in forms)


def is_determiner(word: str) -> bool:
    """Tell whether `word` only points at a thing: the, each, «каждый», «этот»."""
    return analyse(word)[0].pos is Pos.DETERMINER


def head_of(words: Sequence[str]) -> int | None:
    """Give the index of the noun that a group of words turns on, or None where the words are no such group."""
    if not words:
        return None
    return _russian_head(words) if any(map(is_russian, words)) else _english_head(words)


def _english_head(words: Sequence[str]) -> int | None:
    if not words:
        return None
    of = next((at for at, word in enumerate(words) if at and fold(word) in _OF), len(words))
    if of < len(words) and _english_head(words[of + 1 :]) is None:
        return None
    head = of - 1
    if noun_form(words[head]) is None or not all(map(can_stand_before, words[:head])):
        return None
    if any(map(is_determiner, words[1:head])):
        return None
    return head


def _russian_head(words: Sequence[str]) -> int | None:
    for at, word in enumerate(words):
        form = noun_form(word)
        if form is not None and (not can_stand_before(word) or form.weight >= 0.5):
            return at if all(map(_may_follow, words[at + 1 :])) else None
        if not can_stand_before(word):
            return at if not is_russian(word) and noun_form(word) else None
    return None


def _may_follow(word: str) -> bool:
    """Tell whether a word may stand behind the noun it belongs to: «заявка на ремонт лифта»."""
    forms = analyse(word)
    if forms[0].pos is Pos.PREPOSITION or not is_russian(word):
        return True
    return any(
        form.pos in {Pos.NOUN, Pos.ADJECTIVE, Pos.NUMERAL, Pos.DETERMINER} and form.mood is not Mood.SHORT
        for form in forms
    )


def is_group(words: Sequence[str]) -> bool:
    """Tell whether the words name a thing."""
    return head_of(words) is not None


def group_before(words: Sequence[Word], end: int) -> int:
    """Give where the group begins that ends before word `end`; `end` where none does."""
    start = end
    while start > 0:
        word = words[start - 1].text
        if is_determiner(word):
            return start - 1 if start < end else end
        if fold(word) in _OF and start < end and start > 1:
            start -= 1
            continue
        if noun_form(word) is None and not can_stand_before(word):
            break
        start -= 1
    while start < end and head_of([word.text for word in words[start:end]]) is None:
        start += 1
    return start


def group_after(words: Sequence[Word], start: int, stop: int) -> int:
    """Give where the group ends that begins at word `start`; `start` where none does. It does not go past `stop`."""
    end = start
    while end < stop and is_determiner(words[end].text):
        end += 1
    first = end
    while end < stop:
        word = words[end].text
        is_of = fold(word) in _OF and end > first
        if not is_of and noun_form(word) is None and not can_stand_before(word):
            break
        if is_determiner(word) and not is_of and end > first and fold(words[end - 1].text) not in _OF:
            break
        end += 1
    while end > first and head_of([word.text for word in words[first:end] if not is_determiner(word.text)]) is None:
        end -= 1
    return end if end > first else start


def nominative(words: Sequence[str]) -> str:
    """Give a group in the form that stands in a dictionary: "two yarns" is "yarn", «новой заявки» is «новая заявка»."""
    kept = list(words)
    while kept and (is_determiner(kept[0]) or analyse(kept[0])[0].pos is Pos.NUMERAL):
        kept = kept[1:]
    head = head_of(kept)
    if head is None:
        return " ".join(kept or words)
    form = noun_form(kept[head])
    if form is None:
        return " ".join(kept)
    if form.is_plural or (is_russian(kept[head]) and form.lemma != fold(kept[head])):
        for at in range(head if is_russian(kept[head]) else 0):
            kept[at] = agreeing(kept[at], form.lemma)
        kept[head] = _cased(form.lemma, kept[head])
    return " ".join(kept)


def plain_case(text: str) -> str:
    """Give the name of a field as a dictionary has it, in its number: «датой выдачи» is «дата выдачи»."""
    parts = text.split()
    head = head_of(parts)
    form = noun_form(parts[head]) if head is not None and is_russian(parts[head]) else None
    if form is None or (form.is_plural and form.case in {"nomn", "accs"}) or form.lemma == fold(parts[head or 0]):
        return text
    return nominative(parts)


def agreeing(adjective: str, noun: str) -> str:
    """Give an adjective in the nominative that goes with `noun`."""
    form = next((form for form in analyse(adjective) if form.pos is Pos.ADJECTIVE), None)
    found = form.lemma if form is not None else None
    if form is not None and form.mood is Mood.PARTICIPLE:  # its lemma is the verb
        stem = _ENDING.sub("", fold(adjective))
        found = f"{stem}{'ий' if stem.endswith(('щ', 'ш')) else 'ый'}"
    gender = next((form.gender for form in analyse(noun) if form.pos is Pos.NOUN and form.case == "nomn"), "")
    if found is None or gender not in {"femn", "neut"}:
        return adjective if found is None else _cased(found, adjective)
    table, ending, soft = (_FEMININE, "ая", "яя") if gender == "femn" else (_NEUTER, "ое", "ее")
    last = table.get(found[-3:])
    if last is not None:
        return _cased(found[:-3] + last, adjective)
    if not found.endswith(("ый", "ий", "ой")):  # «мамин»
        return _cased(found + ending[0].replace("я", "а"), adjective)
    return _cased(found[:-2] + (soft if found.endswith("ий") else ending), adjective)


def _cased(lemma: str, written: str) -> str:
    """Give `lemma` with the letters that it shares with the written word: capitals, «ё»."""
    pairs = zip(fold(written), lemma, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return written[:shared] + lemma[shared:] if len(fold(written)) == len(written) else lemma


def any_form(word: str, *categories: str) -> bool:
    """Tell whether `word` is a form of one of the phrases in `categories` of the lexicon of records."""
    return not _keys(word).isdisjoint(phrases("records", *categories))


@lru_cache(maxsize=16384)
def _keys(word: str) -> frozenset[str]:
    return lemmas_of(word) | {fold(word)}
