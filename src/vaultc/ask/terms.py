"""The words of a text by which a sentence is held against another: content words, numbers, names.

Russian words that the glossary knows count as their English names, so that an English sentence can be held
against a Russian note.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from functools import lru_cache

from vaultc.ask.synonyms import base_form, group_of
from vaultc.language.dates import dates
from vaultc.language.detect import language_of
from vaultc.language.quantities import quantities
from vaultc.language.stems import fold, stem, words
from vaultc.language.stopwords import NEGATIONS, is_stopword
from vaultc.language.translit import english_of, transliterate
from vaultc.language.units import unit_of

_NUMBER = re.compile(r"\d{1,40}(?:[  \u202f]\d{3}(?!\d)){0,6}(?:[.,]\d{1,20})?")
_WORD_NUMBERS = {
    name: str(value)
    for value, names in enumerate(
        (
            "zero ноль",
            "",
            "two два две двух двум",
            "three три трёх трём",
            "four четыре четырёх",
            "five пять пяти",
            "six шесть шести",
            "seven семь семи",
            "eight восемь восьми",
            "nine девять девяти",
            "ten десять десяти",
            "eleven одиннадцать",
            "twelve двенадцать",
        )
    )
    for name in names.split()
}
_MEASURED = "measured:"
_MIN_UNIT = 3  # shorter forms are also words: "m", "в", "мин" is long enough
_NAME_ENDING = "aeiouyj"
_SHORT_NEGATION = ("n't", "cannot")
# «не только», "not only" affirm what follows.
_NOT_ONLY = re.compile(
    r"\b(?:не только|not only|not just|no more than|no less than|не более|не менее|не больше|не меньше)\b"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a text says, as sets: concepts of content words, numbers, names; and its polarity.

    `numbers` holds digits as written and, beside them, quantities in their base unit, dates and clock times;
    `claimed` those of them that must be found elsewhere as they are: of 1.5 kg not the digits, for 1500 g is the same;
    `measured` the dimensions that units stand for, with a number or alone: "watts" and "60 W" are both power.
    """

    concepts: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]
    negations: int
    language: str
    measured: frozenset[str] = frozenset()
    claimed: frozenset[str] = frozenset()

    @property
    def content(self) -> frozenset[str]:
        """Everything that may be asked for: concepts, numbers, dimensions, and their names ("power" of "60 W")."""
        named = frozenset(concept(kind.removeprefix(_MEASURED).partition("/")[0]) for kind in self.measured)
        return self.concepts | self.numbers | self.measured | named

    @property
    def is_negated(self) -> bool:
        """Tell whether the text denies: an odd number of negations of the English or Russian kind."""
        return self.negations > 0


@lru_cache(maxsize=100_000)
def concept(word: str) -> str:
    """Give the group of like words that a word is of, the English stem of a Russian one, else its own stem."""
    own = stem(base_form(word))
    group = None if word.isascii() and word.endswith("ing") else group_of(own)  # "writing" is no author
    if group is not None:
        return group
    english = None if word.isascii() else english_of(word)
    if english:
        own = stem(english.replace("_", " ").split()[0])
    return group_of(own) or own


def number_key(text: str) -> str:
    """Give a number as it is compared: no blanks between thousands, a point, no trailing zeros."""
    plain = "".join(char for char in text if not char.isspace()).replace(",", ".")
    whole, _, rest = plain.partition(".")
    rest = rest.rstrip("0")
    return f"{whole.lstrip('0') or '0'}.{rest}" if rest else whole.lstrip("0") or "0"


def name_key(word: str) -> str:
    """Give a proper name as it is compared across cases and alphabets: «Ирины», "Irina" → irin."""
    base = stem(word) if not word.isascii() else fold(word)
    key = transliterate(base)
    trimmed = key.rstrip(_NAME_ENDING)
    return trimmed if len(trimmed) >= 2 else key


@lru_cache(maxsize=8_192)
def terms_of(text: str) -> Terms:
    """Give the terms of `text`."""
    concepts: set[str] = set()
    names: set[str] = set()
    numbers = {number_key(match.group()) for match in _NUMBER.finditer(text)}
    units: list[tuple[int, int]] = []
    measured: set[str] = set()
    for quantity in quantities(text):
        if quantity.dimension not in {"count", "number", "frequency"}:
            value, base = quantity.normalised()
            numbers.add(f"{value:g} {base}")
            measured.add(_MEASURED + quantity.dimension)
            units.append((quantity.start, quantity.end))
    numbers |= _moments(text, units)
    inside = {
        number_key(match.group())
        for match in _NUMBER.finditer(text)
        if any(start <= match.start() < end for start, end in units)
    }
    outside = {
        number_key(match.group())
        for match in _NUMBER.finditer(text)
        if not any(start <= match.start() < end for start, end in units)
    }
    claimed = numbers - (inside - outside)
    word_numbers: set[str] = set()
    negations = 0
    masked = _NOT_ONLY.sub(lambda match: " " * len(match.group()), text.casefold())
    for word in words(masked):
        folded = fold(word.text)
        negations += folded in NEGATIONS or folded.endswith(_SHORT_NEGATION)
    for word in words(text):
        folded = fold(word.text)
        if folded in _WORD_NUMBERS:
            word_numbers.add(_WORD_NUMBERS[folded])
        at = bisect.bisect_right(units, (word.start, len(text))) - 1
        is_unit = at >= 0 and word.start < units[at][1]
        if is_unit or is_stopword(word.text) or word.text.isdigit() or len(folded) < 2:
            continue
        unit = unit_of(folded) if len(folded) >= _MIN_UNIT else None
        if unit is not None:
            measured.add(_MEASURED + unit.dimension)
            continue
        concepts.add(concept(word.text))
        if _is_name(text, word.text, word.start):
            names.add(name_key(word.text))
    return Terms(
        frozenset(concepts),
        frozenset(numbers | word_numbers),
        frozenset(names),
        negations,
        language_of(text),
        frozenset(measured),
        frozenset(claimed | word_numbers),
    )


def _moments(text: str, units: list[tuple[int, int]]) -> set[str]:
    """Give the days, months and clock times of a text in one form; «Вт» in "60 Вт" is a unit, not Tuesday."""
    found: set[str] = set()
    for mention in dates(text):
        if any(start < mention.end and mention.start < end for start, end in units):
            continue
        if mention.month and not mention.quarter:
            found.add(f"month {mention.month}" + (f" day {mention.day}" if mention.day else ""))
        if mention.weekday:
            found.add(f"weekday {mention.weekday}")
        if mention.time:
            found.add(f"clock {mention.time}")
    return found


def name_keys(text: str) -> frozenset[str]:
    """Give the keys of all words of `text`, names or not: what a name may be found among."""
    return frozenset(name_key(word.text) for word in words(text))


def _is_name(text: str, word: str, start: int) -> bool:
    if not word[0].isupper():
        return any(char.isupper() for char in word[1:]) and word.isascii()
    before = text[:start].rstrip(" \t\"'«“([*_")
    return bool(before) and before[-1] not in ".!?:\n-—–•"
