"""Numbers with their units as notes write them: "up to 1.5 kg", «не менее 3 раз в неделю», €1,200."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, replace
from functools import cache

from vaultc.language.comparators import bound_before, bound_behind
from vaultc.language.dates import dates
from vaultc.language.form import Pos
from vaultc.language.lexicon import entries, listed, phrases
from vaultc.language.morphology import analyse
from vaultc.language.numerals import Numeral, may_hold_number, numerals, scaled
from vaultc.language.stems import fold, stem
from vaultc.language.stopwords import is_stopword
from vaultc.language.units import MeasureUnit, unit_named, unit_of

_GAP = "[ \u00a0\u202f]"
_SIGN = re.compile(r"(?:US)?[$€£¥₽₴₸₾][ \u00a0]?$|(?:^|(?<=[\s(]))(?:USD|EUR|RUB|GBP|CHF)[ \u00a0]$")
_UNIT = re.compile(
    rf"(?P<gap>{_GAP}{{0,2}}|-)(?P<form>°[ ]?[CFcfСс](?!\w)|°|[%‰€$£¥₽₴₸₾℃℉]"
    r"|кв\.?[ \u00a0]?[кс]?м(?!\w)|куб\.?[ \u00a0]?с?м(?!\w)"
    r"|[^\W\d_]{1,16}(?:[·*][^\W\d_]{1,4})?[²³]?(?:(?<=[мm])[23])?(?!\w))"
)
_PER = re.compile(
    rf"\.?(?:{_GAP}?/{_GAP}?|{_GAP}(?:per|в|за|a|an|each|на){_GAP}(?:кажд\w{{2,3}}{_GAP})?)(?P<form>[^\W\d_]{{1,16}}[²³]?)(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(rf"{_GAP}{{1,2}}(?P<word>[^\W\d_]{{2,40}}(?:-[^\W\d_]{{1,40}})?)(?!\w)")
_TO = re.compile(rf"(?P<dash>{_GAP}?[-–—−]{_GAP}?|\.\.\.?|…)|{_GAP}(?:to|до|and|и|по){_GAP}", re.IGNORECASE)
_LIST_MARK = re.compile(r"(?:^|\n)[ \t>]{0,20}(?:#{1,6} |[-*+] )?$")
_MASK = re.compile(
    r"[a-z]{2,8}://[^\s<>]{1,2000}|\[\[[^\[\]|\n]{1,400}"
    r"|(?<![\w-])(?:\+?\d{1,3}[ \u00a0-])?(?:\(?\d{3,5}\)?[ \u00a0-])?\d{2,3}-\d\d-\d\d(?![\w-])"  # a telephone
)
_INTERVAL = re.compile(rf"{_GAP}(?:в|за|in|every|per){_GAP}(?=\d)")
_HALF_UNIT = re.compile(r"(?<!\w)пол-?(?=часа|года|минуты|секунды|дня|литра|кило|метра|недели|месяца)", re.IGNORECASE)
_HALF_A = re.compile(
    rf"(?<!\w)half{_GAP}an?{_GAP}(?=hour|day|year|minute|second|litre|liter|kilo|metre|meter)", re.IGNORECASE
)
_ONCE = re.compile(
    rf"(?<!\w)раз(?={_GAP}в{_GAP}(?:день|час|сутки|минуту|неделю|месяц|год|секунду|квартал)(?!\w))", re.IGNORECASE
)
_LABELS = phrases("units", "labels")
_HYPHENED = {stem: unit for unit, stems in entries("hyphened").items() for stem in stems}
_TIMES, _ALSO_WORDS = frozenset({"раз", "раза", "times", "time"}), frozenset("сСтаkкv")
_AND_SO_ON = re.compile(r"\.?[ \u00a0]?[екдпнч]\.")
_DIGITS_KEPT, _SOME = 12, 0.3
_JOINS = phrases("bounds", "joins")
_COUNTABLE = frozenset({Pos.NOUN, Pos.ADJECTIVE})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its unit at `[start, end)`.

    `unit` is a canonical name ("kg", "day", "EUR", "l/min"), for things counted the stem of the noun, empty for a
    bare number. `dimension` is "mass", "time", "calendar", ..., "count", "frequency" or "number". `comparator` is
    "<=", "<", ">=", ">" or None; a range gives two quantities, ">=" and "<=", with `is_range`.
    """

    value: float
    unit: str
    dimension: str
    start: int
    end: int
    comparator: str | None = None
    is_approximate: bool = False
    is_range: bool = False

    def normalised(self) -> tuple[float, str]:
        """Give the value in the base unit of its dimension, to 12 digits: 1500 g and 1.5 kg are both (1.5, "kg").

        Months and years stay apart from days; currencies stay apart from each other.
        """
        if self.dimension == "frequency" and self.unit.startswith("times/"):
            per = unit_named(self.unit.partition("/")[2])
            # A month has no fixed length: "times a month" keeps its own base.
            return (_rounded(self.value / per.factor), f"1/{per.base}") if per else (self.value, self.unit)
        above, _, below = self.unit.partition("/")
        unit, per = unit_named(above), unit_named(below) if below else None
        factor, base = (unit.factor, unit.base) if unit else (1.0, above)
        value = self.value * factor + (unit.offset if unit and not below else 0.0)
        if not below:
            return _rounded(value), base
        return _rounded(value / (per.factor if per else 1.0)), f"{base}/{per.base if per else below}"


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS_KEPT}g}")


@dataclass(frozen=True, slots=True)
class _Measure:
    """What stands behind a number: unit, dimension, and where it ends."""

    unit: str
    dimension: str
    end: int


def _unit_at(text: str, end: int) -> tuple[MeasureUnit, int] | None:
    """Give the unit that begins at `end`, and where it ends."""
    match = _UNIT.match(text, end)
    if match is None:
        return None
    form, gap = match.group("form"), match.group("gap")
    form = form.replace(" ", "").replace("\u00a0", "").replace(".", "")
    if form.startswith(("кв", "куб")) and form.endswith("м") and form != "квм":
        form = form.removeprefix("кв").removeprefix("куб") + ("²" if form.startswith("кв") else "³")
    unit = unit_of("м²" if form == "квм" else form)
    if gap == "-":
        unit = unit or next((unit_named(name) for root, name in _HYPHENED.items() if form.startswith(root)), None)
    if unit is None or _is_other_word(text, match, form):
        return None
    stop = match.end()
    is_short = form.isalpha() and len(form) <= 5 and text[stop : stop + 1] == "."
    return unit, stop + (1 if is_short and _is_abbreviated(form) else 0)


def _is_abbreviated(form: str) -> bool:
    """Tell whether a full stop may belong to `form`: «руб.», «мин.», "min.", not "часов."."""
    return form.casefold() in listed(
        "г гр кг мин сек ч час нед мес руб р коп долл тыс л м см мм шт max min sec hr hrs lb oz"
    )


def _is_other_word(text: str, match: re.Match[str], form: str) -> bool:
    """Tell whether a one-letter unit is a preposition or a label: «5 с Петей», "5 a day", «2026 г.»."""
    if form not in _ALSO_WORDS:
        return False
    behind = text[match.end() : match.end() + 4]
    if form in "тТ":
        return _AND_SO_ON.match(behind) is not None
    return len(behind) > 1 and behind[0].isspace() and behind[1].isalnum() and match.group("gap") != ""


def _rate(text: str, measure: _Measure) -> _Measure:
    """Add what the measure is counted per: "/h", «в час», "per user"."""
    match = _PER.match(text, measure.end)
    if match is None:
        return measure
    word = match.group().casefold()
    below = unit_of(match.group("form"))
    is_time = below is not None and below.dimension in ("time", "calendar")
    if not is_time and ("/" not in word and " per " not in word):
        return measure
    name = below.name if below else stem(match.group("form"))
    if measure.unit == "times":
        return _Measure(f"times/{name}", "frequency", match.end())
    return _Measure(f"{measure.unit}/{name}", f"{measure.dimension}/{below.dimension if below else name}", match.end())


# One thing under two names: «5 человек» and «10 людей», "1 person" and "3 people".
_SAME_NOUN = {stem("люди"): stem("человек"), stem("людей"): stem("человек"), stem("people"): stem("person")}


def _noun(word: str) -> str:
    found = stem(word)
    return _SAME_NOUN.get(found, found)


def _counted(text: str, numeral: Numeral) -> _Measure | None:
    """Give the noun that is counted; adjectives before it are passed over."""
    end, previous = numeral.end, None
    for _ in range(3):
        match = _WORD.match(text, end)
        if match is None:
            break
        word = match.group("word")
        if fold(word) in _TIMES:
            return _Measure("times", "count", match.end())
        kind = _kind(word)
        if kind is None:
            break
        following = _WORD.match(text, match.end())
        is_first = following is not None and _describes(word, following.group("word"))
        if kind is Pos.NOUN and not is_first:
            return _Measure(_noun(word), "count", match.end())
        previous = _Measure(stem(word), "count", match.end()) if word.isascii() else None
        end = match.end()
    return previous


def _kind(word: str) -> Pos | None:
    """Tell whether a word behind a number is what is counted or tells of which kind; None where it is neither."""
    if is_stopword(word):
        return None
    forms = analyse(word)
    weights: dict[Pos, float] = {}
    for form in forms:
        weights[form.pos] = weights.get(form.pos, 0.0) + form.weight
    if not word.isascii():
        best = max(weights, key=lambda pos: weights[pos])
        return best if best in _COUNTABLE else Pos.NOUN if weights.get(Pos.NOUN, 0.0) > _SOME else None
    return next((pos for pos in (Pos.NOUN, Pos.ADJECTIVE) if pos in weights), None)


def _describes(word: str, following: str) -> bool:
    """Tell whether an English word is no noun here but tells of which kind: it is no plural, and a noun follows."""
    if not word.isascii() or is_stopword(following):
        return False
    may_describe = any(form.pos is Pos.ADJECTIVE for form in analyse(word))
    is_noun = any(form.pos is Pos.NOUN and (form.is_plural or may_describe) for form in analyse(following))
    is_noun = is_noun or (following.endswith("s") and not following.endswith("ss"))
    is_plural = any(form.pos is Pos.NOUN and form.is_plural for form in analyse(word)) and not may_describe
    return is_noun and not is_plural


def _times(text: str, counted: _Measure) -> _Measure | None:
    """Add what is counted per; None for "once" before an interval, which is the quantity there."""
    measure = _rate(text, counted)
    return None if measure.unit == "times" and _INTERVAL.match(text, measure.end) else measure


def _is_label(text: str, start: int) -> bool:
    """Tell whether the number at `start` names something: "chapter 3", «шаг 2», "port 8080"."""
    return _stands_behind(text, start, _LABELS)


def _stands_behind(text: str, start: int, words: frozenset[str]) -> bool:
    before = re.search(r"([^\W\d_]{2,20})[.]?[ \u00a0]$", text[max(0, start - 24) : start])
    return before is not None and (fold(before.group(1)) in words or stem(before.group(1)) in words)


@cache
def _designators() -> frozenset[str]:
    """Give the stems of what bears a number with a letter: a station, a house, a seat."""
    return frozenset(stem(word) for word in phrases("units", "designators"))


def _measure(text: str, numeral: Numeral) -> _Measure | None:
    """Give what is measured or counted behind `numeral`; None where it is no quantity at all."""
    if numeral.is_times:
        return _times(text, _Measure("times", "count", numeral.end))
    found = _unit_at(text, numeral.end)
    if found:
        unit, end = found
        if end - numeral.end <= 2 and text[end - 1].isupper() and _stands_behind(text, numeral.start, _designators()):
            return None  # "Station 5 A"
        return _rate(text, _Measure(unit.name, unit.dimension, end))
    following = text[numeral.end : numeral.end + 2]
    if following[:1].isalpha() or following[:1] == "_" or (following[:1] == "-" and following[1:].isalpha()):
        return None
    counted = None if _is_label(text, numeral.start) else _counted(text, numeral)
    if counted:
        return _times(text, counted)
    return None if numeral.is_word else _Measure("", "number", numeral.end)


class _Masks:
    """Places where digits are no quantities: dates, addresses, targets of links."""

    def __init__(self, text: str) -> None:
        spans = [(mention.start, mention.end) for mention in dates(text)]
        spans += [match.span() for match in _MASK.finditer(text)]
        spans.sort()
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def covers(self, start: int) -> bool:
        at = bisect.bisect_right(self._starts, start) - 1
        return at >= 0 and start < self._ends[at]


def _is_name(text: str, numeral: Numeral, last_end: int) -> bool:
    """Tell whether the digits belong to a name, a mark or a list: "R-3", "#12", "v1.2", "1. First".

    A dash right behind the quantity that ends at `last_end` belongs to a range, not to a name.
    """
    before = text[max(0, numeral.start - 3) : numeral.start]
    if numeral.is_word or not before or last_end == numeral.start - 1:
        in_name = False
    else:
        last = before[-1]
        in_name = last.isalnum() or last in "_#^№§/\\@" or (last in ".:," and before[-2:-1].isdigit())
        in_name = in_name or (last in "-–" and len(before) > 1 and (before[-2].isalnum() or before[-2] in "_^"))
    if in_name or (
        text[numeral.end : numeral.end + 1] in ("/", "_", ":") and text[numeral.end + 1 : numeral.end + 2].isdigit()
    ):
        return True
    after = text[numeral.end : numeral.end + 2]
    return bool(
        after[:1] in (".", ")") and (after[1:].isspace() or len(after) == 1) and _begins_line(text, numeral.start)
    )


def _begins_line(text: str, start: int) -> bool:
    return _LIST_MARK.search(text[max(0, start - 30) : start]) is not None


def _signed(text: str, numeral: Numeral, last_end: int) -> Numeral:
    """Add the minus before a number, where it is one."""
    before = text[max(0, numeral.start - 2) : numeral.start]
    if (
        last_end < numeral.start
        and before[-1:] in ("-", "−")
        and (len(before) == 1 or not (before[0].isalnum() or before[0] in ")]_-"))
    ):
        return replace(numeral, value=-numeral.value, start=numeral.start - 1)
    return numeral


def _quantity(text: str, numeral: Numeral, last_end: int) -> Quantity | None:
    """Read one quantity with its sign, scale, unit and bounds; nothing before `last_end` belongs to it."""
    sign = _SIGN.search(text, max(0, numeral.start - 5, last_end), numeral.start) if not numeral.is_word else None
    numeral = scaled(text, _signed(text, numeral, last_end), sign is not None)
    money = unit_of(sign.group().strip().replace("US$", "$")) if sign else None
    if money and sign:
        measure: _Measure | None = _rate(text, _Measure(money.name, money.dimension, numeral.end))
        numeral = replace(numeral, start=sign.start())
    else:
        measure = _measure(text, numeral)
    if measure is None:
        return None
    bound, behind = bound_before(text, numeral.start, last_end), bound_behind(text, numeral.end)
    if behind and measure.end > numeral.end and measure.dimension != "count":
        behind = None  # "5 min" is five minutes
    elif behind:
        beyond = _measure(text, replace(numeral, end=behind.end))
        measure = beyond if beyond and beyond.unit else _Measure("", "number", numeral.end)
    behind = behind or bound_behind(text, measure.end)
    comparator = bound.comparator or (behind.comparator if behind else None)
    is_rough = numeral.is_rough or bound.is_rough or bool(behind and behind.is_rough)
    return Quantity(numeral.value, measure.unit, measure.dimension, numeral.start, measure.end, comparator, is_rough)


def _whole_phrases(text: str) -> list[Numeral]:
    """Give the numbers in phrases without a number word of their own: «полчаса», "half an hour", «раз в день»."""
    once = [Numeral(1.0, match.start(), match.end(), True, is_times=True) for match in _ONCE.finditer(text)]
    return once + [
        Numeral(0.5, match.start(), match.end(), True)
        for form in (_HALF_UNIT, _HALF_A)
        for match in form.finditer(text)
    ]


def _ranged(text: str, found: list[Quantity]) -> list[Quantity]:
    """Turn neighbours that make a range into a lower and an upper bound with one unit."""
    ranged = list(found)
    for at in range(len(ranged) - 1):
        low, high = ranged[at], ranged[at + 1]
        between = text[low.end : high.start]
        match = _TO.fullmatch(between) if len(between) <= 8 else None
        if match is None or not _may_range(text, low, high, match):
            continue
        if low.dimension == "number" and high.dimension != "number":
            low = replace(low, unit=high.unit, dimension=high.dimension)
        ranged[at] = replace(low, comparator=">=", is_range=True)
        ranged[at + 1] = replace(high, value=abs(high.value) if match.group("dash") else high.value, comparator="<=")
        ranged[at + 1] = replace(ranged[at + 1], is_range=True)
    return ranged


def _may_range(text: str, low: Quantity, high: Quantity, link: re.Match[str]) -> bool:
    if low.is_range or low.value >= high.value:
        return False
    if low.dimension not in ("number", high.dimension):
        return False
    word = link.group().strip().casefold()
    if word in ("and", "и"):
        return text[max(0, low.start - 8) : low.start].rstrip().casefold().endswith(("between", "между"))
    return True


def quantities(text: str) -> list[Quantity]:
    """Give the quantities of `text` in order, in digits and words, with units, bounds and ranges.

    Dates, times, versions, addresses, list numbers and digits inside names are none.
    """
    if not may_hold_number(text):
        return []
    candidates = sorted([*numerals(text), *_whole_phrases(text)], key=lambda numeral: numeral.start)
    if not candidates:
        return []  # most sentences; looking for dates is the dear part
    masks = _Masks(text)
    found: list[Quantity] = []
    for numeral in candidates:
        last_end = found[-1].end if found else -1
        if masks.covers(numeral.start) or numeral.start < last_end or _is_name(text, numeral, last_end):
            continue
        quantity = _quantity(text, numeral, last_end)
        if quantity:
            found.append(quantity)
    return _shared(text, _ranged(text, found))


def _shared(text: str, found: list[Quantity]) -> list[Quantity]:
    """Give a bound without a unit that of the bound it is joined to: "at least 1 and at most 3 chores"."""
    shared = list(found)
    for at in range(len(shared) - 2, -1, -1):
        low, high = shared[at], shared[at + 1]
        if low.dimension != "number" or not low.comparator or not high.comparator or low.is_range:
            continue
        between = text[low.end : bound_before(text, high.start, low.end).start]
        if between.strip(" ,").casefold() in _JOINS:
            shared[at] = replace(low, unit=high.unit, dimension=high.dimension)
    return shared
