"""A question as the answer is measured by it: what it is about, and what kind of thing it asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from vaultc.ask.terms import Terms, concept, terms_of
from vaultc.language.dates import dates
from vaultc.language.lexicon import listed
from vaultc.language.stems import fold, words
from vaultc.language.stopwords import is_stopword

if TYPE_CHECKING:
    from vaultc.language.stems import Word


class QuestionKind(StrEnum):
    """What kind of thing is asked for."""

    YES_NO = "yes or no"
    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    AMOUNT = "amount"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its content without the words that only ask.

    `topic` is what it wants to be told about ("who is X"), empty for others; `is_definition` tells "what is X"
    from "tell me about X". `attribute` is what is asked of a thing ("which colour"), `measured` the dimensions
    of which an answer must give a quantity.
    """

    text: str
    terms: Terms
    kind: QuestionKind
    topic: str = ""
    is_definition: bool = False
    attribute: str = ""
    measured: frozenset[str] = frozenset()


_ASKING = """
tell give know explain describe show find say please mean happen let think remember look answer question note notes
знаешь знаете знаем знать известно расскажи расскажите рассказать скажи скажите сказать дай дайте покажи покажите найди
объясни опиши подскажи помнишь вспомни напомни ответь вопрос значит означает бывает делать сделать пожалуйста заметках
заметки тебе allowed allow permitted permit forbidden possible necessary required okay ok fine разрешено запрещено
разрешен разрешена разрешены запрещен запрещена запрещены возможно обязательно допустимо
"""
_TELL = """
tell me about|tell us about|tell about|what do you know about|what do i know about|what do we know about
what is known about|describe|explain|расскажи мне про|расскажи мне о|расскажи мне об|расскажи про|расскажи о
расскажи об|расскажи мне обо|что ты знаешь о|что ты знаешь об|что ты знаешь про|что известно о|что известно об
что известно про|что мы знаем о|что мы знаем про|что я знаю о|что я знаю про|опиши|объясни
"""
_DEFINE = """
who is|who are|who was|who's|what is|what are|what's|what was|кто такой|кто такая|кто такие|кто такое|что такое
что это такое|что за|кто это
"""
_YES_NO = listed("does do did is are was were can could may must should shall has have had will would am")
_YES_NO_RU = listed("можно нужно надо нельзя разве правда стоит следует должен должна должно должны есть ли")
_WHO = listed("who whose кто кого кому кем чей чья чье")
_WHEN = listed("when когда")
_MANY = listed("сколько many much часто often")
_WHICH = listed("what which какой какая какое какие каком какую каких каким какого какою")
_DAYS = listed(
    "time date day number hour month year время числа число дата дату день час часу часа месяц месяце год году"
)
_DIMENSIONS = {
    "currency": listed("cost costs price стоит стоят стоила стоило цена цене"),
    "mass": listed("heavy weigh weighs weight весит весят весил вес тяжелый"),
    "length": listed("tall high deep wide long высота высотой ширина глубина длина высокий"),
    "time": listed("long долго длится"),
}
_WHERE = listed("where где куда откуда")
_HOW = listed("tall heavy long high deep wide old far")
_MEASURED = "measured:"
_MANY_WORDS = 200
_MOST_ABOUT_ONE = 16


def read_question(text: str) -> Question:
    """Read a question in Russian or English."""
    found = list(words(text))[:_MANY_WORDS]
    forms = [fold(word.text) for word in found]
    topic, is_definition = _topic(text, found, forms)
    kind = _kind(forms)
    terms = _content(terms_of(text), forms)
    measured = _measured(kind, forms, terms)
    terms = replace(terms, concepts=terms.concepts - _dimension_words(measured, forms))
    attribute = _attribute(found, forms, kind)
    if attribute and attribute in {concept(word) for word in _DAYS}:
        kind, attribute = QuestionKind.WHEN, ""
        terms = replace(terms, concepts=terms.concepts - {concept(word) for word in _DAYS}, measured=frozenset())
    return Question(text, terms, kind, topic, is_definition, attribute, measured)


def _kind(forms: list[str]) -> QuestionKind:
    first = forms[0] if forms else ""
    asked = set(forms)
    if "ли" in asked or first in _YES_NO or (first in _YES_NO_RU and not asked & (_MANY | _WHO | _WHEN)):
        return QuestionKind.YES_NO
    head = set(forms[:3])
    if head & _MANY or (first == "how" and len(forms) > 1 and forms[1] in _HOW):
        return QuestionKind.AMOUNT
    if head & _WHO:
        return QuestionKind.WHO
    if head & _WHEN:
        return QuestionKind.WHEN
    return QuestionKind.WHERE if head & _WHERE else QuestionKind.OTHER


@lru_cache(maxsize=1)
def _asking() -> frozenset[str]:
    return frozenset(concept(word) for word in _ASKING.split())


def _content(terms: Terms, forms: list[str]) -> Terms:
    """Leave out what only asks; of a number and its clock time, the clock time stays."""
    content = terms.concepts - _asking()
    asked = set(forms)
    if asked & _MANY:
        content -= {concept("much"), concept("many"), concept("часто"), concept("often")}
    whole = frozenset(number for number in terms.numbers if " " in number)
    return replace(terms, concepts=content, numbers=whole or terms.numbers)


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    found = [tuple(phrase.split()) for phrase in text.strip().replace("\n", "|").split("|")]
    return tuple(sorted(found, key=lambda phrase: -len(phrase)))


@lru_cache(maxsize=1)
def _openings() -> tuple[tuple[tuple[str, ...], bool], ...]:
    both = [(phrase, False) for phrase in _phrases(_TELL)] + [(phrase, True) for phrase in _phrases(_DEFINE)]
    return tuple(sorted(both, key=lambda item: -len(item[0])))


def _topic(text: str, found: list[Word], forms: list[str]) -> tuple[str, bool]:
    for phrase, is_definition in _openings():
        size = len(phrase)
        if tuple(forms[:size]) == phrase and len(found) > size:
            return text[found[size].start :].strip(" ?!.\n"), is_definition
    return "", False


def _dimension_words(measured: frozenset[str], forms: list[str]) -> frozenset[str]:
    """Give the concepts of words that a quantity answers: "how heavy" is answered by kilograms."""
    return frozenset(
        concept(form)
        for name, known in _DIMENSIONS.items()
        if _MEASURED + name in measured
        for form in forms
        if form in known
    )


def _attribute(found: list[Word], forms: list[str], kind: QuestionKind) -> str:
    """Give the concept that an answer must have: a colour behind "which", what somebody does behind "who"."""
    if kind is QuestionKind.WHO and forms[0] in _WHO and len(forms) > 1 and not is_stopword(found[1].text):
        return concept(found[1].text)
    if kind is not QuestionKind.OTHER:
        return ""
    for at, form in enumerate(forms[:3]):
        if form in _WHICH and at + 1 < len(forms):
            follows = found[at + 1].text
            return "" if is_stopword(follows) or concept(follows) in _asking() else concept(follows)
    return ""


def _measured(kind: QuestionKind, forms: list[str], terms: Terms) -> frozenset[str]:
    asked = set(forms)
    named = {_MEASURED + name for name, forms_ in _DIMENSIONS.items() if asked & forms_}
    if kind is not QuestionKind.AMOUNT:
        named &= {_MEASURED + "currency"} if asked & listed("cost costs price цена цене") else set()
    elif not terms.numbers:
        named |= terms.measured
    return frozenset(named)


_TIME_WORD = re.compile(
    r"\b(?:every|daily|weekly|after|before|until|while|when|if|summer|winter|spring|autumn|morning|evening|night|noon"
    r"|когда|если|после|перед|каждый|каждую|каждые|летом|зимой|весной|осенью|утром|вечером|ночью|днём|раз в)\b"
)
_PLACE = re.compile(
    r"\b(?:in|at|on|behind|under|over|by|near|beside|inside|outside|above|below|to|from|here|there"
    r"|в|во|на|за|под|над|у|около|возле|рядом|из|с|к|до|между|внутри|снаружи|здесь|там)\b"
)
_PERSON = re.compile(r"\b(?:i|me|my|she|he|we|they|you|her|him|я|мне|мной|меня|она|он|мы|они|её|его|мой|моя)\b")


def gives_kind(question: Question, text: str, terms: Terms) -> bool:
    """Tell whether a text has the kind of thing that is asked for: a person, a time, an amount of that kind."""
    if question.measured:
        return any(of == wanted or of.startswith(f"{wanted}/") for of in terms.measured for wanted in question.measured)
    if question.kind is QuestionKind.AMOUNT:
        return bool(terms.numbers or terms.measured)
    folded = text.casefold()
    if question.kind is QuestionKind.WHEN:
        is_timed = any(number.startswith(("clock", "month", "weekday")) for number in terms.numbers)
        return is_timed or "measured:time" in terms.measured or bool(_TIME_WORD.search(folded) or dates(text))
    if question.kind is QuestionKind.WHERE:
        return bool(_PLACE.search(folded))
    if question.kind is QuestionKind.WHO:
        if fold(next((word.text for word in words(text)), "")) in _WHO:
            return False  # "Who does what is written in …"
        if len(terms.concepts) > _MOST_ABOUT_ONE:
            return False  # so much is said that whoever is named may have done any of it
        return bool(terms.names - question.terms.names) or bool(_PERSON.search(folded)) or _opens_with_name(text)
    return True


def _opens_with_name(text: str) -> bool:
    first = next(words(text), None)
    return first is not None and first.text[0].isupper() and not is_stopword(first.text)
