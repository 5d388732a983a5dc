"""Stated limits as checks: of a field where a limit speaks of one, of a lone value elsewhere."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.compiler.naming import first_free, snake
from vaultc.compiler.unit import Entity, EntityKind, Field, Limit, Modality, RequirementKind, Unit
from vaultc.core.digest import short_id
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.unit import Constraint, Requirement
    from vaultc.core.source import Quote

_NUMBERS = ("int", "float", "int | None", "float | None")
_COUNTED = ("str", "list[", "dict[", "str | None")


@dataclass(frozen=True, slots=True)
class LimitGuard:
    """A function that refuses a value outside the stated limits.

    `is_statement` tells that `subject` is the whole statement, because nothing smaller is named.
    """

    id: str
    code_name: str
    subject: str
    limits: tuple[Limit, ...]
    serves: tuple[str, ...]
    origins: tuple[Quote, ...]
    is_statement: bool = False


def holds(value: float, limit: Limit) -> bool:
    """Tell whether `value` keeps `limit`."""
    bound = limit.value
    match limit.comparator:
        case "<=":
            return value <= bound
        case "<":
            return value < bound
        case ">=":
            return value >= bound
        case ">":
            return value > bound
        case "==":
            return value == bound
        case _:
            return value != bound


def step_of(limits: Sequence[Limit]) -> float:
    """Give the smallest step that matters beside the bounds: 1 for whole bounds, else a tenth of a digit."""
    return 1.0 if all(limit.value == int(limit.value) for limit in limits) else 0.001


def inner_value(limits: Sequence[Limit], *, is_whole: bool = False) -> float | None:
    """Give a value that keeps all limits, or None where there is none."""
    bounds = sorted({limit.value for limit in limits})
    candidates = [0.0, 1.0, *bounds]
    candidates += [(low + high) / 2 for low, high in itertools.pairwise(bounds)]
    candidates += [bound + side * size for bound in bounds for side in (1, -1) for size in (1.0, 0.5, 0.001)]
    if is_whole:
        candidates = [float(int(value)) for value in candidates]
    order = sorted(candidates, key=lambda value: (value < 0, value != int(value), abs(value)))
    return next((value for value in order if all(holds(value, limit) for limit in limits)), None)


def is_numeric(field: Field) -> bool:
    """Tell whether a field holds a number that limits can be checked on."""
    return field.type in _NUMBERS


def is_counted(field: Field) -> bool:
    """Tell whether a field has a length that limits can be checked on."""
    return field.type.startswith(_COUNTED)


def attach_limits(unit: Unit) -> tuple[Entity, ...]:
    """Give the entities, each field with the limits that requirements and constraints state of it."""
    stated = _Stated(unit)
    entities = []
    for entity in unit.entities:
        if entity.kind is EntityKind.RECORD:
            fields = tuple(_with_limits(field, stated.of(entity, field)) for field in entity.fields)
            entity = replace(entity, fields=fields)
        entities.append(entity)
    return tuple(entities)


def owners_of(unit: Unit) -> tuple[Requirement | Constraint, ...]:
    """Give all that states limits."""
    return (*unit.requirements, *unit.constraints)


def binds(owner: Requirement | Constraint) -> bool:
    """Tell whether the limits of `owner` are to be kept at all times: not under a condition, not a wish."""
    return not getattr(owner, "condition", "") and getattr(owner, "modality", Modality.MUST) not in (
        Modality.MAY,
        Modality.SHOULD,
        Modality.SHOULD_NOT,
    )


class _Stated:
    """The limits that requirements and constraints state, by the words of what they bound."""

    def __init__(self, unit: Unit) -> None:
        self._by_stem: dict[str, list[tuple[Limit, frozenset[str]]]] = {}
        limits = (limit for owner in owners_of(unit) if binds(owner) for limit in owner.limits)
        for limit in limits:
            subject = frozenset(content_stems(limit.subject))
            for stem in subject:
                self._by_stem.setdefault(stem, []).append((limit, subject))
        self._holders: dict[frozenset[str], set[str]] = {}
        for entity in unit.entities:
            for field in entity.fields:
                if is_numeric(field):
                    self._holders.setdefault(frozenset(content_stems(field.name)), set()).add(entity.id)

    def of(self, entity: Entity, field: Field) -> list[Limit]:
        """Give the limits of `field` of `entity`, in the order in which they are stated."""
        names = frozenset(content_stems(field.name))
        if not is_numeric(field) or not names:
            return []
        owner = frozenset(content_stems(entity.name))
        is_only = self._holders[names] == {entity.id}
        rarest = min((self._by_stem.get(stem, []) for stem in sorted(names)), key=len)
        return [
            limit for limit, subject in rarest if names <= subject and _fits(subject - names, owner, is_only=is_only)
        ]


def _fits(rest: frozenset[str], owner: frozenset[str], *, is_only: bool) -> bool:
    """Tell whether what a limit says beside the name of a field speaks of its owner, or of nothing else."""
    return bool(rest & owner) or (is_only and not rest)


def _with_limits(field: Field, added: Sequence[Limit]) -> Field:
    limits = list(field.limits)
    for limit in added:
        same = [item for item in limits if item.comparator[0] == limit.comparator[0]]
        if any((item.comparator, item.value) == (limit.comparator, limit.value) for item in same) or not same:
            limits.append(limit)
    if inner_value(limits) is None:
        return field
    return replace(field, limits=tuple(limits))


def checked_limits(field: Field) -> tuple[Limit, ...]:
    """Give the limits of `field` that its class checks: each bound once, and only where some value keeps all."""
    if not (is_numeric(field) or is_counted(field)):
        return ()
    found: dict[tuple[str, float], Limit] = {}
    for limit in field.limits:
        found.setdefault((limit.comparator, limit.value), limit)
    limits = tuple(found.values())
    return limits if inner_value(limits, is_whole=is_counted(field)) is not None else ()


def served_by_entity(unit: Unit) -> dict[str, tuple[str, ...]]:
    """Give for the id of each entity those of the requirements and constraints whose limits its class checks."""
    checked: dict[Limit, dict[str, None]] = {}
    for entity in unit.entities:
        for field in entity.fields:
            for limit in field.limits if checked_limits(field) else ():
                checked.setdefault(limit, {})[entity.id] = None
    served: dict[str, dict[str, None]] = {entity.id: {} for entity in unit.entities}
    for owner in owners_of(unit):
        for limit in owner.limits:
            for id_ in checked.get(limit, ()):
                served[id_][owner.id] = None
    return {id_: tuple(owners) for id_, owners in served.items()}


def guards(unit: Unit) -> tuple[LimitGuard, ...]:
    """Give a check for each requirement or constraint with limits that no field carries."""
    on_fields = {limit for entity in unit.entities for field in entity.fields for limit in checked_limits(field)}
    covered = {owner for owners in served_by_entity(unit).values() for owner in owners}
    taken: set[str] = set()
    found: dict[tuple[tuple[str, str, float], ...], LimitGuard] = {}
    more: dict[str, list[Requirement | Constraint]] = {}
    for owner in owners_of(unit):
        limits = tuple(limit for limit in owner.limits if limit not in on_fields)
        if owner.id in covered or not limits or not binds(owner) or not is_plain_limit(owner):
            continue
        if inner_value(limits) is None or len({limit.subject for limit in limits}) > 1:
            continue
        key = tuple((" ".join(content_stems(limit.subject)), limit.comparator, limit.value) for limit in limits)
        known = found.get(key)
        if known is not None:
            more[known.id].append(owner)
            continue
        subject = _subject(limits[0], owner, unit)
        stem = f"check_{snake(subject)}".rstrip("_")
        side = "max" if limits[0].comparator.startswith("<") else "min"
        name = first_free((stem, f"{stem}_{side}"), taken)
        is_statement = subject != limits[0].subject
        found[key] = LimitGuard(
            short_id("I", ("guard", name)), name, subject, limits, (owner.id,), owner.origins, is_statement
        )
        more[found[key].id] = []
    return tuple(_serving(guard, more[guard.id]) for guard in found.values())


def _serving(guard: LimitGuard, owners: Sequence[Requirement | Constraint]) -> LimitGuard:
    if not owners:
        return guard
    serves = (*guard.serves, *(owner.id for owner in owners))
    return replace(guard, serves=serves, origins=(*guard.origins, *(q for owner in owners for q in owner.origins)))


def _subject(limit: Limit, owner: Requirement | Constraint, unit: Unit) -> str:
    """Give what is bounded; the product itself is no subject, then it is what the whole statement says."""
    own = set(content_stems(limit.subject)) - set(content_stems(unit.idea.title))
    return limit.subject if own else owner.text


def is_plain_limit(owner: Requirement | Constraint) -> bool:
    """Tell whether a limit is the whole of what `owner` says."""
    return getattr(owner, "kind", RequirementKind.LIMIT) in (RequirementKind.LIMIT, RequirementKind.DATA)
