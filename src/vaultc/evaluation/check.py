"""Asks a model everything that a plan holds. It sees a ChatModel and nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from vaultc.core.errors import ModelError, UsageError
from vaultc.core.event import Progress, Report, silent
from vaultc.evaluation.counting import Counting, count_prompt, counting_of
from vaultc.evaluation.haystack import Haystack, HaystackPiece, trimmed, with_facts
from vaultc.evaluation.invent import Inventor
from vaultc.evaluation.plan import Trial, TrialCell
from vaultc.evaluation.result import ANSWER_CHARS, Measured, Result, kept_of
from vaultc.evaluation.scoring import Expected, Fault, score
from vaultc.evaluation.tasks import hide
from vaultc.evaluation.wording import WORDINGS
from vaultc.model.prompt import fence_data, load_prompt
from vaultc.model.protocols import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vaultc.evaluation.haystack import Pool
    from vaultc.evaluation.plan import Plan
    from vaultc.model.protocols import ChatModel, Prompt

ANSWER_TOKENS = 160
_SAMPLING = Sampling(max_tokens=ANSWER_TOKENS, temperature=0.0, thinking=False)
_TASK = "context"
_SAMPLE_TOKENS = 300
"""How much text is read to learn how a model counts."""
_SLACK_TOKENS = 16
"""What a text is shorter than it may be: counts of parts do not sum to that of the whole."""
_MAX_ERRORS = 3
"""After so many errors one after another the rest of a length, and all longer ones, are not asked."""


@dataclass
class ContextCheck:
    """One check of one model.

    Args:
        model: the model.
        pools: the notes of each language of the plan.
        plan: what is asked.
        known: results of earlier runs; what is among them is not asked again.
        keep: receives each new result, as soon as it is there.
        clock: gives seconds.
        report: receives the progress.
    """

    model: ChatModel
    pools: Mapping[str, Pool]
    plan: Plan
    known: Mapping[Trial, Result]
    keep: Callable[[Result], None]
    clock: Callable[[], float]
    report: Report = silent
    stops_at_failure: bool = False
    measured: Measured = field(init=False)

    def __post_init__(self) -> None:
        self.measured = Measured(self.plan)
        self._haystacks = {language: Haystack(pool, self.model.count) for language, pool in self.pools.items()}
        self._countings: dict[str, Counting] = {}
        self._texts: dict[tuple[str, int, int], tuple[HaystackPiece, ...]] = {}

    def run(self) -> Measured:
        """Ask all that is not known. Raises ModelError where the model cannot answer even a short question."""
        served = self.model.spec.context_tokens
        lengths = [tokens for tokens in self.plan.lengths if tokens <= served]
        for tokens in self.plan.lengths[len(lengths) :]:
            self.measured.skipped[tokens] = f"the context that is served holds {served:,} tokens"
        self.measured.results = kept_of(self.plan, self.known, lengths)
        todo = {tokens: [t for t in self.plan.trials(tokens) if t not in self.measured.results] for tokens in lengths}
        if any(todo.values()):
            self._countings = {language: self._counting(language) for language in self.plan.languages}
            self.measured.is_estimated = not all(found.is_exact for found in self._countings.values())
            self._require_room(lengths[0])
        pace = _Pace(self.clock, sum(tokens * len(trials) for tokens, trials in todo.items()))
        for tokens in lengths:
            if reason := self._why_stop():
                self.measured.skipped[tokens] = reason
                continue
            self._length(tokens, todo[tokens], pace)
        return self.measured

    def _require_room(self, tokens: int) -> None:
        """Raise UsageError where a question with its facts does not fit into the shortest length."""
        for language in self.plan.languages:
            for task in self.plan.tasks:
                self.prompt(Trial(TrialCell(tokens, self.plan.depths[0], task, language), 0))

    def _why_stop(self) -> str:
        if any("errors" in reason for reason in self.measured.skipped.values()):
            return "the model broke off at a shorter length"
        done = [row for row in self.measured.rows() if row.groups]
        return "a shorter length failed" if self.stops_at_failure and done and not done[-1].is_passed else ""

    def _length(self, tokens: int, trials: Iterable[Trial], pace: _Pace) -> None:
        errors = 0
        for trial in trials:
            cell = trial.cell
            where = f"{cell.tokens:,} tokens, {cell.task} {cell.language}, {cell.depth} %"
            self.report(Progress("tokens read", pace.done, pace.total, f"{pace.left()}{where}"))
            result = self._ask(trial)
            self.measured.put(result)
            self.keep(result)
            pace.done += tokens
            errors = errors + 1 if result.fault is Fault.ERROR else 0
            if errors == _MAX_ERRORS:
                self.measured.skipped[tokens] = f"{errors} errors one after another: {result.text}"
                return

    def _ask(self, trial: Trial) -> Result:
        counting, counted, started = self._countings[trial.cell.language], 0, self.clock()
        try:
            prompt, expected = self.prompt(trial)
            counted = count_prompt(self.model, prompt)
            started = self.clock()
            said = self.model.generate(prompt, _SAMPLING)
        except ModelError as error:
            counted = counting.expected(counted)
            return Result(trial, Fault.ERROR, counted, 0, False, self.clock() - started, error.message[:ANSWER_CHARS])
        fault = score(said.text, expected, was_cut=said.finish == "length")
        is_truncated = counting.is_truncated(counted, said.prompt_tokens)
        counted = counting.expected(counted)
        text = said.text.strip()[:ANSWER_CHARS]
        return Result(trial, fault, counted, said.prompt_tokens, is_truncated, self.clock() - started, text)

    def prompt(self, trial: Trial) -> tuple[Prompt, Expected]:
        """Give the prompt of a question, which is never longer than its length less the answer, and what is expected.

        Raises UsageError where the length leaves no room for text.
        """
        cell = trial.cell
        said = WORDINGS[cell.language]
        haystack = self._haystacks[cell.language]
        pieces = self._pieces(trial)
        rng = Random(f"{self.plan.seed}/{cell.language}/{cell.tokens}/{trial.sample}/{cell.task}/{cell.depth}")  # noqa: S311 - repeatable on purpose
        inventor = Inventor(said, rng, "\n".join(piece.text for piece in pieces))
        hidden = hide(cell.task, cell.depth / 100, said, inventor, rng)
        file = load_prompt(f"{_TASK}_{cell.language}")
        target = f"{cell.language}-{cell.tokens}-{cell.task}-{cell.depth}-{trial.sample}"
        added = self._countings.get(cell.language, Counting()).added
        room = cell.tokens - ANSWER_TOKENS - added - _SLACK_TOKENS
        text_tokens = room - sum(haystack.cost(fact.text) for fact in hidden.facts)
        while True:
            shown = trimmed(pieces, text_tokens)
            if not shown:
                raise UsageError(f"{cell.tokens} tokens leave no room for text", hint="check longer prompts")
            text = fence_data(with_facts(shown, hidden.facts), "notes")
            prompt = file.fill(_TASK, target, text=text, question=hidden.question, absent=said.absent)
            over = count_prompt(self.model, prompt) - room
            if over <= 0:
                return prompt, hidden.expected
            text_tokens = min(text_tokens, sum(piece.tokens for piece in shown)) - over

    def _pieces(self, trial: Trial) -> tuple[HaystackPiece, ...]:
        """Give the text of a sample: the same for all its tasks and depths, so that a model may keep what it read."""
        cell = trial.cell
        key = (cell.language, cell.tokens, trial.sample)
        if key not in self._texts:
            rng = Random("/".join(map(str, (self.plan.seed, *key))))  # noqa: S311 - repeatable on purpose
            pieces, rounds = self._haystacks[cell.language].pieces(cell.tokens, rng)
            known = self.measured.repeats
            known[cell.language] = max(known.get(cell.language, 1), rounds)
            self._texts = {key: pieces}
        return self._texts[key]

    def _counting(self, language: str) -> Counting:
        """Learn how the model counts, from a prompt without text and one with a little. Raises ModelError."""
        said, file = WORDINGS[language], load_prompt(f"{_TASK}_{language}")
        pieces, _ = self._haystacks[language].pieces(_SAMPLE_TOKENS, Random(self.plan.seed))  # noqa: S311 - repeatable
        question = said.asks.format(name="A")
        short, longer = (
            file.fill(_TASK, f"count-{name}", text=fence_data(text, "notes"), question=question, absent=said.absent)
            for name, text in (("short", "-"), ("longer", with_facts(pieces, ())))
        )
        self.report(Progress("load model", 0, None, self.model.spec.name))
        return counting_of(self.model, short, longer)


class _Pace:
    """How fast it goes: tokens done of all, and the time left."""

    def __init__(self, clock: Callable[[], float], total: int) -> None:
        self._clock = clock
        self._started = clock()
        self.total = total
        self.done = 0

    def left(self) -> str:
        """Give "about 12 min left, "; empty before anything is known."""
        spent = self._clock() - self._started
        if not self.done or spent <= 0:
            return ""
        return f"about {time_text(spent / self.done * (self.total - self.done))} left, "


def time_text(seconds: float) -> str:
    """Give "40 s", "12 min" or "3 h 20 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
