"""Where a text as read comes from: an exact map into the text of the file."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple


class Stretch(NamedTuple):
    """Code points `[start, end)` of a text as read, which stand in the file at `[file_start, file_end)`.

    Each code point stands for `step` code points of the file; where `step` is 0 every part of the stretch stands for
    the whole place. A stretch that was made up stands at an empty place.
    """

    start: int
    end: int
    file_start: int
    file_end: int
    step: int


@dataclass(frozen=True)
class Origin:
    """The text of a file, and where in it each part of the text as read stands.

    `stretches` are in the order of the text as read and cover it without a gap; in the file they may lie in any
    order.
    """

    text: str
    stretches: tuple[Stretch, ...]

    @cached_property
    def _starts(self) -> list[int]:
        return [stretch.start for stretch in self.stretches]

    @cached_property
    def _is_ordered(self) -> bool:
        return all(one.file_end <= next_one.file_start for one, next_one in pairwise(self.stretches))

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Give where `[start, end)` of the text as read stands in the file; of several places what holds them all."""
        if start == end:
            at = self._before(start)
            return at, at
        first, last = self._at(start), self._at(end - 1)
        low, high = self._code_point(first, start)[0], self._code_point(last, end - 1)[1]
        if first == last or self._is_ordered:
            return low, high
        inner = self.stretches[first + 1 : last]
        lows = [low, self.stretches[last].file_start, *(stretch.file_start for stretch in inner)]
        head = self.stretches[first]
        highs = [high, head.file_end, *(stretch.file_end for stretch in inner)]
        return min(lows), max(highs)

    def offset(self, at: int) -> int:
        """Give where the code point at `at` of the file was read; what was not read gives what comes next there."""
        near = [stretch for stretch in self.stretches if stretch.file_end > at]
        if not near:
            return self.stretches[-1].end if self.stretches else 0
        stretch = min(near, key=lambda stretch: stretch.file_start)
        if stretch.step == 0 or at <= stretch.file_start:
            return stretch.start
        return stretch.start + (at - stretch.file_start) // stretch.step

    def _at(self, offset: int) -> int:
        return bisect.bisect_right(self._starts, offset) - 1

    def _before(self, offset: int) -> int:
        """Give the place in the file of an empty span at `offset`."""
        if not self.stretches:
            return 0
        index = self._at(offset)
        stretch = self.stretches[index]
        if offset >= stretch.end:
            return stretch.file_end
        return self._code_point(index, offset)[0]

    def _code_point(self, index: int, offset: int) -> tuple[int, int]:
        stretch = self.stretches[index]
        if stretch.step == 0:
            return stretch.file_start, stretch.file_end
        at = stretch.file_start + (offset - stretch.start) * stretch.step
        return at, at + stretch.step


class OriginBuilder:
    """Writes a text as read, part by part, and remembers where each part stands in the file."""

    def __init__(self, file_text: str) -> None:
        """Begin an empty text that is read from `file_text`."""
        self._file_text = file_text
        self._parts: list[str] = []
        self._stretches: list[Stretch] = []
        self.length = 0

    def add(self, text: str, file_start: int, file_end: int, step: int = 0) -> None:
        """Add `text`, which stands at `[file_start, file_end)` of the file; `step` as in `Stretch`."""
        if not text:
            return
        end = self.length + len(text)
        last = self._stretches[-1] if self._stretches else None
        if last is not None and step and last.step == step and last.file_end == file_start:
            self._stretches[-1] = last._replace(end=end, file_end=file_end)
        else:
            self._stretches.append(Stretch(self.length, end, file_start, file_end, step))
        self._parts.append(text)
        self.length = end

    def copy(self, start: int, end: int) -> None:
        """Add `[start, end)` of the file as it stands there."""
        self.add(self._file_text[start:end], start, end, 1)

    def finish(self) -> tuple[str, Origin]:
        """Give the text as read and its origin."""
        return "".join(self._parts), Origin(self._file_text, tuple(self._stretches))
