"""Entities: the records, enumerations and state machines of the notes, with code names, types and limits settled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.drafts import draft_records
from vaultc.compiler.extract.groups import any_form
from vaultc.compiler.extract.moves import START, state_key
from vaultc.compiler.extract.naming import singular
from vaultc.compiler.extract.samples import draft_samples
from vaultc.compiler.extract.settled import settled_field
from vaultc.compiler.extract.stated import Stated
from vaultc.compiler.extract.states import draft_values
from vaultc.compiler.extract.type_words import read_options
from vaultc.compiler.unit import Entity, EntityKind, Field
from vaultc.core.digest import short_id
from vaultc.language.lexicon import phrases
from vaultc.language.mentions import mention
from vaultc.language.quantities import quantities
from vaultc.language.stems import content_stems, words
from vaultc.language.translit import code_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vaultc.compiler.extract.fields import FieldDraft, RecordDraft
    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement
    from vaultc.compiler.extract.values import ValuesDraft
    from vaultc.core.source import Quote

_MAX_ORIGINS = 24

_Place = tuple[str, str]  # a field: the key of its record and its name


@dataclass
class _Settling:
    """What is settled so far: records by the code names of their things, enumerations by the fields they belong to."""

    idea_title: str
    records: dict[str, RecordDraft] = field(default_factory=dict)
    choices: dict[_Place, Entity] = field(default_factory=dict)
    others: list[Entity] = field(default_factory=list)


def _entity_id(kind: EntityKind, name: str) -> str:
    # A machine and the enumeration of its states are one thing.
    return short_id("E", ("entity", "record" if kind is EntityKind.RECORD else "values", name))


def find_entities(regions: Sequence[Region], said: Sequence[Statement], idea_title: str) -> tuple[Entity, ...]:
    """Give the entities of the regions: records first, in reading order, then enumerations and machines.

    Tables, lists and diagrams come before samples; a sample of a known record adds nothing.
    """
    settling = _Settling(idea_title)
    for region in sorted(regions, key=lambda region: region.role == "link"):
        for draft in draft_records(region, said):
            _add_record(settling, draft, is_sample=False)
    for region in regions:
        if region.role != "link":
            for draft in draft_samples(region):
                _add_record(settling, draft, is_sample=True)
    _drop_lone(settling)
    for key, draft in settling.records.items():
        for part in draft.fields:
            values = _options_of(part)
            if values:
                settling.choices[key, part.name] = _choice(draft, part, values, (part.quote,))
    for found in draft_values(regions, said):
        _add_values(settling, found)
    stated = Stated(settling.records, said)
    records = tuple(_record(settling, key, draft, stated) for key, draft in settling.records.items())
    return _distinct((*records, *settling.choices.values(), *settling.others))


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
    elif not is_sample:
        settling.records[key] = _joined(known, draft)


def _joined(known: RecordDraft, more: RecordDraft) -> RecordDraft:
    """Give a record with what another place says of it: its further fields, and more about those that are known."""
    fields = {_one(part.name): part for part in known.fields}
    for part in more.fields:
        name = _one(part.name)
        if more.rows and _stem_key(part.name) == _stem_key(known.name):
            continue  # the column that names the rows
        fields[name] = (
            _fuller(fields[name], part) if name in fields and known.region is more.region else fields.get(name, part)
        )
    origins = tuple(dict.fromkeys((*known.origins, *more.origins)))
    return replace(known, fields=tuple(fields.values()), origins=origins, rows=known.rows or ())


def _one(name: str) -> str:
    """Give what a field is known by, the same for "tag" and "tags"."""
    return code_name(" ".join((*name.split()[:-1], singular(name.split()[-1]))))


def _fuller(known: FieldDraft, more: FieldDraft) -> FieldDraft:
    has_type = known.words.type or known.words.options or known.words.record or known.words.is_list
    return replace(
        known,
        words=known.words if has_type else more.words,
        bounds=known.bounds or more.bounds,
        required=more.required if known.required is None else known.required,
        default=known.default or more.default,
    )


def _drop_lone(settling: _Settling) -> None:
    """Leave out records of which only one field is told: that is no record, and no other place knew it."""
    settling.records = {
        key: draft for key, draft in settling.records.items()
        if len(draft.fields) > 1 or draft.fields[0].words.type or draft.fields[0].words.record
        or not draft.fields[0].words.is_list
    }  # fmt: skip


def _options_of(part: FieldDraft) -> tuple[str, ...]:
    """Give the values of a field that is an enumeration: in its type, or in the note beside the word "enum"."""
    if part.words.options:
        return part.words.options
    if part.words.is_enum:
        note = part.note.split(";")[0]
        return read_options(note, needs_mark=False) or read_options(part.note, needs_mark=False)
    if part.words.type in {"", "str"} and part.bounds:
        if any(any_form(word.text, "values.or") for word in words(part.note)) and not quantities(part.note):
            chosen = read_options(part.note, needs_mark=False)
            if chosen and all(len(value.split()) <= 2 for value in chosen) and part.note != part.quote.text:
                return chosen
        is_marked = mention(part.note, phrases("records", "values.mark"), begin=True) is not None
        return read_options(part.note) if "|" in part.note or is_marked else ()
    return ()


def _code(name: str) -> str:
    return code_name(name, "pascal").rstrip("_")


def _choice(draft: RecordDraft, part: FieldDraft, values: tuple[str, ...], origins: tuple[Quote, ...]) -> Entity:
    name = f"{draft.name} {part.name}".replace("_", " ")
    code = _code(draft.name) + _code(part.name)
    return Entity(_entity_id(EntityKind.ENUM, code), EntityKind.ENUM, name, code, origins, values=values)


def _add_values(settling: _Settling, draft: ValuesDraft) -> None:
    """Settle an enumeration or machine: of the field it names, with one that is known, or alone."""
    place = _field_of(settling, draft)
    if place is not None:
        known = settling.choices.get(place)
        if known is None:
            record, part = settling.records[place[0]], _part(settling, place)
            settling.choices[place] = _with(_choice(record, part, draft.values, draft.origins), draft)
            return
        if _agree(known, draft):
            settling.choices[place] = _with(known, draft)
            return
    elif not draft.is_sure:
        return
    for place, known in settling.choices.items():
        if draft.transitions and _agree(known, draft):
            settling.choices[place] = _with(known, draft)
            return
    for at, known in enumerate(settling.others):
        is_same = _is_same_machine(known, draft) or (
            _agree(known, draft) and (not draft.name or draft.is_states or _stems(known.name) == _stems(draft.name))
        )
        if is_same:
            settling.others[at] = _with(known, draft)
            return
    settling.others.append(_entity_of_values(settling, draft))


def _is_same_machine(known: Entity, draft: ValuesDraft) -> bool:
    """Tell whether both tell of the states of one thing, some of which they share."""
    shared = {state_key(value) for value in known.values} & {state_key(value) for value in draft.values}
    return draft.is_states and bool(shared) and bool(_stems(known.name) & _stems(draft.name))


def _stems(name: str) -> frozenset[str]:
    return frozenset(content_stems(name.replace("_", " ")))


def _part(settling: _Settling, place: _Place) -> FieldDraft:
    return next(part for part in settling.records[place[0]].fields if part.name == place[1])


def _field_of(settling: _Settling, draft: ValuesDraft) -> _Place | None:
    """Give the field whose values a draft lists: of its name, in one record only or in the record that it names too."""
    named = _stems(draft.name)
    if not named:
        return None
    places = []
    for key, record in settling.records.items():
        owner = _stems(record.name)
        for part in record.fields:
            own = _stems(part.name)
            is_free = part.words.type in {"", "str"} and not part.words.record
            if own and is_free and own <= named and named - own <= owner:
                places.append(((key, part.name), bool(named & (owner - own))))
    best = [place for place, is_named in places if is_named] or [place for place, _ in places]
    return best[0] if len(best) == 1 else None


def _agree(known: Entity, draft: ValuesDraft) -> bool:
    """Tell whether a draft speaks of the values of `known`: the same, or a machine some of whose states they are."""
    values = {state_key(value) for value in known.values}
    new = {state_key(value) for value in draft.values}
    if draft.is_states and (draft.transitions or known.transitions):
        return new <= values or values <= new
    return new == values


def _with(known: Entity, draft: ValuesDraft) -> Entity:
    """Give an enumeration with what a draft says of it: its transitions, in the words of the values that are known."""
    written = {state_key(value): value for value in (*draft.values, *known.values)}
    values = tuple(dict.fromkeys(written[state_key(value)] for value in (*known.values, *draft.values)))
    steps = [
        replace(
            step,
            source=written.get(state_key(step.source), step.source),
            target=written.get(state_key(step.target), step.target),
        )
        for step in draft.transitions
    ]
    transitions = tuple(dict.fromkeys((*known.transitions, *steps)))
    has_moves = any(step.source != START for step in transitions)
    return replace(
        known,
        kind=EntityKind.STATES if has_moves else known.kind,
        values=values,
        transitions=transitions if has_moves or draft.is_states else known.transitions,
        is_open=known.is_open or draft.is_open,
        origins=tuple(dict.fromkeys((*known.origins, *draft.origins)))[:_MAX_ORIGINS],
    )


def _entity_of_values(settling: _Settling, draft: ValuesDraft) -> Entity:
    kind = EntityKind.STATES if any(step.source != START for step in draft.transitions) else EntityKind.ENUM
    name = draft.name or settling.idea_title
    code = _code(name)
    is_named_state = any(any_form(word.text, "values.state") for word in words(name))
    if (kind is EntityKind.STATES or draft.is_states) and not is_named_state:
        code = f"{code}State"
    return Entity(
        _entity_id(kind, code), kind, name, code, draft.origins, values=draft.values, transitions=draft.transitions,
        is_open=draft.is_open,
    )  # fmt: skip


def _record(settling: _Settling, key: str, draft: RecordDraft, stated: Stated) -> Entity:
    code = _code(draft.name)
    fields: dict[str, Field] = {}
    for part in draft.fields:
        settled = settled_field(draft.region, part, settling.choices.get((key, part.name)), _types(settling))
        bounded = stated.bounded(key, part.name, settled)
        number = 2
        while bounded.code_name in fields:
            bounded, number = replace(bounded, code_name=f"{settled.code_name}_{number}"), number + 1
        fields[bounded.code_name] = bounded
    return Entity(
        _entity_id(EntityKind.RECORD, code), EntityKind.RECORD, draft.name, code, draft.origins, tuple(fields.values()),
        rows=draft.rows,
    )  # fmt: skip


def _record_type(settling: _Settling, name: str) -> str:
    draft = settling.records.get(_stem_key(name))
    return _code(draft.name) if draft is not None else ""


def _types(settling: _Settling) -> Callable[[str], str]:
    return lambda name: _record_type(settling, name)
