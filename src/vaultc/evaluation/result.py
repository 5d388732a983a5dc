"""What became of each question, and the map that follows."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vaultc.core.strict_json import parse_object
from vaultc.evaluation.interval import Row, Tally, window_of
from vaultc.evaluation.plan import Plan, Trial, TrialCell
from vaultc.evaluation.scoring import Fault
from vaultc.evaluation.tasks import BY_DISTANCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

ANSWER_CHARS = 300


@dataclass(frozen=True, slots=True)
class Result:
    """One question as it was answered.

    `counted` are the tokens of its messages as counted here with what the chat template adds, `read` those that the
    model says it read (0: it does not say). `text` is the beginning of the answer, or of the error.
    """

    trial: Trial
    fault: Fault
    counted: int
    read: int
    is_truncated: bool
    seconds: float
    text: str

    def as_line(self, seed: int) -> str:
        """Give the result as one line of JSON."""
        cell = self.trial.cell
        return json.dumps(
            {
                "tokens": cell.tokens,
                "depth": cell.depth,
                "task": cell.task,
                "lang": cell.language,
                "sample": self.trial.sample,
                "seed": seed,
                "fault": self.fault.value,
                "counted": self.counted,
                "read": self.read,
                "truncated": self.is_truncated,
                "seconds": round(self.seconds, 3),
                "text": self.text[:ANSWER_CHARS],
            },
            ensure_ascii=False,
        )


def results_from(text: str, seed: int) -> dict[Trial, Result]:
    """Give the results with `seed` that stand in lines of JSON; of two of one question the last.

    A line that is cut off or is none of ours is passed over. What ended in an error is left out: it is asked again.
    """
    found: dict[Trial, Result] = {}
    for line in text.split("\n"):
        result = _from_line(line, seed)
        if result is not None:
            found[result.trial] = result
    return {trial: result for trial, result in found.items() if result.fault is not Fault.ERROR}


def _from_line(line: str, seed: int) -> Result | None:
    try:
        said = parse_object(line)
        if said["seed"] != seed:
            return None
        cell = TrialCell(int(said["tokens"]), int(said["depth"]), str(said["task"]), str(said["lang"]))
        trial = Trial(cell, int(said["sample"]))
        numbers = int(said["counted"]), int(said["read"]), bool(said["truncated"]), float(said["seconds"])
        return Result(trial, Fault(said["fault"]), *numbers, str(said["text"]))
    except (ValueError, KeyError, TypeError):
        return None


@dataclass
class Measured:
    """The results of a plan, as far as it came.

    `skipped` says why a length was not measured, `repeats` how often the notes of a language were used in one prompt,
    `is_estimated` that the model's tokens could only be estimated, so that the lengths are not exact.
    """

    plan: Plan
    results: dict[Trial, Result] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    repeats: dict[str, int] = field(default_factory=dict)
    is_estimated: bool = False

    def put(self, result: Result) -> None:
        """Add a result."""
        self.results[result.trial] = result

    @property
    def cells(self) -> dict[TrialCell, Tally]:
        """The tally of each cell of which something was asked, in order."""
        grouped = self._tallies(self.results.values(), lambda result: result.trial.cell)
        order = sorted(grouped, key=lambda cell: (cell.tokens, cell.task, cell.language, cell.depth))
        return {cell: grouped[cell] for cell in order}

    def by_depth(self, language: str | None = None) -> dict[tuple[int, int], Tally]:
        """The tally of each length and depth, of the tasks for which a depth is a place."""
        return self._tallies(
            (
                result
                for result in self.results.values()
                if result.trial.cell.task not in BY_DISTANCE and language in (None, result.trial.cell.language)
            ),
            lambda result: (result.trial.cell.tokens, result.trial.cell.depth),
        )

    def by_task(self) -> dict[tuple[int, str, str], Tally]:
        """The tally of each length, task and language."""
        return self._tallies(
            self.results.values(),
            lambda result: (result.trial.cell.tokens, result.trial.cell.task, result.trial.cell.language),
        )

    def faults(self, tokens: int | None = None) -> Counter[Fault]:
        """How often each fault was seen, at one length or all."""
        return Counter(
            result.fault
            for result in self.results.values()
            if result.fault is not Fault.PASSED and tokens in (None, result.trial.cell.tokens)
        )

    def truncated(self, tokens: int | None = None) -> int:
        """How many prompts were cut by the model."""
        return sum(
            result.is_truncated and tokens in (None, result.trial.cell.tokens) for result in self.results.values()
        )

    def seconds_of(self, tokens: int) -> float:
        """The mean time of an answer at one length."""
        times = [result.seconds for result in self.results.values() if result.trial.cell.tokens == tokens]
        return sum(times) / len(times) if times else 0.0

    def rows(self) -> tuple[Row, ...]:
        """The groups that must pass at each length of the plan."""
        tasks, depths = self.by_task(), self.by_depth()
        counts = Counter(trial.cell.tokens for trial in self.results)
        return tuple(
            Row(
                tokens,
                (
                    *((f"{task} {lang}", tally) for (at, task, lang), tally in sorted(tasks.items()) if at == tokens),
                    *((f"depth {depth} %", tally) for (at, depth), tally in sorted(depths.items()) if at == tokens),
                ),
                is_whole=counts[tokens] >= self.plan.questions and not self.truncated(tokens),
            )
            for tokens in self.plan.lengths
        )

    @property
    def window_tokens(self) -> int:
        """The greatest length up to which every length passed."""
        return window_of(self.rows())

    def _tallies(self, results: Iterable[Result], key: Callable[[Result], Any]) -> dict[Any, Tally]:
        found: dict[Any, Tally] = defaultdict(lambda: Tally(0, 0))
        for result in results:
            found[key(result)] += Tally(int(result.fault is Fault.PASSED), 1)
        return dict(found)


def kept_of(plan: Plan, known: Mapping[Trial, Result], lengths: Sequence[int]) -> dict[Trial, Result]:
    """Give those of the `known` results that belong to the plan."""
    return {trial: known[trial] for tokens in lengths for trial in plan.trials(tokens) if trial in known}
