"""A note read from disk, as the rows that the catalog keeps of it.

Rows are plain values, so that a note can be read in another process (`vaultc.index.readers`) and stored here.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.note import MarkKind
from vaultc.core.quick import quick
from vaultc.core.rules import UNREADABLE_NOTE
from vaultc.core.source import Span, VaultPath
from vaultc.index.lexical import prepare
from vaultc.index.records import diagnostics_json, link_columns, texts_json
from vaultc.index.searchable import searchable
from vaultc.language.detect import language_of
from vaultc.syntax.git_conflict import blanked
from vaultc.vault.files import FoundFile, read_source
from vaultc.vault.kinds import as_generated, parse_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from vaultc.core.chunk import Chunk, ChunkOptions
    from vaultc.core.digest import Digest
    from vaultc.core.note import Note
    from vaultc.core.source import Source

_start = attrgetter("start")
# What a slip of ours raises on an odd note: the note is reported and left out, the others go on.
SLIPS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
Rows = tuple[tuple[Any, ...], ...]
Values = tuple["VaultPath", "Digest | None", str, tuple[Any, ...] | None]
"""A reading as values that know no class of ours."""


@quick
@dataclass(frozen=True, slots=True)
class NoteRows:
    """What the catalog keeps of a note, in the order of the columns of each table, without row ids.

    Attributes:
        note: title, language, is_generated, length.
        aliases: as they stand.
        headings: ord, level, text, start, stop, text_start, text_stop.
        block_ids: block, start, stop.
        tags: name, start, stop.
        links: kind, target, headings, block, alias, is_embed, start, stop.
        chunks: ord, start, stop, text, headings, digest, words.
        searched: for each chunk its title, headings and text as they are indexed.
    """

    note: tuple[Any, ...]
    aliases: Rows = ()
    headings: Rows = ()
    block_ids: Rows = ()
    tags: Rows = ()
    links: Rows = ()
    chunks: Rows = ()
    searched: Rows = ()


@quick
@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read: digest and rows are None where it could not be; diagnostics as the catalog keeps them."""

    path: VaultPath
    digest: Digest | None
    diagnostics: str
    rows: NoteRows | None = None

    def as_values(self) -> Values:
        """Give the reading as plain values; `reading_of` is the way back."""
        rows = None
        if self.rows is not None:
            rows = tuple([getattr(self.rows, name) for name in NoteRows.__slots__])
        return self.path, self.digest, self.diagnostics, rows


def reading_of(values: Values) -> Reading:
    """Give back the reading of which these are the values."""
    path, digest, diagnostics, rows = values
    return Reading(path, digest, diagnostics, None if rows is None else NoteRows(*rows))


def read_note(
    root: Path, file: FoundFile, options: ChunkOptions, *, as_read: Callable[[Note], Note] = lambda note: note
) -> Reading:
    """Read and parse the note `file` below `root`; whatever is wrong with it is a diagnostic of the reading.

    What `as_read` makes of the parsed note is kept.
    """
    result = read_source(root, file)
    if result.source is None:
        return Reading(file.path, None, diagnostics_json(result.diagnostics))
    try:
        note, found = parse_file(result.source)
        if file.is_generated:
            note = as_generated(note, result.source)
        rows = rows_of(result.source, as_read(note), options)
    except SLIPS as error:
        return failed(file.path, error)
    return Reading(file.path, result.digest, diagnostics_json((*result.diagnostics, *found)), rows)


def rows_of(source: Source, note: Note, options: ChunkOptions) -> NoteRows:
    """Give what the catalog keeps of `note`."""
    chunks = searchable(source, note, options)
    unsaid = [mark.span for mark in note.marks if mark.kind is MarkKind.PLUGIN]
    prepared = tuple(searched(note.title, (_without(chunk, unsaid) for chunk in chunks) if unsaid else chunks))
    return NoteRows(
        note=(note.title, language_of(source.text), note.is_generated, note.length),
        aliases=tuple((alias,) for alias in note.aliases),
        headings=tuple(
            (n, head.level, head.text, *_ends(head.span), *_ends(head.text_span))
            for n, head in enumerate(note.headings)
        ),
        block_ids=tuple((block.id, *_ends(block.span)) for block in note.blocks if block.id is not None),
        tags=tuple((tag.name, *_ends(tag.span)) for tag in note.tags),
        links=tuple(link_columns(link) for link in note.links),
        chunks=tuple(
            (n, *_ends(chunk.span), chunk.text, texts_json(chunk.headings), chunk.digest, text.count(" ") + 1)
            for n, (chunk, (_, _, text)) in enumerate(zip(chunks, prepared, strict=True))
        ),
        searched=prepared,
    )


def searched(title: str, chunks: Iterable[Chunk]) -> Iterator[tuple[str, str, str]]:
    """Give title, headings and text of each chunk as they are indexed; the title is not repeated in the headings."""
    prepared_title = prepare(title)
    above: tuple[str, ...] | None = None
    prepared_above = ""
    for chunk in chunks:
        if chunk.headings != above:
            above = chunk.headings
            prepared_above = prepare(" ".join(above[1:] if above[:1] == (title,) else above))
        yield prepared_title, prepared_above, prepare(chunk.text)


def _without(chunk: Chunk, unsaid: Sequence[Span]) -> Chunk:
    """Give `chunk` with blanks where its text is for a program: nobody searches for a template's commands."""
    start, near = chunk.span.start, []
    for at in range(bisect.bisect_left(unsaid, chunk.span.end, key=_start) - 1, -1, -1):
        if unsaid[at].end <= start:
            break
        near.append(unsaid[at])
    ranges = [(max(0, span.start - start), span.end - start) for span in near]
    return replace(chunk, text=blanked(chunk.text, ranges)) if ranges else chunk


def failed(path: VaultPath, error: Exception | str) -> Reading:
    """Give the reading of a note on which we slipped: left out and reported (V110)."""
    said = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    message = f"the note could not be parsed: {said}"[:500]
    found = Diagnostic(
        UNREADABLE_NOTE,
        message.encode("utf-8", "replace").decode(),
        Span(path, 0, 0),
        help="this is a bug in vaultc; the other notes are indexed",
    )
    return Reading(path, None, diagnostics_json((found,)))


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end
