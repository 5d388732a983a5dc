from __future__ import annotations

from dataclasses import replace

from compiler.units import kettle, poliv
from hypothesis import given
from hypothesis import strategies as st

from vaultc.compiler.outline.guards import attach_limits, checked_limits, guards, holds, inner_value, served_by_entity
from vaultc.compiler.unit import Limit
from vaultc.core.source import Quote, Span, VaultPath

QUOTE = Quote(Span(VaultPath("a.md"), 0, 1), "a")


def _limit(sign: str, value: float) -> Limit:
    return Limit("x", sign, value, "", QUOTE)


@given(
    st.lists(st.tuples(st.sampled_from(["<=", "<", ">=", ">", "==", "!="]), st.integers(-50, 50)), max_size=4),
    st.booleans(),
)
def test_an_inner_value_keeps_every_limit(parts: list[tuple[str, int]], is_whole: bool) -> None:
    limits = [_limit(sign, float(value)) for sign, value in parts]

    value = inner_value(limits, is_whole=is_whole)

    if value is not None:
        assert all(holds(value, limit) for limit in limits)
        assert not is_whole or value == int(value)


def test_no_value_lies_between_limits_that_cross() -> None:
    assert inner_value([_limit(">=", 5), _limit("<=", 3)]) is None


def test_a_requirement_on_a_field_becomes_a_check_of_that_field() -> None:
    unit, _ = kettle()
    unit = replace(unit, entities=attach_limits(unit))
    brew = unit.entities[0]

    temperature = next(field for field in brew.fields if field.code_name == "temperature")

    assert [(item.comparator, item.value) for item in checked_limits(temperature)] == [(">=", 60), ("<=", 100)]
    assert [unit.requirements[2].id] == list(served_by_entity(unit)[brew.id])


def test_russian_inflection_does_not_hide_a_field() -> None:
    unit, _ = poliv()

    zone = attach_limits(unit)[0]

    assert [item.value for item in checked_limits(zone.fields[2])] == [0, 100]


def test_a_limit_of_no_field_becomes_a_guard() -> None:
    unit, _ = kettle()
    unit = replace(unit, entities=attach_limits(unit))

    found = guards(unit)

    assert [item.code_name for item in found] == ["check_pause"]
    assert found[0].serves == (unit.requirements[3].id,)
