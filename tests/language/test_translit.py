"""Names for code."""

from __future__ import annotations

import builtins
import keyword
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.language.glossary import ADJECTIVES, NOUNS, VERBS
from vaultc.language.translit import Style, code_name, english_of, transliterate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Полив теплицы", "greenhouse_watering"),
        ("Датчик влажности почвы", "soil_humidity_sensor"),
        ("новый датчик температуры", "new_temperature_sensor"),
        ("Журнал поливов", "watering_log"),
        ("Список задач", "list_task"),
        ("Включить насос, если влажность ниже порога", "turn_on_pump_humidity_below"),
        ("показать заметки", "show_note"),
        ("не удалять файлы", "not_remove_file"),
        ("считать книги", "count_book"),
        ("class", "class_"),
        ("list", "list_"),
        ("HTTPServer error", "http_server_error"),
        ("3D модель", "n3d_model"),
        ("Щёлкунчик и ёлка", "shchelkunchik_elka"),
        ("Reading ledger", "reading_ledger"),
        ("The size of the note", "size_note"),
        ("Café Zürich", "cafe_zurich"),
        ("don't panic", "panic"),
        ("", "item"),
        ("… — !", "item"),
        ("日本", "item"),
    ],
)
def test_a_name_is_english_where_the_glossary_knows_the_words(text: str, expected: str) -> None:
    assert code_name(text, "snake") == expected


def test_a_name_follows_its_style() -> None:
    assert code_name("Датчик влажности", "pascal") == "HumiditySensor"
    assert code_name("Датчик влажности", "constant") == "HUMIDITY_SENSOR"
    assert code_name("exception", "pascal") == "Exception_"


@pytest.mark.parametrize("style", get_args(Style))
@given(text=st.text(max_size=120) | st.text(alphabet=st.sampled_from("абвзёъьщ xyz19_-'.ßİ"), max_size=60))
def test_a_name_is_always_a_free_ascii_identifier(style: Style, text: str) -> None:
    name = code_name(text, style)

    assert name.isascii()
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert not hasattr(builtins, name)
    assert not name.startswith("_")
    assert name == code_name(text, style)
    if style == "snake":
        assert len(name.strip("_").split("_")) <= 5


def test_transliteration_gives_small_ascii_letters() -> None:
    assert transliterate("Съешь ещё этих мягких французских булок") == "sesheshcheetikhmyagkikhfrantsuzskikhbulok"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("поливом", "watering"),
        ("Счёта", "account"),
        ("порогов", "threshold"),
        ("включает", "turn_on"),
        ("абырвалг", None),
    ],
)
def test_the_glossary_is_read_by_stem(word: str, expected: str | None) -> None:
    assert english_of(word) == expected


def test_the_glossary_has_no_broken_entry() -> None:
    entries = [entry.split() for part in (NOUNS, VERBS, ADJECTIVES) for entry in part.split(";")]

    assert len(entries) > 550
    assert all(len(entry) == 2 and entry[1].replace("_", "a").isalpha() and entry[1].isascii() for entry in entries)


@pytest.mark.parametrize(
    ("words", "name"),
    [("поездов", "train"), ("суточный предел", "daily_limit"), ("неисправный датчик", "faulty_sensor"),
     ("сброс", "reset"), ("людей", "people")],
)  # fmt: skip
def test_words_of_a_technical_note_are_named_in_english(words: str, name: str) -> None:
    assert code_name(words, "snake") == name
