"""Callouts: the first line of a quote is `[!kind]`, with a fold mark and a title if wanted."""

from __future__ import annotations

import re
from typing import NamedTuple

from vaultc.syntax.positions import skip_blanks, trim_end

_HEAD = re.compile(r"\[!([^\]\[\r\n]{1,100})\]([+-]?)")


class Head(NamedTuple):
    """The head of a callout: kind in lower case, whether it is folded, the range of its title."""

    kind: str
    is_folded: bool
    title_start: int
    title_end: int


def callout_head(text: str, start: int, end: int) -> Head | None:
    """Give the callout's head on the line `text[start:end]` (a quote's first, behind its `>`), or None."""
    match = _HEAD.match(text, start, end)
    if match is None:
        return None
    kind = match.group(1).split("|")[0].strip().lower()
    if not kind:
        return None
    title = skip_blanks(text, match.end(), end)
    return Head(kind, match.group(2) == "-", title, trim_end(text, title, end))
