"""Links that a comment hides: they count as links, as in Obsidian, but no reader meets them, so nothing is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.errors import VaultError
from vaultc.core.note import MarkKind

if TYPE_CHECKING:
    from vaultc.app.session import Session
    from vaultc.core.source import Span

_MARK = "%%"


def is_commented_out(span: Span, session: Session) -> bool:
    """Tell whether the link at `span` stands in a comment; the note is parsed only where its line leaves doubt."""
    source = session.placer.source(span.path)
    if source is None or source.text.find(_MARK, 0, span.start) < 0 or source.text.find(_MARK, span.end) < 0:
        return False
    line = source.line_at(span.start)
    first, behind = line.start, line.end
    is_plain = "`" not in source.text[first:behind] and source.text.count(_MARK, 0, first) % 2 == 0
    if is_plain and span.end <= behind:
        before, after = source.text[first : span.start], source.text[span.end : behind]
        if before.lstrip().startswith(_MARK) and after.rstrip().endswith(_MARK) and before.count(_MARK) % 2 == 1:
            return True
    try:
        marks = session.reader.read(span.path).note.marks
    except VaultError:
        return False
    return any(mark.kind is MarkKind.COMMENT and mark.span.covers(span) for mark in marks)
