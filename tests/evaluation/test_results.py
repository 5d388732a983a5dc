"""What was measured is kept: lines that are read again, and runs that go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from evaluation.readers import (
    FIRST_CALLS,
    POOLS,
    Clock,
    Reader,
    breaks_after,
    checked,
    is_long,
    loses_the_middle,
    model,
)
from hypothesis import given
from hypothesis import strategies as st

from vaultc.evaluation.check import ContextCheck, time_text
from vaultc.evaluation.plan import Plan, Trial, TrialCell
from vaultc.evaluation.result import Result, results_from
from vaultc.evaluation.scoring import Fault
from vaultc.evaluation.tasks import TASKS

if TYPE_CHECKING:
    from vaultc.model.protocols import Prompt

PLAN = Plan((1024, 2048), (0, 50, 100), ("single", "twins", "absent"), ("en", "ru"), 2)

TRIALS = st.builds(
    Trial,
    st.builds(
        TrialCell, st.integers(512, 10**6), st.integers(0, 100), st.sampled_from(TASKS), st.sampled_from(["en", "ru"])
    ),
    st.integers(0, 500),
)
RESULTS = st.builds(
    Result,
    TRIALS,
    st.sampled_from([fault for fault in Fault if fault is not Fault.ERROR]),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.booleans(),
    st.floats(0, 10**5).map(lambda value: round(value, 3)),
    st.text(max_size=300),
)


@given(st.lists(RESULTS, max_size=8), st.integers(0, 9))
def test_a_result_is_read_as_it_was_written(results: list[Result], seed: int) -> None:
    text = "".join(result.as_line(seed) + "\n" for result in results)

    assert results_from(text, seed) == {result.trial: result for result in results}
    assert results_from(text, seed + 1) == {}


@given(st.text())
def test_any_text_can_be_read_as_results(text: str) -> None:
    assert results_from(text, 0) == {}


def test_a_line_that_was_cut_off_costs_that_result_alone() -> None:
    lines: list[str] = []
    checked(model(Reader()), PLAN, keep=lambda result: lines.append(result.as_line(0)))

    found = results_from("\n".join(lines)[:-20], 0)

    assert len(found) == len(lines) - 1


class Counting:
    """A reader that counts the long prompts and can be interrupted at one of them."""

    def __init__(self, interrupt_at: int = 0) -> None:
        self.calls = 0
        self._reader = Reader(sees=loses_the_middle)
        self._interrupt_at = interrupt_at

    def __call__(self, prompt: Prompt) -> str:
        self.calls += is_long(prompt)
        if 0 < self._interrupt_at == self.calls:
            raise KeyboardInterrupt
        return self._reader(prompt)


@pytest.mark.parametrize("at", [1, 7, 37, 72])
def test_an_interrupted_run_goes_on_and_ends_as_one_that_was_not(at: int) -> None:
    kept: list[Result] = []
    whole = checked(model(Counting()), PLAN)

    with pytest.raises(KeyboardInterrupt):
        checked(model(Counting(at)), PLAN, keep=kept.append)
    rest = Counting()
    measured = checked(model(rest), PLAN, known={result.trial: result for result in kept})

    assert len(kept) == at - 1
    assert rest.calls == 2 * PLAN.questions - len(kept)
    assert measured.cells == whole.cells
    assert measured.rows() == whole.rows()


def test_after_an_interrupt_what_was_measured_can_be_shown() -> None:
    check = ContextCheck(model(Counting(40)), POOLS, PLAN, {}, lambda result: None, Clock())

    with pytest.raises(KeyboardInterrupt):
        check.run()

    assert len(check.measured.results) == 39
    assert check.measured.rows()[0].is_whole
    assert not check.measured.rows()[1].is_whole


def test_a_run_of_which_all_is_known_asks_nothing() -> None:
    kept: list[Result] = []
    checked(model(Reader()), PLAN, keep=kept.append)
    silent = Counting()

    measured = checked(model(silent), PLAN, known={result.trial: result for result in kept})

    assert silent.calls == 0
    assert len(measured.results) == 2 * PLAN.questions


def test_what_ended_in_an_error_is_asked_again() -> None:
    lines: list[str] = []
    checked(breaks_after(2 * FIRST_CALLS + 10), PLAN, keep=lambda result: lines.append(result.as_line(0)))

    known = results_from("\n".join(lines), 0)

    assert len(lines) == 13
    assert len(known) == 10


def test_more_samples_keep_those_that_were_taken() -> None:
    kept: list[Result] = []
    checked(model(Reader()), PLAN, keep=kept.append)
    more = Counting()
    plan = Plan(PLAN.lengths, PLAN.depths, PLAN.tasks, PLAN.languages, 3)

    checked(model(more), plan, known={result.trial: result for result in kept})

    assert more.calls == len(kept) // 2


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (89, "89 s"), (100, "2 min"), (5000, "83 min"), (12_000, "3 h 20 min")]
)
def test_times_read_as_people_say_them(seconds: float, text: str) -> None:
    assert time_text(seconds) == text
