"""Which files of a vault are read, and each as what: notes as Markdown, canvases by their cards, bases as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.core.endings import is_canvas_path
from vaultc.core.note import Property
from vaultc.syntax.parse import parse_note, parse_plain
from vaultc.vault.canvas import GENERATED, parse_canvas

if TYPE_CHECKING:
    from vaultc.core.diagnostic import Diagnostic
    from vaultc.core.note import Note
    from vaultc.core.source import Source

MAX_BASE = 500_000


def as_generated(note: Note, source: Source) -> Note:
    """Give the note of a file that vaultc is known to have written with the mark that says so."""
    if note.is_generated:
        return note
    return replace(note, properties=(Property(GENERATED, "file", source.span(0, 0)), *note.properties))


def parse_file(source: Source) -> tuple[Note, tuple[Diagnostic, ...]]:
    """Parse a file as read, by its ending, and give it as a note with what is wrong with it."""
    path = source.path.lower()
    if is_canvas_path(path):
        return parse_canvas(source)
    if path.endswith(".base"):
        return parse_plain(source, MAX_BASE)
    return parse_note(source)
