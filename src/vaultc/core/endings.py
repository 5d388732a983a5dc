"""What a file is by the end of its name: a note, something else that is read and searched, or neither."""

from __future__ import annotations

NOTE_SUFFIXES = (".md", ".idea", ".pseudo")
"""Endings of the files that are notes; all are read alike."""
BESIDE = ".vaultc-new"
"""Ending of a new version that a compile lays beside a file which a person changed."""
READ_SUFFIXES = (*NOTE_SUFFIXES, ".canvas", ".base")
"""Endings of the files that are read and searched. A link names a canvas or a base by its ending only."""


def is_note_path(path: str) -> bool:
    """Tell whether the file at `path` is a note."""
    return path.lower().endswith(NOTE_SUFFIXES)


def is_canvas_path(path: str) -> bool:
    """Tell whether the file at `path` is a canvas."""
    return path.lower().endswith(".canvas")


def is_read_path(path: str) -> bool:
    """Tell whether the file at `path` is read as a note."""
    return path.lower().endswith(READ_SUFFIXES)


def note_title(path: str) -> str:
    """Give the title of the note at `path`: its file's name without the ending, as Obsidian shows it."""
    name = path.rsplit("/", 1)[-1]
    for suffix in NOTE_SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name
