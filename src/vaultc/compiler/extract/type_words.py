"""Python types from the words of a table or list: "list of text", «дата и время», `ru | en`, "float, optional".

The types that come out: int, float, str, bool, date, datetime, time, timedelta, Decimal, Path,
list[T], dict[str, str], an entity's code name. Nothing else.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from vaultc.compiler.extract.items import joint_at, list_parts
from vaultc.language.lexicon import entries, phrases
from vaultc.language.mentions import mention
from vaultc.language.stems import fold
from vaultc.language.stems import words as words_of

_OF = frozenset({"of", "из"})

_LIST_OPENS = re.compile(r"^(?:list|array|set|vec|slice|sequence|collection)\s{0,2}[\[<(]", re.IGNORECASE)
_INT = re.compile(r"[+-]?\d{1,18}")
_FLOAT = re.compile(r"[+-]?\d{1,18}[.,]\d{1,18}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?")
_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_MAX_OPTIONS = 24
_MAX_OPTION = 40


@dataclass(frozen=True, slots=True)
class TypeWords:
    """What the words say: a Python type or "", the values of an enumeration, the name of a record."""

    type: str = ""
    options: tuple[str, ...] = ()
    record: str = ""
    is_optional: bool = False
    is_list: bool = False
    is_enum: bool = False


def read_type(text: str) -> TypeWords:
    """Read the words of a type cell."""
    words = text.replace("\\|", "|").replace("`", "").replace("\u00a0", " ").strip().rstrip(".")
    is_optional = says(words, "field.optional") or words.endswith("?")
    words = _without(words, "field.optional").strip(" ,;?()")
    for ending in ("| None", "| null", "| undefined", "or"):
        words = words.removesuffix(ending).strip(" ,;")
    opened = _LIST_OPENS.match(words)
    named = mention(words, phrases("records", "field.list"), begin=True)
    is_list = bool(opened or named) or words.endswith("[]")
    if opened or named:
        words = words[opened.end() if opened else named[1] if named else 0 :].strip(" :")
        while words.split(" ")[0] in _OF:
            words = words.partition(" ")[2].strip()
    words = words.removesuffix("[]").strip(" []<>()")
    options = read_options(words)
    if options:
        return TypeWords("", options, "", is_optional, is_list, is_enum=True)
    known = type_named(words)
    if known is None and (words[:1].isupper() or is_list):
        return TypeWords("", (), words.strip("[]"), is_optional, is_list)
    if known is None and mention(words, phrases("records", "values.mark"), begin=True):
        return TypeWords("", (), "", is_optional, is_list, is_enum=True)
    return TypeWords(known or _by_parts(words), (), "", is_optional, is_list)


def says(text: str, category: str) -> bool:
    """Tell whether a phrase of that category of the lexicon of records stands in `text`."""
    return mention(text, phrases("records", category)) is not None


def _without(text: str, category: str) -> str:
    """Give `text` without the phrases of a category."""
    while (place := mention(text, phrases("records", category))) is not None:
        text = f"{text[: place[0]]} {text[place[1] :]}"
    return text


def type_named(text: str) -> str | None:
    """Give the Python type that `text` names, all of it, or None."""
    folded = " ".join(fold(text).split())
    for type_, names in entries("types").items():
        if folded in names:
            return type_
    spoken = list(words_of(text))
    for type_, names in entries("types").items():
        place = mention(text, frozenset(names), begin=True)
        if place is not None and spoken and place == (spoken[0].start, spoken[-1].end):
            return type_
    return None


def _by_parts(text: str) -> str:
    """Give the type that some words of `text` name, the longest phrase first."""
    places = [
        (place[0] - place[1], place[0], type_)
        for type_, names in entries("types").items()
        if (place := mention(text, frozenset(names))) is not None
    ]
    return min(places)[2] if places else ""


def read_options(text: str, *, needs_mark: bool = True) -> tuple[str, ...]:
    """Give the values of "one of a, b, c", `a | b`, "a / b / c", «high» или «low»; () where there is no choice.

    With `needs_mark` a plain comma list counts only behind "one of"; bars, arrows and slashes always count.
    """
    words = text.replace("\\|", "|").strip()
    place = mention(words, phrases("records", "values.mark"), begin=True)
    marked = place is not None and not words[: place[0]].strip()
    rest = words[place[1] :].strip(" ()[]:—-") if marked and place else words
    for sign in ("|", "→", "->", " / "):
        if sign in rest:
            return _options(rest.split(sign))
    if marked or not needs_mark:
        return _options(_comma_parts(rest))
    quoted = _quoted(rest)
    return quoted if len(quoted) >= 2 else ()


def _comma_parts(text: str) -> list[str]:
    return [text[start:end] for start, end in list_parts(text)]


def _options(parts: list[str]) -> tuple[str, ...]:
    options = [clean_option(part) for part in parts]
    if not 2 <= len(options) <= _MAX_OPTIONS or not all(options):
        return ()
    if any(len(option) > _MAX_OPTION or len(option.split()) > 4 for option in options):
        return ()
    if any(char in option for option in options for char in "<>={}()[]") or len(set(options)) != len(options):
        return ()
    if all(option.lower() in {"none", "null"} or type_named(option) for option in options):
        return ()  # a union of types
    if all(_INT.fullmatch(option) or _FLOAT.fullmatch(option) for option in options):
        return ()
    return tuple(options)


def clean_option(text: str) -> str:
    """Give a value without the marks around it; the full stop of ".csv" is its own."""
    return text.strip().strip("`'\"«»“”*").removesuffix(".").strip()


def _quoted(text: str) -> tuple[str, ...]:
    """Give the values of `high` or `low`: quoted words joined only by commas, "or", slashes."""
    found: list[str] = []
    rest = text
    pairs = {"«": "»", "“": "”", '"': '"', "'": "'", "`": "`"}
    while rest and rest[0] in pairs:
        inner, closed, rest = rest[1:].partition(pairs[rest[0]])
        if not closed or not inner or len(inner) > _MAX_OPTION:
            return ()
        found.append(inner)
        rest = rest.lstrip(" ,/;")
        rest = rest[joint_at(rest, 0) :].lstrip()
    return tuple(found) if not rest.strip(" .;") and len(set(found)) == len(found) else ()


def type_of_sample(text: str) -> str:
    """Give the type of a sample value as written in a cell."""
    value = text.strip().strip("`").strip()
    for pattern, type_ in ((_DATETIME, "datetime"), (_DATE, "date"), (_TIME, "time"), (_INT, "int"), (_FLOAT, "float")):
        if pattern.fullmatch(value):
            return type_
    return "bool" if value.lower() in phrases("records", "values.true", "values.false") else "str"


def python_value(text: str, type_: str) -> str | None:
    """Give `text` as Python source of a value of `type_`, or None where it is none."""
    value = text.strip().strip("`").strip()
    bare = value.strip("\"'«»“”")
    if type_ == "int":
        return str(int(bare)) if _INT.fullmatch(bare) else None
    if type_ == "float":
        number = bare.replace(",", ".").replace("−", "-")
        return repr(float(number)) if _FLOAT.fullmatch(number) or _INT.fullmatch(number) else None
    if type_ == "bool":
        if bare.lower() in phrases("records", "values.true"):
            return "True"
        return "False" if bare.lower() in phrases("records", "values.false") else None
    if type_ == "str":
        return json.dumps(bare, ensure_ascii=False)
    if type_ == "datetime" and _DATETIME.fullmatch(bare):
        iso = bare.replace(" ", "T").replace("Z", "+00:00")
        return f'datetime.fromisoformat("{iso}")'
    if type_ == "date" and _DATE.fullmatch(bare):
        return f'date.fromisoformat("{bare}")'
    if type_ == "time" and _TIME.fullmatch(bare):
        return f'time.fromisoformat("{bare.zfill(5)}")'
    return None
