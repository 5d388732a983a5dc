"""Entities: the records, enumerations and state machines of the notes, with code names, types and limits settled."""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.drafts import FieldDraft, RecordDraft, draft_records
from vaultc.compiler.extract.limits import bounds_of_cell
from vaultc.compiler.extract.naming import singular
from vaultc.compiler.extract.plain import masked
from vaultc.compiler.extract.samples import draft_samples
from vaultc.compiler.extract.states import ValuesDraft, draft_values
from vaultc.compiler.extract.type_words import python_value, read_options, type_of_sample
from vaultc.compiler.unit import Entity, EntityKind, Field, Limit
from vaultc.core.digest import short_id
from vaultc.language.lexicon import listed
from vaultc.language.quantities import quantities
from vaultc.language.translit import code_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement

_MAX_ORIGINS = 24
_COUNT_UNITS = listed("char chars шт pcs")
_WHOLE_UNITS = listed("min мин day days дн шт pcs")


@dataclass
class _Settling:
    """Entities settled so far: enumerations by their values, records by the stems of their names."""

    idea_title: str
    values: dict[frozenset[str], Entity] = field(default_factory=dict)
    records: dict[str, RecordDraft] = field(default_factory=dict)

    def add_values(self, entity: Entity) -> Entity:
        """Keep an enumeration or machine; one with the same values joins the one that is known."""
        key = frozenset(value.casefold() for value in entity.values)
        known = self.values.get(key)
        if known is None:
            self.values[key] = entity
            return entity
        machine = entity if entity.kind is EntityKind.STATES and known.kind is EntityKind.ENUM else known
        other = known if machine is entity else entity
        named = other if machine.name == "" or other.code_name.startswith(tuple(_record_names(self))) else machine
        joined = replace(
            machine,
            name=named.name,
            code_name=named.code_name,
            transitions=machine.transitions or other.transitions,
            origins=tuple(dict.fromkeys((*known.origins, *entity.origins)))[:_MAX_ORIGINS],
        )
        joined = replace(joined, id=_entity_id(joined.kind, joined.code_name))
        self.values[key] = joined
        return joined


def _record_names(settling: _Settling) -> Iterable[str]:
    return [code_name(draft.name, "pascal") for draft in settling.records.values()] or ["\0"]


def _entity_id(kind: EntityKind, name: str) -> str:
    # A machine and the enumeration of its states are one thing.
    return short_id("E", ("entity", "record" if kind is EntityKind.RECORD else "values", name))


def find_entities(regions: Sequence[Region], said: Sequence[Statement], idea_title: str) -> tuple[Entity, ...]:
    """Give the entities of the regions: records first, in reading order, then enumerations and machines.

    Tables, lists and diagrams come before samples; a sample of a known record adds nothing. The same holds
    for records of linked notes.
    """
    settling = _Settling(idea_title)
    for region in sorted(regions, key=lambda region: region.role == "link"):
        for draft in draft_records(region):
            _add_record(settling, draft, is_sample=False)
    for region in regions:
        if region.role != "link":
            for draft in draft_samples(region):
                _add_record(settling, draft, is_sample=True)
    enums = {
        (key, part.name): _enum_of_field(settling, draft, part)
        for key, draft in settling.records.items()
        for part in draft.fields
        if _options_of(part)
    }
    for values in draft_values(regions, said):
        settling.add_values(_entity_of_values(settling, values))
    final = {key: settling.values[frozenset(value.casefold() for value in enum.values)] for key, enum in enums.items()}
    records = tuple(_record(settling, key, draft, final) for key, draft in settling.records.items())
    return _distinct((*records, *settling.values.values()))


def _distinct(entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """Give entities with code names that differ; a second of a name gets `Kind` or a number behind it."""
    taken: set[str] = set()
    found = []
    for entity in entities:
        name = entity.code_name
        if name in taken and entity.kind is not EntityKind.RECORD:
            name = f"{name}{'State' if entity.kind is EntityKind.STATES else 'Kind'}"
        number = 2
        while name in taken:
            name, number = f"{entity.code_name}{number}", number + 1
        taken.add(name)
        found.append(
            entity if name == entity.code_name else replace(entity, code_name=name, id=_entity_id(entity.kind, name))
        )
    return tuple(found)


def _stem_key(name: str) -> str:
    # By code name, so that «Зона» of a table and "zones" of a sample file are one record.
    return code_name(" ".join((*name.split()[:-1], singular(name.split()[-1]))) if name.split() else "item", "pascal")


def _field_keys(draft: RecordDraft) -> set[str]:
    return {code_name(part.name) for part in draft.fields}


def _add_record(settling: _Settling, draft: RecordDraft, *, is_sample: bool) -> None:
    key = _stem_key(draft.name)
    known = settling.records.get(key)
    if known is None and is_sample:
        keys = _field_keys(draft)
        for name, other in settling.records.items():
            shared = keys & _field_keys(other)
            if len(shared) * 2 > min(len(keys), len(other.fields)) and len(shared) >= 2:
                key, known = name, other
                break
    if known is None:
        settling.records[key] = draft
        return
    if is_sample or draft.region.role == "link":
        return
    names = _field_keys(known)
    added = tuple(part for part in draft.fields if code_name(part.name) not in names)
    settling.records[key] = replace(known, fields=(*known.fields, *added), origins=(*known.origins, *draft.origins))


def _options_of(part: FieldDraft) -> tuple[str, ...]:
    """Give the values of a field that is an enumeration: in its type, or in the note beside the word "enum"."""
    if part.words.options:
        return part.words.options
    if part.words.is_enum:
        note = part.note.split(";")[0]
        return read_options(note, needs_mark=False) or read_options(part.note, needs_mark=False)
    if part.words.type in {"", "str"} and part.bounds:
        return (
            read_options(part.note)
            if "|" in part.note or part.note.lower().startswith(("one of", "одно из", "один из", "одна из"))
            else ()
        )
    return ()


def _enum_of_field(settling: _Settling, draft: RecordDraft, part: FieldDraft) -> Entity:
    name = f"{draft.name} {part.name}".replace("_", " ")
    values = _options_of(part)
    code = code_name(draft.name, "pascal").rstrip("_") + code_name(part.name, "pascal").rstrip("_")
    entity = Entity(_entity_id(EntityKind.ENUM, code), EntityKind.ENUM, name, code, (part.quote,), values=values)
    return settling.add_values(entity)


def _entity_of_values(settling: _Settling, draft: ValuesDraft) -> Entity:
    kind = EntityKind.STATES if draft.transitions else EntityKind.ENUM
    name = draft.name or (f"{settling.idea_title}" if draft.is_states else settling.idea_title)
    code = code_name(name, "pascal").rstrip("_")
    is_named_state = code.lower().endswith(("state", "states", "status", "phase", "stage", "mode"))
    if (kind is EntityKind.STATES or draft.is_states) and not is_named_state:
        code = f"{code}State"
    return Entity(
        _entity_id(kind, code), kind, name, code, draft.origins, values=draft.values, transitions=draft.transitions
    )


def _record(settling: _Settling, key: str, draft: RecordDraft, enums: dict[tuple[str, str], Entity]) -> Entity:
    code = code_name(draft.name, "pascal").rstrip("_")
    fields: dict[str, Field] = {}
    for part in draft.fields:
        settled = _field(settling, draft, part, enums.get((key, part.name)))
        fields.setdefault(settled.code_name, settled)
    return Entity(
        _entity_id(EntityKind.RECORD, code), EntityKind.RECORD, draft.name, code, draft.origins, tuple(fields.values())
    )


def field_code_name(name: str) -> str:
    """Give a code name for a field: as `code_name`, but names of builtins stay where they hide no type."""
    code = code_name(name.replace("-", " "))
    bare = code.rstrip("_")
    return f"{bare}_" if keyword.iskeyword(bare) else bare or code


def _field(settling: _Settling, draft: RecordDraft, part: FieldDraft, enum: Entity | None) -> Field:
    type_ = _type(settling, part, enum)
    name = field_code_name(part.name)
    bounds = _bounds(draft.region, part) if _has_bounds(type_) else ()
    if type_ == "float" and part.words.type == "" and part.unit.lower() in _WHOLE_UNITS:
        type_ = "int"
    default = _default(part, type_, enum)
    # What may be empty is a text that is there: it can be left out, and is then empty.
    is_required = part.required is not False and default is None
    if default is None and not is_required:
        default = '""' if type_ == "str" and "empty" in part.note.lower() else "None"
        default = "[]" if type_.startswith("list[") else default
    unit = f" [{part.unit}]" if part.unit and part.unit not in part.note else ""
    return Field(part.name, name, type_, is_required, default, (part.note + unit).strip(), bounds, (part.quote,))


def _has_bounds(type_: str) -> bool:
    return type_ in {"int", "float", "str", "Decimal"} or type_.startswith("list[")


def _type(settling: _Settling, part: FieldDraft, enum: Entity | None) -> str:
    words = part.words
    if enum is not None:
        inner = enum.code_name
    elif words.record:
        inner = _record_type(settling, words.record) or ("str" if not words.type else words.type)
    else:
        inner = words.type or _guessed(settling, part)
    return f"list[{inner}]" if words.is_list else inner


def _record_type(settling: _Settling, name: str) -> str:
    draft = settling.records.get(_stem_key(name))
    return code_name(draft.name, "pascal").rstrip("_") if draft is not None else ""


def _guessed(settling: _Settling, part: FieldDraft) -> str:
    """Give the type of a field without a type word: by sample, by unit, by a record of its name; text otherwise."""
    if part.sample:
        return type_of_sample(part.sample)
    if part.default and type_of_sample(part.default) != "str":
        return type_of_sample(part.default)
    if part.unit and part.unit.lower() not in _COUNT_UNITS:
        return "datetime" if part.unit.upper() == "UTC" else "float"
    if part.words.is_list and settling.records.get(_stem_key(part.name)) is not None:
        return _record_type(settling, part.name)
    return "str"


def _bounds(region: Region, part: FieldDraft) -> tuple[Limit, ...]:
    found: list[Limit] = []
    for span in part.bounds:
        text = masked(region, span)
        found.extend(bounds_of_cell(text, region.quote(span), part.name))
    measured = quantities(f"1 {part.unit}") if part.unit else []
    unit = measured[0].unit if len(measured) == 1 and measured[0].dimension != "count" else part.unit
    with_unit = (replace(limit, unit=limit.unit or unit) for limit in found)
    return tuple(dict.fromkeys(with_unit))


def _default(part: FieldDraft, type_: str, enum: Entity | None) -> str | None:
    text = part.default.strip(" -–—`")
    if not text:
        return None
    if enum is not None:
        value = next((value for value in enum.values if value.casefold() == text.strip("\"'").casefold()), None)
        return f"{enum.code_name}.{code_name(value, 'constant')}" if value else None
    if text.lower() in {"none", "null", "нет", "empty", "пусто"} and type_ != "bool":
        return "None"
    return python_value(text, type_)
