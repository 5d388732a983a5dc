"""What stands in a quote, a callout or a list item is read as it is outside of it, with its own spans."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from fakes import note
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.core.note import BlockKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.core.note import Note
    from vaultc.core.source import Span

LINES = [
    *("words [[b]] #tag", "- item", "  - inner ^id", "1. one", "  more", "# Head ^h", "## H2 ##", "", "", "```py"),
    *("code", "```", "| a | b |", "|---|---|", "| 1 | [[x\\|y]] |", "> quote", "> > deep", "> - in", "$$", "x^2", "%%"),
    *("hidden", "[^1]: foot", "    indented", "key:: value", "***", "<div>", "</div>", "Setext", "===", "- [ ] task"),
    *("~~~", "line  ", "text ^b2", "<!-- c -->", "> [!note] T", ">", "- > both", "$a$ and `b`"),
]


class Wrapping(NamedTuple):
    """How lines are wrapped: what stands before them all, what before each, and how many blocks that makes."""

    before: str
    each: str
    blocks: int
    items: int


WRAPPINGS = {
    "quote": Wrapping("", "> ", 1, 0),
    "two quotes": Wrapping("", "> > ", 2, 0),
    "callout": Wrapping("> [!chat] Title\n>\n", "> ", 1, 0),
    "list item": Wrapping("- w\n\n", "  ", 1, 1),
    "quote in a list item": Wrapping("1. w\n\n", "   > ", 2, 1),
    "list item in a quote": Wrapping("> * w\n>\n", ">   ", 2, 1),
}


def shape(note: Note, move: Callable[[int], int]) -> dict[str, list[Any]]:
    """Give the parts of a note as values that compare, offsets moved."""

    def ends(span: Span) -> tuple[int, int]:
        return move(span.start), move(span.end)

    def words(text: str) -> str:
        return " ".join(text.replace(">", " ").split())  # of several lines it holds the marks between them

    whole_lines = (BlockKind.FENCE, BlockKind.CODE)
    return {
        "blocks": [
            (block.kind, ends(block.span), block.kind in whole_lines or ends(block.text), block.id)
            for block in note.blocks
        ],
        "headings": [(head.level, words(head.text), ends(head.span), ends(head.text_span)) for head in note.headings],
        "links": [(link.target, ends(link.span)) for link in note.links],
        "tags": [(tag.name, ends(tag.span)) for tag in note.tags],
        "fences": [(fence.info, fence.code) for fence in note.fences],
        "cells": [
            (cell.text, ends(cell.span)) for table in note.tables for row in (table.header, *table.rows) for cell in row
        ],
        "items": [(item.depth, item.number, item.task) for item in note.items],
        "fields": [(found.key, found.value, ends(found.span)) for found in note.fields],
        "footnotes": [(foot.id, ends(foot.span)) for foot in note.footnotes],
        "marks": [(mark.kind, ends(mark.span)) for mark in note.marks],
        "callouts": [(callout.kind, callout.title, ends(callout.title_span)) for callout in note.callouts],
    }


@pytest.mark.parametrize("name", WRAPPINGS)
@settings(max_examples=120, deadline=None)
@given(lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=7))
def test_what_is_wrapped_is_read_as_what_is_not(name: str, lines: list[str]) -> None:
    wrapping = WRAPPINGS[name]
    lines = ["first line", "", *lines, "", "last line"]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)

    def move(offset: int) -> int:
        return offset + len(wrapping.before) + len(wrapping.each) * bisect.bisect_right(starts, offset)

    plain = shape(note("\n".join(lines)), move)
    wrapped = shape(note(wrapping.before + "\n".join(wrapping.each + line for line in lines)), lambda offset: offset)

    wrapped["blocks"] = wrapped["blocks"][wrapping.blocks :]
    wrapped["callouts"] = wrapped["callouts"][name == "callout" :]
    wrapped["items"] = [
        (depth - wrapping.items, number, task) for depth, number, task in wrapped["items"][wrapping.items :]
    ]
    assert wrapped == plain
