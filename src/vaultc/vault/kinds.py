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


def parse_file(source: Source, *, is_generated: bool = False) -> tuple[Note, tuple[Diagnostic, ...]]:
    """Parse a file as read, by its ending, and give it as a note with what is wrong with it.

    One that is known as generated bears the mark of generated notes, whether it says so itself or not.
    """
    note, found = _parse(source)
    if is_generated and not note.is_generated:
        mark = Property(GENERATED, "file", source.span(0, 0))
        note = replace(note, properties=(mark, *note.properties))
    return note, found


def _parse(source: Source) -> tuple[Note, tuple[Diagnostic, ...]]:
    path = source.path.lower()
    if is_canvas_path(path):
        return parse_canvas(source)
    if path.endswith(".base"):
        return parse_plain(source, MAX_BASE)
    return parse_note(source)
