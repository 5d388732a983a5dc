"""Which language a text is in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.language import detect
from vaultc.language.detect import language_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Полив теплицы утром", "ru"),
        ("Watering the greenhouse", "en"),
        ("Настроить llama.cpp на GPU с CUDA", "ru"),
        ("The word «привет» means hello in Russian, so they say", "en"),
        ("Смотри https://example.org/some/very/long/path/with/latin/letters", "ru"),
        ("Запусти `python -m some.very.long.module.name --option`", "ru"),
        ("Код:\n```python\nimport os\nfor name in names: print(name)\n```\nвот", "ru"),
        ("Заметка про [docs](https://example.org/a/b/c/d/e/f/g/h)", "ru"),
        ("", "en"),
        ("123 …", "en"),
        ("```\nпривет\n```", "ru"),
    ],
)
def test_the_language_is_that_of_the_prose(text: str, expected: str) -> None:
    assert language_of(text) == expected


@given(
    st.text(
        alphabet=st.one_of(
            st.characters(), st.sampled_from("AZaz\u00c0\u023f\u0240\u024f\u0250\u03ff\u0400\u04ff\u0500")
        )
    )
)
def test_letters_are_counted_by_their_scripts(text: str) -> None:
    cyrillic, latin = re.findall("[\u0400-\u04ff]", text), re.findall("[A-Za-z\u00c0-\u024f]", text)

    assert detect._letters(text) == (len(cyrillic), len(latin))
