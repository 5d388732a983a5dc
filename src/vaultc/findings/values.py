"""When two values of one attribute cannot both hold: one rule for each kind of value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vaultc.findings.claim import Value, ValueKind
from vaultc.findings.lexicon import states_exclude

if TYPE_CHECKING:
    from collections.abc import Callable

_EXACT = 0.011
"""Relative difference within which two numbers are one number, written more or less precisely."""
_CONVERTED = 0.03
"""The same for two units: "an inch" and "2.5 cm"."""
_ABOUT = 0.2
"""How far "about" reaches."""
_MIN_NICKNAME = 3


def differ(first: Value, second: Value) -> str:
    """Give the class of the contradiction between two values of one attribute, or "" where both can hold."""
    if first.kind is not second.kind:
        return ""
    rule = _RULES.get(first.kind)
    return rule(first, second) if rule is not None else ""


def _slack(value: Value, is_converted: bool) -> float:
    if value.is_about:
        return _ABOUT
    if value.kind is ValueKind.COUNT:
        return 0.0
    return _CONVERTED if is_converted else _EXACT


def _widened(value: Value, is_converted: bool) -> tuple[float, float]:
    slack = _slack(value, is_converted)
    low = -math.inf if value.low is None else value.low - abs(value.low) * slack / 2
    high = math.inf if value.high is None else value.high + abs(value.high) * slack / 2
    return low, high


def _is_one_sided(value: Value) -> bool:
    return (value.low is None) != (value.high is None)


def _same_limit(first: Value, second: Value) -> bool:
    """Tell whether two one-sided values bound the same side."""
    return _is_one_sided(first) and _is_one_sided(second) and (first.low is None) == (second.low is None)


def _numbers(first: Value, second: Value) -> str:
    if first.dimension != second.dimension:
        return ""
    is_converted = first.unit != second.unit
    if _same_limit(first, second):
        one = first.high if first.low is None else first.low
        two = second.high if second.low is None else second.low
        assert one is not None
        assert two is not None
        apart = abs(one - two) > max(abs(one), abs(two)) * max(
            _slack(first, is_converted), _slack(second, is_converted)
        )
    else:
        low_1, high_1 = _widened(first, is_converted)
        low_2, high_2 = _widened(second, is_converted)
        apart = low_1 > high_2 or low_2 > high_1
    if not apart:
        return ""
    digits = [_digits(value.text) for value in (first, second)]
    return "unit" if is_converted and digits[0] and digits[0] == digits[1] else "numeric"


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _dates(first: Value, second: Value) -> str:
    if first.is_about or second.is_about or not first.parts or not second.parts:
        return ""
    told = [(one, two) for one, two in zip(first.parts, second.parts, strict=True) if one and two]
    # A year apart is another year's event unless the rest says the same day.
    return "date" if any(one != two for one, two in told) else ""


def _times(first: Value, second: Value) -> str:
    if first.low is None or second.low is None or first.low == second.low:
        return ""
    for outer, inner in ((first, second), (second, first)):
        if outer.high is not None and inner.low is not None and outer.low is not None:
            end = inner.high if inner.high is not None else inner.low
            if outer.low <= inner.low and end <= outer.high and outer.high > outer.low:
                return ""
    return "time"


def _weekdays(first: Value, second: Value) -> str:
    return "time" if not set(first.parts) & set(second.parts) else ""


def _statuses(first: Value, second: Value) -> str:
    return "status" if any(states_exclude(one, two) for one in first.parts for two in second.parts) else ""


def _words(kind: str) -> Callable[[Value, Value], str]:
    def rule(first: Value, second: Value) -> str:
        return kind if not set(first.parts) & set(second.parts) else ""

    return rule


def _same_name(one: str, two: str) -> bool:
    short, long = sorted((one, two), key=len)
    return short == long or (len(short) >= _MIN_NICKNAME and long.startswith(short))


def _names(first: Value, second: Value) -> str:
    if not first.parts or not second.parts:
        return ""
    return "" if any(_same_name(one, two) for one in first.parts for two in second.parts) else "role"


_RULES: dict[ValueKind, Callable[[Value, Value], str]] = {
    ValueKind.NUMBER: _numbers,
    ValueKind.COUNT: _numbers,
    ValueKind.DATE: _dates,
    ValueKind.TIME: _times,
    ValueKind.WEEKDAY: _weekdays,
    ValueKind.STATUS: _statuses,
    ValueKind.COLOUR: _words("entity"),
    ValueKind.NAME: _names,
}

_SENSES = {
    "must": "for",
    "should": "for",
    "must_not": "against",
    "should_not": "against",
    "may": "may",
    "waived": "free",
}
_CLASHES = (
    {"for", "against"},
    {"may", "against"},
    {"for", "free"},
    {"yes", "no"},
    {"yes", "against"},
    {"no", "for"},
)


def facts_differ(first_modality: str, first_affirmed: bool, second_modality: str, second_affirmed: bool) -> str:
    """Give "policy" or "negation" where two statements about one action cannot both hold, else ""."""
    senses = {_sense(first_modality, first_affirmed), _sense(second_modality, second_affirmed)}
    if senses not in _CLASHES:
        return ""
    return "policy" if first_modality or second_modality else "negation"


def _sense(modality: str, is_affirmed: bool) -> str:
    if not modality:
        return "yes" if is_affirmed else "no"
    sense = _SENSES[modality]
    if is_affirmed or sense in {"against", "free"}:
        return sense
    return "against"
