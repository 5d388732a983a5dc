"""Parts of notes that are read: which stretch of which note, in what role, and how far its words bind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vaultc.core.link import LinkKind
from vaultc.core.note import NOT_SAID, BlockKind
from vaultc.core.spanned import Places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.around.reach import Reach
    from vaultc.core.link import Link
    from vaultc.core.note import Block, Callout, Fence, Field, ListItem, Mark, Note, Table
    from vaultc.core.source import Quote, Source, Span


@dataclass(frozen=True)
class Region:
    """A stretch of a note. `role` is that of the gathered passages: "idea", "embed" or "link".

    `reach` is how a stretch of another note was reached from the idea, and the words that connect the two.
    """

    source: Source
    note: Note
    span: Span
    role: str
    reach: Reach | None = None

    @cached_property
    def marks(self) -> Places[Mark]:
        """What is struck out, code, comment and the like, by place."""
        return Places(self.note.marks)

    @cached_property
    def links(self) -> Places[Link]:
        """The links of the text, by place."""
        return Places(link for link in self.note.links if link.kind is not LinkKind.PROPERTY)

    @cached_property
    def fields(self) -> Places[Field]:
        """The Dataview fields, by place."""
        return Places(self.note.fields)

    @cached_property
    def _items(self) -> dict[int, ListItem]:
        return {item.block: item for item in self.note.items}

    @cached_property
    def _callouts(self) -> dict[int, Callout]:
        return {id(self.note.blocks[callout.block]): callout for callout in self.note.callouts}

    def holds(self, span: Span) -> bool:
        """Tell whether `span` lies wholly in the region."""
        return self.span.covers(span)

    def blocks(self) -> Iterator[tuple[int, Block]]:
        """Give the blocks of the region with their index in the note, in reading order."""
        for index, block in enumerate(self.note.blocks):
            if self.holds(block.text):
                yield index, block

    def headings(self, block: Block) -> tuple[str, ...]:
        """Give the path of headings above `block`."""
        return self.note.sections[block.section].headings if self.note.sections else ()

    def tables(self) -> Iterator[tuple[Block, Table]]:
        """Give the tables of the region with their blocks."""
        for table in self.note.tables:
            block = self.note.blocks[table.block]
            if self.holds(block.span) and not self.is_foreign(block):
                yield block, table

    def fences(self) -> Iterator[tuple[Block, Fence]]:
        """Give the fenced code blocks of the region with their blocks."""
        for fence in self.note.fences:
            block = self.note.blocks[fence.block]
            if self.holds(block.span) and not self.is_foreign(block):
                yield block, fence

    def ancestors(self, block: Block) -> Iterator[Block]:
        """Give the containers of `block`, innermost first."""
        parent = block.parent
        while parent is not None:
            yield self.note.blocks[parent]
            parent = self.note.blocks[parent].parent

    def is_foreign(self, block: Block) -> bool:
        """Tell whether `block` is not the person's word: in a quote, a callout of another's words, a git conflict."""
        for above in (block, *self.ancestors(block)):
            if above.kind in {BlockKind.QUOTE, BlockKind.COMMENT}:
                return True
            if self.is_unsaid(above.span):
                return True
            if above.kind is BlockKind.CALLOUT and self.callout_kind(above) in _FOREIGN_CALLOUTS:
                return True
        return False

    def is_unsaid(self, span: Span) -> bool:
        """Tell whether `span` is for a program, or one side of a git conflict."""
        return any(mark.kind in NOT_SAID and mark.span.covers(span) for mark in self.marks.touching(span))

    def callout_kind(self, block: Block) -> str:
        """Give the kind of the callout that `block` is, or an empty text."""
        found = self._callouts.get(id(block))
        return found.kind if found is not None else ""

    def callout_of(self, block: Block) -> Callout | None:
        """Give the callout that `block` is, or None."""
        return self._callouts.get(id(block))

    def callout_above(self, block: Block) -> str:
        """Give the kind of the innermost callout around `block`, or an empty text."""
        for above in (block, *self.ancestors(block)):
            if above.kind is BlockKind.CALLOUT:
                return self.callout_kind(above)
        return ""

    def item_of(self, index: int) -> ListItem | None:
        """Give the list item whose block has `index`, or None."""
        return self._items.get(index)

    def quote(self, span: Span) -> Quote:
        """Give `span` with the words that stand there."""
        return self.source.quote(span)


# Words of others, generated text, and what only shows.
_FOREIGN_CALLOUTS = frozenset(
    {
        "quote",
        "cite",
        "example",
        "chat",
        "user",
        "assistant",
        "ai",
        "human",
        "bot",
        "gpt",
        "claude",
        "cite!",
        "пример",
        "цитата",
    }
)


def trimmed(source: Source, start: int, end: int) -> Span:
    """Give the span `[start, end)` without the blanks at its ends."""
    text = source.text
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return source.span(start, end)
