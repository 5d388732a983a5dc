"""Comments: `%%` pairs, and `<!-- -->` in HTML blocks.

A `%%` that opens its line may close blocks later; one inside a line closes in the same block. What is never
closed is no comment: words are rather seen than lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Percents(NamedTuple):
    """A `%%` in the text: its offset, the number of its region, whether it opens its line."""

    pos: int
    region: int
    opens_line: bool


def comments(found: Iterable[Percents]) -> list[tuple[int, int]]:
    """Pair `found` (in order of offset) and give the ranges of the comments with their marks."""
    ranges: list[tuple[int, int]] = []
    opener: Percents | None = None
    for percents in found:
        if opener is not None and (opener.opens_line or opener.region == percents.region):
            ranges.append((opener.pos, percents.pos + 2))
            opener = None
        else:
            opener = percents
    return ranges


def html_comments(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Give the ranges of the closed `<!-- -->` in `text[start:end]`."""
    ranges: list[tuple[int, int]] = []
    pos = text.find("<!--", start, end)
    while pos >= 0:
        close = text.find("-->", pos + 4, end)
        if close < 0:
            break
        ranges.append((pos, close + 3))
        pos = text.find("<!--", close + 3, end)
    return ranges
