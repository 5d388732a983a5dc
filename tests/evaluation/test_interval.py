from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.errors import UsageError
from vaultc.evaluation.interval import Row, Tally, least_trials, wilson, window_of
from vaultc.evaluation.plan import Plan, chosen, depths_of, lengths_up_to
from vaultc.evaluation.tasks import TASKS


@pytest.mark.parametrize(
    ("passed", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (18, 20, 0.699, 0.9721), (50, 100, 0.4038, 0.5962), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_wilsons(passed: int, trials: int, low: float, high: float) -> None:
    assert wilson(passed, trials) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_share_and_grows_with_it(trials: int, data: st.DataObject) -> None:
    passed = data.draw(st.integers(0, trials))
    low, high = wilson(passed, trials)

    assert 0 <= low <= passed / trials <= high <= 1
    if passed < trials:
        more = wilson(passed + 1, trials)
        assert more[0] >= low
        assert more[1] >= high


def test_twelve_questions_are_the_fewest_that_can_pass_surely() -> None:
    assert least_trials() == 12
    assert Tally(19, 20).is_passed
    assert not Tally(18, 20).is_passed
    assert Tally(3, 3).is_passed  # too few for an interval: the share as it stands; no window follows
    assert not Tally(2, 3).is_passed


def row(tokens: int, passed: int, *, is_whole: bool = True) -> Row:
    return Row(tokens, (("single en", Tally(passed, 20)), ("depth 0 %", Tally(20, 20))), is_whole)


def test_the_window_ends_before_the_first_length_that_failed() -> None:
    assert window_of([row(16_384, 20), row(4096, 20), row(8192, 19)]) == 16_384
    assert window_of([row(4096, 20), row(8192, 5), row(16_384, 20)]) == 4096
    assert window_of([row(4096, 5), row(8192, 20)]) == 0
    assert window_of([row(4096, 20), row(8192, 20, is_whole=False)]) == 4096
    assert window_of([row(4096, 20), Row(8192, ())]) == 4096
    assert row(8192, 5).failed == ("single en",)


def test_lengths_double_up_to_the_longest() -> None:
    assert lengths_up_to(131_072) == (4096, 8192, 16_384, 32_768, 65_536, 131_072)
    assert lengths_up_to(40_000) == (4096, 8192, 16_384, 32_768, 40_000)
    assert lengths_up_to(2048) == (2048,)
    assert lengths_up_to(2048, 512) == (512, 1024, 2048)
    for longest, shortest in ((100, 0), (4096, 8192), (4096, 100)):
        with pytest.raises(UsageError):
            lengths_up_to(longest, shortest)


def test_depths_go_from_the_beginning_to_the_end() -> None:
    assert depths_of(11) == (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
    assert depths_of(5) == (0, 25, 50, 75, 100)
    assert depths_of(1) == (50,)


def test_what_is_asked_for_by_name_must_be_known() -> None:
    assert chosen(("twins", "single"), TASKS, "task") == ("single", "twins")
    assert chosen((), TASKS, "task") == TASKS
    with pytest.raises(UsageError, match='no task "needle"'):
        chosen(("needle",), TASKS, "task")


def test_a_window_follows_only_from_all_tasks_and_enough_questions() -> None:
    assert Plan((4096,), depths_of(11), TASKS, ("en",), 10).unfit() == ""
    assert Plan((4096,), depths_of(5), TASKS, ("en",), 4).unfit() == ""  # the quick mode
    assert "chain" in Plan((4096,), depths_of(11), TASKS[:4], ("en",), 10).unfit()
    assert "10 questions" in Plan((4096,), depths_of(5), TASKS, ("en",), 2).unfit()
    assert "6 questions" in Plan((4096,), depths_of(101), TASKS, ("en",), 1).unfit()  # six at each depth
    assert "5 depths" in Plan((4096,), depths_of(3), TASKS, ("en",), 100).unfit()


def test_a_plan_says_how_much_its_shares_mean() -> None:
    said = Plan((4096,), depths_of(5), TASKS, ("en",), 4).says()

    assert said.startswith(
        "20 questions of each kind at a length: 20 of 20 exact means at least 84%, 19 of 20 means 76%"
    )
