"""How an answer from notes ends where a client sets it bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.app.asking import AskOutcome, PlacedSentence
from vaultc.core.source import Place, VaultPath
from vaultc.server.grounded import Bounds, Grounded

if TYPE_CHECKING:
    from collections.abc import Sequence


class Outcome:
    """What of an outcome is written."""

    findings = None
    text = "The notes do not answer this."


PUMP = Place(VaultPath("Pump.md"), 3, 1, 3, 20, 8, 40, "The pump takes 120 W.")
BARREL = Place(VaultPath("Barrel.md"), 5, 1, 5, 20, 8, 40, "The barrel holds 300 litres.")
SAID = (
    PlacedSentence("The pump takes 120 W.", (PUMP,), supported=True),
    PlacedSentence("The barrel holds 300 litres.", (BARREL, PUMP), supported=True),
)


def words(text: str) -> int:
    return len(text.split())


def written(
    most: int | None = None, stops: Sequence[str] = (), sentences: Sequence[PlacedSentence] = SAID
) -> tuple[str, str]:
    """Give the answer and why it ended."""
    writer = Grounded(Bounds(most, tuple(stops), words))
    pieces = [writer.sentence(sentence) for sentence in sentences]
    return "".join([*pieces, writer.end(cast("AskOutcome", Outcome()))]), writer.finish


FIRST = "The pump takes 120 W. [1]"
SECOND = "The barrel holds 300 litres. [2] [1]"
FIRST_SOURCE = "[1] Pump.md:3 «The pump takes 120 W.»"
WHOLE = f"{FIRST} {SECOND}\n\nSources:\n{FIRST_SOURCE}\n[2] Barrel.md:5 «The barrel holds 300 litres.»"
SHORT = f"{FIRST}\n\nSources:\n{FIRST_SOURCE}"


@pytest.mark.parametrize(
    ("most", "text", "finish"),
    [
        (None, WHOLE, "stop"),
        (words(WHOLE), WHOLE, "stop"),
        (words(WHOLE) - 1, SHORT, "length"),
        (words(SHORT), SHORT, "length"),
        (words(SHORT) - 1, FIRST, "length"),
        (words(FIRST), FIRST, "length"),
        (words(FIRST) - 1, "", "length"),
        (1, "", "length"),
    ],
)
def test_a_limited_answer_ends_behind_the_last_sentence_that_fits_with_its_sources(
    most: int | None, text: str, finish: str
) -> None:
    assert written(most) == (text, finish)


@pytest.mark.parametrize(
    ("stop", "text"),
    [
        ("300", SHORT),
        ("\n", f"{FIRST} {SECOND}"),
        ("Sources:", f"{FIRST} {SECOND}"),
        ("] The", SHORT),
        ("pump", ""),
        ("nowhere", WHOLE),
    ],
)
def test_an_answer_ends_before_the_sentence_with_a_stop_and_says_it_nowhere(stop: str, text: str) -> None:
    assert written(stops=[stop]) == (text, "stop")


@pytest.mark.parametrize(("most", "said"), [(None, Outcome.text), (6, Outcome.text), (5, "")])
def test_that_there_is_no_answer_is_said_as_a_whole_or_not_at_all(most: int | None, said: str) -> None:
    assert written(most, sentences=()) == (said, "stop" if said else "length")


@given(most=st.none() | st.integers(1, 40), stops=st.lists(st.text("[1]2 WThpu.\nS:", min_size=1, max_size=3)))
def test_whatever_the_bounds_no_sentence_is_cut_and_none_is_passed_over(most: int | None, stops: list[str]) -> None:
    text, _ = written(most, stops)

    body, _, sources = text.partition("\n\nSources:\n")
    assert body in {"", FIRST, f"{FIRST} {SECOND}", Outcome.text}
    assert not sources or sources.splitlines() == WHOLE.splitlines()[3:][: body.count(". [")]
    assert most is None or words(text) <= most
    assert not any(stop in text for stop in stops)
