"""The values that stand in a sentence: numbers with units, counts, dates, weekdays, clock times, versions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from vaultc.findings.claim import Value, ValueKind
from vaultc.findings.glossary import concept
from vaultc.language.dates import MONTHS, WEEKDAYS, DateMention, dates
from vaultc.language.numerals import numerals
from vaultc.language.quantities import Quantity, quantities
from vaultc.language.stems import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION = re.compile(r"(?<![\w.])(?:v|version |версия |версии )(\d{1,4}(?:\.\d{1,6}){0,3})(?![\w.]?\d)", re.IGNORECASE)
_RANGE_BETWEEN = re.compile(r"\s{0,2}(?:[-–—]|to|till|until|до|по)\s{0,2}", re.IGNORECASE)
_WORD_END = re.compile(r"[^\W\d_]+$")
_NUMERIC = re.compile(r"[\d½¼¾⅓⅔⅛⅕]")
_LETTERS = re.compile(r"[^\W\d_]+")
_DATED = re.compile(r"\d\d\d\d|\d[./:-]\d|\d[ \u00a0]?[apAP]\.?[mM]|[qQ][1-4]")
"""What every date in digits holds: a year, two parts, "5 pm", a quarter."""
_FREQUENT = frozenset({"раз", "once"})
_HALVES = ("пол", "half")
_OPEN = {"<=": "max", "<": "max", ">=": "min", ">": "min"}


@dataclass(frozen=True, slots=True)
class Measured:
    """A value and where it stands in the sentence; `family` is what kind of quantity: "power", "time", "date"."""

    value: Value
    start: int
    end: int
    family: str


def measures(text: str) -> tuple[Measured, ...]:
    """Give the values of `text` in order; those that overlap an earlier one are left out."""
    if not may_measure(text):
        return ()  # most sentences: reading numbers and dates is the dear part
    mentions = dates(text) if _DATED.search(text) or any(map(_is_day, _LETTERS.findall(text))) else []
    found = [*_numbers(text), *_moments(text, mentions), *_versions(text)]
    found.sort(key=lambda item: (item.start, -item.end))
    kept: list[Measured] = []
    for item in found:
        if not kept or item.start >= kept[-1].end or _is_same_place(item, kept[-1]):
            kept.append(item)
    return tuple(kept)


def may_measure(text: str) -> bool:
    """Tell whether a value can stand in `text`: a digit, or a word for a number, a day, a month or a half."""
    return _NUMERIC.search(text) is not None or any(map(_is_hint, _LETTERS.findall(text)))


@lru_cache(maxsize=100_000)
def _is_day(word: str) -> bool:
    folded = fold(word)
    return folded in MONTHS or folded in WEEKDAYS


@lru_cache(maxsize=100_000)
def _is_hint(word: str) -> bool:
    folded = fold(word)
    if _is_day(word) or folded in _FREQUENT or folded.startswith(_HALVES):
        return True
    return bool(numerals(folded))


def _is_same_place(item: Measured, other: Measured) -> bool:
    """Tell whether both are read from one mention: a day and its hour."""
    return (item.start, item.end) == (other.start, other.end) and item.family != other.family


def _numbers(text: str) -> Iterator[Measured]:
    low: Quantity | None = None
    for quantity in quantities(text):
        if quantity.is_range and quantity.comparator == ">=":
            low = quantity
            continue
        if quantity.dimension == "count" and quantity.unit == "times":
            continue
        if quantity.is_range and low is not None:
            yield _number(text, quantity, low)
            low = None
        else:
            yield _number(text, quantity, None)


def _number(text: str, quantity: Quantity, lower: Quantity | None) -> Measured:
    start = lower.start if lower is not None else quantity.start
    number, base = quantity.normalised()
    low = lower.normalised()[0] if lower is not None else number
    high: float | None = number
    bound = _OPEN.get(quantity.comparator or "") if lower is None else None
    low_end: float | None = None if bound == "max" else low
    if bound == "min":
        high = None
    is_count = quantity.dimension == "count"
    dimension = f"count:{_counted(text, quantity)}" if is_count else base
    value = Value(
        ValueKind.COUNT if is_count or quantity.dimension == "number" else ValueKind.NUMBER,
        text[start : quantity.end],
        low=low_end,
        high=high,
        dimension=dimension,
        unit=quantity.unit if not is_count else "",
        is_about=quantity.is_approximate,
        is_limit=bound is not None,
    )
    return Measured(value, start, quantity.end, quantity.dimension)


def _counted(text: str, quantity: Quantity) -> str:
    word = _WORD_END.search(text[max(quantity.start, quantity.end - 40) : quantity.end])
    return concept(word.group()) if word else quantity.unit


def _moments(text: str, mentions: list[DateMention]) -> Iterator[Measured]:
    at = 0
    while at < len(mentions):
        first = mentions[at]
        second = mentions[at + 1] if at + 1 < len(mentions) else None
        is_range = second is not None and _RANGE_BETWEEN.fullmatch(text[first.end : second.start][:12]) is not None
        if is_range and second is not None and first.time and second.time and not first.day:
            yield _time(text, first, second)
            at += 2
            continue
        if is_range and second is not None and first.day and second.day:
            at += 2  # a span of days: neither end is the date of the thing
            continue
        yield from _moment(text, first)
        at += 1


def _moment(text: str, mention: DateMention) -> Iterator[Measured]:
    start, end = mention.start, mention.end
    if mention.month or mention.year:
        parts = tuple("" if part is None else f"{part:02d}" for part in (mention.year, mention.month, mention.day))
        if mention.quarter is None:
            yield Measured(Value(ValueKind.DATE, text[start:end], parts=parts), start, end, "date")
    if mention.weekday and not mention.month:
        value = Value(ValueKind.WEEKDAY, text[start:end], parts=(str(mention.weekday),))
        yield Measured(value, start, end, "weekday")
    if mention.time:
        yield _time(text, mention, None)


def _time(text: str, first: DateMention, second: DateMention | None) -> Measured:
    end = second.end if second is not None else first.end
    until = second.time if second is not None else None
    value = Value(
        ValueKind.TIME,
        text[first.start : end],
        low=_minutes(first.time),
        high=_minutes(until) if until else None,
        dimension="clock",
    )
    return Measured(value, first.start, end, "clock")


def _minutes(clock: str | None) -> float | None:
    if clock is None:
        return None
    hour, _, minute = clock.partition(":")
    return int(hour) * 60.0 + int(minute)


def _versions(text: str) -> Iterator[Measured]:
    for match in _VERSION.finditer(text):
        value = Value(ValueKind.NAME, match[1], parts=(match[1],))
        yield Measured(value, match.start(), match.end(), "version")
