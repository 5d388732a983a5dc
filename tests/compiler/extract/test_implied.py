"""What binds without a modal word, what is only told, and what a note that is no idea gives."""

from __future__ import annotations

import pytest
from compiler.extract.reading import extracted

from vaultc.compiler.extract.errands import is_errand
from vaultc.compiler.extract.product import product_of
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.unit import Modality
from vaultc.language.reading import read

APP = "# Recipe box\n\nI want a box for recipes.\n\n"
PRODUCT = product_of("Recipe box", ())
BOOK = "# Журнал мастерской\n\nНужен журнал: кто принёс и что чинить.\n\n"


def texts(note: str, path: str = "Idea.md") -> list[str]:
    return [need.text for need in extracted(note, path).requirements]


@pytest.mark.parametrize(
    "words",
    [
        "Search works by ingredient and by tag.",
        "Spelling mistakes are forgiven.",
        "Ticked things vanish after a day.",
        "When nothing matches, the list shows the nearest recipes.",
    ],
)
def test_a_sentence_of_what_the_program_does_is_a_requirement(words: str) -> None:
    found = texts(f"{APP}## Searching\n{words}\n", "Recipe box.md")

    assert words in found


@pytest.mark.parametrize(
    "words",
    [
        "Детали списываются со склада, когда мастер отмечает замену.",
        "Чек печатается на той же ленте, что и бирка.",
        "Клиенту уходит сообщение, что всё готово.",
    ],
)
def test_a_russian_sentence_of_what_the_program_does_is_a_requirement(words: str) -> None:
    found = texts(f"{BOOK}## Выдача\n{words}\n", "Журнал мастерской.md")

    assert words in found


@pytest.mark.parametrize(
    "words",
    [
        "The recipe box project started on 1 March 2026.",
        "How it began is in [[2026-03-05]].",
        "I learned most of this from Hugh.",
        "Anna thinks the box is too large.",
        "Excel was fine until the sync ate 40 recipes.",
    ],
)
def test_what_was_and_what_others_think_binds_nothing(words: str) -> None:
    found = texts(f"{APP}## Searching\n{words}\n", "Recipe box.md")

    assert words not in found


def test_what_the_program_does_must_be_and_what_it_does_not_must_not_be() -> None:
    unit = extracted(
        f"{APP}## Sync\nThe box keeps every version. The box does not sync with phones.\n", "Recipe box.md"
    )

    found = {need.text: need.modality for need in unit.requirements}

    assert found["The box keeps every version."] is Modality.MUST
    assert found["The box does not sync with phones."] is Modality.MUST_NOT


@pytest.mark.parametrize(
    "task",
    [
        "измерить расход в зоне «Юг»",
        "написать шаг цикла и проверить на записи за апрель",
        "спросить у Марты про пороги",
        "import the old spreadsheet",
        "buy a stand for the tablet",
        "get last year's attendance from Petra",
    ],
)
def test_an_errand_of_the_person_is_a_chore(task: str) -> None:
    assert is_errand(read(task), PRODUCT, of_task=True)


@pytest.mark.parametrize("task", ["add and list first", "лента по годам", "export as plain text", "import from CSV"])
def test_a_task_that_tells_what_the_product_does_is_no_chore(task: str) -> None:
    assert not is_errand(read(task), PRODUCT, of_task=True)


def test_done_work_and_errands_are_no_requirements_and_the_rest_of_a_list_to_do_is_wanted() -> None:
    note = f"{APP}## To do\n- [x] scaling\n- [ ] buy a stand\n- [ ] export as plain text\n"

    assert [text for text in texts(note, "Recipe box.md") if text != "I want a box for recipes."] == [
        "export as plain text"
    ]


def test_a_question_among_tasks_stays_a_question_and_comes_last() -> None:
    unit = extracted(f"{BOOK}## Дела\n- [ ] спросить у Марты, что нужно\n\n## Вопросы\n- гарантия месяц?\n")

    assert [question.text for question in unit.questions] == ["гарантия месяц?", "спросить у Марты, что нужно"]
    assert unit.requirements == () or all("Марты" not in need.text for need in unit.requirements)


def test_lists_to_learn_are_no_requirements() -> None:
    found = texts(f"{APP}## Что нужно изучить\n- UML диаграммы\n- паттерны проектирования\n")

    assert found == []


def test_a_long_note_that_is_no_idea_gives_only_the_plainest_and_asks_whether_it_is_one() -> None:
    exam = "\n".join(f"Задача {n}. Если монета упала {n} раз, сумма должна быть равна {n}." for n in range(1, 30))

    unit = extracted(f"# Подготовка к экзамену\n\n## Разбор\n{exam}\n")

    assert unit.requirements == ()
    assert unit.questions[0].derived is not None


def test_a_first_heading_that_names_a_diary_is_no_history() -> None:
    assert topic_of_path(("Дневник давления", "Экран")) is Topic.OTHER
    assert topic_of_path(("Boat log",)) is Topic.OTHER
    assert topic_of_path(("История изменений",)) is Topic.HISTORY
    assert topic_of_path(("Clock", "Log")) is Topic.HISTORY


@pytest.mark.parametrize(
    ("sentence", "subject"),
    [
        ("The clock must predict at most 7 days ahead of the start time.", "predict ahead of the start time"),
        ("The clock should answer `tide next` within 200 ms.", "answer tide next"),
        ("За один шаг программа должна делать не более одного действия.", "делать действия за один шаг"),
        ("Одновременно может быть открыт только один клапан.", "открыт клапан одновременно"),
    ],
)
def test_what_the_product_does_is_bounded_not_the_product(sentence: str, subject: str) -> None:
    unit = extracted(f"# Clock\n\n## Rules\n- {sentence}\n", "Clock.md")

    assert [limit.subject for need in unit.requirements for limit in need.limits] == [subject]
