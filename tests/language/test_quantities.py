"""Numbers with units, bounds and ranges."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.language.numerals import may_hold_number, numerals
from vaultc.language.quantities import quantities
from vaultc.language.stems import stem

# text, value, unit, dimension
PLAIN = [
    ("1.5 kg", 1.5, "kg", "mass"),
    ("1,5 кг", 1.5, "kg", "mass"),
    ("1500 g", 1500, "g", "mass"),
    ("12\u00a0000\u00a0руб.", 12000, "RUB", "currency"),
    ("12\u202f000 рублей", 12000, "RUB", "currency"),
    ("1,200 users", 1200, "user", "count"),
    ("1,500 л", 1.5, "l", "volume"),
    ("€1,200", 1200, "EUR", "currency"),
    ("$5M", 5e6, "USD", "currency"),
    ("USD 5", 5, "USD", "currency"),
    ("5 €", 5, "EUR", "currency"),
    ("300 ₽", 300, "RUB", "currency"),
    ("5 тыс. руб.", 5000, "RUB", "currency"),
    ("2,5 млн рублей", 2.5e6, "RUB", "currency"),
    ("5k users", 5000, "user", "count"),
    ("3 million notes", 3e6, "note", "count"),
    ("5 м", 5, "m", "length"),
    ("12 км", 12, "km", "length"),
    ("30 кв. м", 30, "m²", "area"),
    ("30 м²", 30, "m²", "area"),
    ("2 m3", 2, "m³", "volume"),
    ("10 сек", 10, "s", "time"),
    ("5 мин.", 5, "min", "time"),
    ("5 min", 5, "min", "time"),
    ("24 часа", 24, "h", "time"),
    ("2 h", 2, "h", "time"),
    ("10 дней", 10, "day", "time"),
    ("3 weeks", 3, "week", "time"),
    ("6 месяцев", 6, "month", "calendar"),
    ("5 лет", 5, "year", "calendar"),
    ("200 ms", 200, "ms", "time"),
    ("20 %", 20, "%", "ratio"),
    ("20 процентов", 20, "%", "ratio"),
    ("18 °C", 18, "°C", "temperature"),
    ("18 градусов", 18, "°C", "temperature"),
    ("-5 °C", -5, "°C", "temperature"),
    ("−5°С", -5, "°C", "temperature"),
    ("68 °F", 68, "°F", "temperature"),
    ("300 мл", 300, "ml", "volume"),
    ("16 ГБ", 16, "GB", "data"),
    ("16 GB", 16, "GB", "data"),
    ("64 KiB", 64, "KiB", "data"),
    ("50 Гц", 50, "Hz", "frequency"),
    ("90 W", 90, "W", "power"),
    ("1,2 кВт", 1.2, "kW", "power"),
    ("12 V", 12, "V", "voltage"),
    ("12 В", 12, "V", "voltage"),
    ("3 бар", 3, "bar", "pressure"),
    ("40 л/ч", 40, "l/h", "volume/time"),
    ("600 l/h", 600, "l/h", "volume/time"),
    ("90 км/ч", 90, "km/h", "length/time"),
    ("10 MB/s", 10, "MB/s", "data/time"),
    ("300 мл в день", 300, "ml/day", "volume/time"),
    ("€5 per month", 5, "EUR/month", "currency/calendar"),
    ("3 notes", 3, "note", "count"),
    ("12 книг", 12, "книг", "count"),
    ("3 новых датчика", 3, "датчик", "count"),
    ("3 new sensors", 3, "sensor", "count"),
    ("двенадцать дней", 12, "day", "time"),
    ("двадцать пять минут", 25, "min", "time"),
    ("twenty-five notes", 25, "note", "count"),
    ("two hundred km", 200, "km", "length"),
    ("полтора часа", 1.5, "h", "time"),
    ("полчаса", 0.5, "h", "time"),
    ("half an hour", 0.5, "h", "time"),
    ("two and a half hours", 2.5, "h", "time"),
    ("a dozen eggs", 12, "egg", "count"),
    ("½ л", 0.5, "l", "volume"),
    ("1½ л", 1.5, "l", "volume"),
    ("1/2 л", 0.5, "l", "volume"),
    ("1 1/2 kg", 1.5, "kg", "mass"),
    ("2 раза в день", 2, "times/day", "frequency"),
    ("twice a week", 2, "times/week", "frequency"),
    ("раз в неделю", 1, "times/week", "frequency"),
    ("3 times per hour", 3, "times/h", "frequency"),
    ("5-минутный таймер", 5, "min", "time"),
    ("порог 30", 30, "", "number"),
]


@pytest.mark.parametrize(("text", "value", "unit", "dimension"), PLAIN)
def test_a_number_is_read_with_its_unit(text: str, value: float, unit: str, dimension: str) -> None:
    found = quantities(f"Было {text}" if "\u0400" < text[-2] < "\u0500" else f"It was {text}")

    assert [one.value for one in found] == pytest.approx([value])
    assert [(one.unit, one.dimension) for one in found] == [(unit, dimension)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1500 g", "1.5 кг"),
        ("90 минут", "1.5 h"),
        ("2 weeks", "14 дней"),
        ("1 год", "12 months"),
        ("0,5 л", "500 ml"),
        ("1 кВт", "1000 W"),
        ("2 GB", "2000 МБ"),
        ("68 °F", "20 °C"),
        ("60 l/h", "1 л/мин"),
        ("36 км/ч", "10 m/s"),
        ("100 Мбит/с", "12.5 MB/s"),
        ("12 книг", "двенадцать книг"),
        ("twice a day", "14 раз в неделю"),
        ("5 тыс. руб.", "5 000 ₽"),
        ("полчаса", "30 min"),
    ],
)
def test_equal_amounts_are_equal_when_normalised(one: str, other: str) -> None:
    (first,), (second,) = quantities(one), quantities(other)

    assert first.normalised() == second.normalised()
    assert first.dimension == second.dimension


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 месяц", "30 дней"),
        ("5 €", "5 $"),
        ("5 кг", "5 л"),
        ("5 книг", "5 заметок"),
        ("500 ₽ в месяц", "500 ₽ в год"),
    ],
)
def test_different_amounts_stay_different(one: str, other: str) -> None:
    (first,), (second,) = quantities(one), quantities(other)

    assert first.normalised() != second.normalised()


BOUNDS = [
    ("не более 5 кг", "<="),
    ("не больше 5 кг", "<="),
    ("не больше чем 5 кг", "<="),
    ("не должна превышать 30 °C", "<="),
    ("до 5 кг", "<="),
    ("максимум 5 кг", "<="),
    ("макс. 5 кг", "<="),
    ("5 минут максимум", "<="),
    ("не позже 5 минут", "<="),
    ("в течение 5 минут", "<="),
    ("не менее 5 кг", ">="),
    ("не ниже 5 °C", ">="),
    ("минимум 3 датчика", ">="),
    ("хотя бы 3 датчика", ">="),
    ("5 кг и более", ">="),
    ("не раньше 5 минут", ">="),
    ("больше 5 кг", ">"),
    ("свыше 5 кг", ">"),
    ("превышает 5 кг", ">"),
    ("меньше 5 кг", "<"),
    ("ниже 18 градусов", "<"),
    ("не реже одного раза в 10 минут", "<="),
    ("не чаще раза в 5 минут", ">="),
    ("at most 5 kg", "<="),
    ("no more than 5 notes", "<="),
    ("not exceed 5 kg", "<="),
    ("up to 5 kg", "<="),
    ("within 5 minutes", "<="),
    ("max 5 kg", "<="),
    ("a maximum of 5 kg", "<="),
    ("5 max", "<="),
    ("<= 5 kg", "<="),
    ("≤5 kg", "<="),
    ("no later than 5 minutes", "<="),
    ("at least 5 kg", ">="),
    ("5+ years", ">="),
    ("5 or more items", ">="),
    (">= 5 kg", ">="),
    ("at most 3 times a week", "<="),
    ("at least once every 10 minutes", "<="),
    ("under 5 kg", "<"),
    ("less than 5 kg", "<"),
    ("< 5 kg", "<"),
    ("over 5 kg", ">"),
    ("more than about 5 kg", ">"),
    ("> 5 kg", ">"),
    ("exactly 5 kg", None),
    ("5 кг", None),
    ("не 5 кг", None),
]


@pytest.mark.parametrize(("text", "comparator"), BOUNDS)
def test_a_bound_is_read_from_the_words_beside_the_number(text: str, comparator: str | None) -> None:
    (found,) = quantities(text)

    assert found.comparator == comparator


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 мин 30 сек", [("min", None), ("s", None)]),
        ('{"flow_l_per_min": 4}', [("", None)]),
        ("30 s and more", [("s", ">=")]),
        ("5 т песка", [("t", None)]),
        ("12 В постоянного тока", [("V", None)]),
        ("5с ожидания", [("s", None)]),
        ("four unless told", []),
        ('"-0.50 m"', [("m", None)]),
    ],
)
def test_a_unit_and_a_bound_are_told_from_words_that_look_like_them(
    text: str, expected: list[tuple[str, str | None]]
) -> None:
    assert [(one.unit, one.comparator) for one in quantities(text)] == expected


@pytest.mark.parametrize(
    "text", ["about 5 kg", "~5 kg", "около 5 кг", "примерно 5 кг", "roughly 5 kg", "пара минут", "5 kg or so", "≈ 5 kg"]
)
def test_a_guess_is_marked_as_one(text: str) -> None:
    (found,) = quantities(text)

    assert found.is_approximate
    assert found.comparator is None


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("5–7 л", 5, 7, "l"),
        ("5-7 л", 5, 7, "l"),
        ("60-70%", 60, 70, "%"),
        ("5 to 7 litres", 5, 7, "l"),
        ("от 5 до 7 л", 5, 7, "l"),
        ("from 5 to 7 kg", 5, 7, "kg"),
        ("between 5 and 7 kg", 5, 7, "kg"),
        ("5 kg – 7 kg", 5, 7, "kg"),
        ("1,5–2,5 часа", 1.5, 2.5, "h"),
    ],
)
def test_a_range_is_a_lower_and_an_upper_bound(text: str, low: float, high: float, unit: str) -> None:
    first, second = quantities(text)

    assert (first.value, first.comparator, first.unit, first.is_range) == (low, ">=", unit, True)
    assert (second.value, second.comparator, second.unit, second.is_range) == (high, "<=", unit, True)


@pytest.mark.parametrize(
    "text",
    [
        "v1.2 and R-3",
        "2026-03-12",
        "12.03.2026 в 14:30",
        "в 2026 г.",
        "12 марта",
        "issue #12",
        "1. First\n2. Second",
        "- 1) One",
        "https://a.b/c/12/34",
        "[[Note 12]]",
        "version 1.2.3",
        "COVID-19, GPT-4",
        "the 5th and the 1st",
        "5-й день недели и 2-го",
        "one of them",
        "один из них",
        "sha256 abc123",
        "see ^block-12",
        "9" * 60,
    ],
)
def test_digits_in_names_dates_and_marks_are_no_quantities(text: str) -> None:
    assert quantities(text) == []


@pytest.mark.parametrize(
    ("text", "unit"),
    [("5 с Петей", ""), ("5 с.", "s"), ("5 в 10", ""), ("chapter 3 has", ""), ("порт 8080 открыт", "")],
)
def test_a_preposition_or_a_label_gives_no_unit(text: str, unit: str) -> None:
    assert quantities(text)[0].unit == unit


def test_several_quantities_come_in_order_with_exact_places() -> None:
    text = "Насос: 40 л/ч, до 12 В; не более 3 раз в день, стоит 1 200 руб."

    found = quantities(text)

    assert [text[one.start : one.end] for one in found] == ["40 л/ч", "12 В", "3 раз в день", "1 200 руб."]


PIECES = re.split(
    r"\|",
    "5|1,5|12 000|кг|л|не более|from|to|-|–|до|$|%|½|1/2|тыс.|раз|в|день|\n|.|one|двадцать|пять|/|h|°C|(|v|#|заметок"
    "|kg|+|max|USD|и|twice",
)


@given(st.lists(st.sampled_from(PIECES), max_size=25), st.sampled_from([" ", "", "\u00a0"]))
def test_quantities_never_overlap_and_never_raise(parts: list[str], gap: str) -> None:
    text = gap.join(parts)

    found = quantities(text)

    assert all(one.start < one.end <= len(text) for one in found)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    assert all(one.normalised() == one.normalised() for one in found)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for one in quantities(text):
        assert 0 <= one.start < one.end <= len(text)
        assert one.comparator in (None, "<=", "<", ">=", ">")


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        ("only one open valve", "valve"),
        ("at most 1 unread message", "message"),
        ("no more than 3 new people", "person"),
    ],
)
def test_an_adjective_is_not_what_is_counted(text: str, noun: str) -> None:
    (found,) = quantities(text)

    assert found.unit == stem(noun)


def test_people_are_persons() -> None:
    assert [found.unit for found in quantities("5 человек и 10 людей")] == [stem("человек")] * 2


@pytest.mark.parametrize("text", ["no numbers stand here", "здесь ничего не сказано", ""])
def test_a_sentence_without_a_number_is_looked_at_once(text: str) -> None:
    assert not may_hold_number(text)
    assert quantities(text) == []


@given(st.text(alphabet="одинпять раз полчас half one ½7ё", max_size=40))
def test_the_cheap_look_never_hides_a_number(text: str) -> None:
    assert may_hold_number(text) or not numerals(text)


@pytest.mark.parametrize(
    ("text", "comparator"),
    [
        ("must use <b>at most</b> 21 threads", "<="),
        ("must show<br>23 rows at most", "<="),
        ("goes from idle -> 27 W", None),
        ("maps x => 5 kg", None),
        ("weighs > 5 kg", ">"),
        ("weighs <= 5 kg", "<="),
        ("сигнал не громче 70 дБ", "<="),
    ],
)
def test_tags_and_arrows_are_no_comparators(text: str, comparator: str | None) -> None:
    found = quantities(text)

    assert [quantity.comparator for quantity in found] == [comparator]


def test_units_are_read_with_their_case_where_it_makes_another_unit() -> None:
    found = [quantity.unit for text in ("5 Mb", "5 MB", "5 mPa", "5 MPa") for quantity in quantities(text)]

    assert found == ["Mbit", "MB", "mPa", "MPa"]


def test_joined_bounds_have_one_unit() -> None:
    found = quantities("at least 1 and at most 3 chores")

    assert [(quantity.value, quantity.unit) for quantity in found] == [(1, "chore"), (3, "chore")]


@pytest.mark.parametrize("text", ["Call 8 912 345-67-89", "+7 912 345-67-89", "тел. 345-67-89"])
def test_a_telephone_number_is_no_quantity(text: str) -> None:
    assert quantities(text) == []


@pytest.mark.parametrize(("text", "found"), [("Station 5 A", []), ("дом 12 В", []), ("a fuse of 5 A", ["A"])])
def test_a_letter_behind_the_number_of_a_place_is_no_unit(text: str, found: list[str]) -> None:
    assert [quantity.unit for quantity in quantities(text)] == found
