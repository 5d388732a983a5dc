"""Dates and times as people write them."""

from __future__ import annotations

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.language.dates import dates

CASES = [
    ("2026-03-12", (2026, 3, 12)),
    ("12.03.2026", (2026, 3, 12)),
    ("12/03/2026", (2026, 3, 12)),
    ("03/25/2026", (2026, 3, 25)),
    ("2026/03/12", (2026, 3, 12)),
    ("12 March 2026", (2026, 3, 12)),
    ("12th of March, 2026", (2026, 3, 12)),
    ("March 12", (None, 3, 12)),
    ("March 12th, 2026", (2026, 3, 12)),
    ("March 2026", (2026, 3, None)),
    ("12 марта 2026 г.", (2026, 3, 12)),
    ("12 марта 2026 года", (2026, 3, 12)),
    ("5 мая", (None, 5, 5)),
    ("сентябрь 2025", (2025, 9, None)),
    ("2026 г.", (2026, None, None)),
    ("2026 году", (2026, None, None)),
    ("2026-03", (2026, 3, None)),
    ("29.02.2024", (2024, 2, 29)),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_a_date_is_read_in_its_parts(text: str, expected: tuple[int | None, int | None, int | None]) -> None:
    sentence = f"See: {text}, then."

    (found,) = dates(sentence)

    assert (found.year, found.month, found.day) == expected
    assert sentence[found.start : found.end] == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 14:30", "14:30"),
        ("в 9:05", "09:05"),
        ("at 9 am", "09:00"),
        ("by 5 p.m.", "17:00"),
        ("12 am", "00:00"),
        ("12:15 pm", "12:15"),
        ("2026-03-12T10:20:30Z", "10:20"),
        ("12 марта в 14:30", "14:30"),
        ("March 12 at 14:30", "14:30"),
    ],
)
def test_a_clock_time_is_told_on_24_hours(text: str, expected: str) -> None:
    (found,) = dates(text)

    assert found.time == expected


@pytest.mark.parametrize(
    ("text", "weekday"), [("в среду", 3), ("on Friday", 5), ("по понедельникам", 1), ("Sundays", 7), ("в пт", 5)]
)
def test_a_weekday_is_a_date_without_a_day(text: str, weekday: int) -> None:
    (found,) = dates(text)

    assert (found.weekday, found.year, found.month, found.day) == (weekday, None, None, None)


@pytest.mark.parametrize("text", ["Q3 2026", "Q3-2026", "3 квартал 2026", "3-й квартал 2026 года"])
def test_a_quarter_begins_with_its_first_month(text: str) -> None:
    (found,) = dates(text)

    assert (found.year, found.month, found.quarter) == (2026, 7, 3)


@pytest.mark.parametrize(("text", "month"), [("в марте", 3), ("in May", 5), ("к июлю", 7), ("since October", 10)])
def test_a_month_alone_is_a_date_behind_a_preposition(text: str, month: int) -> None:
    (found,) = dates(text)

    assert found.month == month


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-02-30",
            "31.04.2026",
            "29.02.2025",
            "2026-13-01",
            "v1.2.3",
            "10.0.0.1",
            "May be so",
            "it may rain",
            "05/06",
        ),
        *(
            "среда разработки",
            "March on!",
            "2026",
            "25:00",
            "12:60",
            "1.2.3.2026",
            "the sun sat",
            "in 2024 users",
            "0:0",
        ),
    ],
)
def test_what_is_no_date_is_left_alone(text: str) -> None:
    assert dates(text) == []


def test_dates_come_in_order() -> None:
    text = "С 9:00 до 18:00 в пятницу, 15 мая, и потом 2026-06-01."

    assert [text[one.start : one.end] for one in dates(text)] == ["9:00", "18:00", "пятницу", "15 мая", "2026-06-01"]


@given(st.text(alphabet=st.sampled_from("0123456789.-/: TZQапрмяйвмMarchmy,г"), max_size=120))
def test_dates_never_raise_never_overlap_and_are_possible(text: str) -> None:
    found = dates(text)

    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    assert all(one.month is None or 1 <= one.month <= 12 for one in found)
    assert all(one.day is None or 1 <= one.day <= 31 for one in found)


@given(st.dates(min_value=datetime.date(1900, 1, 1), max_value=datetime.date(2199, 12, 31)))
def test_every_day_of_the_calendar_is_read_in_each_form(day: datetime.date) -> None:
    for form in (day.isoformat(), day.strftime("%d.%m.%Y"), f"{day.day}.{day.month}.{day.year}"):
        (found,) = dates(f"on {form}.")
        assert (found.year, found.month, found.day) == (day.year, day.month, day.day)
