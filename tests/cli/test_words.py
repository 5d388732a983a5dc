"""What a shell makes of a person's words: a hint says how to write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["ask", "find", "contradictions"], 'put it into quotes: `vaultc ask "find contradictions"`'),
        (["search", "tide", "clock", "-n", "5"], '`vaultc search "tide clock"`'),
        (["search", "--limit", "5", "tide", "clock"], '`vaultc search "tide clock"`'),
        (["search", "что", 'за "насос"'], "`vaultc search 'что за \"насос\"'`"),
        (["compile", "Tide", "clock", "--out", "x"], '`vaultc compile "Tide clock"`'),
        (["links", "Tide", "clock"], '`vaultc links "Tide clock"`'),
        (["trace", "Tide", "clock.md:3"], '`vaultc trace "Tide clock.md:3"`'),
        (["check", "Tide", "clock.md"], '`vaultc check "Tide clock.md"`'),
        (["search", "-5 °C"], '`vaultc search -- "-5 °C"`; options go before `--`'),
        (["search", "-5"], '`vaultc search -- "-5"`'),
        (["search", "-n", "5", "-n of the pump"], '`vaultc search -- "-n of the pump"`'),
        (["search", "-pump"], '`vaultc search -- "-pump"`'),
        (["ask", "--verbose means what"], '`vaultc ask -- "--verbose means what"`'),
        (["ask", "--json", "--json is what"], '`vaultc ask -- "--json is what"`'),
    ],
)
def test_words_that_a_shell_took_apart_get_a_hint(run: Callable[..., Done], arguments: list[str], hint: str) -> None:
    done = run(*arguments)

    assert done.code == 2
    assert hint in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "--", "-5 °C"],
        ["search", "-n5", "pump"],
        ["search", "--limit=5", "a b"],
        ["search", "pump", "--vault", "-5 °C"],
        ["ask", "-q", "--model", "-m x", "pump"],
        ["search", "-"],
    ],
)
def test_what_is_written_well_is_taken_as_it_is(run: Callable[..., Done], tmp_path: Path, arguments: list[str]) -> None:
    done = run(*arguments)

    assert done.code == 2
    assert "no vault is known here" in done.err or 'there is no folder "-5 °C"' in done.err


def test_a_misspelt_option_is_left_to_its_own_guess(run: Callable[..., Done]) -> None:
    done = run("search", "pump", "--limt", "5")

    assert done.code == 2
    assert "--limit" in done.err


def test_help_is_no_words_of_a_person(run: Callable[..., Done]) -> None:
    assert [run("search", name).code for name in ("-h", "--help")] == [0, 0]
