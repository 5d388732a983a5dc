"""Values that a statement states: which of its numbers mean something, what they measure, and which way they bind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from vaultc.compiler.extract.limits import unit_of
from vaultc.compiler.extract.measured import Spoken, is_listed, name_of, spoken
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.language.dates import dates
from vaultc.language.form import Mood, Pos, Tense
from vaultc.language.lexicon import phrases
from vaultc.language.modality import is_hypothetical, is_question, is_reported, modal_marks, polarity
from vaultc.language.stems import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.extract.statements import Statement
    from vaultc.core.source import Quote
    from vaultc.language.quantities import Quantity
    from vaultc.language.tags import Tagged

_SILENT = frozenset(
    {
        Topic.HISTORY, Topic.REFERENCES, Topic.EXAMPLES, Topic.QUESTIONS, Topic.EXCLUDED, Topic.TASKS, Topic.RISKS,
        Topic.OPTIONAL,
    }
)  # fmt: skip
_BREAK = re.compile(r"[;:!?()]|[.,](?!\d)|\s[-–—]\s")
_CODE = re.compile(r"`([^\W\d][\w-]{0,40})`")
_PART_BEFORE = re.compile(r"\d\s?[x×х]\s?$|\d\s(?:by|of|из|на|is|=|это)\s$|№\s?$")
_PART_BEHIND = re.compile(r"\s?[x×х]\s?\d|\s(?:by|of|из|на|is|=|это)\s(?:\d|ten\b|hundred\b)")
_YEARS = range(1900, 2100)
_SERIES = re.compile(r"\s?,\s|\s(?:and|и)\s|,\s(?:and|и)\s")
_SIDES = {"<=": "max", "<": "max", ">=": "min", ">": "min"}
_MAX_SERIES = 24


class Side(StrEnum):
    """Which way a value binds."""

    EXACT = "exact"
    MIN = "min"
    MAX = "max"
    THRESHOLD = "threshold"
    INTERVAL = "interval"
    RATE = "rate"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Stated:
    """One value that a statement states. `values` has more than one for a series: "after 1, 3 and 7 days".

    `clock` is a time of day; then there are no values. `has_twin`: the other end of its range is stated too.
    """

    name: str
    values: tuple[float, ...]
    unit: str
    dimension: str
    side: Side
    quote: Quote
    text: str
    clock: str = ""
    start: int = 0
    has_twin: bool = False


def stated_in(statement: Statement) -> Iterator[Stated]:
    """Give the values of a statement in order; none of what is asked, supposed, told by others or past."""
    text = _with_names(statement.masked, statement.shown)
    if not _may_state(statement, text):
        return
    said = spoken(text)
    binds = bool(modal_marks(text)) or _orders(said)
    at = 0
    numbers = said.numbers
    found: list[Stated] = []
    while at < len(numbers):
        count = _series(said.text, numbers, at)
        group = numbers[at : at + count]
        at += count
        if _is_told(said, group, binds=binds) and not _is_part(said, group):
            previous = next(iter(found[-1:]), None)
            found += _values(said, group, statement.quote, previous)
    yield from found
    for mention in dates(text):
        if mention.time and not mention.day and _is_now(said, mention.start, binds=binds):
            name = name_of(said, mention.start, mention.end, None)
            if name:
                yield Stated(
                    name, (), "", "clock", Side.EXACT, statement.quote, text, clock=mention.time, start=mention.start
                )


def _with_names(masked: str, shown: str) -> str:
    """Give the masked words with code that is one name left in: "`panic` has to work within 50 ms"."""
    for match in _CODE.finditer(shown):
        masked = masked[: match.start(1)] + match[1] + masked[match.end(1) :]
    return masked


def _may_state(statement: Statement, text: str) -> bool:
    if statement.is_lead or statement.is_question or topic_of_path(statement.headings) in _SILENT:
        return False
    if statement.item is not None and statement.item.task is not None:
        return False
    key = text.split(":")[0].strip(" *-").lower()
    if ":" in text and key in phrases("values", "metadata"):
        return False
    if is_question(text) or is_reported(text):
        return False
    return bool(modal_marks(text)) or not is_hypothetical(text)


def _orders(said: Spoken) -> bool:
    """Tell whether the statement begins with a verb that orders: "Retry three times", «повторять три раза»."""
    first = next((word for word in said.words if word.form.pos not in {Pos.PARTICLE, Pos.ADVERB, Pos.COORDINATOR}), None)
    return first is not None and first.form.mood in {Mood.INFINITIVE, Mood.IMPERATIVE}


def _series(text: str, numbers: Sequence[Quantity], at: int) -> int:
    """Give how many numbers from `at` belong together: a range is two, "1, 3, 7 and 16 days" four."""
    if numbers[at].is_range and at + 1 < len(numbers) and numbers[at + 1].is_range:
        return 2
    count = 1
    while (
        at + count < len(numbers)
        and count < _MAX_SERIES
        and numbers[at + count - 1].dimension == "number"
        and numbers[at + count - 1].comparator is None
        and _SERIES.fullmatch(text[numbers[at + count - 1].end : numbers[at + count].start])
    ):
        count += 1
    return count if count > 2 else 1


def _clause(said: Spoken, start: int, end: int) -> list[Tagged]:
    breaks = list(_BREAK.finditer(said.text))
    low = max((match.end() for match in breaks if match.end() <= start), default=0)
    high = min((match.start() for match in breaks if match.start() >= end), default=len(said.text))
    return [word for word in said.words if low <= word.start and word.end <= high]


def _is_now(said: Spoken, start: int, *, binds: bool) -> bool:
    """Tell whether what is said around `start` holds now: its verbs are not all past, and it is no own life."""
    clause = _clause(said, start, start)
    verbs = [word.form for word in clause if word.is_verb or word.form.pos is Pos.MODAL]
    if not verbs:
        verbs = [word.form for word in said.words if word.is_verb or word.form.pos is Pos.MODAL]
    is_condition = any(is_listed(word, "condition") for word in clause)
    finite = [form for form in verbs if form.is_predicate]
    if finite and all(form.tense is Tense.PAST for form in finite) and not is_condition:
        return False
    is_own = any(fold(word.text) in phrases("values", "own") for word in clause)
    return binds or not is_own


def _is_told(said: Spoken, group: Sequence[Quantity], *, binds: bool) -> bool:
    """Tell whether a number is a value of the product, not a guess, a price or one of the numbers of a story."""
    number = group[-1]
    has_bound = number.comparator is not None
    is_word = not any(char.isdigit() for char in said.text[number.start : number.end])
    if (number.is_approximate and not has_bound) or not _is_now(said, number.start, binds=binds):
        return False
    if number.dimension == "currency" and not (binds and has_bound):
        return False
    if number.dimension.startswith("count") and not has_bound:
        is_only = any(is_listed(word, "only") for word in said.words if word.end <= number.start)
        if (number.value == 1 and not is_only) or (is_word and not (binds or is_only)):
            return number.unit == "times" and number.value > 1
    return True


def _is_part(said: Spoken, group: Sequence[Quantity]) -> bool:
    """Tell whether a number is a part or a name of a thing: "61 x 38 cm", "nine of ten", "дом № 6", "a Pi 3"."""
    text, first, last = said.text, group[0], group[-1]
    if _PART_BEFORE.search(text[max(0, first.start - 12) : first.start]) or _PART_BEHIND.match(text, last.end):
        return True
    if last.dimension != "number" or len(group) > 1:
        return False
    near = [word for word in said.words if word.end <= first.start and not text[word.end : first.start].strip()]
    is_name = bool(near) and near[-1].text[:1].isupper() and bool(text[: near[-1].start].strip(" *-"))
    return is_name or (int(last.value) in _YEARS and not (near and near[-1].is_noun))


def _values(said: Spoken, group: Sequence[Quantity], quote: Quote, previous: Stated | None) -> Iterator[Stated]:
    first, last = group[0], group[-1]
    name = name_of(said, first.start, last.end, last)
    if previous is not None and _goes_on(said, previous, first):
        name = previous.name
    if not name:
        return
    unit, text = unit_of(said.text, last), said.text
    if len(group) > 2:
        values = tuple(number.value for number in group)
        yield Stated(name, values, unit, last.dimension, Side.EXACT, quote, text, start=first.start)
        return
    if first.is_range and len(group) == 2:
        for number, side in ((first, Side.MIN), (last, Side.MAX)):
            yield Stated(name, (number.value,), unit, last.dimension, side, quote, text, start=number.start, has_twin=True)
        return
    yield Stated(name, (last.value,), unit, last.dimension, _side(said, last, name), quote, text, start=last.start)


def _goes_on(said: Spoken, previous: Stated, number: Quantity) -> bool:
    """Tell whether a number bounds what the one before bounds: "shorter than 3 or longer than 40"."""
    between = [word for word in said.words if previous.start < word.start and word.end <= number.start]
    is_joined = any(word.form.pos is Pos.COORDINATOR for word in between)
    return (
        is_joined
        and number.comparator is not None
        and previous.dimension == number.dimension
        and not any(word.is_noun or word.is_verb for word in between)
    )


def _side(said: Spoken, number: Quantity, name: str) -> Side:
    """Tell which way a value binds: what is refused beyond it is bound by it from the other side."""
    if number.comparator is not None:
        is_strict = number.comparator in {"<", ">"}
        if is_strict and _refuses(said):
            return Side(_SIDES["<" if number.comparator == ">" else ">"])
        clause = _clause(said, number.start, number.end)
        if is_strict and (any(is_listed(word, "condition") for word in clause) or not modal_marks(said.text)):
            return Side.MAX if number.comparator == "<" and not _picks(clause) else Side.THRESHOLD
        return Side(_SIDES[number.comparator])
    if number.dimension.startswith("frequency") or "/" in number.unit:
        return Side.RATE
    if any(word in phrases("values", "interval") for word in name.split()):
        return Side.INTERVAL
    return Side.DEFAULT if _has_phrase(said.text, "default") else Side.EXACT


def _refuses(said: Spoken) -> bool:
    if any(mark.modality.endswith("not") for mark in modal_marks(said.text)) or not polarity(said.text):
        return True
    return any(is_listed(word, "refuses") for word in said.words if not word.is_noun)


def _picks(clause: Sequence[Tagged]) -> bool:
    return any(is_listed(word, "condition") or is_listed(word, "picks") for word in clause)


@cache
def _patterns(category: str) -> re.Pattern[str]:
    words = sorted(phrases("values", category), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)")


def _has_phrase(text: str, category: str) -> bool:
    return find_phrase(text, category) >= 0


def find_phrase(text: str, category: str, start: int = 0) -> int:
    """Give where the first phrase of `category` begins in `text` from `start` on, or -1."""
    match = _patterns(category).search(fold(text) if len(fold(text)) == len(text) else text.lower(), start)
    return match.start() if match is not None else -1
