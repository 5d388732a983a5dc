"""What a model may add: only what passes the gate. Good, lying, malformed and empty answers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fakes import write_vault

from vaultc.compiler.passes.extract import extract
from vaultc.compiler.passes.gather import gather, make_idea
from vaultc.compiler.tools import Level, Tools
from vaultc.compiler.unit import By, Unit
from vaultc.core.source import vault_path
from vaultc.model.scripted import ChatScript
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from pathlib import Path

IDEA = vault_path("Clock.md")
TEXT = """# Clock

A clock for the kitchen that rings at noon.

## Background

The bell rings twelve times, slowly.
The pendulum swings once a second and nothing disturbs it.

See [[Brass]].

## Must have
- The clock must ring at noon.
"""
WHY = "The case of the clock is brass, which has to be polished."
NOON = [{"path": "Clock.md", "text": "The clock must ring at noon."}]
EMPTY = {"requirements": "{}", "entities": "{}", "questions": "{}"}


def tools(root: Path, answers: dict[str, Any] | None = None, level: Level = Level.FULL) -> Tools:
    write_vault(root, {"Clock.md": TEXT, "Brass.md": "# Brass\n\nBrass must be polished every 30 days.\n"})
    said = {
        f"extract/{target}": json.dumps(value) if not isinstance(value, str) else value
        for target, value in (answers or EMPTY).items()
    }
    brain = ChatScript(said) if answers is not None else None
    return Tools(VaultReader(root), lambda query, limit: (), lambda paths: (), lambda files, name: (), level, brain)


def compiled(with_tools: Tools) -> Unit:
    unit = Unit(make_idea(IDEA, with_tools.reader.read(IDEA)))
    return extract(gather(unit, with_tools), with_tools)


def need(**changes: Any) -> dict[str, Any]:
    base = {
        "text": "The bell rings twelve times, slowly.", "modality": "must", "kind": "function",
        "quotes": [{"path": "Clock.md", "text": "The bell rings twelve\ntimes, slowly."}],
    }  # fmt: skip
    return {**base, **changes}


def added(root: Path, *needs: dict[str, Any]) -> Unit:
    return compiled(tools(root, {**EMPTY, "requirements": {"requirements": list(needs)}}))


def test_a_stated_requirement_with_a_quotation_that_stands_is_added(tmp_path: Path) -> None:
    unit = added(tmp_path, need())

    (found,) = [item for item in unit.requirements if item.by is By.MODEL]

    assert found.origins[0].text == "The bell rings twelve times, slowly."
    assert TEXT[found.origins[0].span.start : found.origins[0].span.end] == found.origins[0].text
    assert unit.refusals == ()


def test_a_quotation_that_stands_nowhere_is_refused_with_its_words(tmp_path: Path) -> None:
    unit = added(tmp_path, need(quotes=[{"path": "Clock.md", "text": "The bell rings thirteen times."}]))

    assert all(item.by is By.RULE for item in unit.requirements)
    assert "do not stand in the notes" in unit.refusals[0].reason
    assert (unit.refusals[0].task, unit.refusals[0].target) == ("extract", "requirements")


def test_a_number_that_the_quotation_does_not_hold_is_refused(tmp_path: Path) -> None:
    unit = added(tmp_path, need(text="The bell rings 12 times, slowly."))

    assert "number 12" in unit.refusals[0].reason


def test_words_that_are_not_those_of_the_quotation_are_refused(tmp_path: Path) -> None:
    unit = added(tmp_path, need(text="Users export weekly reports by mail."))

    assert "not those of the quotation" in unit.refusals[0].reason


def test_a_modality_against_the_quoted_words_is_refused(tmp_path: Path) -> None:
    wrong = need(
        text="The clock stays silent at noon, it must not ring.",
        modality="must_not",
        quotes=[{"path": "Clock.md", "text": "The clock must ring at noon."}],
    )

    unit = added(tmp_path, wrong)

    assert "do not say must_not" in unit.refusals[0].reason


def test_another_notes_must_is_not_a_requirement_but_may_carry_a_derived_one(tmp_path: Path) -> None:
    brass = [{"path": "Brass.md", "text": "Brass must be polished every 30 days."}]
    stated = need(text="Brass must be polished every 30 days.", quotes=brass)
    derived = need(
        text="The clock reminds of polishing.",
        quotes=brass,
        derived="The case of the clock is brass, which has to be polished.",
    )

    unit = added(tmp_path, stated, derived)

    (found,) = [item for item in unit.requirements if item.by is By.MODEL]
    assert "something else" in unit.refusals[0].reason
    assert found.origins == ()
    assert found.derived is not None
    assert found.derived.leans_on[0].text == brass[0]["text"]


def test_what_is_known_is_not_added_again(tmp_path: Path) -> None:
    unit = added(
        tmp_path,
        need(text="The clock must ring at noon", quotes=NOON),
    )

    assert len(unit.requirements) == 1
    assert unit.refusals == ()


def test_data_constants_and_flows_pass_the_same_gate(tmp_path: Path) -> None:
    quotes = [{"path": "Clock.md", "text": "The bell rings twelve times, slowly."}]
    answers = {
        "requirements": {},
        "entities": {
            "entities": [
                {"name": "Stroke", "kind": "record", "quotes": quotes, "derived": "Each ring is counted somewhere.",
                 "fields": [{"name": "number", "type": "int"}, {"name": "x", "type": "os.system('x')"},
                            {"name": "at", "type": "datetime | None", "required": False}]},
                {"name": "Mood", "kind": "enum", "quotes": quotes, "values": ["one"], "derived": "Bells have moods."},
            ],
            "constants": [{"name": "strokes", "type": "int", "value": "13", "quotes": quotes}],
        },
        "questions": {"flows": [{"name": "Ring", "steps": [{"text": "Lift"}, {"text": "Strike"}], "quotes": quotes}],
                      "questions": [{"text": "How slowly?", "quotes": quotes, "rank": 1}]},
    }  # fmt: skip

    unit = compiled(tools(tmp_path, answers))

    (stroke,) = unit.entities
    assert {field.name: field.type for field in stroke.fields} == {"number": "int", "at": "datetime", "x": "str"}
    assert unit.constants == ()
    assert [flow.name for flow in unit.flows] == ["Ring"]
    assert [question.text for question in unit.questions] == ["How slowly?"]
    assert {refusal.target for refusal in unit.refusals} == {"entities"}


def test_a_field_that_is_given_as_a_name_keeps_all_its_words(tmp_path: Path) -> None:
    record = {
        "name": "Stroke", "kind": "record", "derived": WHY, "quotes": NOON,
        "fields": [{"name": "as_text", "type": "bool"}, {"name": "Length of the rope", "type": "float"}],
    }  # fmt: skip

    unit = compiled(tools(tmp_path, {**EMPTY, "entities": {"entities": [record]}}))

    (stroke,) = unit.entities
    assert [part.code_name for part in stroke.fields] == ["as_text", "length_rope"]


def test_malformed_and_empty_answers_leave_the_computed_unit(tmp_path: Path) -> None:
    outline = compiled(tools(tmp_path, level=Level.OUTLINE))

    unit = compiled(
        tools(tmp_path, {"requirements": "I think the clock should ring.", "entities": "", "questions": '{"flows": 7}'})
    )

    assert len(unit.refusals) == 3
    assert replace(unit, refusals=()) == outline


def test_a_small_model_only_picks_the_summary_among_computed_sentences(tmp_path: Path) -> None:
    guided = tools(tmp_path, {"goal": "a"}, Level.GUIDED)

    unit = compiled(guided)

    assert unit.summary in TEXT.replace("\n", " ")
    assert unit.requirements == compiled(tools(tmp_path, level=Level.OUTLINE)).requirements
