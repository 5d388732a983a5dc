"""Fields as the notes write them, before types are settled: "colour: text, may be empty", "level, 0 to 9 m"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.extract.groups import any_form, head_of, is_determiner, is_russian
from vaultc.compiler.extract.plain import plain
from vaultc.compiler.extract.type_words import TypeWords, read_type, says
from vaultc.language.form import Mood, Pos
from vaultc.language.lexicon import phrases
from vaultc.language.mentions import mention
from vaultc.language.morphology import analyse, lemma_of
from vaultc.language.quantities import Quantity, quantities
from vaultc.language.stems import words

if TYPE_CHECKING:
    from vaultc.compiler.extract.region import Region
    from vaultc.core.source import Quote, Span


@dataclass(frozen=True, slots=True)
class Bound:
    """A place whose words may state limits; with a `sign` ("<=", ">=") it holds the bare number of one."""

    span: Span
    sign: str = ""


@dataclass(frozen=True, slots=True)
class FieldDraft:
    """A field as written. `unit` is that of its column or type; `is_evident` tells that more than a name is said."""

    name: str
    words: TypeWords
    note: str
    quote: Quote
    unit: str = ""
    bounds: tuple[Bound, ...] = ()
    required: bool | None = None
    default: str = ""
    sample: str = ""
    is_evident: bool = False


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """A record as written, and from what kind of place. `rows` are the cells of a table whose rows are data."""

    name: str
    fields: tuple[FieldDraft, ...]
    origins: tuple[Quote, ...]
    region: Region
    rows: tuple[tuple[str, ...], ...] = ()


_SPLIT = re.compile(r"\s{0,2}[:(]\s{0,2}|\s{1,2}[—–-]\s{1,2}|,\s{1,2}|\s=\s")
_ENDS = (" — ", " – ", " - ", "; ", ". ")
_UNIT_TAIL = re.compile(
    r"^(?P<name>[^,(\[]{1,60}?)\s{0,2}(?:,\s{0,2}|[(\[]\s{0,2})(?P<unit>[^,()\[\]]{1,12}?)\s{0,2}[)\]]?$"
)
_MAX_WORDS = 4
_MAX_TYPE_WORDS = 4


def named_unit(text: str) -> tuple[str, str]:
    """Give a header or type without the unit behind it, and the unit: "dose, mg" is "dose" in mg."""
    match = _UNIT_TAIL.match(text.strip())
    if match is None or not is_unit(match["unit"]):
        return text.strip(), ""
    return match["name"].strip(), match["unit"].strip()


def is_unit(text: str) -> bool:
    """Tell whether `text` is the name of a unit of measure."""
    found = quantities(f"1 {text}")
    return len(found) == 1 and found[0].end == len(text) + 2 and found[0].dimension not in {"count", "number"}


def default_of(text: str) -> str:
    """Give the value that the words about a field name as its default, or an empty text."""
    place = mention(text, phrases("records", "field.default"))
    if place is None:
        return ""
    before = re.split(r"[,;(]", text[: place[0]])[-1].strip(" :=—–-")
    behind = re.split(r"[,;)]|\.\s", text[place[1] :].strip(" :=—–-"))[0].strip(" .")
    value = behind or before
    value = " ".join(word for word in value.split() if not is_determiner(word))
    return value if 0 < len(value.split()) <= 3 else ""


def spoken_field(region: Region, span: Span) -> FieldDraft | None:
    """Read what a list says of one field: its name, then what it may hold; None where it begins with no name."""
    text = plain(region, span).strip(" .;")
    name, rest = _named(text)
    if not name:
        return None
    words_of, is_list = _type_of(rest), False
    numbers = quantities(name)
    if numbers:
        cut = _around_number(name, numbers[0])
        if cut is None:
            return None
        name, is_list = cut
    is_optional = says(text, "field.optional")
    name, _, measured = _in_unit(bare_name(name))
    if not is_name(name):
        return None
    if is_list:
        words_of = TypeWords(words_of.type, words_of.options, words_of.record, is_list=True)
    is_evident = bool(
        words_of.type
        or words_of.options
        or is_list
        or is_optional
        or any(number.comparator for number in quantities(text))
    )
    required = False if is_optional else True if says(rest, "field.required") else None
    unit = named_unit(rest)[1] or measured
    return FieldDraft(
        name, words_of, rest or text, region.quote(span), unit, (Bound(span),), required, default_of(rest),
        is_evident=is_evident or any_form(_head(name), "field.attribute"),
    )  # fmt: skip


def _in_unit(name: str) -> tuple[str, str, str]:
    """Part "duration in minutes" into name, preposition and unit; other names stay whole."""
    left, _, unit = name.rpartition(" ")
    bare, _, joint = left.rpartition(" ")
    is_measure = bool(bare) and any_form(joint, "owner.in") and is_unit(unit)
    return (bare, joint, unit) if is_measure else (name, "", "")


def _named(text: str) -> tuple[str, str]:
    match = _SPLIT.search(text)
    if match is None:
        return text, ""
    if match.start() == 0:
        return "", ""
    return text[: match.start()], text[match.end() :].strip().removesuffix(")") if "(" in match.group() else text[
        match.end() :
    ].strip()


def _type_of(rest: str) -> TypeWords:
    """Read the type behind the name; words that only tell what the field is for are none."""
    head = rest
    for sign in _ENDS:
        head = head.split(sign)[0]
    first = head.split(",")[0].strip(" ()")
    found = read_type(head.rstrip(")"))
    if not found.options and not found.is_list:
        found = read_type(first)
    if found.options or found.is_list or (found.type and len(first.split()) <= _MAX_TYPE_WORDS):
        return found
    return TypeWords(is_optional=found.is_optional)


def _around_number(name: str, number: Quantity) -> tuple[str, bool] | None:
    """Give the name beside a number: "short name of 2 to 12 letters", "four-digit PIN", and "up to 3 lots", a list."""
    before = name[: number.start].split()
    while before and analyse(before[-1])[0].pos in {Pos.PREPOSITION, Pos.ADVERB, Pos.DETERMINER, Pos.PARTICLE}:
        before.pop()
    is_length = number.dimension == "count" and any_form(number.unit, "field.digit", "field.letter")
    if before and not number.comparator and not is_length:
        return None  # "level 2 m" tells a value
    if before:
        return (" ".join(before), False) if head_of(before) is not None else None
    behind = name[number.end :].strip(" -")
    counted = name[number.start : number.end].split()[1:]
    if behind and not counted:
        return behind.partition("-")[2] if behind.startswith("-") else behind, False
    if number.dimension != "count" or not counted:
        return None
    return " ".join([*counted, behind]).strip(), True


def _head(name: str) -> str:
    parts = [word.text for word in words(name.replace("_", " "))]
    head = head_of(parts)
    return parts[head] if head is not None else parts[0] if parts else ""


def bare_name(text: str) -> str:
    """Give the name of a field without articles and words such as "optional" before it."""
    parts = text.strip(" `*_\"'«»").split()
    while len(parts) > 1 and (
        is_determiner(parts[0])
        or any_form(parts[0].strip(","), "field.optional", "field.required", "field.unique")
        or count_adjective(parts[0]) is not None
    ):
        parts = parts[1:]
    return " ".join(parts)


def count_adjective(word: str) -> float | None:
    """Give how many signs a text has by an adjective: 4 of "four-digit", «четырёхзначный»."""
    count, hyphen, sign = word.partition("-")
    if not hyphen and is_russian(word):
        lemma = lemma_of(word)
        ending = next((end for end in phrases("records", "field.long") if lemma.endswith(end)), "")
        count, sign = lemma.removesuffix(ending), ending
    elif not any_form(sign, "field.digit", "field.letter"):
        sign = ""
    noun = next(iter(sorted(phrases("records", "field.digit", language="ru" if is_russian(word) else "en"))))
    found = quantities(f"{count} {noun}") if sign and count else []
    return found[0].value if found else None


def is_name(text: str) -> bool:
    """Tell whether `text` can name a field: a few words, none of them a verb that makes a sentence."""
    parts = [word.text for word in words(text.replace("_", " "))]
    if not 0 < len(parts) <= _MAX_WORDS or not any(char.isalpha() for char in text):
        return False
    if len(parts) == 1 or head_of(parts) is not None:
        return analyse(parts[0])[0].pos not in {Pos.PRONOUN, Pos.MODAL, Pos.SUBORDINATOR, Pos.COORDINATOR}
    is_fixed = analyse(parts[0])[0].pos == Pos.PREPOSITION and is_russian(parts[0])  # «в пачке»
    is_past = len(parts) == 2 and any(  # "confirmed at", "day found"
        form.mood is Mood.PARTICIPLE for part in parts for form in analyse(part)
    )
    return is_fixed or is_past
