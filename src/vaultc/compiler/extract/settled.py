"""Fields with their code names, types and limits settled."""

from __future__ import annotations

import keyword
from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.fields import count_adjective
from vaultc.compiler.extract.limits import bounds_of_cell
from vaultc.compiler.extract.plain import masked
from vaultc.compiler.extract.type_words import python_value, says, type_named, type_of_sample
from vaultc.compiler.unit import Entity, Field, Limit
from vaultc.language.lexicon import phrases
from vaultc.language.quantities import quantities
from vaultc.language.stems import words
from vaultc.language.translit import code_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vaultc.compiler.extract.fields import Bound, FieldDraft
    from vaultc.compiler.extract.region import Region

_NUMBERS = frozenset({"int", "float", "Decimal"})


def field_code_name(name: str) -> str:
    """Give a code name for a field: as `code_name`, but names of builtins stay where they hide no type."""
    if name.isascii() and name.isidentifier() and name == name.lower() and name.strip("_"):
        code = name.strip("_")  # a name for code already, with all its words
    else:
        code = code_name(name.replace("-", " "))
    bare = code.rstrip("_")
    return f"{bare}_" if keyword.iskeyword(bare) else bare or code


def settled_field(region: Region, part: FieldDraft, choice: Entity | None, record_type: Callable[[str], str]) -> Field:
    """Give a field with its code name, type and limits.

    Args:
        region: where the field is written.
        part: the field as written.
        choice: the enumeration of its values, where it is one.
        record_type: gives the class of the record of a name, or an empty text.
    """
    found = tuple(dict.fromkeys(limit for bound in part.bounds for limit in _bounds(region, bound, part)))
    type_ = _type(record_type, part, choice, found)
    name = field_code_name(part.name)
    bounds = tuple(limit for limit in found if _fits(limit, type_))
    if type_ == "str":
        bounds = tuple(replace(limit, unit=limit.unit or "char") for limit in bounds)
    if type_ == "float" and part.words.type == "" and part.unit.lower() in phrases("records", "values.whole"):
        type_ = "int"
    default = _default(part, type_, choice)
    # What may be empty is a text that is there: it can be left out, and is then empty.
    is_required = part.required is not False and default is None
    if default is None and not is_required:
        default = '""' if type_ == "str" and says(part.note, "values.empty") else "None"
        default = "[]" if type_.startswith("list[") else default
    unit = f" [{part.unit}]" if part.unit and part.unit not in part.note else ""
    return Field(part.name, name, type_, is_required, default, (part.note + unit).strip(), bounds, (part.quote,))


def _fits(limit: Limit, type_: str) -> bool:
    """Tell whether a bound can be one of a value of `type_`: "6 digits" bounds the length of a text, no number."""
    if type_ in _NUMBERS:
        return limit.unit != "char"
    return type_ == "str" or type_.startswith("list[")


def _type(record_type: Callable[[str], str], part: FieldDraft, choice: Entity | None, bounds: Sequence[Limit]) -> str:
    words = part.words
    if choice is not None:
        inner = choice.code_name
    elif words.record:
        inner = record_type(words.record) or ("str" if not words.type else words.type)
    else:
        inner = words.type or _guessed(record_type, part, bounds)
    return f"list[{inner}]" if words.is_list else inner


def _guessed(record_type: Callable[[str], str], part: FieldDraft, bounds: Sequence[Limit]) -> str:
    """Give the type of a field without a type word: by sample, bounds, unit, a record or a type of its name."""
    if part.sample:
        return type_of_sample(part.sample)
    if part.default and type_of_sample(part.default) != "str":
        return type_of_sample(part.default)
    if part.words.is_list:
        return record_type(part.name) or "str"
    if part.unit and part.unit.lower() not in phrases("records", "values.count"):
        return "datetime" if part.unit.upper() == "UTC" else "float"
    numeric = [limit for limit in bounds if limit.unit != "char"]
    if numeric and len(numeric) == len(bounds):
        is_whole = all(limit.value == int(limit.value) and not _is_measured(limit.unit) for limit in numeric)
        return "int" if is_whole else "float"
    named = type_named(part.name.split("(")[0].strip())
    return named if named in {"date", "datetime", "time", "timedelta"} and not bounds else "str"


def _is_measured(unit: str) -> bool:
    found = quantities(f"1 {unit}") if unit else []
    return bool(found) and found[0].dimension not in {"count", "number"}


def _bounds(region: Region, bound: Bound, part: FieldDraft) -> tuple[Limit, ...]:
    text, quote = masked(region, bound.span), region.quote(bound.span)
    numbers = quantities(text)
    if bound.sign:
        found = tuple(Limit(part.name, bound.sign, number.value, number.unit, quote) for number in numbers[:1])
    else:
        found = bounds_of_cell(text, quote, part.name)
        if not found and says(text, "field.positive"):
            found = (Limit(part.name, ">", 0, "", quote),)
        elif not found and says(text, "field.natural"):
            found = (Limit(part.name, ">=", 0, "", quote),)
        elif not found:
            counts = (count_adjective(word.text) for word in words(text))
            found = tuple(Limit(part.name, "==", count, "char", quote) for count in counts if count)[:1]
    measured = quantities(f"1 {part.unit}") if part.unit else []
    unit = measured[0].unit if len(measured) == 1 and measured[0].dimension != "count" else part.unit
    return tuple(replace(limit, unit=limit.unit or unit) for limit in found)


def _default(part: FieldDraft, type_: str, choice: Entity | None) -> str | None:
    text = part.default.strip(" -–—`")
    if not text:
        return None
    if choice is not None:
        value = next((value for value in choice.values if value.casefold() == text.strip("\"'").casefold()), None)
        return f"{choice.code_name}.{code_name(value, 'constant')}" if value else None
    if text.lower() in phrases("records", "values.none") and type_ != "bool":
        return "None"
    return python_value(text, type_)
