"""Names of things from headings, lead lines and keys: "Stations (table)" is a Station, "What a yarn has" is a yarn."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from vaultc.compiler.extract.groups import (
    any_form,
    group_after,
    group_before,
    head_of,
    is_determiner,
    is_russian,
    nominative,
    noun_form,
)
from vaultc.compiler.extract.topics import Topic, topic_of
from vaultc.language.form import Pos
from vaultc.language.morphology import analyse
from vaultc.language.stems import Word, words

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBER = re.compile(r"^\s*(?:\d{1,3}\.){0,6}(?:\d{1,3}|[A-Za-zА-Яа-я])?[.)]\s+|^\s*\d{1,3}(?:\.\d{1,3}){1,6}\s+")
_THING_TOPICS = frozenset({Topic.OTHER, Topic.FLOW})
_MAX_WORDS = 4


def without_number(text: str) -> str:
    """Give a heading or clause without the number before it: "3.1. Card" is "Card"."""
    return _NUMBER.sub("", text, count=1)


@lru_cache(maxsize=4096)
def singular(word: str) -> str:
    """Give the singular of a noun in the plural; other words as they are."""
    form = noun_form(word)
    return nominative([word]) if form is not None and form.is_plural else word


@lru_cache(maxsize=4096)
def thing_name(text: str) -> str:
    """Give the thing that a heading or lead line names, in the singular, or an empty text where it names none."""
    line = without_number(text).split("(")[0].strip(" :.*_`#").replace("`", "")
    if ":" in line:
        line = line.rsplit(":", 1)[-1].strip() or line.split(":")[0]
    found = owner_of(line)
    if found:
        return found
    parts = [word for word in words(line) if not word.text.isdigit()]
    while parts and is_determiner(parts[0].text):
        parts = parts[1:]
    parts = _without_carrier(parts)
    names = [word.text for word in parts]
    if not names or len(names) > _MAX_WORDS or head_of(names) is None or _is_generic(names):
        return ""
    return nominative(line[parts[0].start : parts[-1].end].split())


def _without_carrier(parts: Sequence[Word]) -> list[Word]:
    """Cut the words that only hold data: "Fields of a station", "Station table", «Состав карточки лифта»."""
    left = list(parts)
    while len(left) > 1:
        names = [word.text for word in left]
        stop = next((at for at, name in enumerate(names) if any_form(name, "owner.of", "owner.in")), len(names))
        head = head_of(names[:stop])
        if head is not None and stop == len(names) and names[-1][:1].isupper() and not is_russian(names[-1]):
            head = 0 if any_form(names[0], "thing.carrier") else head  # "Entity Parcel"
        if head is None or not any_form(names[head], "thing.carrier"):
            break
        left = left[head + 1 :] if head + 1 < len(left) else left[:head]
        while left and analyse(left[0].text)[0].pos in {Pos.PREPOSITION, Pos.DETERMINER}:
            left = left[1:]
    return left


def _is_generic(names: Sequence[str]) -> bool:
    """Tell whether the words speak of data, steps and the like, and of no thing."""
    if all(any_form(name, "thing.carrier", "thing.vague") for name in names):
        return True
    return len(names) <= 2 and all(topic_of(name) not in _THING_TOPICS for name in names)


def owner_of(text: str) -> str:
    """Give the thing of which a line tells what it has: "What we keep about a yarn", «У заявки есть»; else ""."""
    found = list(words(text))
    verb = possession(found)
    if verb is None:
        return ""
    start, end = owner_place(found, verb)
    return nominative([word.text for word in found[start:end]]) if start < end else ""


def possession(found: Sequence[Word]) -> int | None:
    """Give the index of the verb that says that something has or keeps something, or None."""
    for at, word in enumerate(found):
        if not any_form(word.text, "owner.have", "owner.store"):
            continue
        is_noun = noun_form(word.text) is not None
        if is_noun and at and analyse(found[at - 1].text)[0].pos in {Pos.DETERMINER, Pos.PREPOSITION, Pos.ADJECTIVE}:
            continue  # "the store"
        forms = [form for form in analyse(word.text) if form.pos in {Pos.VERB, Pos.ADJECTIVE}]
        is_edge = at == 0 or (at + 1 == len(found) and all(not form.person for form in forms))
        if is_edge and not is_russian(word.text) and not any(form.is_passive for form in forms):
            continue  # the last word of a group: "change log"
        if forms:
            return at
    return None


def owner_place(found: Sequence[Word], verb: int) -> tuple[int, int]:
    """Give the range of the words that name what has or is kept: (n, n) where none do."""
    for at in range(len(found) - 1):
        if at > verb and is_russian(found[at].text) and any_form(found[at].text, "owner.every"):
            end = group_after(found, at, len(found))  # «хранит имя и телефон каждого игрока»
            if end > at + 1:
                return _undetermined(found, at, end)
        if not any_form(found[at].text, "owner.of") or at == verb:
            continue
        is_each = any_form(found[at + 1].text, "owner.every") or (at == 0 and is_determiner(found[1].text))
        is_near = at > verb and all_short(found[verb + 1 : at]) and any_form(found[verb].text, "owner.store")
        is_by_you = any_form(found[at].text, "owner.by") or is_near
        stop = verb if at < verb else len(found)
        end = group_after(found, at + 1, stop)
        if end > at + 1 and (is_each or is_by_you):
            return _undetermined(found, at + 1, end)
    end = verb
    while end > 0 and _is_helper(found[end - 1].text):
        end -= 1
    start = group_before(found, end)
    if start == end or end == 0:
        return verb, verb
    return _undetermined(found, start, end)


def all_short(between: Sequence[Word]) -> bool:
    """Tell whether nothing but helping words stands between a verb and what belongs to it."""
    return all(_is_helper(word.text) for word in between)


def _is_helper(word: str) -> bool:
    return analyse(word)[0].pos in {Pos.MODAL, Pos.ADVERB, Pos.PARTICLE} or any_form(word, "owner.helper")


def _undetermined(found: Sequence[Word], start: int, end: int) -> tuple[int, int]:
    while start < end and (is_determiner(found[start].text) or any_form(found[start].text, "owner.each")):
        start += 1
    if start < end and any_form(found[end - 1].text, "thing.product") and end - start == 1:
        return end, end
    return start, end


def name_from(headings: Sequence[str], title: str) -> str:
    """Give the name for something that stands under `headings`, the last one nearest; else the note's title."""
    for number, heading in enumerate(reversed(headings)):
        name = thing_name(heading)
        if name and (number == 0 or number < len(headings) - 1):
            return name
    return title
