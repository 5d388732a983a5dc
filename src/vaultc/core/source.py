"""Text and positions: every offset counts code points of a file's text as read, with its own line ends."""

from __future__ import annotations

import bisect
import re
import unicodedata
from dataclasses import dataclass, field
from typing import NewType

VaultPath = NewType("VaultPath", str)
"""Path of a file inside the vault: parts joined by `/`, NFC (but for the twin of a composed name), no leading slash."""

# The line ends of editors and of Obsidian; not str.splitlines, which also splits at U+2028 and \f.
_LINE_END = re.compile(r"\r\n|\r|\n")


def vault_path(text: str) -> VaultPath:
    """Give `text` as a vault path: NFC, with `/` between its parts."""
    return VaultPath(unicodedata.normalize("NFC", text).replace("\\", "/").strip("/"))


@dataclass(frozen=True, slots=True, order=True, init=False)
class Span:
    """Half-open range `[start, end)` of code points in one file."""

    path: VaultPath
    start: int
    end: int

    def __init__(self, path: VaultPath, start: int, end: int) -> None:
        """Check and keep the ends; spans are made by the million, and the slots are set without a detour."""
        if not 0 <= start <= end:
            raise ValueError(f"not a span: {start}..{end}")
        _set_path(self, path)
        _set_start(self, start)
        _set_end(self, end)

    def covers(self, other: Span) -> bool:
        """Tell whether `other` lies wholly inside this span."""
        return self.path == other.path and self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two spans share at least one code point."""
        return self.path == other.path and self.start < other.end and other.start < self.end


_set_path, _set_start, _set_end = (vars(Span)[name].__set__ for name in ("path", "start", "end"))


@dataclass(frozen=True, slots=True)
class Quote:
    """A span together with the words that stand there: the unit of evidence."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """A span as people and editors count: lines and columns from 1, the end column exclusive."""

    path: VaultPath
    line: int
    col: int
    end_line: int
    end_col: int
    start: int
    end: int
    text: str

    def as_json(self) -> dict[str, str | int]:
        """Give the place in the form of docs/json.md."""
        return {
            "path": self.path,
            "line": self.line,
            "col": self.col,
            "end_line": self.end_line,
            "end_col": self.end_col,
            "start": self.start,
            "end": self.end,
            "text": self.text,
        }


@dataclass(frozen=True)
class Source:
    """A file's path and text, and the conversion between offsets and lines."""

    path: VaultPath
    text: str
    _starts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        object.__setattr__(self, "_starts", starts)

    @property
    def line_count(self) -> int:
        """Number of lines; a text that ends with a line end has an empty last line."""
        return len(self._starts)

    def line_col(self, offset: int) -> tuple[int, int]:
        """Give line and column, both from 1, of the code point at `offset`."""
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line_start(self, line: int) -> int:
        """Give the offset where line `line` (from 1) starts."""
        return self._starts[line - 1]

    def line_end(self, line: int) -> int:
        """Give the offset behind the last character of line `line`, before its line end."""
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        start = self._starts[line - 1]
        return start + len(self.text[start:end].rstrip("\r\n"))

    def line_text(self, line: int) -> str:
        """Give the text of line `line` (from 1) without its line end."""
        return self.text[self.line_start(line) : self.line_end(line)]

    def span(self, start: int, end: int) -> Span:
        """Give the span `[start, end)` of this file."""
        return Span(self.path, start, end)

    def slice(self, span: Span) -> str:
        """Give the text that stands at `span`."""
        return self.text[span.start : span.end]

    def quote(self, span: Span) -> Quote:
        """Give `span` with the words that stand there."""
        return Quote(span, self.slice(span))

    def place(self, span: Span) -> Place:
        """Give `span` as lines and columns."""
        line, col = self.line_col(span.start)
        end_line, end_col = self.line_col(span.end)
        return Place(self.path, line, col, end_line, end_col, span.start, span.end, self.slice(span))
