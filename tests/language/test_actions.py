"""What a sentence says is done, in at most three words."""

from __future__ import annotations

import pytest

from vaultc.language.actions import action_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The reader can sort books by author.", "sort books"),
        ("When the tank is low, the pump must fill the water tank within 9 s.", "fill water tank"),
        ("Every invoice must be printed twice.", "print invoice"),
        ("As a guest, I want to book a table, so that I need not wait.", "book table"),
        ("Show at most 8 entries.", "show entries"),
        ("Администратор может удалить группу.", "удалить группу"),
        ("Система отправляет письмо и закрывает счёт.", "отправлять письмо"),
        ("Заявка должна быть передана следующему.", "передать заявку"),
        ("Счёт выставляется ежемесячно.", "выставлять счет"),
        ("Система обеспечивает приём платежей по картам.", "прием платежей"),
    ],
)
def test_a_deed_is_named_by_its_verb_and_what_it_is_done_to(text: str, name: str) -> None:
    found = action_of(text)

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "text", ["The lamp must be off at night.", "The label is blue.", "Кнопка должна быть красной."]
)
def test_a_state_is_no_deed(text: str) -> None:
    assert action_of(text) is None
