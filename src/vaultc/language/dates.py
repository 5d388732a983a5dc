"""Dates, weekdays and clock times as people write them, in Russian and English."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTH_STEMS = {
    1: "январь января январе январю январем янв january jan",
    2: "февраль февраля феврале февралю февралем фев февр february feb",
    3: "март марта марте марту мартом мар march mar",
    4: "апрель апреля апреле апрелю апрелем апр april apr",
    5: "май мая мае маю маем may",
    6: "июнь июня июне июню июнем июн june jun",
    7: "июль июля июле июлю июлем июл july jul",
    8: "август августа августе августу августом авг august aug",
    9: "сентябрь сентября сентябре сентябрю сентябрем сен сент september sep sept",
    10: "октябрь октября октябре октябрю октябрем окт october oct",
    11: "ноябрь ноября ноябре ноябрю ноябрем ноя нояб november nov",
    12: "декабрь декабря декабре декабрю декабрем дек december dec",
}
MONTHS = {form: number for number, forms in _MONTH_STEMS.items() for form in forms.split()}
"""Month by each of its forms, folded."""
_DAY_FORMS = {
    1: "понедельник понедельника понедельнику понедельникам пн monday mondays mon",
    2: "вторник вторника вторнику вторникам вт tuesday tuesdays tue",
    3: "среда среду среды средам wednesday wednesdays wed",
    4: "четверг четверга четвергу четвергам чт thursday thursdays thu",
    5: "пятница пятницу пятницы пятницам пт friday fridays fri",
    6: "суббота субботу субботы субботам сб saturday saturdays sat",
    7: "воскресенье воскресенья воскресенью воскресеньям вс sunday sundays sun",
}
WEEKDAYS = {form: number for number, forms in _DAY_FORMS.items() for form in forms.split()}
"""Weekday, Monday 1 to Sunday 7, by each of its forms, folded."""
_AMBIGUOUS = {"среды", "среда", "sun", "sat", "may", "мае", "мар", "mar", "march"}
_EDGE = r"(?<![\w.,/:-])"
_AFTER = r"(?![\w/]|[.:,-]\d)"
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
_YEAR = r"(?P<year>(?:1[0-9]|20|21)\d\d)"
_ERA = r"(?:[ \u00a0]?(?:г\b\.?|год(?:а|у|ом)?\b))?"
_GAP = r"[ \u00a0\u202f]{1,3}"


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date as far as it is told. `weekday` is 1 (Monday) to 7; `time` is "HH:MM" on a 24-hour clock.

    `quarter` (1 to 4) is told for "Q3 2026"; `month` is then the first of the quarter.
    """

    year: int | None
    month: int | None
    day: int | None
    start: int
    end: int
    time: str | None = None
    weekday: int | None = None
    quarter: int | None = None


def _rx(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_ISO_TIME = r"(?:[T ](?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?:Z|[+-]\d\d:?\d\d)?)?"
# In this order: a place that an earlier form took is not read again. Every repetition is bounded.
_FORMS: tuple[re.Pattern[str], ...] = (
    _rx(rf"{_EDGE}{_YEAR}-(?P<month>\d\d?)-(?P<day>\d\d?)(?!\d|-\d|\.\d){_ISO_TIME}"),
    _rx(rf"{_EDGE}(?P<day>\d\d?)\.(?P<month>\d\d?)\.{_YEAR}(?!\d|\.\d){_ERA}"),
    _rx(rf"{_EDGE}(?P<first>\d\d?)/(?P<second>\d\d?)/{_YEAR}(?!\d|/\d)"),
    _rx(rf"{_EDGE}{_YEAR}[./](?P<month>\d\d?)[./](?P<day>\d\d?)(?!\d|[./]\d)"),
    _rx(
        rf"{_EDGE}(?P<day>\d\d?)(?:st|nd|rd|th|-?го|-?е)?(?:{_GAP}of)?{_GAP}(?P<name>{_MONTH})\b"
        rf"(?:\.?,?{_GAP}{_YEAR}\b{_ERA})?"
    ),
    _rx(rf"(?<!\w)(?P<name>{_MONTH})\b\.?{_GAP}(?P<day>\d\d?)(?:st|nd|rd|th)?\b(?![:.]\d)(?:,?{_GAP}{_YEAR}\b)?"),
    _rx(rf"(?<!\w)(?P<name>{_MONTH})\b\.?,?{_GAP}{_YEAR}\b{_ERA}"),
    _rx(rf"{_EDGE}{_YEAR}-(?P<month>0[1-9]|1[0-2])(?![\w-])"),
    _rx(rf"(?<!\w)Q(?P<quarter>[1-4])(?:[ \u00a0/-]?{_YEAR}\b)?(?!\w)"),
    _rx(rf"{_EDGE}(?P<quarter>[1-4])(?:-?й|-?м|-?го)?{_GAP}(?:квартал(?:е|а)?|кв\.){_GAP}{_YEAR}\b{_ERA}"),
    _rx(rf"{_EDGE}{_YEAR}{_GAP}?(?:г\b\.?|год(?:а|у|ом)?\b)"),
    _rx(rf"(?<!\w)(?P<lead>in|since|by|until|during|в|с|до|к|на){_GAP}(?P<name>{_MONTH})\b(?!\.?\w)"),
    _rx(rf"(?<!\w)(?P<lead>in|since|by|until|before|after){_GAP}{_YEAR}\b(?![.,]?\d|{_GAP}\w{{3}})"),
    _rx(rf"(?<!\w)(?P<weekday>{_WEEKDAY})(?!\w)"),
    _rx(
        r"(?<![\w:.,])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\w:]|\.\d)"
        r"(?:[ \u00a0]?(?P<half>[ap])\.?m\b\.?)?"
    ),
    _rx(r"(?<![\w:.,])(?P<hour>1[0-2]|0?[1-9])[ \u00a0]?(?P<half>[ap])\.?m\b\.?"),
)
_DIGIT = re.compile(r"\d")
_WITHOUT_DIGITS = frozenset(form for form in _FORMS if "lead" in form.groupindex or "weekday" in form.groupindex)
_OF_MONTH = frozenset(form for form in _FORMS if "name" in form.groupindex)
_OF_CLOCK = frozenset(form for form in _FORMS if "hour" in form.groupindex and "year" not in form.groupindex)
_OF_YEAR = frozenset(form for form in _FORMS if "year" in form.groupindex) - _OF_MONTH
_OF_QUARTER = frozenset(form for form in _FORMS if "quarter" in form.groupindex)
_LETTERS = re.compile(r"[^\W\d_]+")
_FOUR_DIGITS = re.compile(r"\d{4}")
_NAMES_OF_MONTHS, _NAMES_OF_DAYS = frozenset(MONTHS), frozenset(WEEKDAYS)
_CLOCK = _rx(r",?[ \u00a0]{1,2}(?:at|в)[ \u00a0]{1,2}(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?![\w:])")
_DAYS_OF = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _is_day(year: int | None, month: int | None, day: int | None) -> bool:
    """Tell whether the parts make a day of the calendar."""
    if month is not None and not 1 <= month <= 12:
        return False
    if day is None:
        return True
    if month is None or not 1 <= day <= _DAYS_OF[month - 1]:
        return False
    is_leap = year is None or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return day <= 28 or month != 2 or is_leap


def _number(parts: dict[str, str | None], name: str) -> int | None:
    found = parts.get(name)
    return int(found) if found else None


def _clock(parts: dict[str, str | None]) -> str | None:
    hour = _number(parts, "hour")
    if hour is None:
        return None
    half = (parts.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02d}:{_number(parts, 'minute') or 0:02d}"


def _month_day(parts: dict[str, str | None]) -> tuple[int | None, int | None]:
    first, second = _number(parts, "first"), _number(parts, "second")
    if first is not None and second is not None:
        return (second, first) if second <= 12 else (first, second)
    name = parts.get("name")
    month = MONTHS[name.casefold()] if name else _number(parts, "month")
    return month, _number(parts, "day")


def _is_plain_word(match: re.Match[str]) -> bool:
    """Tell whether a name that is also a common word ("may", "March on", «среда») is just that word."""
    parts = match.groupdict()
    name, weekday = parts.get("name"), parts.get("weekday")
    if weekday:
        return weekday.casefold() in _AMBIGUOUS and not (weekday[0].isupper() and weekday.isascii())
    if name and name.casefold() in _AMBIGUOUS and name.isascii():
        return name[0].islower()
    return False


def _mention(match: re.Match[str]) -> DateMention | None:
    parts = match.groupdict()
    if _is_plain_word(match):
        return None
    year, quarter = _number(parts, "year"), _number(parts, "quarter")
    month, day = _month_day(parts)
    if quarter is not None:
        month = 3 * quarter - 2
    if not _is_day(year, month, day):
        return None
    weekday = parts.get("weekday")
    start = match.start() if not parts.get("lead") else match.start("name" if parts.get("name") else "year")
    return DateMention(
        year, month, day, start, match.end(), _clock(parts), WEEKDAYS[weekday.casefold()] if weekday else None, quarter
    )


def _fitting(text: str) -> list[re.Pattern[str]]:
    """Give the forms that may stand in `text`: a cheap look at its digits and words spares most of them."""
    words = {word.casefold() for word in _LETTERS.findall(text)}
    has_digit = _DIGIT.search(text) is not None
    absent: set[re.Pattern[str]] = set() if has_digit else set(_FORMS) - _WITHOUT_DIGITS
    if _NAMES_OF_MONTHS.isdisjoint(words):
        absent |= _OF_MONTH
    if _NAMES_OF_DAYS.isdisjoint(words):
        absent |= {form for form in _FORMS if "weekday" in form.groupindex}
    if _FOUR_DIGITS.search(text) is None:
        absent |= _OF_YEAR - _OF_QUARTER
    if ":" not in text and "m" not in text.casefold():
        absent |= _OF_CLOCK
    return [form for form in _FORMS if form not in absent]


def _matches(text: str) -> Iterator[DateMention]:
    taken_starts: list[int] = []
    taken_ends: list[int] = []
    for form in _fitting(text):
        for match in form.finditer(text):
            at = bisect.bisect_left(taken_ends, match.start() + 1)
            if at < len(taken_starts) and taken_starts[at] < match.end():
                continue
            mention = _mention(match)
            if mention is None:
                continue
            clock = _CLOCK.match(text, mention.end) if mention.day and not mention.time else None
            if clock:
                mention = DateMention(
                    mention.year, mention.month, mention.day, mention.start, clock.end(), _clock(clock.groupdict())
                )
            taken_starts.insert(at, mention.start)
            taken_ends.insert(at, mention.end)
            yield mention


def dates(text: str) -> list[DateMention]:
    """Give the dates, months, quarters, years, weekdays and clock times of `text` in order. Never raises.

    12/03/2026 is read day first unless that cannot be. A number alone is no year.
    """
    return sorted(_matches(text), key=lambda mention: mention.start)
