"""Values that a statement states: which of its numbers mean something, what they measure, and which way they bind."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from vaultc.compiler.extract.limits import is_outside, unit_of
from vaultc.compiler.extract.measured import is_titled, name_of, picks_out
from vaultc.compiler.extract.spoken import Spoken, is_listed, is_noun, is_verb, spoken
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.language.clauses import Predicate, Role
from vaultc.language.dates import dates
from vaultc.language.form import Pos, Tense
from vaultc.language.lexicon import phrases
from vaultc.language.reading import Basis, Force, Stance, read
from vaultc.language.stems import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.extract.statements import Statement
    from vaultc.core.source import Quote
    from vaultc.language.clauses import Clause
    from vaultc.language.quantities import Quantity
    from vaultc.language.reading import Reading

_SILENT = frozenset(
    {
        Topic.HISTORY, Topic.REFERENCES, Topic.EXAMPLES, Topic.QUESTIONS, Topic.EXCLUDED, Topic.TASKS, Topic.RISKS,
        Topic.OPTIONAL,
    }
)  # fmt: skip
_GONE = frozenset({Stance.PAST, Stance.SUPERSEDED})
_UNBOUND = frozenset({Stance.SUPPOSED, Stance.OWN, Stance.OPINION})
_FANCY = frozenset({Stance.SUPPOSED, Stance.OPINION})
_BY_WORDS = frozenset({Basis.WORD, Basis.ORDER, Basis.DECISION, Basis.WISH})
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,80}>")
_CODE = re.compile(r"`([^\W\d][\w-]{0,40})`")
_PART_BEFORE = re.compile(r"\d\s?[x×х]\s?$|\d\s(?:by|of|из|на|is|=|это)\s$|№\s?$")
_PART_BEHIND = re.compile(r"\s?[x×х]\s?\d|\s(?:by|of|из|на|is|=|это)\s(?:\d|ten\b|hundred\b)")
_YEARS = range(1900, 2100)
_SERIES = re.compile(r"\s?,\s|\s(?:and|и)\s|,\s(?:and|и)\s")
_SIDES = {"<=": "max", "<": "max", ">=": "min", ">": "min"}
_MAX_SERIES = 24
_TWIN_REACH = 24


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

    `clock` is a time of day; then there are no values. `has_twin`: the other end of its range is stated too. `scope` is
    the field of a record that it bounds; `is_titled` tells that the note gives the name.
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
    scope: str = ""
    is_titled: bool = False


def stated_in(statement: Statement) -> Iterator[Stated]:
    """Give the values of a statement in order; none of what is asked, supposed, told by others or past."""
    text = _with_names(statement.masked, statement.shown)
    reading = read(text)
    if not _may_state(statement, reading):
        return
    said = spoken(text)
    at, numbers = 0, said.numbers
    found: list[Stated] = []
    while at < len(numbers):
        count = _series(text, numbers, at)
        group = numbers[at : at + count]
        at += count
        if _is_told(said, reading, group) and not _is_part(said, group):
            found += _values(said, reading, group, statement.quote, found[-1] if found else None)
    yield from found
    for mention in dates(text):
        clause = _clause(reading, mention.start)
        if (
            mention.time
            and not mention.day
            and clause is not None
            and clause.predicate >= 0
            and _is_now(reading, mention.start)
        ):
            name = name_of(said, mention.start, mention.end, None)
            if name:
                yield Stated(
                    name, (), "", "clock", Side.EXACT, statement.quote, text, clock=mention.time, start=mention.start
                )


def _with_names(masked: str, shown: str) -> str:
    """Give the masked words without tags, and with code that is one name: "`panic` has to work within 50 ms"."""
    masked = _TAG.sub(lambda match: " " * len(match.group()), masked)
    for match in _CODE.finditer(shown):
        masked = masked[: match.start(1)] + match[1] + masked[match.end(1) :]
    return masked


def _may_state(statement: Statement, reading: Reading) -> bool:
    if statement.is_lead or statement.is_question or topic_of_path(statement.headings) in _SILENT:
        return False
    if statement.item is not None and statement.item.task is not None:
        return False
    key = reading.text.split(":")[0].strip(" *-").lower()
    if ":" in reading.text and key in phrases("values", "metadata"):
        return False
    return Stance.ASKED not in reading.stances


def _binds(reading: Reading) -> bool:
    """Tell whether a statement binds by its words: a duty, an order, a decision, a wish."""
    return reading.binding is not None and reading.binding.basis in _BY_WORDS


def _clause(reading: Reading, start: int) -> Clause | None:
    """Give the clause in which the word at `start` stands."""
    at = bisect.bisect_right(reading.tokens, start, key=lambda token: token.start) - 1
    return next((clause for clause in reading.clauses if clause.first <= max(at, 0) <= clause.last), None)


def _is_now(reading: Reading, start: int) -> bool:
    """Tell whether what is said around `start` holds now: its verb is not past, and it is no fancy or own life."""
    clause = _clause(reading, start)
    if clause is None:
        return True
    words = clause.words(reading.tokens)
    stances = {
        stance
        for stance, (low, high) in reading.stances.items()
        if low < words[-1].end and high > words[0].start and (low < start or stance in _FANCY)
    }
    if Stance.OWN in stances and _is_shared(reading):
        stances -= {Stance.OWN}
    told = reading.stances.get(Stance.REPORTED)
    if _GONE & stances or (told is not None and told[0] < start) or (stances & _UNBOUND and not _binds(reading)):
        return False
    if Stance.SUPPOSED in stances:
        return False
    verbs = [word for word in words if word.form.is_predicate]
    before = [word for word in verbs if word.start < start]
    verb = before[-1] if before else verbs[0] if verbs else None
    if clause.role is Role.CONDITION or verb is None or verb.form.tense is not Tense.PAST:
        return True
    later = verbs[verbs.index(verb) + 1 :]  # "a code typed wrong three times locks the door"
    return verb.folded.isascii() and any(word.form.tense is Tense.PRESENT and not word.gap for word in later)


def _is_shared(reading: Reading) -> bool:
    """Tell whether the writer speaks as "we": what we do is what the product does."""
    low, high = reading.stances[Stance.OWN]
    word = next((word for word in reading.tokens if word.start == low), None)
    is_we = word is not None and word.form.pos is Pos.VERB and bool(word.form.is_plural)
    return is_we or fold(reading.text[low:high]) not in phrases("values", "own")


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


def _is_told(said: Spoken, reading: Reading, group: Sequence[Quantity]) -> bool:
    """Tell whether a number is a value of the product, not a guess, a price or one of the numbers of a story."""
    number, binds = group[-1], _binds(reading)
    has_bound = number.comparator is not None
    is_word = not any(char.isdigit() for char in said.text[number.start : number.end])
    if (number.is_approximate and not has_bound) or not _is_now(reading, number.start):
        return False
    if number.dimension == "currency" and not (binds and has_bound):
        return False
    if number.unit == "times" and number.value > 1:
        return True
    if is_word and number.value == 1 and not has_bound and not _is_led(said, number):
        return False  # "one day"
    if number.dimension.startswith("count") and not number.value:
        return False
    if number.dimension.startswith(("count", "frequency")) and not has_bound:
        is_only = any(is_listed(word, "only") for word in said.words if word.end <= number.start)
        is_banned = reading.binding is not None and reading.binding.force is Force.MUST_NOT
        clause = _clause(reading, number.start)
        is_ordered = clause is not None and clause.kind in {Predicate.MODAL, Predicate.ORDER}
        if number.dimension == "frequency" or is_only:
            return True
        return not (number.value == 1 or (is_word and (not is_ordered or is_banned)))
    return True


def _is_led(said: Spoken, number: Quantity) -> bool:
    """Tell whether a preposition or "only" stands right before a number: "for one year"."""
    near = [word for word in said.words if word.end <= number.start]
    return bool(near) and (near[-1].form.pos is Pos.PREPOSITION or is_listed(near[-1], "only"))


def _is_part(said: Spoken, group: Sequence[Quantity]) -> bool:
    """Tell whether a number is a part or a name of a thing: "61 x 38 cm", "nine of ten", "дом № 6", "a Pi 3"."""
    text, first, last = said.text, group[0], group[-1]
    if _PART_BEFORE.search(text[max(0, first.start - 12) : first.start]) or _PART_BEHIND.match(text, last.end):
        return True
    if last.dimension != "number" or len(group) > 1:
        return False
    near = [word for word in said.words if word.end <= first.start and not text[word.end : first.start].strip(" .")]
    if near and is_listed(near[-1], "metadata"):
        return True  # "version 1.3"
    is_name = bool(near) and near[-1].text[:1].isupper() and bool(text[: near[-1].start].strip(" *-"))
    return is_name or (int(last.value) in _YEARS and not (near and is_noun(near[-1])))


def _values(
    said: Spoken, reading: Reading, group: Sequence[Quantity], quote: Quote, previous: Stated | None
) -> Iterator[Stated]:
    first, last = group[0], group[-1]
    twin = next((other for other in said.numbers if other.start > last.end and _is_twin(said.text, last, other)), None)
    named = twin or last
    name = name_of(said, first.start, last.end, last, twin)
    if previous is not None and _goes_on(said, previous, first):
        name = previous.name
    if not name:
        return
    unit, text = unit_of(said.text, named), said.text
    if len(group) > 2:
        values = tuple(number.value for number in group)
        yield Stated(name, values, unit, last.dimension, Side.EXACT, quote, text, start=first.start)
        return
    if first.is_range and len(group) == 2:
        if _refuses(reading, _clause(reading, first.start)) or is_outside(text, first):
            return  # what it must not be binds no end
        for number, side in ((first, Side.MIN), (last, Side.MAX)):
            yield Stated(
                name, (number.value,), unit, last.dimension, side, quote, text, start=number.start, has_twin=True
            )
        return
    side = _side(said, reading, last, name)
    is_unlimited = any(is_listed(word, "limited") for word in reading.tokens if word.end <= last.start)
    if is_unlimited and _refuses(reading, _clause(reading, last.start)):
        return  # "must not be limited to 50 entries"
    has_twin = twin is not None or (previous is not None and previous.has_twin and previous.name == name)
    yield Stated(
        name,
        (last.value,),
        unit,
        last.dimension,
        side,
        quote,
        text,
        start=last.start,
        has_twin=has_twin,
        is_titled=is_titled(said, last),
    )


def _is_twin(text: str, number: Quantity, other: Quantity) -> bool:
    """Tell whether a bound is joined to a later one that has its unit and noun: "at least 1 and at most 3 chores"."""
    is_open = bool(number.comparator and other.comparator and not number.is_range)
    is_joined = other.start - number.end <= _TWIN_REACH and not set(text[number.end : other.start]) & set(".;:,")
    return is_open and is_joined and (number.unit, number.dimension) == (other.unit, other.dimension)


def _goes_on(said: Spoken, previous: Stated, number: Quantity) -> bool:
    """Tell whether a number bounds what the one before bounds: "shorter than 3 or longer than 40"."""
    between = [word for word in said.words if previous.start < word.start and word.end <= number.start]
    is_joined = any(word.form.pos is Pos.COORDINATOR for word in between)
    return (
        is_joined
        and number.comparator is not None
        and previous.dimension == number.dimension
        and not any(is_noun(word) or is_verb(word) for word in between)
    )


def _side(said: Spoken, reading: Reading, number: Quantity, name: str) -> Side:
    """Tell which way a value binds: what is refused beyond it is bound by it from the other side."""
    clause = _clause(reading, number.start)
    if number.comparator is not None:
        is_strict = number.comparator in {"<", ">"}
        if is_strict and _refuses(reading, clause):
            return Side(_SIDES["<" if number.comparator == ">" else ">"])
        is_condition = clause is not None and clause.role is Role.CONDITION
        is_picked = picks_out(said, number)
        if is_strict and (is_condition or is_picked or (number.comparator == ">" and not _binds(reading))):
            return Side.THRESHOLD
        return Side(_SIDES[number.comparator])
    if "/" in number.unit:
        return Side.RATE
    if any(word in phrases("values", "interval") for word in name.split()):
        return Side.INTERVAL
    return Side.DEFAULT if find_phrase(said.text, "default") >= 0 else Side.EXACT


def _refuses(reading: Reading, clause: Clause | None) -> bool:
    """Tell whether what is said of the number is what must not be: by a ban, a denial, or a verb of refusal."""
    own = [found for found in reading.bindings if found.clause == clause] or reading.bindings
    if any(found.force in {Force.MUST_NOT, Force.SHOULD_NOT, Force.WAIVED} for found in own):
        return True
    return any(is_listed(word, "refuses") for word in reading.tokens if not is_noun(word))


@cache
def _patterns(category: str) -> re.Pattern[str]:
    words = sorted(phrases("values", category), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)")


def find_phrase(text: str, category: str, start: int = 0) -> int:
    """Give where the first phrase of `category` begins in `text` from `start` on, or -1."""
    match = _patterns(category).search(fold(text) if len(fold(text)) == len(text) else text.lower(), start)
    return match.start() if match is not None else -1
