from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from evaluation.readers import Reader, checked, is_long, model
from hypothesis import given
from hypothesis import strategies as st

from vaultc.evaluation.counting import Counting, count_prompt, counting_of
from vaultc.evaluation.plan import Plan
from vaultc.model.protocols import Generation, Message, Prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.model.scripted import ChatScript


def prompt(words: int) -> Prompt:
    return Prompt((Message("user", "tide " * words),), "context", "count-short")


def reads(tokens: Callable[[int], int]) -> ChatScript:
    """A reader that says it read `tokens` of what was counted."""
    counts = model(Reader())
    return model(lambda prompt: Generation(Reader()(prompt) if is_long(prompt) else "", prompt_tokens=tokens(
        count_prompt(counts, prompt))))  # fmt: skip


def test_what_a_template_adds_is_learned() -> None:
    assert counting_of(reads(lambda count: count + 31), prompt(10), prompt(300)) == Counting(31)


def test_an_estimate_is_known_for_one() -> None:
    found = counting_of(reads(lambda count: count // 2 + 31), prompt(10), prompt(310))

    assert not found.is_exact
    assert found.ratio == pytest.approx(0.5)
    assert abs(found.added - 31) <= 1


def test_a_model_that_does_not_say_what_it_read_is_not_blamed() -> None:
    found = counting_of(reads(lambda count: 0), prompt(10), prompt(300))

    assert not found.is_told
    assert not found.is_truncated(100_000, 5)


@given(st.integers(0, 100), st.integers(1000, 200_000))
def test_a_whole_prompt_is_never_called_cut_and_one_without_a_fiftieth_always_is(added: int, counted: int) -> None:
    found = Counting(added)

    assert not found.is_truncated(counted, counted + added)
    assert not found.is_truncated(counted, counted + added - 4)
    assert found.is_truncated(counted, round((counted + added) * 0.98) - 1)


@pytest.mark.parametrize("ratio", [0.45, 0.8, 1.3])
def test_with_estimated_tokens_only_a_large_loss_is_called_cut(ratio: float) -> None:
    plan = Plan((4096,), (0, 50), ("single",), ("en",), 2)

    whole = checked(reads(lambda count: round(ratio * count) + 20), plan)
    cut = checked(reads(lambda count: min(700, round(ratio * count) + 20)), plan)

    assert (whole.is_estimated, whole.truncated()) == (True, 0)
    assert (cut.is_estimated, cut.truncated()) == (True, 4)
