"""What the fields of records are called in files: the keys of tables and of JSON that the notes show."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from vaultc.compiler.naming import class_name
from vaultc.compiler.outline.guards import checked_limits, holds
from vaultc.compiler.unit import Entity, EntityKind, Field, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_MAX_CHARS = 50_000
_MAX_DEPTH = 5
_TEXTUAL: Mapping[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class _Sample:
    """JSON of the notes; `path` is empty where it has no file of its own."""

    value: Any
    path: str = ""


def with_keys(unit: Unit, entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """Give `entities` with the keys of their fields, as tables write them and samples show them."""
    found = {item.id: _from_table(item) if item.kind is EntityKind.RECORD else item for item in entities}
    for sample in _samples(unit):
        _read(sample, found)
    return tuple(found[item.id] for item in entities)


def key_of(field: Field, attribute: str) -> str:
    """Give the name of a field in a file."""
    return field.key or (field.code_name if attribute == f"{field.code_name}_" else attribute)


def _from_table(entity: Entity) -> Entity:
    fields = []
    for field in entity.fields:
        bare = field.name.strip()
        name = bare.strip("`").strip()
        is_key = bare != name and _KEY.fullmatch(name) is not None and name != field.code_name
        fields.append(replace(field, key=name) if is_key else field)
    return replace(entity, fields=tuple(fields))


def _samples(unit: Unit) -> Iterator[_Sample]:
    seen: set[str] = set()
    for item in unit.verbatim:
        if item.language == "json":
            seen.add(item.text.strip())
            yield from _parsed(item.text, item.path)
    for passage in unit.context:
        if passage.role in ("idea", "embed", "link"):
            for text in _fences(passage.quote.text):
                if text.strip() not in seen:
                    seen.add(text.strip())
                    yield from _parsed(text, "")


def _parsed(text: str, path: str) -> Iterator[_Sample]:
    if len(text) > _MAX_CHARS:
        return
    try:
        yield _Sample(json.loads(text), path)
    except (ValueError, RecursionError):
        return


def _fences(text: str) -> Iterator[str]:
    """Give the JSON fences of a passage."""
    lines: list[str] | None = None
    for line in text.splitlines():
        bare = line.strip()
        if lines is None and bare.startswith("```json"):
            lines = []
        elif lines is not None and bare.startswith("```"):
            yield "\n".join(lines)
            lines = None
        elif lines is not None:
            lines.append(line)


def _read(sample: _Sample, found: dict[str, Entity]) -> None:
    """Let the record that a sample shows take its keys, and so the records inside it."""
    rows = sample.value if isinstance(sample.value, list) else [sample.value]
    if not rows or not all(isinstance(row, dict) and row for row in rows):
        return
    best: tuple[int, Entity, dict[str, Entity]] | None = None
    for entity in found.values():
        if entity.kind is not EntityKind.RECORD:
            continue
        matched = _Match(found)
        if matched.record(entity, rows, 0) and (best is None or matched.exact > best[0]):
            best = (matched.exact, entity, matched.changed)
    if best is None:
        return
    _, entity, changed = best
    found.update(changed)
    is_lone = not isinstance(sample.value, list)
    shown = found[entity.id]
    if not shown.sample:
        found[entity.id] = replace(shown, sample=sample.path, is_lone=is_lone)


@dataclass
class _Match:
    """Fits rows of a sample to a record and to the records inside it; `changed` are those with their keys."""

    entities: Mapping[str, Entity]

    def __post_init__(self) -> None:
        self.changed: dict[str, Entity] = {}
        self.exact = 0
        self._classes = {class_name(item): item for item in self.entities.values()}

    def record(self, entity: Entity, rows: Sequence[Mapping[str, Any]], depth: int) -> bool:
        keys = list(dict.fromkeys(key for row in rows for key in row))
        fields = list(entity.fields)
        if depth > _MAX_DEPTH or not keys or len(keys) > len(fields):
            return False
        pairs = self._pairs(fields, keys)
        self.exact += len(pairs)
        left = [key for key in keys if key not in pairs.values()]
        rest = [at for at in range(len(fields)) if at not in pairs]
        if left and len(left) != len(rest):
            rest = [at for at in rest if fields[at].is_required]
        if left and (not pairs or len(left) != len(rest)):
            return False
        pairs |= dict(zip(rest, left, strict=True)) if left else {}
        for at, field in enumerate(fields):
            key = pairs.get(at)
            shown = [row[key] for row in rows if key is not None and key in row]
            if not shown and field.is_required and field.default is None:
                return False
            if not self._fits(field, shown, depth):
                return False
            if key is not None:
                # What a row of the notes' own sample leaves out may be left out.
                is_required = field.is_required and len(shown) == len(rows)
                fields[at] = replace(field, key=key if key != field.code_name else "", is_required=is_required)
        self.changed[entity.id] = replace(entity, fields=tuple(fields))
        return True

    @staticmethod
    def _pairs(fields: Sequence[Field], keys: Sequence[str]) -> dict[int, str]:
        """Give the fields whose name a key bears, alone or with its unit behind it (`mean_level_m`)."""
        pairs: dict[int, str] = {}
        for at, field in enumerate(fields):
            names = {field.key, field.code_name, field.name.strip("` ").casefold()} - {""}
            same = [key for key in keys if key in names or key.casefold() in names]
            if same and same[0] not in pairs.values():
                pairs[at] = same[0]
        for at, field in enumerate(fields):
            longer = [key for key in keys if key not in pairs.values() and key.startswith(f"{field.code_name}_")]
            if at not in pairs and len(longer) == 1:
                pairs[at] = longer[0]
        return pairs

    def _fits(self, field: Field, values: Sequence[Any], depth: int) -> bool:
        may_miss = not field.is_required or "None" in field.type
        kept = [value for value in values if not (value is None and may_miss)]
        limits = checked_limits(field)
        for value in kept:
            measured = value if isinstance(value, int | float) else len(value) if hasattr(value, "__len__") else None
            if limits and (measured is None or not all(holds(float(measured), limit) for limit in limits)):
                return False
        return self._typed(field.type.split(" | ")[0].strip(), kept, depth)

    def _typed(self, type_: str, values: Sequence[Any], depth: int) -> bool:
        if type_.startswith("list["):
            inner = [one for value in values if isinstance(value, list) for one in value]
            return all(isinstance(value, list) for value in values) and self._typed(type_[5:-1], inner, depth)
        entity = self._classes.get(type_)
        if entity is not None and entity.kind is EntityKind.RECORD:
            are_objects = all(isinstance(value, dict) for value in values)
            return are_objects and (not values or self.record(entity, values, depth + 1))
        if entity is not None:
            known = {*entity.values, *(state for move in entity.transitions for state in (move.source, move.target))}
            return all(value in known for value in values if isinstance(value, str)) and _are(values, str)
        return all(_is_plain(value, type_) for value in values)


def _are(values: Sequence[Any], kind: type) -> bool:
    return all(isinstance(value, kind) for value in values)


def _is_plain(value: Any, type_: str) -> bool:  # noqa: ANN401 - any JSON value
    if type_ in ("int", "float"):
        kinds = (int,) if type_ == "int" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    if type_ == "bool":
        return isinstance(value, bool)
    if type_ in _TEXTUAL:
        try:
            return isinstance(value, str) and bool(_TEXTUAL[type_](value) is not None)
        except ValueError:
            return False
    if type_.startswith("dict["):
        return isinstance(value, dict)
    return isinstance(value, str)
