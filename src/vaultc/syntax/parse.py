"""Text of a note → Note, with a span for each of its parts."""

from __future__ import annotations

import bisect
import re
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.endings import note_title
from vaultc.core.note import Block, BlockKind, Heading, Mark, MarkKind, Note, Section
from vaultc.core.rules import DUPLICATE_BLOCK_ID, TOO_LARGE
from vaultc.core.source import Source
from vaultc.syntax.apart import Apart, set_apart
from vaultc.syntax.blocks import BlockReader
from vaultc.syntax.comment import comments
from vaultc.syntax.frontmatter import Frontmatter, read_frontmatter
from vaultc.syntax.inline import InlineScanner
from vaultc.syntax.markdown import TooMuchError, pieces
from vaultc.syntax.positions import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vaultc.core.source import Span
    from vaultc.syntax.markdown import Piece

MAX_NOTE = 5_000_000
MAX_LINES = 400_000
_PARAGRAPHS = re.compile(r"(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)")
_PLAIN_BLOCK = 20_000
_SHORT = 1_000
_by_start = attrgetter("span.start")


def parse_note(source: Source) -> tuple[Note, tuple[Diagnostic, ...]]:
    """Parse `source` and give the note and what is wrong with it.

    Never fails: what cannot be read as Markdown is kept as plain text and reported (V112, V113). Of a git conflict
    (V118) both sides are read.
    """
    apart = set_apart(source.text)
    front = read_frontmatter(source, apart)
    shown = source if apart.is_nothing else Source(source.path, apart.body_text(front.body, front.last_body))
    reading = _Reading(shown, front.body, apart, source)
    reading.diagnostics += (*front.diagnostics, *apart.diagnostics(source))
    if front.raw is not None:
        _raw_properties(front.raw, reading.reader, reading.scanner, is_text=not front.diagnostics)
    reading.read(front.body, len(source.text))
    return reading.note(front)


def parse_parts(source: Source, parts: Iterable[tuple[int, int]]) -> tuple[Note, tuple[Diagnostic, ...]]:
    """Parse a text made of `parts`, ranges that start a line each and are Markdown of their own, without properties.

    No fence, list or quote reaches from one part into the next.
    """
    reading = _Reading(source, 0)
    spans = tuple(source.span(start, end) for start, end in parts)
    for span in spans:
        reading.read(span.start, span.end)
    note, diagnostics = reading.note(Frontmatter(0))
    return replace(note, parts=spans), diagnostics


def parse_plain(source: Source, most: int) -> tuple[Note, tuple[Diagnostic, ...]]:
    """Take `source` as a text that is no Markdown, such as YAML; of a longer one the first `most` characters (V113)."""
    reading = _Reading(source, 0)
    size = len(source.text)
    if size > most:
        message = f"the file has {size} characters, more than {most}"
        help_text = f"only its first {most} characters are searched"
        reading.diagnostics.append(Diagnostic(TOO_LARGE, message, source.head(0, 80), help=help_text))
    for start, end in _paragraphs(source.text, 0, min(size, most)):
        for at in range(start, end, _PLAIN_BLOCK):
            reading.reader.plain(at, min(at + _PLAIN_BLOCK, end), BlockKind.CODE)
    return reading.note(Frontmatter(0))


class _Reading:
    """The parts of a note as they are found."""

    def __init__(self, source: Source, start: int, apart: Apart | None = None, written: Source | None = None) -> None:
        self.source = source
        self.written = written or source
        self.apart = apart or Apart(source.text)
        self.scanner = InlineScanner(source)
        self.fault = _fault(source, start)
        # Lines of a text that is not read as Markdown are not looked for: ten million of them would fill the memory.
        self.lines = Lines(source.text, len(source.text) if self.fault else start)
        self.reader = BlockReader(source, self.lines, self.scanner)
        self.diagnostics: list[Diagnostic] = []

    def read(self, start: int, end: int) -> None:
        """Read `[start, end)`, which starts a line, as Markdown."""
        source, reader, fault = self.source, self.reader, self.fault
        structure: list[Piece] = []
        if not fault:
            try:
                structure = pieces(source.text[start:end])
            except TooMuchError as found:
                fault = str(found)
        if fault:
            self.diagnostics.append(_too_large(source, start, fault))
            _plain_blocks(source, start, end, reader)
            return
        first = bisect.bisect_right(self.lines.starts, start) - 1
        if first:
            structure = [piece._replace(first=piece.first + first, behind=piece.behind + first) for piece in structure]
        reader.read(structure)

    def note(self, front: Frontmatter) -> tuple[Note, tuple[Diagnostic, ...]]:
        """Put the note together, and tell what is wrong with it."""
        source, reader, scanner = self.source, self.reader, self.scanner
        for start, end, message in reader.unread:
            span = source.span(start, min(end, start + 80))
            advice = "its links and tags were not looked for"
            self.diagnostics.append(Diagnostic(TOO_LARGE, message, span, help=advice))
        scanner.finish()
        scanner.marks.extend(self.apart.marks(source))
        _mark_comments(source, scanner, reader)
        headings, top_headings = reader.headings, reader.top_headings
        if self.apart.plugins:
            headings, top_headings = _as_written(headings, self.written), _as_written(top_headings, self.written)
        sections = _sections(source, front.body if front.raw is None else front.raw.start, top_headings)
        starts = [section.span.start for section in sections]
        # A block before the first section counts to it.
        numbers = [bisect.bisect_right(starts, draft.start, 1) - 1 for draft in reader.drafts]
        blocks = reader.blocks(numbers)
        self.diagnostics.extend(_twice(blocks, self.apart))
        note = Note(
            path=source.path,
            title=note_title(source.path),
            length=len(source.text),
            body=source.span(sections[0].span.start, len(source.text)),
            frontmatter=front.span,
            properties=front.properties,
            aliases=front.aliases,
            headings=tuple(headings),
            sections=sections,
            blocks=blocks,
            items=tuple(reader.items),
            tables=tuple(reader.tables),
            fences=tuple(reader.fences),
            callouts=tuple(reader.callouts),
            links=(*front.links, *sorted(scanner.links, key=_by_start)),
            tags=(*front.tags, *scanner.tags),
            fields=tuple(sorted(scanner.fields, key=_by_start)),
            footnotes=tuple(reader.footnotes),
            marks=tuple(sorted(scanner.marks, key=_by_start)),
        )
        return note, tuple(self.diagnostics)


def _fault(source: Source, start: int) -> str:
    """Tell why the text from `start` on is not read as Markdown; empty where it is."""
    size = len(source.text) - start
    if size > MAX_NOTE:
        return f"the note has {size} characters, more than {MAX_NOTE}"
    if size <= MAX_LINES:
        return ""
    lines = source.text.count("\n", start) + source.text.count("\r", start)
    if lines > MAX_LINES and source.line_count > MAX_LINES:  # the two of `\r\n` were counted twice
        return f"the note has {source.line_count} lines, more than {MAX_LINES}"
    return ""


def _raw_properties(raw: Span, reader: BlockReader, scanner: InlineScanner, *, is_text: bool) -> None:
    """Keep a block between `---` lines that holds no properties as a paragraph of the note."""
    reader.plain(raw.start, raw.end)
    if is_text:
        scanner.scan(raw.start, raw.end)


def _too_large(source: Source, start: int, message: str) -> Diagnostic:
    return Diagnostic(
        TOO_LARGE, message, source.head(start, 80), help="it was read as plain text, without links and headings"
    )


def _plain_blocks(source: Source, start: int, end: int, reader: BlockReader) -> None:
    """Keep `[start, end)` as blocks, parted at blank lines and, where there are none, by length.

    Short paragraphs stay together, so that their number is bounded by the length of the text.
    """
    for first, behind in _paragraphs(source.text, start, end):
        for at in range(first, behind, _PLAIN_BLOCK):
            reader.plain(at, min(at + _PLAIN_BLOCK, behind))


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for parting in _PARAGRAPHS.finditer(text, start, end):
        if parting.start() - start >= _SHORT:
            yield start, parting.start()
            start = parting.end()
    yield start, end


def _mark_comments(source: Source, scanner: InlineScanner, reader: BlockReader) -> None:
    """Mark what stands between `%%`, and turn paragraphs that are nothing but a comment into comment blocks."""
    hidden = comments(scanner.percents)
    scanner.marks.extend(Mark(MarkKind.COMMENT, source.span(*found)) for found in hidden)
    ranges = sorted(
        (mark.span.start, mark.span.end)
        for mark in scanner.marks
        if mark.kind in (MarkKind.COMMENT, MarkKind.HTML_COMMENT)
    )
    starts = [first for first, _ in ranges]
    for draft in reader.drafts if ranges else ():
        if draft.kind is BlockKind.PARAGRAPH or draft.kind is BlockKind.HTML:
            index = bisect.bisect_right(starts, draft.text_start) - 1
            if index >= 0 and draft.text_end <= ranges[index][1]:
                draft.kind = BlockKind.COMMENT


def _sections(source: Source, start: int, headings: list[Heading]) -> tuple[Section, ...]:
    """Cut the body at its headings (those in quotes and lists are part of their section)."""
    end = len(source.text)
    sections: list[Section] = []
    first = headings[0].span.start if headings else end
    if not headings or source.text[start:first].strip():
        sections.append(Section((), 0, source.span(start, first), source.span(start, first)))
        start = first
    above: list[Heading] = []
    for index, heading in enumerate(headings):
        behind = headings[index + 1].span.start if index + 1 < len(headings) else end
        above = [other for other in above if other.level < heading.level]
        above.append(heading)
        names = tuple(other.text for other in above)
        body = source.span(heading.span.end, behind)
        sections.append(Section(names, heading.level, source.span(start, behind), body))
        start = behind
    return tuple(sections)


def _as_written(headings: list[Heading], source: Source) -> list[Heading]:
    """Give headings with their words as they stand in the file, the commands of a template in them too."""
    return [replace(heading, text=source.slice(heading.text_span)) for heading in headings]


def _twice(blocks: tuple[Block, ...], apart: Apart) -> Iterator[Diagnostic]:
    """Report block ids that stand twice; they compare without case. Both sides of a git conflict may have one."""
    seen: dict[str, Span] = {}
    for block in blocks:
        if block.id is None or block.id_span is None:
            continue
        name = block.id.lower()
        if name in seen and apart.is_one_conflict(seen[name].start, block.id_span.start):
            continue
        if name in seen:
            message = f'block id "^{block.id}" stands twice in this note'
            related = ((seen[name], "the first one"),)
            yield Diagnostic(DUPLICATE_BLOCK_ID, message, block.id_span, related, "rename one of the two")
        else:
            seen[name] = block.id_span
