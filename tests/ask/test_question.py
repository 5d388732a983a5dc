"""What a question is about, and what kind of thing it asks for."""

from __future__ import annotations

import pytest

from vaultc.ask.opposite import is_opposite
from vaultc.ask.prose import says_itself, unstruck
from vaultc.ask.question import QuestionKind, read_question
from vaultc.ask.terms import terms_of


@pytest.mark.parametrize(
    ("text", "kind", "topic"),
    [
        ("Does the gauge support RS-485?", QuestionKind.YES_NO, ""),
        ("Можно ли промывать фильтр горячей водой?", QuestionKind.YES_NO, ""),
        ("Нужно чистить сетку?", QuestionKind.YES_NO, ""),
        ("Who cleans the well?", QuestionKind.WHO, ""),
        ("Когда отходит паром?", QuestionKind.WHEN, ""),
        ("What time does the ferry leave?", QuestionKind.WHEN, ""),
        ("Сколько весит корпус?", QuestionKind.AMOUNT, ""),
        ("Где лежит насос?", QuestionKind.WHERE, ""),
        ("Tell me about Marta!", QuestionKind.OTHER, "Marta"),
        ("Что ты знаешь о Марте?", QuestionKind.OTHER, "Марте"),
        ("что такое пороговая влажность?", QuestionKind.OTHER, "пороговая влажность"),
    ],
)
def test_a_question_tells_its_kind_and_topic(text: str, kind: QuestionKind, topic: str) -> None:
    found = read_question(text)

    assert (found.kind, found.topic) == (kind, topic)


def test_words_that_only_ask_are_no_content() -> None:
    assert read_question("Can you tell me whether the filter is allowed?").terms.concepts == {"filter"}
    assert read_question("Можно ли мыть фильтр?").terms.concepts == read_question("Нельзя мыть фильтр?").terms.concepts


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("The gauge supports the bus.", "The gauge does not support the bus.", True),
        ("Полив газона разрешён.", "Полив газона запрещён.", True),
        ("Насос качает 12 л/мин.", "Насос качает 9 л/мин.", True),
        ("The owner of the webcam is Tomas.", "The owner of the webcam is Ilse.", True),
        ("The case weighs 1.5 kg.", "The case weighs 1500 g.", False),
        ("The gauge supports the bus.", "The pump supports the bus well.", False),
        ("The door is not locked.", "The door is not locked at night.", False),
    ],
)
def test_what_cannot_both_stand_is_opposite(first: str, second: str, expected: bool) -> None:
    assert is_opposite(terms_of(first), terms_of(second)) is expected
    assert is_opposite(terms_of(second), terms_of(first)) is expected


def test_what_is_struck_out_is_blank_and_offsets_stay() -> None:
    text = "~~The heater is 500 W.~~ sold ~~ it"

    assert len(unstruck(text)) == len(text)
    assert unstruck(text).split() == ["sold", "it"]


@pytest.mark.parametrize("text", ["[[Marta]] · [[Ilse]]", "# Title", "%% hidden %%", "", "- [[Pump|pump]]"])
def test_links_and_marks_alone_say_nothing(text: str) -> None:
    assert not says_itself(text)
