"""Where sentences end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.language.sentences import sentences

CASES = [
    ("Насос включён. Клапан закрыт.", ["Насос включён.", "Клапан закрыт."]),
    ("Это было в 2026 г. Потом стало лучше.", ["Это было в 2026 г.", "Потом стало лучше."]),
    ("Он живёт в г. Москва на ул. Ленина, д. 5. Всё.", ["Он живёт в г. Москва на ул. Ленина, д. 5.", "Всё."]),
    ("Купить хлеб, т.е. батон. Потом сон.", ["Купить хлеб, т.е. батон.", "Потом сон."]),
    ("Хлеб, т. е. батон. И т. д. Потом сон.", ["Хлеб, т. е. батон.", "И т. д.", "Потом сон."]),
    ("А. С. Пушкин писал. Все читали.", ["А. С. Пушкин писал.", "Все читали."]),
    ("J. R. R. Tolkien wrote. We read.", ["J. R. R. Tolkien wrote.", "We read."]),
    ("Dr. Smith came. See No. 5 and e.g. Foo.", ["Dr. Smith came.", "See No. 5 and e.g. Foo."]),
    ("The answer is no. We go on.", ["The answer is no.", "We go on."]),
    ("It costs 3.5 kg. More later.", ["It costs 3.5 kg.", "More later."]),
    ("v1.2 is out. Date 12.03.2026. Done.", ["v1.2 is out.", "Date 12.03.2026.", "Done."]),
    ("Go to https://a.b/c.d?x=1. Done.", ["Go to https://a.b/c.d?x=1.", "Done."]),
    ("«Стой!» — сказал он. Ушёл.", ["«Стой!» — сказал он.", "Ушёл."]),
    ("«Куда?» Дальше тишина… и снова. Ну… Вот.", ["«Куда?»", "Дальше тишина… и снова.", "Ну…", "Вот."]),
    ("Really?! Yes! “Ok.” She left.", ["Really?!", "Yes!", "“Ok.”", "She left."]),
    ("Done (really.) Next.", ["Done (really.)", "Next."]),
    ("**Bold.** Next[^1]. Then.[^2] More", ["**Bold.**", "Next[^1].", "Then.[^2]", "More"]),
    ("См. рис. 5. Далее.", ["См. рис. 5.", "Далее."]),
    ("Макс. давление 5 бар. Хватит.", ["Макс. давление 5 бар.", "Хватит."]),
    ("не работает! надо починить. позвонить маме.", ["не работает!", "надо починить.", "позвонить маме."]),
    ("5 мин. 30 сек. на всё. Ясно.", ["5 мин. 30 сек. на всё.", "Ясно."]),
    ("сделал.Потом ушёл.", ["сделал.", "Потом ушёл."]),
    ("[[Dr. No. Way]] ok. `a. B` c.", ["[[Dr. No. Way]] ok.", "`a. B` c."]),
    ("At 9 a.m. we met. Fine.", ["At 9 a.m. we met.", "Fine."]),
    ("Some apples, pears, etc. Then we left.", ["Some apples, pears, etc.", "Then we left."]),
    ("One\n\ntwo", ["One", "two"]),
    ("One\n \t\ntwo", ["One", "two"]),
    ("wrapped line goes\non here", ["wrapped line goes\non here"]),
    ("Полив утром\nПроверить датчик", ["Полив утром", "Проверить датчик"]),
    ("- пункт один\n- пункт два. Ещё", ["- пункт один", "- пункт два.", "Ещё"]),
    ("1. First\n2. Second", ["1. First", "2. Second"]),
    ("- [ ] task\n- [x] done", ["- [ ] task", "- [x] done"]),
    ("# Head\ntext", ["# Head", "text"]),
    ("| a | b |\n|---|---|\n| 1. | X |", ["| a | b |", "|---|---|", "| 1. | X |"]),
    ("> q\n> more\n>\n> New", ["> q\n> more", ">\n> New"]),
    ("one.\r\ntwo\r\n\r\nThree", ["one.", "two", "Three"]),
    ("There are:\n- one", ["There are:", "- one"]),
    ("", []),
    (" \n\t ", []),
    ("...", ["..."]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_sentence_ends_where_a_reader_ends_it(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(st.text(alphabet=st.sampled_from("абАБxY.!?…,:;-—«»\"'()[]`*_#>|1 2\n\r\t\u00a0\u2028гт"), max_size=200))
def test_sentences_cover_every_visible_character_once_and_in_order(text: str) -> None:
    found = sentences(text)

    at = 0
    for start, end in found:
        assert start < end
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()


def test_non_breaking_spaces_separate_like_spaces() -> None:
    text = "Это 5\u00a0кг.\u00a0Потом 6."

    assert [text[start:end] for start, end in sentences(text)] == ["Это 5\u00a0кг.", "Потом 6."]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The heater draws 10 A. It is red.", ["The heater draws 10 A.", "It is red."]),
        ("Take option B. The rest is fine.", ["Take option B.", "The rest is fine."]),
        ("Ток 16 А. Провод толстый.", ["Ток 16 А.", "Провод толстый."]),
        ("Ask A. Smith. He knows.", ["Ask A. Smith.", "He knows."]),
        ("If a clerk of the\nHarbour Office calls, it must show\n5 lines.", None),
        ("Copies (daily and\nweekly)\nMUST reach the vault within 2 s.", None),
        ("Buy milk\n5 apples", ["Buy milk", "5 apples"]),
    ],
)
def test_a_capital_or_a_wrapped_line_ends_a_sentence_only_where_one_ends(text: str, wanted: list[str] | None) -> None:
    found = [text[start:end] for start, end in sentences(text)]

    assert found == (wanted or [text])
