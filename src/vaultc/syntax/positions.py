"""Lines of a body as offsets, and where the words of a line start inside quotes and list items."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from operator import add
from typing import TYPE_CHECKING

from vaultc.core.quick import quick

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANKS = re.compile(r"[ \t]*")
_MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?=[ \t\r\n]|\Z)")


@quick
@dataclass(frozen=True, slots=True)
class Container:
    """A quote or a list item that is open: its block's index, the line it starts on (from 0).

    `words` is the offset behind its mark on that line.
    """

    block: int
    first: int
    is_quote: bool
    words: int


class Lines:
    """Lines of `text[base:]`, counted from 0 as the block parser counts them."""

    __slots__ = ("ends", "starts", "text")

    def __init__(self, text: str, base: int) -> None:
        """Find the lines of `text` from offset `base` on; line ends as in `Source`."""
        self.text = text
        if text.find("\r", base) < 0:
            widths = list(map(len, text[base:].split("\n")))
            self.starts = list(accumulate((width + 1 for width in widths[:-1]), initial=base))
            self.ends = list(map(add, self.starts, widths))
            return
        self.starts = [base]
        self.ends = []
        for match in _LINE_END.finditer(text, base):
            self.ends.append(match.start())
            self.starts.append(match.end())
        self.ends.append(len(text))

    def content_start(self, line: int, containers: Sequence[Container]) -> int:
        """Give the offset of the first character of `line` behind the marks of its containers and blanks."""
        if containers and containers[-1].first == line:
            return containers[-1].words
        text, end = self.text, self.ends[line]
        pos = skip_blanks(text, self.starts[line], end)
        for container in containers:
            if container.is_quote and pos < end and text[pos] == ">":
                pos = skip_blanks(text, pos + 1, end)
        return pos

    def behind_marker(self, pos: int, line: int) -> int:
        """Give the offset of the first character behind the marker of the list item at `pos`, and blanks."""
        marker = _MARKER.match(self.text, pos, self.ends[line])
        return pos if marker is None else skip_blanks(self.text, marker.end(), self.ends[line])

    def content_end(self, line: int) -> int:
        """Give the offset behind the last character of `line` that is not a blank."""
        return trim_end(self.text, self.starts[line], self.ends[line])

    def last_with_words(self, first: int, behind: int) -> int:
        """Give the last line of `[first, behind)` that is not blank; `first` where all are."""
        line = min(behind, len(self.starts)) - 1
        while line > first and self.content_end(line) == self.starts[line]:
            line -= 1
        return max(line, first)

    def words_end(self, first: int, behind: int) -> int:
        """Give the offset behind the last character of the lines `[first, behind)` that is not a blank."""
        line = min(behind, len(self.starts)) - 1
        end = self.content_end(line)
        while line > first and end == self.starts[line]:
            line -= 1
            end = self.content_end(line)
        return end if line >= first else self.content_end(first)


def skip_blanks(text: str, pos: int, end: int) -> int:
    """Give the first offset from `pos` on that holds neither space nor tab, at most `end`."""
    if pos >= end or text[pos] not in " \t":
        return pos
    match = _BLANKS.match(text, pos, end)
    return match.end() if match is not None else pos


def trim_end(text: str, start: int, end: int) -> int:
    """Give the offset behind the last character of `text[start:end]` that is no space, tab or line end."""
    while end > start and text[end - 1] in " \t\r\n":
        end -= 1
    return end
