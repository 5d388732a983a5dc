"""Text and positions: every offset counts code points of a file's text as read, with its own line ends.

Mostly that is the text of the file itself. Where it is not (`Source.origin`), places and lines are those of the file:
they are turned at the edge, in `Source.place` and the methods that count lines.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from vaultc.core.origin import Origin

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
    """A file's path and its text as read; `origin` says where that stands where the file's own text is another.

    Offsets and spans count in `text`. Lines, columns and places are those of the file.
    """

    path: VaultPath
    text: str
    origin: Origin | None = None

    @cached_property
    def file(self) -> Source:
        """The file's own text."""
        return self if self.origin is None else Source(self.path, self.origin.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @property
    def line_count(self) -> int:
        """Number of lines of the file; one that ends with a line end has an empty last line."""
        return len(self.file._starts)

    def line_col(self, offset: int) -> tuple[int, int]:
        """Give line and column in the file, both from 1, of the code point at `offset`."""
        if self.origin is not None:
            return self.file.line_col(self.origin.place(offset, offset)[0])
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """Give the text of line `line` (from 1) of the file without its line end."""
        place = self.line_place(line)
        return self.file.text[place.start : place.end]

    def line_place(self, line: int, last: int | None = None) -> Place:
        """Give the place of line `line` of the file (from 1), or of the lines up to `last`, without the line end."""
        file = self.file
        starts = file._starts
        last = line if last is None else last
        end = starts[last] if last < len(starts) else len(file.text)
        end = starts[last - 1] + len(file.text[starts[last - 1] : end].rstrip("\r\n"))
        return file.place(file.span(starts[line - 1], end))

    def line_at(self, offset: int) -> Span:
        """Give the line of the text as read that holds `offset`, without its line end."""
        start = self._starts[bisect.bisect_right(self._starts, offset) - 1]
        return self.head(start, len(self.text))

    def head(self, start: int, most: int) -> Span:
        """Give the span from `start` to the end of its line, of at most `most` code points."""
        line_end = _LINE_END.search(self.text, start, min(len(self.text), start + most))
        return self.span(start, min(len(self.text), start + most) if line_end is None else line_end.start())

    def span(self, start: int, end: int) -> Span:
        """Give the span `[start, end)` of this file."""
        return Span(self.path, start, end)

    def slice(self, span: Span) -> str:
        """Give the text that was read at `span`."""
        return self.text[span.start : span.end]

    def quote(self, span: Span) -> Quote:
        """Give `span` with the words that stand there."""
        return Quote(span, self.slice(span))

    def place(self, span: Span) -> Place:
        """Give `span` as lines and columns of the file, with the text that stands there in the file."""
        if self.origin is not None:
            return self.file.place(self.span(*self.origin.place(span.start, span.end)))
        line, col = self.line_col(span.start)
        end_line, end_col = self.line_col(span.end)
        return Place(self.path, line, col, end_line, end_col, span.start, span.end, self.slice(span))
