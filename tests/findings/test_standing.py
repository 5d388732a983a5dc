"""Whether a sentence claims something now, and how."""

from __future__ import annotations

import pytest

from vaultc.findings.standing import (
    is_claimed,
    is_past,
    is_replaced,
    may_bind,
    may_deny,
    modality_of,
    negations_in,
)
from vaultc.language.stems import fold


@pytest.mark.parametrize("sentence", ["The lease ends in May.", "Ключ висит у двери.", "The gate must stay shut."])
def test_a_plain_statement_is_claimed(sentence: str) -> None:
    assert is_claimed(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "If it rains, the gate stays shut.",
        "Does the lease end in May?",
        "The lease probably ends in May.",
        "Irma said the lease ends in May.",
        "По словам Ирмы, ключ у соседа.",
        "Ключ, может быть, у соседа.",
        "Планируем переезд в мае.",
    ],
)
def test_a_condition_a_question_a_guess_and_another_s_word_are_not(sentence: str) -> None:
    assert not is_claimed(sentence)


@pytest.mark.parametrize(
    ("clause", "modality"),
    [
        ("the gate must stay shut", "must"),
        ("nobody may open the gate", "must_not"),
        ("do not open the gate", "must_not"),
        ("the gate cannot be locked", "must_not"),
        ("visitors need not sign", "waived"),
        ("born in May 1990", ""),
        ("ворота нельзя открывать", "must_not"),
        ("ворота можно открывать", "may"),
        ("справка не нужна", "waived"),
        ("справка стоит 500 рублей", ""),
        ("ворота закрыты", ""),
    ],
)
def test_a_clause_binds_as_it_is_read(clause: str, modality: str) -> None:
    assert modality_of(clause) == modality
    assert may_bind(map(fold, clause.split())) or not modality


@pytest.mark.parametrize(
    ("clause", "is_denied"),
    [
        ("the gate is not locked", True),
        ("the gate is never not locked", False),
        ("not without a key", False),
        ("no more than five keys", False),
        ("ворота никогда не заперты", True),
        ("не позже пяти", False),
        ("ворота заперты", False),
    ],
)
def test_a_clause_denies_what_it_names(clause: str, is_denied: bool) -> None:
    assert negations_in(clause) is is_denied
    assert may_deny(map(fold, clause.split())) or not is_denied


def test_what_was_and_what_was_replaced_is_told_from_what_is() -> None:
    text = "The rent was 840 € and is 910 € now; 910 € instead of 840 €."

    assert is_past(text, 0, 18)
    assert not is_past(text, 0, 39)
    assert is_replaced(text, text.rindex("840"))
    assert not is_replaced(text, text.rindex("910"))
