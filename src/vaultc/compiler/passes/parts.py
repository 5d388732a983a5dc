"""The parts of one note that others name, embed and link to, each found without a walk through the note."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from vaultc.core.source import Span
from vaultc.core.spanned import Places
from vaultc.vault.resolve import outline_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.core.link import Link
    from vaultc.core.note import Note
    from vaultc.vault.resolve import NoteOutline


class NoteParts:
    """A note by its headings, block ids and embeds."""

    def __init__(self, note: Note) -> None:
        self._note = note

    def headings_at(self, offset: int) -> tuple[str, ...]:
        """Give the headings above the place `offset`."""
        at = bisect_right(self._starts, offset)
        return self._note.sections[at - 1].headings if at else ()

    def span(self, headings: Sequence[str], block: str | None) -> Span | None:
        """Give the stretch that a chain of headings (with all below) or a block id names; the body without."""
        if block is not None:
            return self._blocks.get(self._outline.block(block) or "")
        if not headings:
            return self._note.body
        start = self._outline.heading(headings)
        return None if start is None else Span(self._note.path, start.span.start, self._ends[start.span.start])

    def embeds_within(self, span: Span) -> list[Link]:
        """Give the embeds that stand in `span`, in order of place."""
        return self._embeds.within(span)

    @cached_property
    def _starts(self) -> Sequence[int]:
        return [section.span.start for section in self._note.sections]

    @cached_property
    def _outline(self) -> NoteOutline:
        return outline_of(self._note)

    @cached_property
    def _blocks(self) -> Mapping[str, Span]:
        return {block.id: block.span for block in reversed(self._note.blocks) if block.id}

    @cached_property
    def _ends(self) -> Mapping[int, int]:
        """Where what stands below a heading ends, by where it starts: at the next one that is no deeper."""
        ends: dict[int, int] = {}
        below: list[tuple[int, int]] = [(0, self._note.body.end)]  # level and start of those that follow, nearest last
        for heading in reversed(self._note.headings):
            while below[-1][0] > heading.level:
                below.pop()
            ends[heading.span.start] = below[-1][1]
            below.append((heading.level, heading.span.start))
        return ends

    @cached_property
    def _embeds(self) -> Places[Link]:
        return Places(link for link in self._note.links if link.is_embed)
