"""Blocks of a note: walks the block structure, gives each block its spans, and has its words scanned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.note import Block, BlockKind, Callout, Cell, Fence, Footnote, Heading, ListItem, Mark, MarkKind, Table
from vaultc.core.source import Span
from vaultc.syntax.block_id import block_id_at
from vaultc.syntax.callout import Head, callout_head
from vaultc.syntax.comment import html_comments
from vaultc.syntax.positions import Container, Lines, skip_blanks, trim_end
from vaultc.syntax.table import cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vaultc.core.source import Source
    from vaultc.syntax.inline import InlineScanner
    from vaultc.syntax.markdown import Piece

MAX_LINE = 65_536
MAX_REGION = 1_000_000
# Links, tags and marks of one note: each is an object of some hundred bytes.
MAX_FOUND = 400_000
_TASK = re.compile(r"\[([^\r\n])\](?=[ \t\r\n]|\Z)")
_LANGUAGE = re.compile(r"[\w+#.-]+")
_FOOTNOTE = re.compile(r"\[\^([^\]\s\[]{1,200})\]:[ \t]*")
_ATX_CLOSE = re.compile(r"#+\Z")


@dataclass(slots=True)
class Draft:
    """A block while its end, words and id are still open."""

    kind: BlockKind
    start: int
    end: int
    text_start: int
    text_end: int
    parent: int | None
    id: tuple[int, int] | None = None
    has_words: bool = False
    has_children: bool = False
    callout: Head | None = None


class BlockReader:
    """Turns pieces of block structure into blocks; one for each note."""

    def __init__(self, source: Source, lines: Lines, scanner: InlineScanner) -> None:
        """Prepare to read the body of `source` whose lines are `lines`."""
        self.source, self.lines, self.scanner = source, lines, scanner
        self.text = source.text
        self.drafts: list[Draft] = []
        self.headings: list[Heading] = []
        self.top_headings: list[Heading] = []
        self.items: list[ListItem] = []
        self.tables: list[Table] = []
        self.fences: list[Fence] = []
        self.callouts: list[Callout] = []
        self.footnotes: list[Footnote] = []
        self.unread: list[tuple[int, int, str]] = []
        self.containers: list[Container] = []
        self._is_full = False
        self._depth = -1
        self._last: dict[int | None, int] = {}

    def read(self, pieces: Iterable[Piece]) -> None:
        """Read all `pieces`, in order."""
        for piece in pieces:
            if piece.edge == "-":
                self._close(piece.kind)
            elif piece.edge == "+":
                self._open(piece)
            else:
                self._leaf(piece)

    def plain(self, start: int, end: int, kind: BlockKind = BlockKind.PARAGRAPH) -> None:
        """Add `[start, end)` as a block whose words are not scanned."""
        end = trim_end(self.text, start, end)
        if end > start:
            self._add(Draft(kind, start, end, start, end, None))

    def blocks(self, section_of: Iterable[int]) -> tuple[Block, ...]:
        """Give the blocks, each in the section that `section_of` names for it."""
        text, path = self.text, self.source.path
        return tuple(
            [
                Block(
                    draft.kind,
                    Span(path, draft.start, draft.end),
                    Span(path, draft.text_start, max(draft.text_start, draft.text_end)),
                    section,
                    draft.parent,
                    None if draft.id is None else text[draft.id[0] + 1 : draft.id[1]],
                    None if draft.id is None else Span(path, *draft.id),
                )
                for draft, section in zip(self.drafts, section_of, strict=True)
            ]
        )

    def _add(self, draft: Draft) -> int:
        self.drafts.append(draft)
        index = len(self.drafts) - 1
        if draft.parent is not None:
            self.drafts[draft.parent].has_children = True
        self._last[draft.parent] = index
        return index

    @property
    def _parent(self) -> int | None:
        return self.containers[-1].block if self.containers else None

    def _open(self, piece: Piece) -> None:
        if piece.kind in ("bullet_list", "ordered_list"):
            self._depth += 1
        elif piece.kind == "blockquote":
            self._open_quote(piece)
        else:
            self._open_item(piece)

    def _close(self, kind: str) -> None:
        if kind in ("bullet_list", "ordered_list"):
            self._depth -= 1
            return
        index = self.containers.pop().block
        draft = self.drafts[index]
        if draft.kind is not BlockKind.LIST_ITEM:
            draft.text_end = draft.end
            if draft.callout is not None and draft.callout.title_start == draft.callout.title_end:
                draft.text_start = self.drafts[index + 1].start if draft.has_children else draft.text_end
        if draft.parent is not None:
            parent = self.drafts[draft.parent]
            parent.end = max(parent.end, draft.end)

    def _open_quote(self, piece: Piece) -> None:
        start = self.lines.content_start(piece.first, self.containers)
        line_end = self.lines.content_end(piece.first)
        words = skip_blanks(self.text, start + 1, self.lines.ends[piece.first])
        head = callout_head(self.text, words, line_end)
        end = max(line_end, start + 1)
        words = min(words, end)
        draft = Draft(BlockKind.QUOTE, start, end, words, words, self._parent, callout=head)
        index = self._add(draft)
        if head is not None:
            draft.kind = BlockKind.CALLOUT
            draft.text_start = head.title_start
            draft.end = max(draft.end, head.title_end)
            title = self.source.span(head.title_start, head.title_end)
            self.callouts.append(Callout(index, head.kind, self.source.slice(title), title, head.is_folded))
            self._scan(head.title_start, head.title_end)
        self.containers.append(Container(index, piece.first, is_quote=True, words=words))

    def _open_item(self, piece: Piece) -> None:
        start = self.lines.content_start(piece.first, self.containers)
        words = self.lines.behind_marker(start, piece.first)
        end = max(self.lines.content_end(piece.first), trim_end(self.text, start, words))
        words = min(words, end)
        index = self._add(Draft(BlockKind.LIST_ITEM, start, end, words, words, self._parent))
        number = int(piece.info) if piece.info.isdecimal() else None
        self.items.append(ListItem(index, self._depth, number, None))
        self.containers.append(Container(index, piece.first, is_quote=False, words=words))

    def _leaf(self, piece: Piece) -> None:
        first = piece.first
        start = self.lines.content_start(first, self.containers)
        end = max(start, self.lines.words_end(first, piece.behind))
        before = len(self.drafts)
        _READERS[piece.kind](self, piece, start, end)
        if self.containers:
            owner = self.drafts[self.containers[-1].block]
            owner.end = max(owner.end, end)
            owner.has_children = owner.has_children or len(self.drafts) > before

    def _html(self, _piece: Piece, start: int, end: int) -> None:
        self._add(Draft(BlockKind.HTML, start, end, start, end, self._parent))
        for comment in html_comments(self.text, start, end):
            self.scanner.marks.append(Mark(MarkKind.HTML_COMMENT, self.source.span(*comment)))

    def _code(self, _piece: Piece, start: int, end: int) -> None:
        self._add(Draft(BlockKind.CODE, start, end, start, end, self._parent))

    def _rule(self, _piece: Piece, start: int, end: int) -> None:
        self._add(Draft(BlockKind.RULE, start, end, start, end, self._parent))

    def _paragraph(self, piece: Piece, start: int, end: int) -> None:
        owner = self.drafts[self.containers[-1].block] if self.containers else None
        if owner is not None and owner.callout is not None and piece.first == self.containers[-1].first:
            if piece.behind == piece.first + 1:
                return
            start = self.lines.content_start(piece.first + 1, self.containers)
        words_end, name = self._words(start, end)
        if name is not None and words_end == start and self._name_last(name):
            return
        if owner is not None and owner.kind is BlockKind.LIST_ITEM and not owner.has_words and not owner.has_children:
            self._item_words(owner, start, words_end, name)
            return
        self._add(Draft(BlockKind.PARAGRAPH, start, end, start, words_end, self._parent, name))
        self._scan(start, words_end)

    def _words(self, start: int, end: int) -> tuple[int, tuple[int, int] | None]:
        """Give the end of the words of `[start, end)` and the range of the block id behind them, if any."""
        caret = block_id_at(self.text, start, end)
        if caret is None:
            return end, None
        return trim_end(self.text, start, caret), (caret, end)

    def _name_last(self, name: tuple[int, int]) -> bool:
        """Give an id that stands alone to the block before it; tell whether there is one without an id."""
        index = self._last.get(self._parent)
        if index is None or self.drafts[index].id is not None:
            return False
        self.drafts[index].id = name
        return True

    def _item_words(self, item: Draft, start: int, end: int, name: tuple[int, int] | None) -> None:
        task = _TASK.match(self.text, start, end)
        if task is not None:
            listed = self.items[-1]
            self.items[-1] = ListItem(listed.block, listed.depth, listed.number, task.group(1))
            start = skip_blanks(self.text, task.end(), end)
        item.text_start, item.text_end = start, max(start, end)
        item.id, item.has_words = name, True
        self._scan(start, end)

    def _heading(self, piece: Piece, start: int, end: int) -> None:
        text = self.text
        words, words_end = start, end
        if piece.info.startswith("#"):
            level = len(piece.info)
            words = skip_blanks(text, start + level, end)
            closing = _ATX_CLOSE.search(text[words:end]) if text[end - 1] == "#" else None
            if closing is not None and (closing.start() == 0 or text[words + closing.start() - 1] in " \t"):
                words_end = trim_end(text, words, words + closing.start())
        else:
            level = 1 if piece.info == "=" else 2
            words_end = max(words, self.lines.content_end(piece.behind - 2))
        words_end = max(words, words_end)
        words_end, name = self._words(words, words_end)
        self._add(Draft(BlockKind.HEADING, start, end, words, words_end, self._parent, name))
        span = self.source.span(words, words_end)
        heading = Heading(level, self.source.slice(span), self.source.span(start, end), span)
        self.headings.append(heading)
        if not self.containers:
            self.top_headings.append(heading)
        self._scan(words, words_end)

    def _fence(self, piece: Piece, start: int, end: int) -> None:
        count = piece.content.count("\n")
        language = _LANGUAGE.search(piece.info)
        info_end = self.lines.content_end(piece.first)
        code_start = code_end = min(info_end, end)
        if count:
            code_start = self.lines.starts[piece.first + 1]
            code_end = self.lines.ends[min(piece.first + count, len(self.lines.ends) - 1)]
        index = self._add(Draft(BlockKind.FENCE, start, max(end, code_end), code_start, code_end, self._parent))
        name = language.group().lower() if language is not None else ""
        span = self.source.span(code_start, code_end)
        self.fences.append(Fence(index, piece.info.strip(), name, piece.content, span))

    def _table(self, piece: Piece, start: int, end: int) -> None:
        rows: list[tuple[Cell, ...]] = []
        name: tuple[int, int] | None = None
        behind = self.lines.last_with_words(piece.first, piece.behind) + 1
        for line in range(piece.first, behind):
            if line == piece.first + 1:
                continue
            first, last = self.lines.content_start(line, self.containers), self.lines.content_end(line)
            if line == behind - 1 and line > piece.first + 1 and block_id_at(self.text, first, last) == first:
                name = (first, last)
                continue
            found = cells(self.text, first, last)
            rows.append(tuple(Cell(self.text[at:to], self.source.span(at, to)) for at, to in found))
            self._scan(first, last)
        words_end = end if name is None else trim_end(self.text, start, name[0])
        index = self._add(Draft(BlockKind.TABLE, start, end, start, words_end, self._parent, name))
        self.tables.append(Table(index, rows[0], tuple(rows[1:])))

    def _footnote(self, _piece: Piece, start: int, end: int) -> None:
        head = _FOOTNOTE.match(self.text, start, end)
        assert head is not None  # the block rule matched the same form
        words = min(head.end(), end)
        words_end, name = self._words(words, end)
        self._add(Draft(BlockKind.FOOTNOTE, start, end, words, words_end, self._parent, name))
        self.footnotes.append(Footnote(head.group(1), self.text[words:words_end], self.source.span(start, end)))
        self._scan(words, words_end)

    def _math(self, piece: Piece, start: int, end: int) -> None:
        line, line_end = piece.first, self.lines.content_end(piece.first)
        first = skip_blanks(self.text, start + 2, line_end)
        while first >= line_end and line + 1 < piece.behind:
            line += 1
            first, line_end = self.lines.content_start(line, self.containers), self.lines.content_end(line)
        last = end - 2 if self.text.endswith("$$", first, end) else end
        line = piece.behind - 1
        while line > piece.first and last <= self.lines.content_start(line, self.containers):
            line -= 1
            last = self.lines.content_end(line)
        last = max(first, trim_end(self.text, first, last))
        self._add(Draft(BlockKind.MATH, start, end, first, last, self._parent))
        self.scanner.marks.append(Mark(MarkKind.MATH, self.source.span(start, end)))

    def _scan(self, start: int, end: int) -> None:
        """Scan the words of `[start, end)`, unless they are too much to be those of a person."""
        if self._is_full:
            return
        fault = self._fault(start, end)
        if fault:
            self.unread.append((start, end, fault))
        elif end > start:
            self.scanner.scan(start, end)

    def _fault(self, start: int, end: int) -> str:
        found = self.scanner
        if len(found.links) + len(found.tags) + len(found.marks) + len(found.fields) > MAX_FOUND:
            self._is_full = True
            return f"the note has more than {MAX_FOUND} links, tags and marks above this line"
        if end - start <= MAX_LINE:
            return ""
        if end - start > MAX_REGION:
            return f"a block has more than {MAX_REGION} characters"
        if any(len(line) > MAX_LINE for line in self.text[start:end].splitlines()):
            return f"a line has more than {MAX_LINE} characters"
        return ""


# Bound to no reader, so that none holds itself and each is gone when its note is read.
_READERS: dict[str, Callable[[BlockReader, Piece, int, int], None]] = {
    "paragraph": BlockReader._paragraph,
    "heading": BlockReader._heading,
    "fence": BlockReader._fence,
    "table": BlockReader._table,
    "footnote": BlockReader._footnote,
    "math": BlockReader._math,
    "html_block": BlockReader._html,
    "code_block": BlockReader._code,
    "hr": BlockReader._rule,
}
