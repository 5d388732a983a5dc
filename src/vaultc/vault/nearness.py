"""Name similarity: which of many names looks most like another, by shared trigrams counted over an index.

Names with other numbers are other names: no day is offered for another day.
"""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MIN_LIKENESS = 0.6
# Short names share a beginning by chance: List is no slip for Lisa.
SHORT_LIKENESS = 0.7
SHORT = 5
# Two names as alike as MIN_LIKENESS share at least this part of the triples of each.
_SHARED = MIN_LIKENESS / (2 - MIN_LIKENESS)
_CLOSE = 0.75
_FEW = 100
_NUMBER = re.compile(r"\d+")


class Nearness:
    """Finds the names that look most like a given one; made once for a set of names, then only read."""

    def __init__(self, names: Iterable[str]) -> None:
        """Index `names`, which are given in the form in which they compare."""
        self._names = tuple(dict.fromkeys(names))
        self._sizes: list[int] = []
        self._index: dict[str, list[int]] = {}
        for number, name in enumerate(self._names):
            grams = _grams(name)
            self._sizes.append(len(grams))
            for gram in grams:
                self._index.setdefault(gram, []).append(number)

    def near(self, name: str, limit: int = 3) -> tuple[str, ...]:
        """Give the names that look most like `name`, best first, equally like ones in order of letters."""
        wanted = _grams(name)
        if not wanted:
            return ()
        numbers = _NUMBER.findall(name)
        least = least_likeness(name)
        scored: list[tuple[float, str]] = []
        for number in self._candidates(wanted):
            found = self._names[number]
            shared = len(wanted & _grams(found))
            likeness = 2 * shared / (len(wanted) + self._sizes[number])
            if likeness >= least and _NUMBER.findall(found) == numbers:
                scored.append((-likeness, found))
        return tuple(found for _, found in sorted(scored)[:limit])

    def _candidates(self, wanted: frozenset[str]) -> list[int]:
        """Give the names that may share enough triples.

        Whoever shares enough has some of the rarer triples too, so the lists of the commonest need not be walked.
        """
        lists = sorted((self._index.get(gram, []) for gram in wanted), key=len)
        unwalked = math.ceil(_SHARED * len(wanted)) - 1
        counts: Counter[int] = Counter()
        for numbers in lists[: len(lists) - unwalked]:
            counts.update(numbers)
        least = MIN_LIKENESS / 2
        return [
            number
            for number, count in counts.items()
            if count + unwalked >= least * (len(wanted) + self._sizes[number])
        ]


def least_likeness(name: str) -> float:
    """Give how alike another name must be to count as near."""
    return SHORT_LIKENESS if len(name) <= SHORT else MIN_LIKENESS


class Closeness:
    """Finds the names of one note that look most like a given one: swapped letters count little among a few names."""

    def __init__(self, names: Iterable[str]) -> None:
        """Index `names`, which are given in the form in which they compare."""
        known = list(dict.fromkeys(names))
        self._near = Nearness(known)
        # Letters are compared pair by pair, which among many names would take longer than a person waits.
        self._few = known if len(known) <= _FEW else []

    def to(self, wanted: str, limit: int = 3) -> tuple[str, ...]:
        """Give the names that look most like `wanted`, best first."""
        near = self._near.near(wanted, limit)
        if near:
            return near
        numbers = _NUMBER.findall(wanted)
        same = [name for name in self._few if _NUMBER.findall(name) == numbers]
        return tuple(difflib.get_close_matches(wanted, same, limit, _CLOSE))


def _grams(text: str) -> frozenset[str]:
    padded = f"  {text} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2)) if text else frozenset()
