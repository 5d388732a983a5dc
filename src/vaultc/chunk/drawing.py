"""Notes of the Excalidraw plugin: their words are the text elements; the drawing itself says nothing.

Such a note warns its reader, lists the words of the drawing, and ends with the drawing as JSON, plain or compressed,
behind a `%%`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.note import BlockKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.core.note import Note, Section
    from vaultc.core.source import Source

_LANGUAGES = frozenset({"json", "compressed-json"})
_HEADINGS = frozenset({"excalidraw data", "text elements", "element links", "embedded files", "drawing"})
_WARNING = "==⚠"


def drawing_ranges(source: Source, note: Note) -> Iterator[tuple[int, int]]:
    """Give the ranges of a drawing's note that say nothing, in order: the warning, the marks, the drawing."""
    if not note.is_drawing:
        return
    drawings = {fence.block for fence in note.fences if fence.language in _LANGUAGES and _is_drawing(note, fence.block)}
    for index, block in enumerate(note.blocks):
        if index in drawings:
            yield block.span.start, block.span.end
        elif block.parent is None and block.kind in (BlockKind.PARAGRAPH, BlockKind.COMMENT):
            text = source.slice(block.span)
            if text.startswith(_WARNING) or text == "%%":
                yield block.span.start, block.span.end


def is_silent_heading(note: Note, section: Section) -> bool:
    """Tell whether a section's heading was written by the plugin, and says nothing."""
    return note.is_drawing and section.headings[-1:] != () and section.headings[-1].lower() in _HEADINGS


def _is_drawing(note: Note, block: int) -> bool:
    headings = note.sections[note.blocks[block].section].headings
    return headings[-1:] == ("Drawing",)
