"""What a share of passed questions says, and which window follows from the shares of all lengths."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_Z = 1.959964  # 95 %, both sides
PASS_SHARE = 0.75
"""A group of questions passes when the lower bound of its interval reaches this share."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of how many questions were answered exactly."""

    passed: int
    trials: int

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.passed + other.passed, self.trials + other.trials)

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson interval at 95 %; (0, 1) where nothing was asked."""
        return wilson(self.passed, self.trials)

    @property
    def is_passed(self) -> bool:
        """Whether the share is surely high enough; of too few questions, whether it is as it stands."""
        if self.trials < least_trials():
            return self.trials > 0 and self.passed / self.trials >= PASS_SHARE
        return self.interval[0] >= PASS_SHARE


@dataclass(frozen=True, slots=True)
class Row:
    """The groups that must pass at one length: what each is ("twins ru", "40 %") and its tally."""

    tokens: int
    groups: tuple[tuple[str, Tally], ...]
    is_whole: bool = True

    @property
    def failed(self) -> tuple[str, ...]:
        """The groups that did not pass."""
        return tuple(name for name, tally in self.groups if not tally.is_passed)

    @property
    def is_passed(self) -> bool:
        """Whether every group passed, and all was asked that had to be."""
        return self.is_whole and bool(self.groups) and not self.failed


def wilson(passed: int, trials: int) -> tuple[float, float]:
    """Give the bounds between which the true share lies with 95 % confidence."""
    if trials == 0:
        return 0.0, 1.0
    share, square = passed / trials, _Z * _Z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    spread = _Z / (1 + square / trials) * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    # The formula's ends are exact only in numbers without rounding.
    low = 0.0 if passed == 0 else max(0.0, middle - spread)
    high = 1.0 if passed == trials else min(1.0, middle + spread)
    return low, high


@cache
def least_trials() -> int:
    """Give how many questions a group needs so that it can pass at all."""
    return next(count for count in range(1, 1000) if wilson(count, count)[0] >= PASS_SHARE)


def window_of(rows: Iterable[Row]) -> int:
    """Give the greatest length up to which every length passed; 0 where the shortest did not."""
    window = 0
    for row in sorted(rows, key=lambda item: item.tokens):
        if not row.is_passed:
            break
        window = row.tokens
    return window
