from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from compiler.units import kettle, tools

from vaultc.compiler.naming import first_free, is_identifier, member_names
from vaultc.compiler.outline.groups import MAX_MEMBERS
from vaultc.compiler.outline.procedures import procedures
from vaultc.compiler.outline.signatures import function_names
from vaultc.compiler.passes.design import design

if TYPE_CHECKING:
    from vaultc.compiler.unit import Requirement, Unit


def _many(count: int) -> Unit:
    unit, _ = kettle()
    need = unit.requirements[0]
    needs: list[Requirement] = [
        replace(need, id=f"R-{number:06x}", text=f"The timer must print report {number} of a kettle.")
        for number in range(count)
    ]
    return replace(unit, requirements=tuple(needs), examples=())


def test_states_that_the_glossary_calls_alike_are_written_in_latin_letters() -> None:
    names = member_names(["Закрыт", "Открывается", "Открыт", "Закрывается", "Авария"])

    assert names[:4] == ("ZAKRYT", "OTKRYVAETSYA", "OTKRYT", "ZAKRYVAETSYA")
    assert len(set(names)) == 5


def test_states_that_differ_in_nothing_but_marks_still_have_names() -> None:
    names = member_names(["a", "A", "a!", "🫖", "🍵"])

    assert len(set(names)) == 5
    assert all(is_identifier(name) for name in names)


def test_a_taken_name_grows_by_words_of_the_statement_before_it_grows_by_a_number() -> None:
    taken: set[str] = set()
    text, condition = "When the tank is low, the system must close the valve.", "When the tank is low"

    names = [first_free(function_names(text, condition), taken) for _ in range(4)]

    assert names[0] == "close_valve"
    assert "_when_" in names[1]
    assert "tank" in names[1]
    assert all(is_identifier(name) for name in names)
    assert len(set(names)) == 4


def test_very_many_requirements_become_modules_of_a_readable_size() -> None:
    _, notes = kettle()

    done = design(_many(400), tools(notes))
    steps = procedures(done)

    assert len(steps) == len(done.interfaces)
    assert max(len(item.serves) for item in done.components) <= MAX_MEMBERS
    assert len({item.code_name for item in done.components}) == len(done.components)


def test_a_condition_stands_before_what_follows_from_it_and_neither_is_said_twice() -> None:
    unit, notes = kettle()
    need = replace(
        unit.requirements[0],
        id="R-0f0001",
        text="If the lid is open, then the timer must wait for water.",
        condition="If the lid is open",
    )

    done = design(replace(unit, requirements=(*unit.requirements, need)), tools(notes))
    steps = next(item.steps for item in procedures(done) if need.id in item.serves)

    said = [(step.depth, step.text) for step in steps]
    assert (0, "IF the lid is open THEN") in said
    assert (1, "The timer must wait for water.") in said
    assert need.text not in [text for _, text in said]
