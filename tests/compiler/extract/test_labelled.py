"""Recall and precision of the rules on the labelled notes, in both languages alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from compiler.extract.notes import ALL, HELD_OUT, Labelled
from compiler.extract.reading import all_quotes, extracted

if TYPE_CHECKING:
    from vaultc.compiler.unit import Unit

LANGUAGES = ("en", "ru")


def read(labelled: Labelled) -> Unit:
    return extracted(labelled.text, f"{labelled.name}.md")


def scores(notes: tuple[Labelled, ...]) -> tuple[float, float, float]:
    """Give recall, precision, and the share of found needs with the right modality."""
    wanted = found = right = modal = 0
    for labelled in notes:
        left = dict(labelled.needs)
        wanted += len(left)
        for need in read(labelled).requirements:
            found += 1
            key = next((key for key in left if need.text.startswith(key)), None)
            if key is not None:
                right += 1
                modal += left.pop(key) == need.modality
    return right / wanted, right / found, modal / max(right, 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_requirements_are_found_and_nothing_else(language: str) -> None:
    notes = tuple(labelled for labelled in ALL if labelled.language == language)

    recall, precision, modality = scores(notes)

    assert recall >= 0.97
    assert precision >= 0.93
    assert modality >= 0.97


@pytest.mark.parametrize("language", LANGUAGES)
def test_requirements_of_notes_written_after_the_rules_are_found(language: str) -> None:
    notes = tuple(labelled for labelled in HELD_OUT if labelled.language == language)

    recall, precision, modality = scores(notes)

    assert recall >= 0.85
    assert precision >= 0.85
    assert modality >= 0.9


@pytest.mark.parametrize("labelled", ALL, ids=lambda labelled: labelled.name)
def test_limits_are_read_with_value_and_unit(labelled: Labelled) -> None:
    found = {
        (limit.comparator, limit.value, limit.unit) for need in read(labelled).requirements for limit in need.limits
    }

    wanted = {(comparator, value, unit) for _, comparator, value, unit in labelled.limits}

    assert wanted <= found


@pytest.mark.parametrize("labelled", ALL, ids=lambda labelled: labelled.name)
def test_records_enumerations_and_states_have_their_parts(labelled: Labelled) -> None:
    found = {entity.values or tuple(field.name for field in entity.fields) for entity in read(labelled).entities}

    assert found == set(labelled.entities.values())


@pytest.mark.parametrize("labelled", ALL, ids=lambda labelled: labelled.name)
def test_questions_decisions_flows_and_constants_are_found(labelled: Labelled) -> None:
    unit = read(labelled)

    questions = [question.text for question in unit.questions]

    assert len(questions) == len(labelled.questions)
    assert all(any(text.startswith(wanted) for text in questions) for wanted in labelled.questions)
    assert tuple(decision.chosen for decision in unit.decisions) == labelled.decisions
    assert tuple(len(flow.steps) for flow in unit.flows) == labelled.flows
    assert len(unit.constants) == len(labelled.constants)
    for constant in unit.constants:
        assert labelled.constants.get(constant.name, labelled.constants.get(constant.code_name)) == constant.value


@pytest.mark.parametrize("labelled", [*ALL, *HELD_OUT], ids=lambda labelled: labelled.name)
def test_every_quotation_stands_at_its_place(labelled: Labelled) -> None:
    unit = read(labelled)

    for quote in all_quotes(unit):
        assert labelled.text[quote.span.start : quote.span.end] == quote.text
        assert quote.text.strip()


@pytest.mark.parametrize("labelled", [*ALL, *HELD_OUT], ids=lambda labelled: labelled.name)
def test_extraction_is_deterministic_and_ids_survive_edits_elsewhere(labelled: Labelled) -> None:
    first, second = read(labelled), read(labelled)
    edited = extracted(labelled.text + "\n## Appendix\n\nSome more words.\n", f"{labelled.name}.md")

    assert first == second
    assert [need.id for need in edited.requirements] == [need.id for need in first.requirements]
    assert [entity.id for entity in edited.entities] == [entity.id for entity in first.entities]


@pytest.mark.parametrize("labelled", [*ALL, *HELD_OUT], ids=lambda labelled: labelled.name)
def test_ids_and_code_names_are_unique(labelled: Labelled) -> None:
    unit = read(labelled)

    needs = [need.id for need in unit.requirements]
    names = [entity.code_name for entity in unit.entities]

    assert len(set(needs)) == len(needs)
    assert len(set(names)) == len(names)
    assert all(name.isascii() and name.isidentifier() for name in names)


@pytest.mark.parametrize("labelled", [*ALL, *HELD_OUT], ids=lambda labelled: labelled.name)
def test_line_ends_of_windows_change_nothing(labelled: Labelled) -> None:
    text = labelled.text.replace("\n", "\r\n")

    unit = extracted(text, f"{labelled.name}.md")

    assert [need.text for need in unit.requirements] == [need.text for need in read(labelled).requirements]
    for quote in all_quotes(unit):
        assert text[quote.span.start : quote.span.end] == quote.text
