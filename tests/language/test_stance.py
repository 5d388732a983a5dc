"""Whether a sentence asks, supposes, or tells what another said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.language.stance import is_hypothetical, is_question, is_reported


@pytest.mark.parametrize(
    "sentence",
    [
        "Is it dry?",
        "«Почему?»",
        "Нужно ли поливать ночью",
        "Question: pump size",
        "**Вопрос:** какой насос",
        "Really?!",
        "not sure whether it fits",
        "Не знаю, какой насос взять",
        "Размер бака под вопросом",
    ],
)
def test_a_question_is_seen_with_and_without_its_mark(sentence: str) -> None:
    assert is_question(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It is dry.",
        "Едва ли",
        "Если сухо",
        "Он не знал",
        "Question marks are red",
        "Проверить, пуст ли бак",
        "It tells whether the bed is dry",
    ],
)
def test_a_statement_is_no_question(sentence: str) -> None:
    assert not is_question(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Maybe 5 l",
        "It would be 5",
        "Perhaps it is 5",
        "What if it is 5",
        "если бы было 5",
        "Возможно, хватит 5 л",
        "Может быть, 30",
        "Допустим, порог 30",
        "Он был бы рад",
        "Наверное, 5 литров",
        "Скорее всего, 5",
    ],
)
def test_a_supposition_is_seen(sentence: str) -> None:
    assert is_hypothetical(sentence)


@pytest.mark.parametrize(
    "sentence", ["It is 5 l", "Имя может быть пустым", "It must be 5", "она была", "I would like 5", "Хорошо бы 5 л"]
)
def test_a_plain_statement_or_wish_is_no_supposition(sentence: str) -> None:
    assert not is_hypothetical(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Anna said 5 l",
        "According to the manual, 5 l",
        "По словам Ани, 5 л",
        "She says it is cheap",
        "Марта говорит, что 5 л",
        "Пётр утверждает, что 5 л",
        "Аня пишет: «хватит 5 л»",
        "Ilse writes that 5 l are enough",
        "Хватит 5 л, пишет Аня",
    ],
)
def test_what_another_said_is_seen(sentence: str) -> None:
    assert is_reported(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The pump gives 5 l",
        "Датчик считает импульсы",
        "The app writes a log",
        "Программа пишет журнал",
        "Насос: 5 л",
        "The sensor reports the value",
        "four unless the option says otherwise",
    ],
)
def test_what_a_program_writes_is_not_reported_speech(sentence: str) -> None:
    assert not is_reported(sentence)


WORDS = st.sampled_from(
    [
        "not",
        "never",
        "must",
        "не",
        "должен",
        "if",
        "when",
        ",",
        "если",
        "the",
        "pump",
        "?",
        "«",
        "»",
        "~~",
        "бы",
        "may",
        "может",
        "быть",
        "has",
        "to",
        "is",
        "-",
        "**",
        ".",
        "никогда",
        "5",
        "it",
        "was",
        "now",
        "\n",
        ">",
        "ли",
    ]
)


@given(st.lists(WORDS, max_size=20).map(" ".join) | st.text(max_size=100))
def test_any_sentence_can_be_read(sentence: str) -> None:
    for tell in (is_question, is_hypothetical, is_reported):
        assert tell(sentence) in (True, False)
