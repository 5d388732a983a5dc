"""Scripted models with a fault each: the map must show it."""

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
    keeps_first,
    keeps_last,
    loses_the_middle,
    model,
    shares,
)

from vaultc.core.errors import ModelError, UsageError
from vaultc.evaluation.check import ContextCheck
from vaultc.evaluation.plan import Plan, depths_of
from vaultc.evaluation.scoring import Fault
from vaultc.evaluation.tasks import TASKS
from vaultc.model.protocols import Generation

if TYPE_CHECKING:
    from vaultc.core.event import Progress
    from vaultc.evaluation.wording import Wording
    from vaultc.model.protocols import Prompt

PLAN = Plan((1024, 2048), depths_of(5), TASKS, ("en", "ru"), 4)
ENGLISH = Plan((1024, 2048), depths_of(6), TASKS, ("en",), 4)


def test_a_perfect_model_passes_every_task_at_every_depth_in_both_languages() -> None:
    measured = checked(model(Reader()), PLAN)

    assert measured.faults() == {}
    assert {tally.trials for tally in measured.cells.values()} == {4}
    assert len(measured.cells) == 2 * 5 * 7 * 2
    assert measured.window_tokens == 2048
    assert measured.truncated() == 0


def test_a_model_that_keeps_the_end_fails_at_the_beginning_of_long_prompts_only() -> None:
    measured = checked(keeps_last(850), ENGLISH)

    assert set(shares(measured, 1024, "single").values()) == {1.0}
    assert shares(measured, 2048, "single") == {0: 0.0, 20: 0.0, 40: 0.0, 60: 1.0, 80: 1.0, 100: 1.0}
    assert measured.faults(2048)[Fault.NOT_FOUND] > 20
    assert measured.truncated(1024) == 0
    assert measured.truncated(2048) == ENGLISH.questions
    assert measured.window_tokens == 1024


def test_a_model_that_keeps_the_beginning_fails_at_the_end() -> None:
    measured = checked(keeps_first(850), ENGLISH)

    assert shares(measured, 2048, "single") == {0: 1.0, 20: 1.0, 40: 1.0, 60: 0.0, 80: 0.0, 100: 0.0}
    assert measured.truncated(2048) == ENGLISH.questions
    assert measured.window_tokens == 1024


def read(prompt: Prompt) -> int:
    return sum(model(Reader()).count(message.content) for message in prompt.messages)


def test_prompts_that_were_cut_do_not_pass_even_where_the_answers_are_right() -> None:
    def cuts_and_says_so(prompt: Prompt) -> Generation:
        return Generation(Reader()(prompt), prompt_tokens=500 if is_long(prompt) else read(prompt))

    measured = checked(model(cuts_and_says_so), Plan((1024,), depths_of(5), TASKS, ("en",), 4))

    assert measured.faults() == {}
    assert measured.truncated() == 140
    assert measured.window_tokens == 0


def test_a_model_that_loses_the_middle_shows_a_band() -> None:
    measured = checked(model(Reader(sees=loses_the_middle)), ENGLISH)

    for tokens in ENGLISH.lengths:
        assert shares(measured, tokens, "single") == {0: 1.0, 20: 0.0, 40: 0.0, 60: 0.0, 80: 0.0, 100: 1.0}
        assert set(shares(measured, tokens, "absent").values()) == {1.0}
    assert measured.window_tokens == 0
    assert {"single en", "depth 40 %"} <= set(measured.rows()[0].failed)


def test_a_model_that_confuses_twins_fails_that_task_and_invents_where_nothing_is() -> None:
    measured = checked(model(Reader(key=lambda name: name[:2])), ENGLISH)

    assert sum(shares(measured, 1024, "twins").values()) < 2
    assert set(shares(measured, 1024, "single").values()) == {1.0}
    twins = [result for result in measured.results.values() if result.trial.cell.task in ("twins", "absent")]
    assert {result.fault for result in twins} <= {Fault.TWIN, Fault.PASSED}
    assert measured.window_tokens == 0


def test_a_model_that_never_says_not_present_fails_that_task_alone() -> None:
    invents = Reader(says=lambda answer, said: f"{said.words[0]}-1234" if answer == said.absent else answer)
    measured = checked(model(invents), ENGLISH)

    failed = {cell.task for cell, tally in measured.cells.items() if tally.passed < tally.trials}
    assert failed == {"absent"}
    assert set(measured.faults()) == {Fault.INVENTED}
    assert measured.window_tokens == 0


def test_a_model_that_answers_in_another_language_fails_in_that_language() -> None:
    def in_english(answer: str, said: Wording) -> str:
        if said.language == "en":
            return answer
        return f"The code is falcon-{answer[-4:]}." if answer[-4:].isdigit() else "NOT IN THE TEXT"

    both = Plan((1024,), depths_of(5), ("single", "absent"), ("en", "ru"), 4)
    measured = checked(model(Reader(says=in_english)), both)

    assert set(shares(measured, 1024, "single", "en").values()) == {1.0}
    assert set(shares(measured, 1024, "single", "ru").values()) == {0.0}
    assert set(shares(measured, 1024, "absent", "ru").values()) == {0.0}
    assert measured.faults() == {Fault.LANGUAGE: 40}


def test_a_model_that_breaks_off_spoils_its_cells_and_ends_no_run() -> None:
    measured = checked(breaks_after(FIRST_CALLS + ENGLISH.questions + 10), ENGLISH)

    assert measured.faults(1024) == {}
    assert measured.faults(2048) == {Fault.ERROR: 3}
    assert "3 errors one after another: the model's process was ended" in measured.skipped[2048]
    assert measured.window_tokens == 1024
    errors = [result for result in measured.results.values() if result.fault is Fault.ERROR]
    assert {result.text for result in errors} == {"the model's process was ended by signal 9"}


def test_what_is_longer_than_the_length_where_a_model_broke_off_is_not_asked() -> None:
    plan = Plan((1024, 2048, 4096), depths_of(5), ("single",), ("en",), 4)

    measured = checked(breaks_after(FIRST_CALLS + 20 + 5), plan)

    assert measured.skipped[4096] == "the model broke off at a shorter length"
    assert len(measured.results) == 28


def test_a_model_that_cannot_answer_at_all_is_an_error_before_anything_is_measured() -> None:
    with pytest.raises(ModelError, match="signal 9"):
        checked(breaks_after(0), ENGLISH)


def test_an_empty_an_endless_and_a_rambling_answer_are_told_apart() -> None:
    plan = Plan((1024,), (50,), ("single",), ("en",), 1)

    for said, fault in (
        (Generation(" \n"), Fault.EMPTY),
        (Generation("The pass code is the pass code is", finish="length"), Fault.UNFINISHED),
        (Generation("I like depots."), Fault.OTHER),
    ):
        assert checked(model(lambda prompt, said=said: said), plan).faults() == {fault: 1}  # type: ignore[misc]


def test_a_slow_model_shows_how_long_is_left() -> None:
    clock, reader = Clock(), Reader()
    told: list[Progress] = []

    def slow(prompt: Prompt) -> str:
        clock.now += 60.0 if is_long(prompt) else 0.0
        return reader(prompt)

    plan = Plan((1024, 2048), (0, 50, 100), ("single",), ("en",), 1)
    check = ContextCheck(model(slow), POOLS, plan, {}, lambda result: None, clock, told.append)
    measured = check.run()

    details = [event.detail for event in told if event.task == "tokens read"]
    assert details[0] == "1,024 tokens, single en, 0 %"
    assert details[1].startswith("about 8 min left, ")  # 8,192 tokens are to be read, 1,024 of them took a minute
    assert details[-1].startswith("about 86 s left, ")  # 2,048 of them, after 7,168 in five minutes
    assert measured.seconds_of(2048) == 60.0


def test_a_context_that_is_shorter_than_asked_for_is_told_and_not_measured() -> None:
    measured = checked(model(Reader(), context_tokens=1500), ENGLISH)

    assert measured.skipped == {2048: "the context that is served holds 1,500 tokens"}
    assert measured.window_tokens == 1024
    assert not measured.rows()[1].is_passed


def test_a_length_without_room_for_text_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="leave no room"):
        checked(model(Reader()), Plan((300,), (50,), ("chain",), ("ru",), 1))


def test_with_until_failure_longer_prompts_are_not_asked() -> None:
    plan = Plan((1024, 2048, 4096), depths_of(5), ("single",), ("en",), 4)
    check = ContextCheck(keeps_last(850), POOLS, plan, {}, lambda result: None, Clock(), stops_at_failure=True)

    measured = check.run()

    assert measured.skipped == {4096: "a shorter length failed"}
    assert measured.window_tokens == 1024
