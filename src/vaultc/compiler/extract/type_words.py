"""Python types from the words of a table or list: "list of text", «дата и время», `ru | en`, "float, optional".

The types that come out: int, float, str, bool, date, datetime, time, timedelta, Decimal, Path,
list[T], dict[str, str], an entity's code name. Nothing else.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from vaultc.language.lexicon import listed

_WORDS: dict[str, str] = {
    "int": "int integer whole count long number-of integers целое целый int32 int64 счетчик штук "
    "количество целые uint natural",
    "float": "float number double real numeric num decimals число вещественное дробное числа дробь "
    "percent процент процентов numbers",
    "str": "str string text txt varchar char id uuid url uri email slug строка текст имя надпись код "
    "ссылка строчка strings "
    "строки тексты symbol word слово",
    "bool": "bool boolean flag yes/no y/n true/false checkbox да/нет флаг флажок логический "
    "логическое булево булевый галочка",
    "date": "date day дата день dates даты",
    "datetime": "datetime timestamp moment instant date-time датавремя момент",
    "time": "time время",
    "timedelta": "duration timedelta interval period длительность интервал продолжительность",
    "Decimal": "decimal money price amount currency деньги сумма цена валюта",
    "Path": "path file filename folder путь файл папка",
    "dict[str, str]": "dict map mapping object json словарь отображение объект",
}
_BY_WORD = {word: type_ for type_, words in _WORDS.items() for word in words.split()}
_PHRASES = {
    "date and time": "datetime",
    "date time": "datetime",
    "дата и время": "datetime",
    "дата время": "datetime",
    "whole number": "int",
    "целое число": "int",
    "дробное число": "float",
    "вещественное число": "float",
    "yes or no": "bool",
    "да или нет": "bool",
    "true or false": "bool",
    "да / нет": "bool",
    "yes / no": "bool",
}
_ENUM_WORDS = listed("enum enumeration choice select перечисление перечень выбор вариант one-of")
_OPTIONAL = re.compile(r"\b(?:optional|nullable|not required|may be (?:empty|missing|absent|null)|or null|or none)\b|"
                       r"необязательн|опционально|по желанию|может (?:быть пуст|отсутствовать|не быть)|"
                       r"можно не указывать|"
                       r"если есть", re.IGNORECASE)  # fmt: skip
_LIST = re.compile(
    r"^(?:a )?(?:list|array|set|sequence|список|массив|набор)(?: of | из |\s*[\[<(]|\s+|:\s*|$)", re.IGNORECASE
)
_ONE_OF = re.compile(
    r"^(?:one of|any of|either|enum|choice|одно из|один из|одна из|любое из|либо|перечисление|выбор)\b[ :(—-]{0,3}",
    re.IGNORECASE,
)
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
    is_optional = bool(_OPTIONAL.search(words)) or words.endswith("?")
    words = _OPTIONAL.sub("", words).strip(" ,;?()")
    for ending in ("| None", "| null", "or"):
        words = words.removesuffix(ending).strip(" ,;")
    listed = _LIST.match(words)
    is_list = bool(listed) or words.endswith("[]")
    if listed:
        words = words[listed.end() :]
    words = words.removesuffix("[]").strip(" []<>()")
    options = read_options(words)
    if options:
        return TypeWords("", options, "", is_optional, is_list, is_enum=True)
    folded = " ".join(words.lower().replace("ё", "е").split())
    known = _PHRASES.get(folded) or _BY_WORD.get(folded)
    if known is None and (words.startswith("[[") or words[:1].isupper() or is_list):
        return TypeWords("", (), words.strip("[]"), is_optional, is_list)
    first = folded.split()[0].strip(",;:()") if folded else ""
    if first in _ENUM_WORDS:
        return TypeWords("", (), "", is_optional, is_list, is_enum=True)
    return TypeWords(known or _by_parts(folded), (), "", is_optional, is_list)


def _by_parts(folded: str) -> str:
    for phrase, type_ in _PHRASES.items():
        if phrase in folded:
            return type_
    for word in folded.replace(",", " ").replace("(", " ").split():
        if word in _BY_WORD:
            return _BY_WORD[word]
    return ""


def read_options(text: str, *, needs_mark: bool = True) -> tuple[str, ...]:
    """Give the values of "one of a, b, c", `a | b`, "a / b / c", «high» или «low»; () where there is no choice.

    With `needs_mark` a plain comma list counts only behind "one of"; bars, arrows and slashes always count.
    """
    words = text.replace("\\|", "|").strip()
    marked = _ONE_OF.match(words)
    rest = words[marked.end() :].strip(" ()[]") if marked else words
    for sign in ("|", "→", "->", " / "):
        if sign in rest:
            return _options(rest.split(sign))
    if marked or not needs_mark:
        return _options(_comma_parts(rest))
    quoted = _quoted(rest)
    return quoted if len(quoted) >= 2 else ()


def _comma_parts(text: str) -> list[str]:
    parts: list[str] = []
    for part in text.replace(";", ",").split(","):
        pieces = [part]
        for joint in (" or ", " или ", " and ", " и "):
            pieces = [piece for whole in pieces for piece in whole.split(joint)]
        parts.extend(pieces)
    return [part.removeprefix("or ").removeprefix("или ") for part in (part.strip() for part in parts) if part]


def _options(parts: list[str]) -> tuple[str, ...]:
    options = [part.strip().strip("`'\"«»“”*.").strip() for part in parts]
    if not 2 <= len(options) <= _MAX_OPTIONS or not all(options):
        return ()
    if any(len(option) > _MAX_OPTION or len(option.split()) > 4 for option in options):
        return ()
    if any(char in option for option in options for char in "<>={}()[]") or len(set(options)) != len(options):
        return ()
    if all(option.lower() in {"none", "null"} or option.lower() in _BY_WORD for option in options):
        return ()  # a union of types
    if all(_INT.fullmatch(option) or _FLOAT.fullmatch(option) for option in options):
        return ()
    return tuple(options)


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
        rest = rest.lstrip(" ,/")
        for joint in ("or ", "или ", "and ", "и "):
            rest = rest.removeprefix(joint).lstrip()
    return tuple(found) if not rest.strip(" .;") and len(set(found)) == len(found) else ()


def type_of_sample(text: str) -> str:
    """Give the type of a sample value as written in a cell."""
    value = text.strip().strip("`").strip()
    for pattern, type_ in ((_DATETIME, "datetime"), (_DATE, "date"), (_TIME, "time"), (_INT, "int"), (_FLOAT, "float")):
        if pattern.fullmatch(value):
            return type_
    return "bool" if value.lower() in {"true", "false", "yes", "no", "да", "нет"} else "str"


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
        return {"true": "True", "yes": "True", "да": "True", "false": "False", "no": "False", "нет": "False"}.get(
            bare.lower()
        )
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
