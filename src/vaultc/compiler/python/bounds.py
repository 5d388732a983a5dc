"""Each stated limit by itself in the source map: its check in a record, and the tests of its field."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name, snake
from vaultc.compiler.outline.guards import checked_limits, owners_of
from vaultc.compiler.python.scope import attribute_names
from vaultc.compiler.unit import EntityKind, Segment, SegmentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.unit import Entity, Field, Limit, Unit
    from vaultc.core.source import Quote


def with_bounds(
    text: str, segments: tuple[Segment, ...], entities: Sequence[Entity], unit: Unit
) -> tuple[Segment, ...]:
    """Give the segments of a computed module: each check of a limit leads to what states that limit alone."""
    records = {class_name(item): item for item in entities if item.kind is EntityKind.RECORD}
    found = list(segments)
    for node in ast.parse(text).body if records else ():
        entity = records.get(node.name) if isinstance(node, ast.ClassDef) else None
        if entity is None or not isinstance(node, ast.ClassDef):
            continue
        stated = list(_stated(entity))
        checks = [
            item for inner in node.body if _is_check(inner) for item in ast.walk(inner) if isinstance(item, ast.If)
        ]
        if len(checks) != len(stated):
            continue
        for check, (field, attribute, limit) in zip(checks, stated, strict=True):
            ids = _owners(unit, field, (limit,)) or (entity.id,)
            last = check.end_lineno or check.lineno
            name = f"{node.name}.{attribute}"
            found.append(Segment(SegmentKind.SECTION, name, check.lineno, last, ids, (limit.quote,)))
    return tuple(sorted(found, key=lambda item: (item.start_line, -item.end_line)))


def with_test_bounds(segments: tuple[Segment, ...], entities: Sequence[Entity], unit: Unit) -> tuple[Segment, ...]:
    """Give the segments of computed tests: the tests of a field's limits lead to what states those."""
    told = dict(_tests(entities, unit))
    return tuple(
        replace(item, ids=told[item.name][0], origins=told[item.name][1], derived=None) if item.name in told else item
        for item in segments
    )


def _tests(entities: Sequence[Entity], unit: Unit) -> Iterator[tuple[str, tuple[tuple[str, ...], tuple[Quote, ...]]]]:
    for entity in entities:
        by_field: dict[str, list[tuple[Field, Limit]]] = {}
        for field, attribute, limit in _stated(entity):
            by_field.setdefault(attribute, []).append((field, limit))
        for attribute, pairs in by_field.items():
            limits = [limit for _, limit in pairs]
            ids = (*_owners(unit, pairs[0][0], limits), entity.id)
            quotes = tuple(dict.fromkeys(limit.quote for limit in limits))
            stem = f"{snake(entity.name)}_{attribute}".strip("_")
            for ending in ("accepts", "refuses"):
                yield f"test_{stem}_{ending}", (ids, quotes)


def _is_check(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "__post_init__"


def _stated(entity: Entity) -> Iterator[tuple[Field, str, Limit]]:
    """Give the limits that a record checks, in the order of the checks."""
    if entity.kind is not EntityKind.RECORD:
        return
    for field, attribute in zip(entity.fields, attribute_names(entity), strict=True):
        for limit in checked_limits(field):
            yield field, attribute, limit


def _owners(unit: Unit, field: Field, limits: Sequence[Limit]) -> tuple[str, ...]:
    """Give the ids of the requirements and constraints that state one of `limits` of `field`."""
    bounds = {(limit.comparator, limit.value) for limit in limits}
    own = {limit for limit in field.limits if (limit.comparator, limit.value) in bounds}
    return tuple(owner.id for owner in owners_of(unit) if any(limit in own for limit in owner.limits))
