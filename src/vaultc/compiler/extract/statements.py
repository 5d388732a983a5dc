"""Statements: the sentences, list items and bare lines of a region, each with its exact place and surroundings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.extract.chats import Answer, Speaker
from vaultc.compiler.extract.plain import is_struck, masked, plain
from vaultc.compiler.extract.region import trimmed
from vaultc.core.note import BlockKind
from vaultc.language.reading import read
from vaultc.language.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.extract.region import Region
    from vaultc.core.note import Block, ListItem
    from vaultc.core.source import Quote, Span

_PRONOUN = re.compile(r"(?:It|This|They|These|Its|Он|Она|Оно|Они|Это|Эти)\b")
_LEAD_WORDS = 12
_TITLE_WORDS = 3
_MAX_CHARS = 2000  # a longer stretch is no sentence
_BARE_LEAD_WORDS = 5
_LEAD_TARGETS = frozenset({BlockKind.LIST_ITEM, BlockKind.TABLE, BlockKind.FENCE, BlockKind.CODE})


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence or list item.

    `text` is how people read it, `masked` the same stretch as the quote with markup blanked: offsets into it
    are offsets into the quote; `shown` is the same with inline code. `headings` ends with the lead line ("Rules:")
    where one stands above the list. `is_head` is False for the second and later sentences of a list item.
    In a conversation `speaker` says it, `answer` is what the person made of it, and `asked` are the labels of what was
    proposed in the turn before.
    """

    quote: Quote
    text: str
    masked: str
    shown: str
    headings: tuple[str, ...]
    role: str
    block: int
    callout: str = ""
    item: ListItem | None = None
    is_head: bool = True
    is_lead: bool = False
    parent_text: str = ""
    speaker: Speaker | None = None
    answer: Answer = Answer.UNANSWERED
    asked: tuple[str, ...] = ()

    @property
    def is_proposal(self) -> bool:
        """Tell whether an assistant proposes it and the person did not take it."""
        return self.speaker is Speaker.ASSISTANT and self.answer is not Answer.ACCEPTED

    @property
    def is_question(self) -> bool:
        """Tell whether the statement asks."""
        return self.text.rstrip("*_ )»\"'").endswith("?")


def is_lead(region: Region, index: int) -> bool:
    """Tell whether the paragraph at `index` heads what follows: "Rules:", or a bare short line over a list."""
    blocks = region.note.blocks
    block = blocks[index]
    if block.kind is not BlockKind.PARAGRAPH or index + 1 >= len(blocks):
        return False
    follower = blocks[index + 1]
    if follower.kind not in _LEAD_TARGETS or follower.section != block.section or follower.parent != block.parent:
        return False
    words = plain(region, block.text)
    if "\n" in region.source.slice(block.text).strip():
        return words.endswith(":") and len(words.split()) <= _LEAD_WORDS
    if words.endswith(":"):
        return len(words.split()) <= _LEAD_WORDS
    return words[-1:].isalnum() and len(words.split()) <= _BARE_LEAD_WORDS


def leads(region: Region) -> dict[int, str]:
    """Give for each block that stands under a lead line the words of that line, without its colon.

    A lead line rules the list, table or fence right below it, and the items of that list at every depth.
    """
    found: dict[int, str] = {}
    blocks = region.note.blocks
    for index, _ in region.blocks():
        if not is_lead(region, index):
            continue
        words = plain(region, blocks[index].text).rstrip(":").strip()
        kind = blocks[index + 1].kind
        for below in range(index + 1, len(blocks)):
            block = blocks[below]
            is_inside = block.parent is not None and block.parent > index
            if not is_inside and (block.kind is not kind or block.section != blocks[index].section):
                break
            found[below] = words
            if kind is not BlockKind.LIST_ITEM and not is_inside:
                break
    return found


def statements(region: Region) -> Iterator[Statement]:
    """Give the statements of a region in reading order; quotations, code, tables and comments are left out."""
    lead_of = leads(region)
    previous: Span | None = None
    for index, block in region.blocks():
        if block.kind is BlockKind.CALLOUT and not region.is_foreign(block):
            yield from _of_title(region, block)
        if block.kind not in {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM}:
            continue
        if region.is_foreign(block) and not region.is_proposed(block):
            continue
        if previous is not None and previous.covers(block.text):
            continue  # the paragraph inside a list item
        previous = block.text
        lead = lead_of.get(index)
        if lead is None and block.parent is not None:
            lead = lead_of.get(block.parent)
        headings = region.headings(block) + ((lead,) if lead else ())
        yield from _of_block(region, index, block, headings)


def _of_title(region: Region, block: Block) -> Iterator[Statement]:
    """Give the title of a callout where it is a sentence: "[!warning] The relay must be rated"."""
    callout = region.callout_of(block)
    if callout is None or len(callout.title.split()) < _TITLE_WORDS or is_struck(region, callout.title_span):
        return
    span = callout.title_span
    mask, shown = masked(region, span), masked(region, span, with_code=True)
    yield Statement(
        region.quote(span),
        plain(region, span),
        mask,
        shown,
        region.headings(block),
        region.role,
        callout.block,
        callout.kind,
    )


def _of_block(region: Region, index: int, block: Block, headings: tuple[str, ...]) -> Iterator[Statement]:
    item = region.item_of(index)
    callout = region.callout_above(block)
    lead = is_lead(region, index)
    parent_text = _parent_text(region, block) if item is not None else ""
    for number, (start, end) in enumerate(_pieces(region, block, is_item=item is not None)):
        span = trimmed(region.source, start, end)
        if not 0 < span.end - span.start <= _MAX_CHARS or is_struck(region, span) or _is_field(region, span):
            continue
        yield Statement(
            quote=region.quote(span),
            text=plain(region, span),
            masked=masked(region, span),
            shown=masked(region, span, with_code=True),
            headings=headings,
            role=region.role,
            block=index,
            callout=callout,
            item=item,
            is_head=number == 0,
            is_lead=lead,
            parent_text=parent_text,
            speaker=region.chat.speaker_at(span.start),
            answer=region.chat.answer_at(span.start),
            asked=region.chat.asked_before(span.start),
        )


def _is_field(region: Region, span: Span) -> bool:
    """Tell whether the stretch is a Dataview field of its own, not a sentence."""
    return any(field.span.start <= span.start < field.span.end for field in region.fields.touching(span))


def _parent_text(region: Region, block: Block) -> str:
    if block.parent is None:
        return ""
    above = region.note.blocks[block.parent]
    return plain(region, above.text) if above.kind is BlockKind.LIST_ITEM else ""


def _pieces(region: Region, block: Block, *, is_item: bool) -> list[tuple[int, int]]:
    """Give the sentence ranges of a block; an item of lines each of which is a Dataview field is cut by lines."""
    text = region.source.slice(block.text)
    found = [(block.text.start + start, block.text.start + end) for start, end in sentences(text)]
    if len(found) > 1:
        return _rejoined(region, found, is_item=is_item)
    return found or [(block.text.start, block.text.end)]


def _rejoined(region: Region, pieces: list[tuple[int, int]], *, is_item: bool) -> list[tuple[int, int]]:
    """Join to the sentence before it what does not stand alone.

    A scrap without a word of three letters ("No. 5"), and a sentence "It …", «Он …» of a list item or with a modal
    word: its subject is in the sentence before.
    """
    joined: list[tuple[int, int]] = []
    for start, end in pieces:
        words = region.source.text[start:end]
        is_scrap = not any(len(word.strip(".,;:!?()«»\"'`")) > 2 for word in words.split())
        if joined and (
            is_scrap or (_PRONOUN.match(words) and (is_item or read(words).modal) and not words.endswith("?"))
        ):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
