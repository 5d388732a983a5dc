"""What is asked of a model: lengths by depths by tasks by languages, some samples of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.errors import UsageError
from vaultc.evaluation.interval import least_trials, wilson
from vaultc.evaluation.tasks import BY_DISTANCE, TASKS
from vaultc.evaluation.wording import WORDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FIRST_TOKENS = 4096
LEAST_TOKENS = 512
MAX_SAMPLES = 500
SAMPLES, DEPTHS = 10, 11
QUICK_SAMPLES, QUICK_DEPTHS = 4, 5
LEAST_DEPTHS = 5
"""With fewer depths a hole in the middle could be missed: no window is kept."""


@dataclass(frozen=True, slots=True)
class TrialCell:
    """One field of the map; `depth` in percent."""

    tokens: int
    depth: int
    task: str
    language: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One question."""

    cell: TrialCell
    sample: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is asked, from a seed."""

    lengths: tuple[int, ...]
    depths: tuple[int, ...]
    tasks: tuple[str, ...]
    languages: tuple[str, ...]
    samples: int
    seed: int = 0

    def trials(self, tokens: int) -> Iterator[Trial]:
        """Give the questions of one length. Those that begin with the same text follow each other."""
        for language in self.languages:
            for sample in range(self.samples):
                for depth in self.depths:
                    for task in self.tasks:
                        yield Trial(TrialCell(tokens, depth, task, language), sample)

    @property
    def questions(self) -> int:
        """How many questions there are at each length."""
        return len(self.languages) * self.samples * len(self.depths) * len(self.tasks)

    @property
    def group_trials(self) -> int:
        """How many questions the smallest group has that must pass: one task in one language, or one depth."""
        places = sum(task not in BY_DISTANCE for task in self.tasks) * len(self.languages)
        return self.samples * min(len(self.depths), places or len(self.depths))

    def unfit(self) -> str:
        """Give why no working window can follow from this plan; empty where one can."""
        left_out = [task for task in TASKS if task not in self.tasks]
        if left_out:
            return f"without {', '.join(left_out)} the window would be too good"
        if len(self.depths) < LEAST_DEPTHS:
            return f"with fewer than {LEAST_DEPTHS} depths a hole in the middle could be missed"
        if self.group_trials < least_trials():
            return f"{self.group_trials} questions of a kind or depth are too few, {least_trials()} are needed"
        return ""

    def says(self) -> str:
        """Say how much the shares of this plan mean."""
        count = self.samples * len(self.depths)
        whole, one_less = wilson(count, count)[0], wilson(count - 1, count)
        return (
            f"{count} questions of each kind at a length: {count} of {count} exact means at least {whole:.0%}, "
            f"{count - 1} of {count} means {one_less[0]:.0%} to {one_less[1]:.0%} (95 %, Wilson)"
        )


def lengths_up_to(longest: int, first: int = 0) -> tuple[int, ...]:
    """Give 4096, 8192, ... up to `longest`, which is the last; a shorter `longest` alone, or from `first` on.

    Raises UsageError for lengths that leave no room for text.
    """
    first = first or min(FIRST_TOKENS, longest)
    if first < LEAST_TOKENS or longest < first:
        raise UsageError(
            f"lengths from {first} to {longest} tokens cannot be checked", hint=f"the shortest is {LEAST_TOKENS}"
        )
    lengths = [first]
    while lengths[-1] * 2 < longest:
        lengths.append(lengths[-1] * 2)
    return tuple(dict.fromkeys((*lengths, longest)))


def depths_of(count: int) -> tuple[int, ...]:
    """Give `count` depths in percent from 0 to 100; one alone is 50. Raises UsageError."""
    if not 1 <= count <= 101:
        raise UsageError(f"{count} depths cannot be checked", hint="give 1 to 101")
    return (50,) if count == 1 else tuple(round(100 * at / (count - 1)) for at in range(count))


def chosen(asked: Sequence[str], known: Sequence[str], what: str) -> tuple[str, ...]:
    """Give those of `known` that were asked for, all where nothing was. Raises UsageError for one that is not known."""
    for name in asked:
        if name not in known:
            raise UsageError(f'there is no {what} "{name}"', hint=f"{what}s: {', '.join(known)}")
    return tuple(name for name in known if not asked or name in asked)


def checked_samples(samples: int) -> int:
    """Give `samples`. Raises UsageError for none or far too many."""
    if not 1 <= samples <= MAX_SAMPLES:
        raise UsageError(f"{samples} samples cannot be taken", hint=f"give 1 to {MAX_SAMPLES}")
    return samples


LANGUAGES = tuple(WORDINGS)
