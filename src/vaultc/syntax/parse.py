"""Text of a note → Note, with a span for each of its parts."""

from __future__ import annotations

import bisect
import re
from operator import attrgetter
from typing import TYPE_CHECKING

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.note import Block, BlockKind, Heading, Mark, MarkKind, Note, Section
from vaultc.core.rules import DUPLICATE_BLOCK_ID, TOO_LARGE
from vaultc.syntax.blocks import BlockReader
from vaultc.syntax.comment import comments
from vaultc.syntax.frontmatter import Frontmatter, read_frontmatter
from vaultc.syntax.inline import InlineScanner
from vaultc.syntax.markdown import TooMuchError, pieces
from vaultc.syntax.positions import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.core.source import Source, Span
    from vaultc.syntax.markdown import Piece

NOTE_SUFFIXES = (".md", ".idea", ".pseudo")
"""Endings of the files that are notes; all are read alike."""

MAX_NOTE = 5_000_000
MAX_LINES = 400_000
_PARAGRAPHS = re.compile(r"(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)")
_PLAIN_BLOCK = 20_000
_SHORT = 1_000
_by_start = attrgetter("span.start")


def note_title(path: str) -> str:
    """Give the title of the note at `path`: its file's name without the ending, as Obsidian shows it."""
    name = path.rsplit("/", 1)[-1]
    for suffix in NOTE_SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def parse_note(source: Source) -> tuple[Note, tuple[Diagnostic, ...]]:
    """Parse `source` and give the note and what is wrong with it.

    Never fails: what cannot be read as Markdown is kept as plain text and reported (V112, V113).
    """
    front = read_frontmatter(source)
    scanner = InlineScanner(source)
    diagnostics = list(front.diagnostics)
    reader = _body(source, front, scanner, diagnostics)
    scanner.finish()
    _mark_comments(source, scanner, reader)
    sections = _sections(source, front.body if front.raw is None else front.raw.start, reader.top_headings)
    starts = [section.span.start for section in sections]
    numbers = [max(0, bisect.bisect_right(starts, draft.start) - 1) for draft in reader.drafts]
    blocks = reader.blocks(numbers)
    diagnostics.extend(_twice(blocks))
    note = Note(
        path=source.path,
        title=note_title(source.path),
        length=len(source.text),
        body=source.span(sections[0].span.start, len(source.text)),
        frontmatter=front.span,
        properties=front.properties,
        aliases=front.aliases,
        headings=tuple(reader.headings),
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
    return note, tuple(diagnostics)


def _body(source: Source, front: Frontmatter, scanner: InlineScanner, diagnostics: list[Diagnostic]) -> BlockReader:
    fault = _fault(source, front.body)
    # Lines of a note that is not read as Markdown are not looked for: ten million of them would fill the memory.
    reader = BlockReader(source, Lines(source.text, len(source.text) if fault else front.body), scanner)
    if front.raw is not None:
        _raw_properties(front.raw, reader, scanner, is_text=not front.diagnostics)
    structure: list[Piece] = []
    if not fault:
        try:
            structure = pieces(source.text[front.body :])
        except TooMuchError as found:
            fault = str(found)
    if fault:
        diagnostics.append(_too_large(source, front.body, fault))
        _plain_blocks(source, front.body, reader)
        return reader
    reader.read(structure)
    for start, end, message in reader.unread:
        span = source.span(start, min(end, start + 80))
        diagnostics.append(Diagnostic(TOO_LARGE, message, span, help="its links and tags were not looked for"))
    return reader


def _fault(source: Source, start: int) -> str:
    """Tell why the text from `start` on is not read as Markdown; empty where it is."""
    size = len(source.text) - start
    if size > MAX_NOTE:
        return f"the note has {size} characters, more than {MAX_NOTE}"
    if source.line_count > MAX_LINES:
        return f"the note has {source.line_count} lines, more than {MAX_LINES}"
    return ""


def _raw_properties(raw: Span, reader: BlockReader, scanner: InlineScanner, *, is_text: bool) -> None:
    """Keep a block between `---` lines that holds no properties as a paragraph of the note."""
    reader.plain(raw.start, raw.end)
    if is_text:
        scanner.scan(raw.start, raw.end)


def _too_large(source: Source, start: int, message: str) -> Diagnostic:
    line = source.line_col(start)[0]
    span = source.span(start, min(source.line_end(line), start + 80) if start <= source.line_end(line) else start)
    return Diagnostic(TOO_LARGE, message, span, help="it was read as plain text, without links and headings")


def _plain_blocks(source: Source, start: int, reader: BlockReader) -> None:
    """Keep the text from `start` on as blocks, parted at blank lines and, where there are none, by length.

    Short paragraphs stay together, so that their number is bounded by the length of the text.
    """
    text = source.text
    for first, behind in _paragraphs(text, start):
        for at in range(first, behind, _PLAIN_BLOCK):
            reader.plain(at, min(at + _PLAIN_BLOCK, behind))


def _paragraphs(text: str, start: int) -> Iterator[tuple[int, int]]:
    for parting in _PARAGRAPHS.finditer(text, start):
        if parting.start() - start >= _SHORT:
            yield start, parting.start()
            start = parting.end()
    yield start, len(text)


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


def _twice(blocks: tuple[Block, ...]) -> Iterator[Diagnostic]:
    """Report block ids that stand twice; they compare without case."""
    seen: dict[str, Span] = {}
    for block in blocks:
        if block.id is None or block.id_span is None:
            continue
        name = block.id.lower()
        if name in seen:
            message = f'block id "^{block.id}" stands twice in this note'
            related = ((seen[name], "the first one"),)
            yield Diagnostic(DUPLICATE_BLOCK_ID, message, block.id_span, related, "rename one of the two")
        else:
            seen[name] = block.id_span
