"""Which of several values of one thing holds: what a later word replaces is old, what nothing replaces is disputed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.stated_values import Side, Stated, find_phrase
from vaultc.language.lexicon import phrases
from vaultc.language.numerals import numerals
from vaultc.language.stems import content_stems
from vaultc.language.units import unit_named

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOOK_BACK = 24


@dataclass(frozen=True, slots=True)
class Settled:
    """A value in force with the statements of it. `others` are those it replaced, `rivals` those that dispute it."""

    stated: Stated
    same: tuple[Stated, ...] = ()
    others: tuple[Stated, ...] = ()
    rivals: tuple[Stated, ...] = ()
    replaced: tuple[float, ...] = ()


def settled(stated: Sequence[Stated]) -> tuple[Settled, ...]:
    """Join what is said of one thing, in the order in which it was first said.

    A value is replaced by one that names it ("42 days, not 28"), or that comes with a word of change ("now", «все же»),
    wherever it stands. Two values of one name that differ without such a word are disputed.
    """
    corrected = [_corrected(item) for item in _without_repairs(stated)]
    newer_of = _replaced(corrected)
    found: list[Settled] = []
    for group in _groups([pair for pair in corrected if id(pair[0]) not in newer_of]):
        first = group[0][0]
        members = {id(item) for item, _ in group}
        others = [item for item, _ in corrected if newer_of.get(id(item)) in members]
        same = [item for item, _ in group[1:] if _base(item) == _base(first)]
        rivals = [item for item, _ in group[1:] if _base(item) != _base(first)]  # of other notes: see _belongs
        named = tuple(dict.fromkeys(value for _, values in group for value in values))
        found.append(Settled(first, tuple(same), tuple(others), tuple(rivals), named))
    return tuple(found)


_Pair = tuple[Stated, tuple[float, ...]]


def _without_repairs(stated: Sequence[Stated]) -> list[Stated]:
    """Leave out what a speaker takes back in the same breath: "in four days.. no, wait, six days"."""
    kept: list[Stated] = []
    for item in stated:
        last = kept[-1] if kept else None
        if last is not None and last.quote == item.quote and last.dimension == item.dimension:
            cue = find_phrase(item.text, "repair", last.start)
            if last.start < cue < item.start:
                kept[-1] = replace(item, name=last.name if len(last.name) > len(item.name) else item.name)
                continue
        kept.append(item)
    return kept


def _corrected(item: Stated) -> _Pair:
    """Give a value as its own sentence corrects it, with the values that it says are wrong: «не пять, а семь»."""
    denied = [numeral for numeral in numerals(item.text) if _is_denied(item.text, numeral.start)]
    if not denied or not item.values:
        return item, ()
    values = tuple(numeral.value for numeral in denied)
    if item.values[-1] not in values:
        return item, values
    behind = [numeral for numeral in numerals(item.text) if numeral.start > denied[-1].end and numeral not in denied]
    return (replace(item, values=(behind[0].value,)), values) if behind else (item, ())


def _is_denied(text: str, start: int) -> bool:
    """Tell whether the number at `start` is said not to hold: "not 28", «не пять», "instead of 10"."""
    before = text[max(0, start - _LOOK_BACK) : start].lower().replace("ё", "е").rstrip()
    return any(before == word or before.endswith((f" {word}", f",{word}")) for word in phrases("values", "denies"))


def _replaced(pairs: Sequence[_Pair]) -> dict[int, int]:
    """Map those that another statement replaces to the one that does, by identity."""
    found: dict[int, int] = {}
    for newer, denied in pairs:
        if not denied and find_phrase(newer.text, "replaces") < 0:
            continue
        for older, _ in pairs:
            if older.quote == newer.quote or not _may_differ(older, newer):
                continue
            is_named = bool(set(denied) & set(older.values)) and _share(older, newer)
            if is_named or (not denied and _is_one_thing(older, newer)):
                found[id(older)] = id(newer)
    return {older: newer for older, newer in found.items() if found.get(newer) != older}


def _may_differ(one: Stated, other: Stated) -> bool:
    return _family(one) == _family(other) and _base(one) != _base(other)


def _family(item: Stated) -> str:
    unit = unit_named(item.unit)
    return unit.base if unit is not None else item.dimension.partition("/")[0]


def _base(item: Stated) -> tuple[object, ...]:
    unit = unit_named(item.unit)
    factor = unit.factor if unit is not None else 1.0
    return (item.clock, tuple(round(value * factor, 9) for value in item.values))


def _share(one: Stated, other: Stated) -> bool:
    return bool(set(content_stems(one.text)) & set(content_stems(other.text)))


def _is_one_thing(one: Stated, other: Stated) -> bool:
    """Tell whether two statements measure the same: one name, or the words of one name in the other."""
    first, second = set(content_stems(one.name)), set(content_stems(other.name))
    return bool(first) and bool(second) and (first <= second or second <= first) and _family(one) == _family(other)


def _groups(pairs: Sequence[_Pair]) -> list[list[_Pair]]:
    """Put together what speaks of one thing and binds the same way; two values of one sentence stay apart."""
    groups: list[list[_Pair]] = []
    for pair in pairs:
        home = next((group for group in groups if _belongs(pair[0], [item for item, _ in group])), None)
        if home is None:
            groups.append([pair])
        else:
            home.append(pair)
    return groups


def _belongs(item: Stated, group: Sequence[Stated]) -> bool:
    return all(
        _is_one_thing(item, other)
        and _sides_fit(item.side, other.side)
        and (_base(item) == _base(other) or _may_dispute(item, other))
        for other in group
    )


def _may_dispute(one: Stated, other: Stated) -> bool:
    """Tell whether two values of one name stand against each other: measures in different notes, no two codes."""
    is_measure = unit_named(one.unit) is not None and unit_named(other.unit) is not None
    return is_measure and one.quote.span.path != other.quote.span.path


def _sides_fit(one: Side, other: Side) -> bool:
    return (
        one == other or {one, other} & {Side.EXACT, Side.DEFAULT} != set() or {one, other} == {Side.MAX, Side.THRESHOLD}
    )
