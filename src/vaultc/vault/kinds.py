"""Which files of a vault are read, and each as what: notes as Markdown, canvases by their cards, bases as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.syntax.parse import NOTE_SUFFIXES, parse_note, parse_plain
from vaultc.vault.canvas import is_canvas_path, parse_canvas

if TYPE_CHECKING:
    from vaultc.core.diagnostic import Diagnostic
    from vaultc.core.note import Note
    from vaultc.core.source import Source

READ_SUFFIXES = (*NOTE_SUFFIXES, ".canvas", ".base")
"""Endings of the files that are read and searched. A link names a canvas or a base by its ending only."""

MAX_BASE = 500_000


def is_read_path(path: str) -> bool:
    """Tell whether the file at `path` is read as a note by its ending."""
    return path.lower().endswith(READ_SUFFIXES)


def parse_file(source: Source) -> tuple[Note, tuple[Diagnostic, ...]]:
    """Parse a file as read, by its ending, and give it as a note with what is wrong with it."""
    path = source.path.lower()
    if is_canvas_path(path):
        return parse_canvas(source)
    if path.endswith(".base"):
        return parse_plain(source, MAX_BASE)
    return parse_note(source)
