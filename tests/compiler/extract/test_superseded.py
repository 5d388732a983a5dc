"""A later statement takes an earlier one back only where it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes import write_vault

from vaultc.compiler.extract.superseded import Dated, Rule, day_of, superseded
from vaultc.core.source import Source, vault_path
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from pathlib import Path


def dated(path: str, text: str, day: str = "", start: int = 0) -> Dated:
    source = Source(vault_path(path), " " * start + text)
    return Dated(source.quote(source.span(start, start + len(text))), text, day)


@pytest.mark.parametrize(
    ("old", "new", "rule", "value"),
    [
        ("The oven preheats for 12 minutes.", "The oven preheats for 20 minutes, not 12.", Rule.NAMES_OLD, "12"),
        ("Полив длится 5 минут.", "Полив длится 8 минут, а не 5.", Rule.NAMES_OLD, "5"),
        ("Дверь ждёт пять минут.", "Дверь ждёт не пять, а семь минут.", Rule.NAMES_OLD, "5"),
        ("Photos are kept as PNG.", "PNG is out, it is too large.", Rule.IS_OUT, "png"),
        ("Заказ храним на складе 3 дня.", "Заказ на складе теперь храним 9 дней.", Rule.CHANGED, "3"),
    ],
)
def test_a_later_statement_that_says_so_takes_an_earlier_one_back(old: str, new: str, rule: Rule, value: str) -> None:
    first, second = dated("a.md", old, "2024-01-02"), dated("b.md", new, "2024-03-01")

    (found,) = superseded([first, second])

    assert (found.old, found.new, found.rule, found.value) == (first, second, rule, value)


def test_a_later_day_alone_settles_nothing() -> None:
    first = dated("a.md", "A basket holds at most 4 loaves.", "2024-01-02")
    second = dated("b.md", "A basket holds at most 5 loaves.", "2024-03-01")

    assert superseded([first, second]) == ()


def test_an_earlier_day_takes_nothing_back() -> None:
    first = dated("a.md", "The oven preheats for 20 minutes, not 12.", "2024-01-02")
    second = dated("b.md", "The oven preheats for 12 minutes.", "2024-03-01")

    assert superseded([first, second]) == ()


def test_statements_on_other_things_are_left_alone() -> None:
    first = dated("a.md", "The cellar has 12 shelves.", "2024-01-02")
    second = dated("b.md", "The oven preheats for 20 minutes, not 12.", "2024-03-01")

    assert superseded([first, second]) == ()


def test_in_one_note_what_stands_below_is_later() -> None:
    first = dated("a.md", "The oven preheats for 12 minutes.")
    second = dated("a.md", "The oven preheats for 20 minutes, not 12.", start=60)

    assert [item.old for item in superseded([first, second])] == [first]


def test_the_day_of_a_note_is_in_its_name_or_a_property_and_never_the_time_of_the_file(tmp_path: Path) -> None:
    files = {"2024-05-02 talk.md": "x\n", "Said.md": "---\ndate: 2023-01-09\n---\nx\n", "Plain.md": "x\n"}
    reader = VaultReader(write_vault(tmp_path, files))

    days = [day_of(reader.read(vault_path(path)).note) for path in files]

    assert days == ["2024-05-02", "2023-01-09", ""]
