"""Cells of a table, cut on the source: escaped bars and those of wikilinks part nothing."""

from __future__ import annotations

import re

from vaultc.syntax.positions import skip_blanks, trim_end

_BAR = re.compile(r"\\.|\||\[\[")
_CLOSE = re.compile(r"\]\]|\[\[")


def cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Give the ranges of the cells of the table's line `text[start:end]`, without the blanks around them."""
    start, end = skip_blanks(text, start, end), trim_end(text, start, end)
    parted = _bars(text, start, end)
    if parted and parted[0] == start:
        start += 1
        parted = parted[1:]
    if parted and parted[-1] == end - 1:
        end -= 1
        parted = parted[:-1]
    found: list[tuple[int, int]] = []
    for bar in [*parted, end]:
        first = skip_blanks(text, start, bar)
        found.append((first, trim_end(text, first, bar)))
        start = bar + 1
    return found


def _bars(text: str, start: int, end: int) -> list[int]:
    """Give the offsets of the bars that part cells."""
    found: list[int] = []
    pos = start
    while (match := _BAR.search(text, pos, end)) is not None:
        pos = match.end()
        if match.group() == "|":
            found.append(match.start())
        elif match.group() == "[[":
            close = _CLOSE.search(text, pos, end)
            if close is not None:
                pos = close.end() if close.group() == "]]" else close.start()
    return found
