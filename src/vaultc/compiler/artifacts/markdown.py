"""Generated Markdown: words of notes made inert, quotations verbatim in code, links that resolve, segments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from vaultc.compiler.elements import evidence_of
from vaultc.compiler.unit import Derivation, Segment, SegmentKind
from vaultc.core.link import Link, LinkKind, ResolvedLink
from vaultc.core.source import Span, VaultPath

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.compiler.elements import Element
    from vaultc.compiler.tools import Reader
    from vaultc.core.source import Quote

_MARKS = frozenset("\\`*_[]<>|#^%$~=&")
_NO_HEADING = frozenset("#^[]|:%\\")
_MAX_QUOTE = 240


def escape(text: str) -> str:
    """Give words of a note as plain Markdown on one line: no mark, link, tag, comment, formula or HTML comes alive."""
    words = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    safe = "".join(f"\\{char}" if char in _MARKS else char for char in words)
    # A key with two colons would be read as a field of the generated note.
    safe = safe.replace("::", ":\\:")
    return f"\\{safe}" if safe[:2] in ("- ", "+ ") else safe


def code(text: str) -> str:
    """Give `text` (one line) as inline code, whatever backticks it holds."""
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or (text[:1] == text[-1:] == " " and text.strip()) else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fence_around(text: str) -> str:
    """Give the line of backticks that fences `text`, whatever backticks it holds."""
    return "`" * max(3, _longest_run(text) + 1)


def _longest_run(text: str) -> int:
    return max((len(found) for found in re.findall("`+", text)), default=0)


def quotation(text: str) -> str:
    """Give the first line of a quotation, verbatim, as inert code; empty where it could still be run.

    Dataview runs inline code that starts with `=` or `$=`, Templater runs `<% %>` wherever it stands.
    """
    line = next((part for part in text.splitlines() if part.strip()), "").strip()
    shown = line[:_MAX_QUOTE]
    if not shown or shown.startswith(("=", "$=")) or "<%" in shown or not shown.replace("\t", " ").isprintable():
        return ""
    return code(shown) + ("…" if len(text.strip()) > len(shown) else "")


@dataclass(frozen=True)
class Links:
    """Writes wikilinks from one generated note; only such as resolve, and to the right note."""

    reader: Reader
    source: VaultPath

    def to_quote(self, quote: Quote) -> str:
        """Give a link to where `quote` stands: its block id, else its heading, else its note; else its plain path."""
        path = quote.span.path
        parsed = self.reader.read(path)
        blocks = [item for item in parsed.note.blocks if item.id and item.span.covers(quote.span)]
        block = min(blocks, key=lambda item: item.span.end - item.span.start, default=None)
        stem = PurePosixPath(path).stem
        if block is not None and block.id:
            written = self._written(path, f"#^{block.id}", stem, (), block.id)
            if written:
                return written
        heading = next(
            (item.text for item in reversed(parsed.note.headings) if item.span.start <= quote.span.start), None
        )
        shown = heading.strip() if heading else ""
        if shown and not _NO_HEADING & set(shown) and shown != stem:
            written = self._written(path, f"#{shown}", f"{stem} § {shown}", (shown,), None)
            if written:
                return written
        return self.to_note(path)

    def to_note(self, path: VaultPath) -> str:
        """Give a link to a note, or its path as code where no link resolves to it."""
        return self._written(path, "", PurePosixPath(path).stem, (), None) or code(path)

    def _written(self, path: VaultPath, behind: str, alias: str, headings: tuple[str, ...], block: str | None) -> str:
        target = path.removesuffix(".md")
        if set(target) & set("#^[]|\\"):
            return ""
        link = Link(LinkKind.WIKILINK, target, headings, block, alias, Span(self.source, 0, 0))
        found = self.reader.resolve(link, self.source)
        if not isinstance(found, ResolvedLink) or found.path != path or found.missing is not None:
            return ""
        shown = "".join(char for char in alias if char not in "[]|")
        return f"[[{target}{behind}|{shown}]]"

    def evidence(self, quote: Quote, word_for_line: str) -> str:
        """Give link, line and words of a quotation."""
        source = self.reader.read(quote.span.path).source
        line = source.line_col(quote.span.start)[0]
        words = quotation(quote.text)
        return f"{self.to_quote(quote)}, {word_for_line} {line}" + (f": {words}" if words else "")


@dataclass
class MarkdownWriter:
    """Gathers lines and, for each section and item, the segment that says what it leans on."""

    known: Mapping[str, Element]
    fallback: tuple[Quote, ...]
    lines: list[str] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    _open: tuple[str, int, list[str]] | None = None

    def section(self, title: str, level: int = 2) -> None:
        """Begin a section; the one before ends."""
        self.close()
        if self.lines and self.lines[-1]:
            self.lines.append("")
        self._open = (title, len(self.lines) + 1, [])
        self.lines += [f"{'#' * level} {title}", ""]

    def item(self, lines: Sequence[str], ids: Sequence[str], name: str = "") -> None:
        """Add lines that show the elements `ids`."""
        start = len(self.lines) + 1
        self.lines += lines
        if self._open is not None:
            self._open[2].extend(ids)
        quotes = evidence_of(ids, self.known)
        shown = [number for number, line in enumerate(self.lines[start - 1 :], start) if line.strip()]
        if quotes and shown:
            label = name or (ids[0] if ids else "")
            self.segments.append(Segment(SegmentKind.DATA, label, start, shown[-1], tuple(ids), quotes))

    def close(self) -> None:
        """End the section that is open."""
        if self._open is None:
            return
        title, start, ids = self._open
        self._open = None
        while self.lines and not self.lines[-1]:
            self.lines.pop()
        unique = tuple(dict.fromkeys(ids))
        quotes = evidence_of(unique, self.known)
        derived = None if quotes else Derivation(title, self.fallback)
        self.segments.append(
            Segment(SegmentKind.SECTION, title, start, len(self.lines), unique, quotes, derived=derived)
        )

    def moved(self, offset: int) -> tuple[Segment, ...]:
        """Give the segments, `offset` lines further down, in the order of lines."""
        moved = [
            replace(item, start_line=item.start_line + offset, end_line=item.end_line + offset)
            for item in self.segments
        ]
        return tuple(sorted(moved, key=lambda item: (item.start_line, -item.end_line)))
