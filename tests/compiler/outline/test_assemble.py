from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from compiler.units import kettle, poliv, tools

from vaultc.compiler.outline.assemble import outline
from vaultc.compiler.passes.design import design
from vaultc.compiler.passes.laws import check_design
from vaultc.compiler.unit import InterfaceKind, Unit, Verbatim
from vaultc.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from compiler.units import Notes


@pytest.mark.parametrize("make", [kettle, poliv])
def test_every_requirement_is_served_and_the_laws_hold(make: Callable[[], tuple[Unit, Notes]]) -> None:
    unit, notes = make()

    lowered = design(unit, tools(notes))

    assert list(check_design(lowered)) == []
    assert {need.id for need in lowered.requirements} <= {id_ for item in lowered.components for id_ in item.serves}


@pytest.mark.parametrize("make", [kettle, poliv])
def test_all_names_are_ascii_and_stand_once(make: Callable[[], tuple[Unit, Notes]]) -> None:
    unit, _ = make()

    found = outline(unit)

    names = [item.code_name for item in found.interfaces]
    assert all(name.isascii() and name.isidentifier() for name in names)
    assert len(set(names)) == len(names)


def test_a_stated_command_becomes_a_handler_that_serves_what_names_it() -> None:
    unit, _ = kettle()

    found = outline(unit)

    command = next(item for item in found.interfaces if item.kind is InterfaceKind.COMMAND)
    assert command.code_name == "run_start"
    assert command.serves == (unit.requirements[-1].id,)
    assert [param.type for param in command.params] == ["str", "int | None"]


def test_the_function_of_a_stated_case_is_offered_with_its_types() -> None:
    unit, _ = kettle()

    found = outline(unit)

    item = next(item for item in found.interfaces if item.code_name == "format_minutes")
    assert [(param.code_name, param.type) for param in item.params] == [("value", "int")]
    assert item.returns == "str"


def test_code_that_the_notes_give_is_a_component_of_its_own() -> None:
    unit, _ = kettle()
    text = '"""Bell."""\n\n\ndef ring(times: int) -> str:\n    """Ring."""\n    return "ding " * times\n'
    given = Verbatim("bell.py", "python", text, unit.summary_origins[0])

    found = outline(replace(unit, verbatim=(given,)))

    bell = next(item for item in found.components if item.code_name == "bell")
    assert [item.code_name for item in found.interfaces if item.component == bell.id] == ["ring"]


def test_the_design_is_the_same_each_time() -> None:
    unit, _ = kettle()

    assert outline(unit) == outline(unit)


def test_an_idea_that_says_almost_nothing_still_gets_a_design() -> None:
    unit, notes = kettle()
    bare = Unit(unit.idea, context=unit.context, decisions=unit.decisions)

    lowered = design(bare, tools(notes))

    assert [item.code_name for item in lowered.components] == ["cli"]
    assert list(check_design(lowered)) == []


@pytest.mark.parametrize("text", ["", "Two lines.\nNo more.\n", "![[curve.png]]\n", "```python\nx = 1\n```\n"])
def test_an_idea_that_says_nothing_to_build_is_refused_and_told_what_is_looked_for(text: str) -> None:
    unit, notes = kettle()
    quote = replace(unit.context[0].quote, text=text)
    bare = Unit(unit.idea, context=(replace(unit.context[0], quote=quote),) if text else ())

    with pytest.raises(UsageError, match="nothing to compile") as stop:
        design(bare, tools(notes))

    assert ("file name: write" in (stop.value.hint or "")) == ("```" in text)
    assert stop.value.hint
