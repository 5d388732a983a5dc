"""Where fenced code stands, told line by line: for what has to be known before a text is parsed."""

from __future__ import annotations

import re

_FENCE = re.compile(
    r"^[ \t>]{0,80}(?:(?:[-*+]|\d{1,9}[.)])[ \t]{1,20}){0,8}(?P<mark>`{3,}|~{3,})(?P<info>[^\r\n]*)", re.MULTILINE
)


class Fences:
    """Tells whether an offset lies in fenced code; asked from the start of a text to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._opened: re.Match[str] | None = None
        self._next = _FENCE.search(text)

    def is_inside(self, at: int) -> bool:
        """Tell whether `at`, which is not before what was asked the last time, lies in fenced code."""
        while self._next is not None and self._next.start() <= at:
            self._take(self._next)
            self._next = _FENCE.search(self._text, self._next.end())
        return self._opened is not None

    def restart(self, at: int) -> None:
        """Take no code as open at `at`, the end of a line."""
        self.is_inside(at)
        self._opened = None

    def _take(self, match: re.Match[str]) -> None:
        mark, info = match["mark"], match["info"]
        if self._opened is None:
            self._opened = match if mark[0] == "~" or "`" not in info else None
        elif mark.startswith(self._opened["mark"]) and not info.strip():
            self._opened = None
