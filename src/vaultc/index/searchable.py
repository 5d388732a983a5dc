"""What of a note is searched: its chunks, or its title where it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.chunk.pack import chunks_of
from vaultc.core.chunk import Chunk
from vaultc.core.digest import digest_json
from vaultc.core.note import MarkKind

if TYPE_CHECKING:
    from vaultc.core.chunk import ChunkOptions
    from vaultc.core.note import Note
    from vaultc.core.source import Source

_LONGEST = 500  # code points of a note without chunks that are shown for it


def searchable(source: Source, note: Note, options: ChunkOptions) -> tuple[Chunk, ...]:
    """Give the chunks of a note; none of a note that vaultc wrote.

    A note that is only a name (empty, or nothing but headings) is one chunk, so that it is found by its title.
    """
    if note.is_generated:
        return ()
    chunks = chunks_of(source, note, options)
    if chunks:
        return chunks
    is_written = note.is_drawing or any(mark.kind is MarkKind.PLUGIN for mark in note.marks)
    body = "" if is_written else source.slice(note.body)
    start = note.body.start + len(body) - len(body.lstrip())
    span = source.span(start, max(start, min(note.body.start + len(body.rstrip()), start + _LONGEST)))
    text = source.slice(span)
    return (Chunk(span, text, (note.title,), digest_json([[note.title], text])),)
