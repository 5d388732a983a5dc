"""One pass over the words of a block: links, tags, fields and marks, found on the source itself.

The scanner jumps from one special character to the next and never goes back: what closes a code span, a formula or
a highlight is looked up in lists that are made once a region, so that hostile text costs no more than any other.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from vaultc.core.link import Link, LinkKind
from vaultc.core.note import Field, Mark, MarkKind, Tag
from vaultc.syntax.comment import Percents
from vaultc.syntax.field import bracket_field, bracket_key, line_fields
from vaultc.syntax.tag import tag_at
from vaultc.syntax.wikilink import destination_at, markdown_link, wikilink_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.core.source import Source

# Each starts with a set of characters: the search for that is four times as quick as for one form after the other.
_BEHIND = r"(?<=`)`*|(?<=!)\[|(?<=\\)[!-/:-@\[-`{-~]|(?<=\$)\$*|(?<=~)~+|(?<==)=+|(?<=%)%|(?<=<)!--"
_TOKEN = re.compile(rf"[\\`!\[\]$%#~=<](?:(?<=[\[\]#])|{_BEHIND})")
_TOKEN_OR_ROUND = re.compile(rf"[\\`!\[\]$%#~=<()\r\n](?:(?<=[\[\]#()\r\n])|{_BEHIND})")
_TICKS = re.compile(r"`+")
_DOLLARS = re.compile(r"(?<!\\)\$")
# A `$` that closes a formula stands behind no blank and before no digit (as in Pandoc, so that prices are none).
_CLOSING_DOLLAR = re.compile(r"(?<![\s$])\$(?![\d$])")
_DOUBLE_DOLLARS = re.compile(r"(?<!\\)\$\$")
_LINE_END = re.compile(r"\r\n|\r|\n")
_DEFINITION = re.compile(r"[ \t>]{0,100}\[([^\]\[\r\n^]{1,200})\]:[ \t]*(\S{1,2000})")


class InlineScanner:
    """Collects what it finds in the regions of one note, in order of offset."""

    def __init__(self, source: Source) -> None:
        """Prepare to scan regions of `source`."""
        self.source = source
        self.links: list[Link] = []
        self.tags: list[Tag] = []
        self.fields: list[Field] = []
        self.marks: list[Mark] = []
        self.percents: list[Percents] = []
        self._text = source.text
        self._definitions: dict[str, str] = {}
        self._references: list[tuple[int, int, int, str]] = []
        self._region = 0

    def scan(self, start: int, end: int) -> None:
        """Scan the region `[start, end)`: the words of one block, or one line of a table."""
        text, handlers = self._text, _HANDLERS
        self._region += 1
        has_fields = text.find("::", start, end) >= 0
        search = (_TOKEN_OR_ROUND if has_fields else _TOKEN).search
        match = search(text, start, end)
        if match is None and not has_fields:
            return
        self._open_region(start, end, has_fields)
        while match is not None:
            first = match.start()
            match = search(text, handlers[text[first]](self, first, match.end()), end)
        if has_fields:
            self.fields.extend(line_fields(self.source, start, end, self._is_masked))
        if text.startswith("[", start) and text.find("]:", start, end) >= 0:
            self._define(start, end)

    def finish(self) -> None:
        """Turn references `[text][name]` into links, once every definition is known."""
        for start, text_end, end, name in self._references:
            destination = self._definitions.get(name)
            if destination is not None and not destination.startswith("<"):
                found = destination_at(f"({destination})", 0, len(destination) + 2)
                link = None if found is None else markdown_link(self.source, start, text_end, found._replace(end=end))
                if link is not None:
                    self.links.append(link)

    def _open_region(self, start: int, end: int, has_fields: bool) -> None:
        self._start, self._end = start, end
        self._line = 0
        self._has_fields = has_fields
        self._brackets: list[tuple[int, int]] = []
        self._rounds: list[tuple[int, bool]] = []
        self._pairs: dict[str, int] = {}
        self._ticks: dict[int, list[int]] | None = None
        self._closers: dict[str, list[int]] = {}
        self._masks: list[tuple[int, int]] = []
        self._has_comment_end = True

    def _mark(self, kind: MarkKind, start: int, end: int) -> int:
        self.marks.append(Mark(kind, self.source.span(start, end)))
        if kind is not MarkKind.STRUCK and kind is not MarkKind.HIGHLIGHT:
            self._masks.append((start, end))
        return end

    def _is_masked(self, pos: int) -> bool:
        index = bisect.bisect_right(self._masks, (pos, len(self._text))) - 1
        return index >= 0 and self._masks[index][0] <= pos < self._masks[index][1]

    def _escape(self, _start: int, end: int) -> int:
        return end

    def _code(self, start: int, end: int) -> int:
        if self._ticks is None:
            self._ticks = {}
            for run in _TICKS.finditer(self._text, start, self._end):
                self._ticks.setdefault(len(run.group()), []).append(run.start())
        same = self._ticks.get(end - start, [])
        index = bisect.bisect_left(same, end)
        if index == len(same):
            return end
        return self._mark(MarkKind.CODE, start, same[index] + end - start)

    def _math(self, start: int, end: int) -> int:
        width = end - start
        if width > 2:
            return end
        pattern = _DOLLARS if width == 1 else _DOUBLE_DOLLARS
        name = "$" * width
        if name not in self._closers:
            self._closers[name] = [match.start() for match in pattern.finditer(self._text, start, self._end)]
        if width == 1 and (end >= self._end or self._text[end].isspace()):
            return end
        closers = self._closers[name]
        index = bisect.bisect_left(closers, end + 1)
        if index == len(closers):
            return end
        if width == 1 and _CLOSING_DOLLAR.match(self._text, closers[index]) is None:
            return end  # a formula holds no other `$`
        return self._mark(MarkKind.MATH, start, closers[index] + width)

    def _html_comment(self, start: int, end: int) -> int:
        close = self._text.find("-->", end, self._end) if self._has_comment_end else -1
        if close < 0:
            self._has_comment_end = False
            return end
        return self._mark(MarkKind.HTML_COMMENT, start, close + 3)

    def _percents(self, start: int, end: int) -> int:
        lead = start
        while lead > self._start and self._text[lead - 1] in " \t>":
            lead -= 1
        opens_line = lead == self._start or self._text[lead - 1] in "\r\n"
        self.percents.append(Percents(start, self._region, opens_line))
        return end

    def _tag(self, start: int, end: int) -> int:
        tag = tag_at(self.source, start)
        if tag is None or tag.span.end > self._end:
            return end
        self.tags.append(tag)
        return tag.span.end

    def _pair(self, start: int, end: int) -> int:
        if end - start != 2:
            return end
        name = self._text[start:end]
        opened = self._pairs.get(name)
        if opened is not None and not self._text[start - 1].isspace() and start > opened + 2:
            del self._pairs[name]
            self._mark(MarkKind.STRUCK if name == "~~" else MarkKind.HIGHLIGHT, opened, end)
        elif end < self._end and not self._text[end].isspace():
            self._pairs[name] = start
        return end

    def _bracket(self, start: int, end: int) -> int:
        text = self._text
        if text.startswith("[", end) and end < self._end and not text.startswith("[", end + 1):
            link = wikilink_at(self.source, start, self._end)
            if link is not None:
                self.links.append(link)
                return link.span.end
        is_field = self._has_fields and text[start] == "[" and bracket_key(text, end, self._end) is not None
        self._brackets.append((start, self._line if is_field else -1))
        return end

    def _close_bracket(self, start: int, end: int) -> int:
        if not self._brackets:
            return end
        opened, field_line = self._brackets.pop()
        if field_line >= 0:
            if field_line == self._line:
                self.fields.append(bracket_field(self.source, opened, end))
            return end
        if end < self._end and self._text[end] == "(":
            destination = destination_at(self._text, end, self._end)
            if destination is not None:
                link = markdown_link(self.source, opened, start, destination)
                if link is not None:
                    self.links.append(link)
                return destination.end
        return self._reference(opened, start, end)

    def _reference(self, opened: int, start: int, end: int) -> int:
        """Remember `[text][name]` and `[name][]`; the second bracket is read on as any other."""
        if end < self._end and self._text[end] == "[" and not self._text.startswith("[", end + 1):
            close = self._text.find("]", end + 1, min(self._end, end + 202))
            if close >= 0:
                name = self._text[end + 1 : close] or self._text[opened + 1 : start]
                self._references.append((opened, start, close + 1, _label(name)))
        return end

    def _define(self, start: int, end: int) -> None:
        """Remember the definitions `[name]: destination` that a paragraph starts with."""
        pos = start
        while (match := _DEFINITION.match(self._text, pos, end)) is not None:
            self._definitions.setdefault(_label(match.group(1)), match.group(2))
            line_end = _LINE_END.search(self._text, match.end(), end)
            if line_end is None:
                break
            pos = line_end.end()

    def _round(self, start: int, end: int) -> int:
        is_field = bracket_key(self._text, end, self._end) is not None
        if is_field or self._rounds:
            self._rounds.append((start, is_field))
        return end

    def _close_round(self, _start: int, end: int) -> int:
        if self._rounds:
            opened, is_field = self._rounds.pop()
            if is_field:
                self.fields.append(bracket_field(self.source, opened, end))
        return end

    def _line_end(self, _start: int, end: int) -> int:
        self._rounds.clear()
        self._line += 1
        return end


# What is done at a sign. Bound to no scanner, so that none holds itself and each is gone when its note is read.
_HANDLERS: dict[str, Callable[[InlineScanner, int, int], int]] = {
    "\\": InlineScanner._escape,
    "`": InlineScanner._code,
    "[": InlineScanner._bracket,
    "!": InlineScanner._bracket,
    "]": InlineScanner._close_bracket,
    "$": InlineScanner._math,
    "%": InlineScanner._percents,
    "#": InlineScanner._tag,
    "~": InlineScanner._pair,
    "=": InlineScanner._pair,
    "<": InlineScanner._html_comment,
    "(": InlineScanner._round,
    ")": InlineScanner._close_round,
    "\r": InlineScanner._line_end,
    "\n": InlineScanner._line_end,
}


def property_links(source: Source, start: int, end: int) -> list[Link]:
    """Give the links in the string `[start, end)` of a property."""
    if source.text.find("](", start, end) < 0 and source.text.find("[[", start, end) < 0:
        return []
    scanner = InlineScanner(source)
    scanner.scan(start, end)
    return [
        Link(LinkKind.PROPERTY, link.target, link.headings, link.block, link.alias, link.span, link.is_embed)
        for link in scanner.links
    ]


def _label(name: str) -> str:
    return " ".join(name.split()).casefold()
