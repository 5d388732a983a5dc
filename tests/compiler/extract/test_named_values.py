"""Named values: what sentences, tables and fields state as numbers, how they are called, and which value holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from compiler.extract.reading import extracted, region

from vaultc.compiler.extract.named_values import find_constants
from vaultc.compiler.extract.statements import statements

if TYPE_CHECKING:
    from vaultc.compiler.unit import Constant


def constants(text: str) -> dict[str, Constant]:
    """Give the named values of a note by name."""
    return {item.name: item for item in extracted(text).constants}


STATED = [
    ("Readings are kept for 90 days.", "reading retention", "90", "day", "exact"),
    ("The sensor must be read every 30 seconds.", "sensor interval", "30", "s", "interval"),
    ("Sessions expire after 20 minutes.", "session timeout", "20", "min", "exact"),
    ("Sessions expire after 20 minutes of inactivity.", "inactivity time", "20", "min", "exact"),
    ("A booking may hold up to 4 seats.", "booking seats", "4", "seats", "max"),
    ("The password must have at least 12 characters.", "password length", "12", "char", "min"),
    ("Videos longer than 15 minutes are not accepted.", "video length", "15", "min", "max"),
    ("The gate must refuse cars heavier than 3 t.", "car weight", "3", "t", "max"),
    ("Retry 3 times.", "times to retry", "3", "times", "exact"),
    ("The server listens on port 8080.", "port", "8080", "", "exact"),
    ("pause between waterings: 30 min", "pause between waterings", "30", "min", "exact"),
    ("Журнал поливов хранится 2 года.", "хранение журнала", "2", "year", "exact"),
    ("Датчик опрашивается каждые 30 секунд.", "интервал датчика", "30", "s", "interval"),
    ("Чаще одного раза в 10 минут поливать нельзя.", "интервал: поливать", "10", "min", "min"),
    ("Пароль должен быть не короче 8 символов.", "длина пароля", "8", "char", "min"),
    ("Файлы больше 60 МБ не принимаем.", "файлы", "60", "MB", "max"),
    ("Порог тишины −50 дБ.", "порог тишины", "-50", "dB", "exact"),
    ("Не более пяти книг на читателя.", "книги на читателя", "5", "книг", "max"),
]


@pytest.mark.parametrize(("text", "name", "value", "unit", "bound"), STATED)
def test_a_number_is_named_by_what_it_measures(text: str, name: str, value: str, unit: str, bound: str) -> None:
    found = constants(f"# Box\n\n{text}\n")

    assert {key: (item.value, item.unit, item.bound) for key, item in found.items()} == {name: (value, unit, bound)}


@pytest.mark.parametrize(
    "text",
    [
        "I took three photos yesterday.",
        "In 2019 we had 12 hives.",
        "The release is version 2.1.4.",
        "Is 60 % too much?",
        "Maybe we could take 7 guests.",
        "Call 8 912 345-67-89.",
        "The shelf is 61 x 38 cm.",
        "Nine of ten guests find it.",
        "- Effort: 3 days",
        "- [ ] buy 3 m of hose",
        "The volume must not be between 40 and 60 dB.",
        "The queue must not be limited to 50 entries.",
        "Вчера отвез два велосипеда в ремонт.",
        "В прошлом году было 12 ульев.",
        "Громкость не должна быть от 40 до 60 дБ.",
    ],
)
def test_numbers_of_stories_names_and_what_must_not_be_are_no_values(text: str) -> None:
    found = constants(f"# Box\n\n{text}\n")

    assert found == {}


def test_each_bound_of_a_sentence_belongs_to_its_own_noun() -> None:
    found = constants("# Box\n\nThe level must be between 0 and 6500 mm, the temperature between -5 and 35 °C.\n")

    assert {name: (item.value, item.unit) for name, item in found.items()} == {
        "level minimum": ("0", "mm"),
        "level maximum": ("6500", "mm"),
        "temperature minimum": ("-5", "°C"),
        "temperature maximum": ("35", "°C"),
    }


def test_joined_bounds_share_unit_and_name() -> None:
    found = constants("# Box\n\nThe form must refuse a title shorter than 3 or longer than 40 characters.\n")

    assert {name: (item.value, item.unit, item.bound) for name, item in found.items()} == {
        "title length minimum": ("3", "char", "min"),
        "title length maximum": ("40", "char", "max"),
    }


def test_a_value_that_names_the_old_one_replaces_it() -> None:
    found = constants("# Box\n\nRecordings are kept for 28 days.\n\nRecordings stay for 42 days, not 28.\n")

    kept = found["recording retention"]
    assert (kept.value, [old.value for old in kept.replaced], kept.is_disputed) == ("42", ["28"], False)
    assert kept.replaced[0].quote is not None


def test_what_a_speaker_takes_back_in_the_same_breath_is_old() -> None:
    found = constants("# Box\n\nЕсли никто не ответил за пять минут, нет, не пять, а семь, надо звонить снова.\n")

    assert [(item.value, [old.value for old in item.replaced]) for item in found.values()] == [("7", ["5"])]


def test_two_notes_that_differ_dispute_a_value() -> None:
    one, other = (
        region("The log is kept for 5 years.\n", "A.md"),
        region("The log is kept for 3 years.\n", "B.md", "link"),
    )

    found = find_constants((one, other), [*statements(one), *statements(other)])

    assert [(item.value, item.values) for item in found] == [("", ("5", "3"))]


def test_a_bound_in_a_table_of_fields_belongs_to_the_record_that_has_the_field() -> None:
    text = (
        "# Box\n\n## Yarn\n\n| field | type | limits |\n|---|---|---|\n| grams | int | 0 to 5000 |\n| name | text | |\n"
    )

    found = constants(text)

    assert {name: item.scope for name, item in found.items()} == {
        "grams minimum": "Yarn.grams",
        "grams maximum": "Yarn.grams",
    }


def test_a_field_of_the_note_is_a_value() -> None:
    found = constants("# Box\n\npause:: 30 min\n")

    assert (found["pause"].value, found["pause"].unit, found["pause"].is_titled) == ("30", "min", True)


def test_every_value_stands_where_it_says() -> None:
    text = "# Box\n\nReadings are kept for 90\ndays. At most 4 pumps run at once.\n"

    unit = extracted(text)

    assert len(unit.constants) == 2
    assert all(text[quote.span.start : quote.span.end] == quote.text for quote in unit.quotes())
