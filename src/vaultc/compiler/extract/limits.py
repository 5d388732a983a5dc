"""Bounds that statements and table cells state: «не более 3 литров», "between -5 m and 15 m", "1 to 8 characters"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from vaultc.compiler.unit import Limit
from vaultc.language.comparators import bound_before
from vaultc.language.form import Pos
from vaultc.language.lexicon import phrases
from vaultc.language.quantities import Quantity, quantities
from vaultc.language.tagging import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.core.source import Quote
    from vaultc.language.tagging import Token

_CHARS = ("charact", "char", "знак", "символ", "letter", "букв", "litera", "digit", "цифр")
_MODAL = re.compile(
    r"\b(?:must|shall|should|may|can|cannot|has to|have to|needs? to|will|ought to|never|always|is|are|be|only|not|"
    r"долж(?:ен|на|но|ны)|нельзя|можно|может|могут|следует|нужно|надо|необходимо|обязан[аоы]?|разрешено|запрещено|"
    r"быть|не|only)\b",
    re.IGNORECASE,
)
_BOUND_TAIL = re.compile(
    r"(?:\b(?:between|from|at most|at least|no more than|not more than|no less than|no fewer than|no "
    r"longer than|up to|under|over|"
    r"above|below|within|outside|вне|less than|more than|fewer than|greater than|longer than|exactly|only|"
    r"a maximum of|a minimum of|maximum|minimum|"
    r"than|max|min|not exceed|exceed|the|a|an|of|to|and|"
    r"между|от|до|не более|не больше|не менее|не меньше|не выше|не ниже|не дольше|не чаще|не реже|не "
    r"позднее|не позже|не короче|не длиннее|не длиннее чем|"
    r"меньше|больше|более|менее|ниже|выше|дольше|длиннее|свыше|максимум|минимум|ровно|только|чем|превышать|"
    r"превышает|составлять|составляет|и|"
    r"хотя бы|как минимум)\b|[<>=≤≥:—–,(-])\s{0,3}$",
    re.IGNORECASE,
)
# "only one valve", «только один клапан»: an upper bound on a count.
_ONLY = re.compile(r"\b(?:only|just|exactly|no more than|только|лишь|ровно|всего)\s{1,2}$", re.IGNORECASE)
_AND_MORE = re.compile(
    r"\s(?:and|or|и|или)\s(?:more|less|above|below|over|under|больше|более|меньше|менее|выше|ниже)\b", re.IGNORECASE
)
_EXACTLY = re.compile(r"\b(?:exactly|ровно|precisely)\s{1,2}$", re.IGNORECASE)
_HALF_OPEN = re.compile(
    r"(?P<low>(?<!\d)[-−]?\d++(?:[.,]\d++)?)\s{0,2}(?:up to|to|до)?,?\s{0,2}(?:but )?"
    r"(?:not including|excluding|exclusive of|не включая|исключая)",
    re.IGNORECASE,
)
_EXCLUDING = re.compile(r"(?:but\s)?(?:not including|excluding|не включая|исключая)[\s,]{0,3}$", re.IGNORECASE)
_CLAUSE = re.compile(r"[;!?]|\.\s|:\s|\s[—–]\s")
_STARTS = re.compile(
    r"^(?:(?:the|a|an|each|every|any|if|when|while|all|все|всех|каждый|каждая|каждое|каждой|любой|любая|"
    r"если|когда|при|пока)\s){1,3}",
    re.IGNORECASE,
)
# «Нельзя поливать при температуре ниже 5» bounds the temperature.
_PROHIBITED = re.compile(r"(?:нельзя|запрещено|не следует|никогда не)\s.{0,80}?\s(?:при|если|когда)\s", re.IGNORECASE)
_AT_ONCE = re.compile(r"(?:одновременно|at once|at a time|at the same time|simultaneously|сразу)", re.IGNORECASE)
_IN_ONE = re.compile(r"(?:за|в|на|per|in|at|during)\s", re.IGNORECASE)
_AHEAD = re.compile(
    r"\s{1,2}(?:ahead|before|after|back|earlier|later|вперед|вперёд|назад|заранее|до|после)\b(?:\s[^\s.,;:!?]{1,20}){0,4}",
    re.IGNORECASE,
)
_MODAL_HEAD = re.compile(r"^(?:be|быть|not|не|to)\s", re.IGNORECASE)
_NEAR = 40
_MAX_SUBJECT_WORDS = 8


class Named(Protocol):
    """What tells whether words name the product itself."""

    def is_named(self, words: str) -> bool:
        """Tell whether `words` name the product or its user."""


def limits_of(
    text: str, quote: Quote, *, subject: str = "", start: int = 0, product: Named | None = None, shown: str = ""
) -> tuple[Limit, ...]:
    """Give the bounds that `text` states.

    Args:
        text: the words; for a statement its masked form.
        quote: the evidence.
        subject: what is bounded where it is known (a field); else it is read from the words before the bound.
        start: bounds before this offset are passed over: in "readings older than 400 days must go" the number picks
            the readings.
        product: tells whether the grammatical subject is the product: then what it does is bounded, not the product.
        shown: `text` with inline code left in, of the same length.

    Returns:
        Limits with comparators; a number without one is none, except behind "only" or "exactly".
    """
    found: list[Limit] = []
    numbers = quantities(text)
    for number in numbers:
        comparator = _comparator(text, number, numbers)
        if comparator is None or number.start < start or (number.unit == "times" and number.value == 1):
            continue
        if _AND_MORE.match(text, number.end) and not _subject_of(text[: number.start].rpartition(";")[2]):
            continue  # "30 s and more round up" picks, and bounds nothing
        before = [other for other in numbers if other.end <= number.start]
        shares = bool(found) and bool(before) and _goes_on(text[before[-1].end : number.start])
        named = subject or (found[-1].subject if shares else _subject(text, number))
        if not subject and not shares:
            named = _deed(text, number, shown or text, product) or named
        unit = unit_of(text, number)
        if shares and (before[-1].unit, before[-1].dimension) == (number.unit, number.dimension):  # "1 to 3 chores"
            found[-1] = replace(found[-1], unit=unit)
        found.append(Limit(named, comparator, number.value, unit, quote))
    return tuple(dict.fromkeys(found))


def _goes_on(between: str) -> bool:
    """Tell whether a bound goes on with the subject of the one before it: "at least 1 and at most 9"."""
    words = between.lower().replace(",", " ").split()
    return len(words) <= 6 and not any(sign in between for sign in ";.:") and _subject_of(between) == ""


def binding_limits(text: str, limits: Sequence[Limit], *, is_ban: bool) -> tuple[Limit, ...]:
    """Give what must hold of the bounds that a sentence names.

    A ban and a verb of refusal turn them round: "must refuse more than 100" is at most 100. A range that is banned, a
    limit that there must not be, and what only picks things out ("delete logs older than 31 days") or shows what it can
    bear ("must support more than 300 rows") bind no value.
    """
    numbers = quantities(text)
    words = tokens(text)
    found: list[Limit] = []
    for limit in limits:
        number = next((each for each in numbers if each.value == limit.value), None)
        verb = _governing(words, number.start) if number is not None else ""
        if number is not None and _binds_nothing(text, number, verb, is_ban=is_ban):
            continue
        if is_ban or verb in phrases("values", "refuses"):
            limit = held_by_prohibition((limit,))[0]
        found.append(limit)
    return tuple(found)


def _binds_nothing(text: str, number: Quantity, verb: str, *, is_ban: bool) -> bool:
    before = text[: bound_before(text, number.start).start].rstrip().lower()
    bound = text[len(before) : number.start].lower()
    if number.is_range and (is_ban or is_outside(text, number)):
        return True
    if is_ban:
        return any(word in bound for word in phrases("values", "limited"))
    if before.split(" ")[-1:] and before.split(" ")[-1] in phrases("values", "by"):
        return True  # "exceed 62 dB by more than 3 dB"
    is_shy = verb in phrases("values", "picks") or verb in phrases("values", "capable")
    return (
        number.comparator in {"<", ">"}
        and is_shy
        and not (verb in phrases("values", "capable") and number.comparator == "<")
    )


def is_outside(text: str, number: Quantity) -> bool:
    """Tell whether a range is one in which a value must not lie: "outside 10 to 20"."""
    before = f" {text[max(0, number.start - _NEAR) : number.start].lower()} "
    return any(f" {word} " in before for word in phrases("values", "outside"))


def _governing(words: Sequence[Token], start: int) -> str:
    """Give the lemma of the last verb before `start`, or an empty text."""
    verbs = [word for word in words if word.end <= start and word.form.pos is Pos.VERB]
    return verbs[-1].form.lemma if verbs else ""


def held_by_prohibition(limits: Sequence[Limit]) -> tuple[Limit, ...]:
    """Turn bounds that a prohibition names into what must hold: «нельзя при температуре ниже 5» is at least 5.

    A bound that carries its own negation ("must not exceed 5", "not below 3") was read as what must hold already.
    """
    opposite = {"<": ">=", ">": "<="}
    return tuple(replace(limit, comparator=opposite.get(limit.comparator, limit.comparator)) for limit in limits)


def bounds_of_cell(text: str, quote: Quote, subject: str) -> tuple[Limit, ...]:
    """Give the bounds in a cell of a table of fields, where a half-open range may be written out."""
    half = _HALF_OPEN.search(text)
    if half is None:
        return limits_of(text, quote, subject=subject) or _exact_length(text, quote, subject)
    found = []
    for number in quantities(text):
        if number.end <= half.end() and number.start <= half.start("low") + 1:
            found.append(Limit(subject, ">=", number.value, unit_of(text, number), quote))
        elif _EXCLUDING.search(text[: number.start]):
            found.append(Limit(subject, "<", number.value, unit_of(text, number), quote))
    return tuple(found)


def _exact_length(text: str, quote: Quote, subject: str) -> tuple[Limit, ...]:
    """Give "6 digits", «11 цифр»: a length that stands alone is exactly that."""
    found = quantities(text)
    if len(found) != 1 or found[0].comparator or found[0].is_approximate or unit_of(text, found[0]) != "char":
        return ()
    return (Limit(subject, "==", found[0].value, "char", quote),)


def _comparator(text: str, number: Quantity, numbers: Sequence[Quantity]) -> str | None:
    if number.is_approximate:
        return None
    if _EXCLUDING.search(text[: number.start]):
        return "<"
    if number.comparator is not None:
        return _shared(text, number, numbers)
    if number.dimension == "count" and _ONLY.search(text[: number.start]):
        return "==" if _EXACTLY.search(text[: number.start]) else "<="
    return None


def _shared(text: str, number: Quantity, numbers: Sequence[Quantity]) -> str | None:
    """Pass over the lower end of what is no bound: "from 5 to 10 minutes" is one, «от насоса до 5 м» is not."""
    if number.is_range or number.comparator not in {">=", "<="}:
        return number.comparator
    before = text[: number.start].rstrip().lower()
    if before.endswith((" from", " от", "starting from")) and not any(other.is_range for other in numbers):
        return number.comparator if before.split(" ")[-2:-1] not in ([], ["step"]) else None
    return number.comparator


def unit_of(text: str, number: Quantity) -> str:
    """Give the unit of a quantity: canonical; "char" for characters; for other counted things the word as written."""
    if number.dimension.startswith("count/"):
        return f"{_counted(text, number)}/{number.unit.partition('/')[2]}"
    if number.dimension == "count":
        if number.unit.startswith(_CHARS):
            return "char"
        words = text[number.start : number.end].split()
        return words[-1].strip(".,;:").lower() if len(words) > 1 else number.unit
    return number.unit


def _counted(text: str, number: Quantity) -> str:
    """Give the word of what is counted, as written: "warnings" of "3 warnings a day"; empty where nothing is."""
    words = text[number.start : number.end].split()[1:]  # the first is the number
    if not words:
        return ""
    word = words[0] if "/" in number.dimension else words[-1]
    return word.strip(".,;:").partition("/")[0].lower()


def _subject(text: str, number: Quantity) -> str:
    """Give the words of what is bounded: those before the bound in its clause, else those behind it.

    A counted thing is named too: "a station has at most 37 constituents" bounds "station constituents".
    """
    clause_start = 0
    for match in _CLAUSE.finditer(text, 0, number.start):
        clause_start = match.end()
    words = _subject_of(text[clause_start : number.start])
    is_counted = number.dimension.startswith("count") and not number.unit.startswith((*_CHARS, "deg"))
    if not words or (is_counted and _ONLY.search(text[: number.start])):
        return _behind(text, number) or _subject_of(text.split(",")[0].split(";")[0])
    noun = _counted(text, number) if is_counted else ""
    if noun and noun not in words.lower():
        words = f"{words} {noun}"
    return " ".join(words.split()[-_MAX_SUBJECT_WORDS:])


def _deed(text: str, number: Quantity, shown: str, product: Named | None) -> str:
    """Give what is done where the product is the subject of a bound: "predict ahead of the start time".

    «Одновременно может быть открыт только один клапан» has its predicate between the modal word and the bound too.
    """
    begin = max((match.end() for match in _CLAUSE.finditer(text, 0, number.start)), default=0)
    before = text[begin : number.start]
    modal = next((match for match in _MODAL.finditer(before) if before[: match.start()].strip()), None)
    if modal is None:
        return ""
    head = before[: modal.start()].strip(" ,")
    own = [word for word in head.split() if product is not None and product.is_named(word)]
    is_product = bool(own) and (len(own) == len(head.split()) or _IN_ONE.match(head) is not None or _is_short(head))
    if not is_product and _AT_ONCE.fullmatch(head) is None:
        return ""
    verb = _without_bound(shown[begin + modal.end() : number.start].replace("`", ""))
    rest = " ".join(word for word in head.split() if word not in own and not _STARTS.match(f"{word} ")).lower()
    tail = _counted(text, number) if number.dimension.startswith("count") else _tail(text, number)
    return " ".join(f"{verb} {tail} {rest}".split()[:_MAX_SUBJECT_WORDS])


def _is_short(head: str) -> bool:
    return len(_STARTS.sub("", head).split()) <= 1


def _without_bound(words: str) -> str:
    previous = ""
    words = words.strip(" ,")
    while previous != words:
        previous = words
        words = _BOUND_TAIL.sub("", words).strip(" ,")
        words = _MODAL_HEAD.sub("", words)
    return words


def _tail(text: str, number: Quantity) -> str:
    """Give the words right behind a measure that tell what it counts: "ahead of the start time"."""
    match = _AHEAD.match(text, number.end)
    return match.group().strip() if match is not None else ""


def _subject_of(before: str) -> str:
    modal = next((match for match in _MODAL.finditer(before) if before[: match.start()].strip()), None)
    words = before[: modal.start()] if modal is not None else before
    previous = ""
    words = words.strip(" ,")
    while previous != words:
        previous = words
        words = _BOUND_TAIL.sub("", words).strip(" ,")
    if "," in words and len(words.split()) > 3:
        words = words.rsplit(",", 1)[1].strip() or words
    prohibited = _PROHIBITED.match(words)
    words = words[prohibited.end() :] if prohibited else words
    words = _STARTS.sub("", words).strip(" ,:—–-")
    return "" if len(words) < 3 else words


def _behind(text: str, number: Quantity) -> str:
    """Give what is counted and the words after it: "no more than 5 books in reading" bounds "books in reading"."""
    first = text[number.start : number.end].split(" ")[0]
    rest = text[number.start + len(first) :].lstrip()
    end = len(rest)
    for sign in (",", ".", ";", ":", "(", " at once", " otherwise", "!"):
        at = rest.find(sign)
        if at > 0:
            end = min(end, at)
    words = [word for word in rest[:end].split() if any(char.isalpha() for char in word)]
    if words and words[0].lower() in {"to", "до", "and", "и", "or", "или"}:
        return ""
    return " ".join(words[:_MAX_SUBJECT_WORDS])
