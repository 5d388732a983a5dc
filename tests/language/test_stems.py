"""Words, stems and stopwords of both languages."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.language import stems as stems_module
from vaultc.language.stems import content_stems, fold, stem, stems, words
from vaultc.language.stopwords import MODALS, NEGATIONS, STOPWORDS, is_stopword

MIXED = st.text(alphabet=st.sampled_from("абвёйАЁxyzQ'’-‑ .,_\u0301\u0306 1290\n\u00a0«»"), max_size=80)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Полив теплицы", ["Полив", "теплицы"]),
        ("по-русски, wi-fi", ["по-русски", "wi-fi"]),
        ("don’t it's", ["don’t", "it's"]),
        ("2026-03-12", ["2026", "03", "12"]),
        ("snake_case v1.2", ["snake", "case", "v1", "2"]),
        ("«ёлочки» и “quotes”", ["ёлочки", "и", "quotes"]),
        ("- пункт", ["пункт"]),
        ("rock 'n' roll's", ["rock", "n", "roll's"]),
        ("", []),
        ("… — !", []),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, expected: list[str]) -> None:
    assert [word.text for word in words(text)] == expected


@given(MIXED)
def test_every_word_stands_where_it_says(text: str) -> None:
    found = list(words(text))

    assert all(text[word.start : word.end] == word.text for word in found)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    outside = "".join(
        text[end:start]
        for end, start in zip([0, *(w.end for w in found)], [*(w.start for w in found), len(text)], strict=True)
    )
    assert not any(char.isalnum() for char in outside)


@pytest.mark.parametrize(
    "forms",
    [
        "полив полива поливу поливом поливы поливов",
        "теплица теплицы теплицу теплиц теплицами",
        "датчик датчика датчиков датчиками",
        "заметка заметки заметок заметку",
        "список списка списков",
        "столбец столбца столбцов",
        "время времени временем времен",
        "имя имени имена",
        "день дня дней днями",
        "деньги денег деньгами",
        "ошибка ошибок ошибки",
        "настройка настройки настройку",
        "архив архива архивы",
        "ёлка елка ёлки елкой",
        "журнал журнала журналы журналов журнале",
        "клапан клапана клапаны",
        "лимит лимита лимиты",
        "опыт опыта опытом",
        "запись записи записей записью",
        "память памяти",
        "правило правила правилом правил",
        "сигнал сигнала сигналом",
        "вокзал вокзалы вокзала",
        "уровень уровня уровни",
        "автобан автобаны автобанов",
        "note notes",
        "linked linking links",
        "watering watered",
    ],
)
def test_forms_of_one_word_share_a_stem(forms: str) -> None:
    assert len(set(stems(forms))) == 1, stems(forms)


@pytest.mark.parametrize(("one", "other"), [("книга", "книжный"), ("порог", "порт"), ("note", "notice"), ("12", "21")])
def test_different_words_keep_different_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_decomposed_and_stressed_letters_are_the_same_word() -> None:
    assert stem(unicodedata.normalize("NFD", "йогурт")) == stem("йогурт")
    assert stem("за\u0301мок") == stem("замок")
    assert stem("ЁЖ") == stem("еж")
    assert fold("Don’t") == "don't"


def test_a_hyphenated_word_counts_as_its_parts() -> None:
    assert stems("wi-fi модуль") == stems("wi fi модуль")


def test_digits_stay_as_they_are() -> None:
    assert stems("порт 8080") == ["порт", "8080"]


def test_content_stems_leave_function_words_out() -> None:
    assert content_stems("Он не должен быть в теплице") == [stem("теплица")]
    assert content_stems("It must not be in the greenhouse") == [stem("greenhouse")]
    assert stems("не в теплице")[0] == "не"


@pytest.mark.parametrize("word", ["Не", "и", "THE", "ещё", "еще", "don’t", "must", "должен"])
def test_function_words_are_stopwords_in_any_case(word: str) -> None:
    assert is_stopword(word)


@pytest.mark.parametrize("word", ["теплица", "note", "2026", "насос", ""])
def test_content_words_are_no_stopwords(word: str) -> None:
    assert not is_stopword(word)


def test_negations_and_modals_are_stopwords_that_can_be_told_apart() -> None:
    assert NEGATIONS < STOPWORDS
    assert MODALS < STOPWORDS
    assert "не" in NEGATIONS
    assert "must" in MODALS
    assert not any(char == "ё" or char.isupper() for word in STOPWORDS for char in word)


@given(st.lists(MIXED, max_size=6))
def test_the_stems_of_a_text_are_those_of_its_pieces(pieces: list[str]) -> None:
    assert stems(" , ".join(pieces)) == [found for piece in pieces for found in stems(piece)]


def test_threads_get_the_same_stems() -> None:
    text = " ".join(f"теплица{at} заметки{at} notes{at}" for at in range(400))
    expected = [stem(word.text) for word in words(text)]
    results: list[list[str]] = []
    threads = [threading.Thread(target=lambda: results.append(stems(text))) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == [expected] * 6


def test_the_stemmer_is_not_loaded_before_it_is_used() -> None:
    code = "import sys, vaultc.language.stems; print('Stemmer' in sys.modules)"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert result.stdout.strip() == "False"


@given(st.text(alphabet=st.sampled_from("ab Zx'' 19_-.\t\n`\x00\x7f"), max_size=60))
def test_plain_letters_are_cut_as_any_others_are(text: str) -> None:
    """The quick way for ASCII gives the words that the pattern for all scripts gives."""
    assert stems_module._parts(text) == stems_module._PART.findall(text)
