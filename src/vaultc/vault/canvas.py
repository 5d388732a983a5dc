"""A canvas as a note: its cards in reading order as Markdown, its edges as lines, each part with its place in the JSON.

Text cards stand as they are, each read by itself, so that no fence reaches into the next card; file cards are links;
groups are headings with their cards below. Only text cards and file cards hold links: labels and names are words.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.endings import note_title
from vaultc.core.link import Link, LinkKind
from vaultc.core.note import Edge, Note, Property
from vaultc.core.origin import OriginBuilder
from vaultc.core.rules import INVALID_CANVAS, TOO_LARGE
from vaultc.core.source import Source, VaultPath
from vaultc.syntax.frontmatter import read_frontmatter
from vaultc.syntax.parse import parse_parts, parse_plain
from vaultc.syntax.wikilink import split_target
from vaultc.vault.arrange import PlacedCard, in_reading_order
from vaultc.vault.board import BadCanvas, read_board
from vaultc.vault.mojibake import Repaired, may_hold_mojibake, mojibake_found, repaired

if TYPE_CHECKING:
    from vaultc.core.origin import Origin
    from vaultc.core.source import Span
    from vaultc.vault.board import Board, Item, JsonValue

MAX_CANVAS = 5_000_000
GENERATED = "vaultc-kind"
"""A key of the idea's card in a canvas that vaultc wrote."""
IDEA_CARD = "idea"
_MARKUP = re.compile(r"[*_`~=\[\]#<>!|$%\\]+")
_WIKILINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]]*)\]\]")
_NAME_WIDTH = 60
_ARROWS = {("none", "none"): "—", ("arrow", "none"): "←", ("arrow", "arrow"): "↔"}


def canvas_source(source: Source) -> tuple[Source, tuple[Diagnostic, ...]]:
    """Give the canvas whose JSON is `source` as it is read, and what is wrong with it.

    What is no canvas, or too large a one, stays as it stands (V116, V113).
    """
    if len(source.text) > MAX_CANVAS:
        message = f"the canvas has {len(source.text)} characters, more than {MAX_CANVAS}"
        found = Diagnostic(TOO_LARGE, message, source.head(0, 80), help="it was read as plain text, without links")
        return source, (found,)
    try:
        board = read_board(source.text)
    except BadCanvas as fault:
        span = source.head(fault.at, 1)
        message = f"the canvas was read as plain text: {fault.message}"
        return source, (Diagnostic(INVALID_CANVAS, message, span, help="open it in Obsidian, or correct the JSON"),)
    drawing = _Drawing(source, board)
    return Source(source.path, drawing.text, drawing.origin), drawing.diagnostics()


def parse_canvas(source: Source) -> tuple[Note, tuple[Diagnostic, ...]]:
    """Parse a canvas as `canvas_source` gave it."""
    if source.origin is None:
        return parse_plain(source, MAX_CANVAS)
    drawing = _Drawing(source.file, read_board(source.origin.text))
    note, diagnostics = parse_parts(source, drawing.parts)
    starts = [start for start, _ in drawing.text_cards]

    def is_in_card(span: Span) -> bool:
        index = bisect.bisect_right(starts, span.start) - 1
        return index >= 0 and span.end <= drawing.text_cards[index][1]

    links = [replace(link, kind=LinkKind.CANVAS) for link in note.links if is_in_card(link.span)]
    links += drawing.links
    properties = (Property(GENERATED, "canvas", source.span(0, 0)),) if drawing.is_generated else ()
    note = replace(
        note,
        properties=properties,
        links=tuple(sorted(links, key=lambda link: link.span.start)),
        tags=tuple(tag for tag in note.tags if is_in_card(tag.span)),
        fields=tuple(found for found in note.fields if is_in_card(found.span)),
        edges=tuple(drawing.edges),
    )
    return note, diagnostics


@dataclass(frozen=True, slots=True)
class _Repair:
    """Mojibake that was put right in a string: what, and where the text as read has it."""

    found: Repaired
    start: int


class _Drawing:
    """Writes a board as Markdown, and notes where its parts, links and edges are."""

    text: str
    origin: Origin

    def __init__(self, source: Source, board: Board) -> None:
        self._source = source
        self._builder = OriginBuilder(source.text)
        self._repairs: list[_Repair] = []
        self.parts: list[tuple[int, int]] = []
        self.text_cards: list[tuple[int, int]] = []
        self.links: list[Link] = []
        self.edges: list[Edge] = []
        self.is_generated = any(card.said("id") == IDEA_CARD and GENERATED in card.strings for card in board.cards)
        self._names = {card.said("id"): _name(card) for card in board.cards if "id" in card.strings}
        self._draw_edges(board.edges)
        for placed in in_reading_order(board.cards):
            self._draw_card(placed)
        self.text, self.origin = self._builder.finish()

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Tell of mojibake, once for the whole canvas."""
        if not self._repairs:
            return ()
        first = self._repairs[0]
        count = sum(repair.found.count for repair in self._repairs)
        source = Source(self._source.path, self.text, self.origin)
        return (mojibake_found(source, replace(first.found, count=count), first.start),)

    # parts

    def _begin(self, at: int) -> int:
        """Start a part of its own, which the JSON has at `at`."""
        if self._builder.length:
            self._made("\n\n", at)
        return self._builder.length

    def _made(self, text: str, at: int) -> None:
        self._builder.add(text, at, at)

    def _value(
        self, value: JsonValue, *, is_line: bool = False, is_path: bool = False, is_card: bool = False
    ) -> tuple[str, Span]:
        """Write what a string says; give that, and where it stands in the text as read.

        A line has its line ends made blanks; a path stays as it is, for so the file is named; a card begins behind its
        properties, which Obsidian takes for settings of how it looks.
        """
        start = self._builder.length
        text = value.text.replace("\r", " ").replace("\n", " ") if is_line or is_path else value.text
        places = value.starts(self._source.text)
        found = repaired(text) if not is_path and may_hold_mojibake(text) else None
        right = text if found is None else found.text
        skipped = _properties_end(right) if is_card else 0
        if found is not None:
            self._repairs.append(_Repair(found, start - skipped))
        if places is None:
            self._builder.add(right[skipped:], value.start, value.end)
        elif found is None and places[-1] - places[0] == len(text):
            self._builder.add(text[skipped:], value.start + skipped, value.end, 1)
        else:
            self._letters(right, places, found, skipped)
        return right, self._source.span(start, self._builder.length)

    def _letters(self, text: str, places: list[int], found: Repaired | None, skipped: int) -> None:
        for at, letter in enumerate(text[skipped:], skipped):
            first, behind = (at, at + 1) if found is None else found.origin.place(at, at + 1)
            self._builder.add(letter, places[first], places[behind], places[behind] - places[first])

    # cards

    def _draw_card(self, placed: PlacedCard) -> None:
        card = placed.card
        kind = card.said("type")
        if kind == "text" and card.said("text").strip():
            value = card.strings["text"]
            start = self._begin(value.start)
            _, span = self._value(value, is_card=True)
            self.text_cards.append((span.start, span.end))
        elif kind == "file" and card.said("file"):
            start = self._begin(card.strings["file"].start)
            self._file(card)
        elif kind == "link" and card.said("url"):
            start = self._begin(card.strings["url"].start)
            self._value(card.strings["url"], is_line=True)
        elif kind == "group" and card.said("label").strip():
            value = card.strings["label"]
            start = self._begin(value.start)
            self._made("#" * min(6, placed.depth + 1) + " ", value.start)
            self._value(value, is_line=True)
        else:
            return
        self.parts.append((start, self._builder.length))

    def _file(self, card: Item) -> None:
        file = card.strings["file"]
        self._made("![[", file.start)
        _, span = self._value(file, is_path=True)
        if "subpath" in card.strings:
            self._value(card.strings["subpath"], is_path=True)
        self._made("]]", file.end)
        _, headings, block = split_target(card.said("subpath"))
        target = f"/{file.text}"  # the path counts from the root
        self.links.append(Link(LinkKind.CANVAS, target, headings, block, None, span, True))

    # edges

    def _draw_edges(self, edges: list[Item]) -> None:
        drawn = [edge for edge in edges if {"fromNode", "toNode"} <= edge.strings.keys()]
        if not drawn:
            return
        start = self._builder.length
        for edge in drawn:
            if self._builder.length > start:
                self._made("\n", edge.start)
            self._draw_edge(edge)
        self.parts.append((start, self._builder.length))

    def _draw_edge(self, edge: Item) -> None:
        source, target = edge.strings["fromNode"], edge.strings["toNode"]
        ends = edge.said("fromEnd") or "none", edge.said("toEnd") or "arrow"
        start = self._builder.length
        self._made("- ", source.start)
        name, first = self._end(source)
        arrow = _ARROWS.get(ends, "→")
        self._made(f" {arrow} ", source.end)
        other, last = self._end(target)
        said, label = "", None
        if edge.said("label").strip():
            self._made(": ", edge.strings["label"].start)
            said, label = self._value(edge.strings["label"], is_line=True)
        span = self._source.span(start + 2, self._builder.length)
        self.edges.append(Edge(name, other, said, arrow, span, first, last, label))

    def _end(self, card: JsonValue) -> tuple[str, Span]:
        start = self._builder.length
        name = self._names.get(card.text) or card.text or "?"
        self._builder.add(name, card.start, card.end)
        return name, self._source.span(start, self._builder.length)


def _properties_end(text: str) -> int:
    """Give where the words of a card start: behind its properties, if it has any."""
    if not text.startswith("---"):
        return 0
    front = read_frontmatter(Source(VaultPath(""), text))
    return 0 if front.span is None else front.body


def _name(card: Item) -> str:
    """Give what a card is called where an edge names it."""
    kind = card.said("type")
    if kind == "file":
        said = note_title(card.said("file")) + card.said("subpath").replace("#", " › ")
    elif kind == "group":
        said = card.said("label")
    elif kind == "link":
        said = card.said("url")
    else:
        lines = card.said("text")[_properties_end(card.said("text")) :].splitlines()
        words = (_MARKUP.sub("", _WIKILINK.sub(r"\1", line)).strip() for line in lines)
        said = next(filter(None, words), "")
    said = " ".join(said.split())
    return said if len(said) <= _NAME_WIDTH else said[:_NAME_WIDTH].rstrip() + "…"
