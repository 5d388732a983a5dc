"""Requirements after EARS, cut into condition and response."""

from __future__ import annotations

import pytest

from vaultc.language.modality import ears

FORMS = [
    (
        "When the tank is empty, the pump shall stop.",
        ("event", "When the tank is empty", "the pump shall stop.", "must"),
    ),
    (
        "While it is night, lamps must not be on.",
        ("state", "While it is night", "lamps must not be on.", "must_not"),
    ),
    (
        "If rain falls the system shall skip watering.",
        ("unwanted", "If rain falls", "the system shall skip watering.", "must"),
    ),
    (
        "If A, B or C fails, then the pump must stop.",
        ("unwanted", "If A, B or C fails", "the pump must stop.", "must"),
    ),
    (
        "Where a camera is fitted, the app may show it.",
        ("option", "Where a camera is fitted", "the app may show it.", "may"),
    ),
    (
        "The pump must stop if the tank is empty.",
        ("unwanted", "if the tank is empty", "The pump must stop", "must"),
    ),
    (
        "Когда бак пуст, насос должен остановиться.",
        ("event", "Когда бак пуст", "насос должен остановиться.", "must"),
    ),
    (
        "Если влажность ниже 30 %, то включить насос.",
        ("unwanted", "Если влажность ниже 30 %", "включить насос.", None),
    ),
    (
        "Пока идёт дождь, полив не начинается.",
        ("state", "Пока идёт дождь", "полив не начинается.", None),
    ),
    (
        "При низком уровне воды насос должен остановиться.",
        ("state", "При низком уровне воды", "насос должен остановиться.", "must"),
    ),
    (
        "Насос должен остановиться, если бак пуст.",
        ("unwanted", "если бак пуст", "Насос должен остановиться", "must"),
    ),
    (
        "If a time or a count is not allowed, then the clock shall stop.",
        ("unwanted", "If a time or a count is not allowed", "the clock shall stop.", "must"),
    ),
    (
        "One zone must take at most 80 l; when the limit is reached, the valve must close.",
        ("event", "when the limit is reached", "the valve must close.", "must"),
    ),
    (
        "Нельзя поливать при температуре ниже 5 °C; воздух важен.",
        ("state", "при температуре ниже 5 °C", "Нельзя поливать", "must_not"),
    ),
    (
        "- [ ] **Если** бак пуст, насос нельзя включать.",
        ("unwanted", "Если** бак пуст", "насос нельзя включать.", "must_not"),
    ),
]


@pytest.mark.parametrize(("sentence", "expected"), FORMS)
def test_an_ears_form_is_cut_into_condition_and_response(
    sentence: str, expected: tuple[str, str, str, str | None]
) -> None:
    found = ears(sentence)

    assert found is not None
    condition, response = sentence[slice(*found.condition)], sentence[slice(*found.response)]
    assert (found.kind, condition, response, found.modality) == expected


@pytest.mark.parametrize(
    "sentence",
    ["Насос работает.", "The pump must stop.", "On Monday we met.", "If.", "Когда", "", "До завтра, друзья."],
)
def test_another_sentence_has_no_ears_form(sentence: str) -> None:
    assert ears(sentence) is None


def test_a_ban_under_any_conditions_opens_no_condition() -> None:
    assert ears("Клапан не должен открываться ни при каких условиях.") is None
