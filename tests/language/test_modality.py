"""Modality, polarity, stance and EARS forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.language.modality import (
    ears,
    is_hypothetical,
    is_question,
    is_reported,
    is_superseded,
    modal_marks,
    polarity,
)

MARKED = [
    ("The pump must stop.", "must", "must"),
    ("The pump shall stop.", "must", "shall"),
    ("The pump has to stop.", "must", "has to"),
    ("Users need to log in.", "must", "need to"),
    ("A title is required.", "must", "required"),
    ("The pump is to stop at night.", "must", "is to"),
    ("Keep at most 5 notes.", "must", "at most"),
    ("Насос должен остановиться.", "must", "должен"),
    ("Система обязана ответить.", "must", "обязана"),
    ("Надо полить.", "must", "Надо"),
    ("Необходимо проверить датчик.", "must", "Необходимо"),
    ("Датчик нужен.", "must", "нужен"),
    ("Хранить не более 50 заметок", "must", "не более"),
    ("Проверять не реже раза в день", "must", "не реже"),
    ("Температура не должна превышать 30 °C", "must", "не должна превышать"),
    ("The pump must not run dry.", "must_not", "must not"),
    ("The pump must never run dry.", "must_not", "must never"),
    ("It must also not run.", "must_not", "must also not"),
    ("Users may not delete it.", "must_not", "may not"),
    ("It cannot be changed.", "must_not", "cannot"),
    ("It can’t be changed.", "must_not", "can’t"),
    ("Ads are not allowed.", "must_not", "are not allowed"),
    ("Never overwrite a note.", "must_not", "Never"),
    ("Do not store passwords.", "must_not", "Do not"),
    ("- Don't store passwords.", "must_not", "Don't"),
    ("Насос не должен работать ночью.", "must_not", "не должен"),
    ("Пароли нельзя хранить.", "must_not", "нельзя"),
    ("Полив ночью запрещён.", "must_not", "запрещён"),
    ("Не допускается работа без воды.", "must_not", "Не допускается"),
    ("Ни в коем случае не удалять заметки", "must_not", "Ни в коем случае не"),
    ("Никогда не удалять", "must_not", "Никогда не"),
    ("Заметки никогда не должны пропадать", "must_not", "никогда не должны"),
    ("Не хранить пароли", "must_not", "Не"),
    ("You should test it.", "should", "should"),
    ("Tests are recommended.", "should", "recommended"),
    ("Следует проверить насос.", "should", "Следует"),
    ("Стоит добавить тест", "should", "Стоит"),
    ("Желательно хранить копию.", "should", "Желательно"),
    ("Лучше хранить копию", "should", "Лучше"),
    ("You should never delete", "should_not", "should never"),
    ("It should not be slow", "should_not", "should not"),
    ("Avoid long names", "should_not", "Avoid"),
    ("Не рекомендуется поливать днём", "should_not", "Не рекомендуется"),
    ("Лучше не трогать", "should_not", "Лучше не"),
    ("Users do not have to log in.", "may", "do not have to"),
    ("He doesn't need to pay", "may", "doesn't need to"),
    ("Login is not required", "may", "not required"),
    ("The app may show a map", "may", "may"),
    ("A map is nice to have", "may", "nice to have"),
    ("Пользователь не обязан входить.", "may", "не обязан"),
    ("Не обязательно сохранять.", "may", "Не обязательно"),
    ("Можно добавить карту.", "may", "Можно"),
    ("Имя может быть пустым.", "may", "может"),
    ("Карта — по желанию", "may", "по желанию"),
]


@pytest.mark.parametrize(("sentence", "modality", "marker"), MARKED)
def test_a_modal_word_is_read_with_its_negation(sentence: str, modality: str, marker: str) -> None:
    (mark,) = modal_marks(sentence)

    assert (mark.modality, mark.marker) == (modality, marker)
    assert sentence[mark.start : mark.end] == marker
    assert mark.language == ("ru" if "\u0400" < marker[0] < "\u0500" else "en")


@pytest.mark.parametrize(
    "sentence",
    [
        "Стоит 500 рублей",
        "Это лучше, чем было",
        "Сделать как следует",
        "Из этого следует, что всё хорошо",
        "Может быть, завтра.",
        "The goal is to build a clock.",
        "My idea of the project is to keep notes.",
        "We met on May 5",
        "It was May again",
        "a watering can",
        "Never mind",
        "Насос работает.",
        "The pump works.",
        "",
    ],
)
def test_a_word_with_another_sense_is_no_mark(sentence: str) -> None:
    assert modal_marks(sentence) == []


def test_several_marks_come_in_order() -> None:
    sentence = "Насос должен хранить не более 50 записей, но может удалять старые."

    assert [mark.modality for mark in modal_marks(sentence)] == ["must", "must", "may"]


@pytest.mark.parametrize(
    ("sentence", "is_affirmed"),
    [
        ("The pump works.", True),
        ("The pump does not work.", False),
        ("It never stops", False),
        ("No sensor is needed", False),
        ("He cannot not go", True),
        ("Not only the pump works", True),
        ("No more than 5 notes", True),
        ("If it does not rain, water the bed.", True),
        ("Water the bed if it does not rain.", True),
        ("The note “do not touch” is old.", True),
        ("Насос работает", True),
        ("Насос не работает.", False),
        ("Нет воды.", False),
        ("Работает без интернета", True),
        ("Не работает без интернета", False),
        ("It must not read and it must not write", False),
        ("A clock, not a pilot", True),
        ("Cosines and nothing else", True),
        ("Никто ничего не знает.", False),
        ("Никогда никому не говорит", False),
        ("Не может не работать", True),
        ("Хранить не более 5", True),
        ("Не только насос", True),
        ("Полив идёт, если не идёт дождь.", True),
        ("Если не идёт дождь, полив идёт.", True),
    ],
)
def test_polarity_is_that_of_the_main_statement(sentence: str, is_affirmed: bool) -> None:
    assert polarity(sentence) is is_affirmed


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


@pytest.mark.parametrize(
    "sentence",
    [
        "Раньше было 5",
        "The limit used to be 5",
        "It was 5, now it is 7",
        "было 5, стало 7",
        "Насос больше не нужен",
        "~~5 л~~ 7 л",
        "Решение отменено",
        "It is no longer 5",
        "Порог уже не 5",
        "Previously 5 l",
    ],
)
def test_what_is_no_more_so_is_seen(sentence: str) -> None:
    assert is_superseded(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It is 5",
        "Больше 5 л",
        "Было 5",
        "Now it is 5",
        "Сначала полить, потом ждать",
        "Use A instead of B",
        "Полив не раньше 18:00",
    ],
)
def test_what_still_holds_is_not_superseded(sentence: str) -> None:
    assert not is_superseded(sentence)


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
    marks = modal_marks(sentence)
    found = ears(sentence)

    assert all(sentence[mark.start : mark.end] == mark.marker != "" for mark in marks)
    assert [mark.start for mark in marks] == sorted({mark.start for mark in marks})
    if found:
        for start, end in (found.condition, found.response):
            assert 0 <= start < end <= len(sentence)
        assert found.condition[1] <= found.response[0] or found.response[1] <= found.condition[0]
    for tell in (polarity, is_question, is_hypothetical, is_reported, is_superseded):
        assert tell(sentence) in (True, False)
