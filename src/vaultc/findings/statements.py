"""Where a note states something: sentences, table cells, fields and properties, with the words around them.

Left out: quotations and quoting callouts, tasks, code, comments, formulas, git conflicts, what is for a program,
generated notes, templates, archives and notes that say they are outdated. Struck-out words stay, marked as such.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.note import NOT_SAID, BlockKind, MarkKind
from vaultc.core.spanned import Places
from vaultc.language.lexicon import listed
from vaultc.language.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.core.note import Block, Note, Table
    from vaultc.core.source import Source, Span

_MAX_SENTENCE = 1000
_MAX_KEY = 48
_QUOTING = listed("quote cite chat conversation transcript abstract example bug todo question help faq цитата")
_OUTDATED = listed("outdated obsolete deprecated superseded archived old устарело устарела устарел архив")
_FICTION = listed(
    "fiction story dream poem novel quote quotes clipping clippings template рассказ сон стихи проза цитата цитаты "
    "выписки вырезка шаблон"
)
_SKIPPED_FOLDERS = listed(
    "template templates _templates шаблон шаблоны archive archives _archive архив .trash trash корзина clippings "
    "вырезки chats чаты transcripts"
)
_OUTSIDE_KINDS = frozenset(
    {
        BlockKind.CODE,
        BlockKind.FENCE,
        BlockKind.MATH,
        BlockKind.HTML,
        BlockKind.COMMENT,
        BlockKind.QUOTE,
        BlockKind.RULE,
    }
)
_BLANKED = NOT_SAID | {MarkKind.COMMENT, MarkKind.HTML_COMMENT, MarkKind.MATH}
_PLAIN_PROPERTIES = listed(
    "tags tag aliases alias cssclass cssclasses title date created updated modified publish type id uid source url "
    "permalink slug lang language layout template description cover banner order mobile publish permalink cssClass "
    "summary keywords link up related author дата создано тег теги источник автор"
)
_EMPHASIS = re.compile(r"\*{1,3}|={2}|~~|(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_BLOCK_ID = re.compile(r"\s\^[A-Za-z0-9-]{1,80}\s*$")


@dataclass(frozen=True, slots=True)
class Statement:
    """A stretch of a note that states something.

    `text` is what stands at `[start, end)` of the file with markup blanked out, so that offsets stay;
    `label` names the attribute where the form says it (a table's header, a field's or property's key),
    `row` the subject where the form says it (the first cell of a table row, the list item above).
    `struck` are ranges within `text` that are struck out.
    """

    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    label: str = ""
    row: str = ""
    struck: tuple[tuple[int, int], ...] = ()
    is_prose: bool = True
    is_property: bool = False


def statements(source: Source, note: Note) -> Iterator[Statement]:
    """Give what `note` states, in reading order: prose first, then tables, fields and properties."""
    if not speaks_for_itself(note):
        return
    page = _Page(source, note)
    cells = (cell for table in note.tables for cell in page.cells(table))
    for found in itertools.chain(page.prose(), cells, page.fields(), page.properties()):
        if found.text.strip():  # what nobody said is blank
            yield found


def speaks_for_itself(note: Note) -> bool:
    """Tell whether the note's statements are the person's and meant to hold now."""
    if note.is_generated:
        return False
    folders = {part.casefold() for part in note.path.split("/")[:-1]}
    if folders & _SKIPPED_FOLDERS or note.title.casefold().endswith(("template", "шаблон")):
        return False
    if {tag.name.casefold().split("/")[0] for tag in note.tags} & (_FICTION | _OUTDATED):
        return False
    state = note.value_of("status") or note.value_of("статус")
    return not (isinstance(state, str) and state.casefold() in _OUTDATED)


class _Page:
    """A note's text with its markup blanked out, and the order of its blocks."""

    def __init__(self, source: Source, note: Note) -> None:
        self.source = source
        self.note = note
        self.text = without_markup(source, note)
        self._struck = Places(mark for mark in note.marks if mark.kind is MarkKind.STRUCK)
        self._links = Places(note.links)
        self._fields = Places(note.fields)
        self._blocks = Places(note.blocks)
        self._numbers = {id(block): index for index, block in enumerate(note.blocks)}
        self._tasks = {item.block for item in note.items if item.task is not None}
        self._callouts = {callout.block: callout for callout in note.callouts}

    def prose(self) -> Iterator[Statement]:
        """Give the sentences of paragraphs and list items that are the person's own."""
        for index, block in enumerate(self.note.blocks):
            if block.kind not in {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM} or self._is_outside(index):
                continue
            row = self._row_of(block)
            for start, end in _sentences(self.text, block.text):
                if self._is_only_links(start, end):
                    continue
                if not self._fields.touching(self.source.span(start, end)):
                    yield self._statement(start, end, block, row=row)

    def cells(self, table: Table) -> Iterator[Statement]:
        """Give each value cell with its row's first cell as subject and its column's header as attribute."""
        if self._is_outside(table.block):
            return
        block = self.note.blocks[table.block]
        for row in table.rows:
            for column, cell in enumerate(row[1:], start=1):
                if cell.text and column < len(table.header):
                    span = cell.span
                    label = table.header[column].text
                    yield self._statement(span.start, span.end, block, label=label, row=row[0].text, is_prose=False)

    def fields(self) -> Iterator[Statement]:
        """Give the Dataview fields: the key names the attribute."""
        for field in self.note.fields:
            holder = self._block_at(field.span)
            if holder is not None and not self._is_outside(holder):
                block = self.note.blocks[holder]
                span = field.value_span
                yield self._statement(span.start, span.end, block, label=field.key, is_prose=False)

    def properties(self) -> Iterator[Statement]:
        """Give the properties of one plain value: the key names the attribute, the note is the subject."""
        for prop in self.note.properties:
            if prop.key.casefold() in _PLAIN_PROPERTIES or prop.key.startswith("vaultc"):
                continue
            if isinstance(prop.value, (list, dict, bool)) or prop.value is None:
                continue
            written = self.source.slice(prop.span)
            at = written.find(":")
            if at < 0 or "\n" in written.strip():
                continue
            start = prop.span.start + at + 1
            inner = self.source.text[start : prop.span.end]
            start += len(inner) - len(inner.lstrip(" \"'"))
            end = start + len(inner.strip(" \"'\r\n"))
            if _TIMESTAMP.search(self.source.text[start:end]):
                continue
            yield Statement(start, end, self.text[start:end], (), label=prop.key, is_prose=False, is_property=True)

    def _statement(
        self, start: int, end: int, block: Block, *, label: str = "", row: str = "", is_prose: bool = True
    ) -> Statement:
        headings = self.note.sections[block.section].headings if self.note.sections else ()
        struck = tuple(
            (max(mark.span.start, start) - start, min(mark.span.end, end) - start)
            for mark in self._struck.touching(self.source.span(start, end))
        )
        return Statement(start, end, self.text[start:end], headings, label, row, struck, is_prose)

    def _is_outside(self, index: int) -> bool:
        """Tell whether the block or one that holds it is a quotation, a task, code or a comment."""
        at: int | None = index
        while at is not None:
            block = self.note.blocks[at]
            if block.kind in _OUTSIDE_KINDS or at in self._tasks:
                return True
            callout = self._callouts.get(at)
            if callout is not None and _is_quoting(callout.kind, callout.title):
                return True
            at = block.parent
        headings = self.note.sections[self.note.blocks[index].section].headings if self.note.sections else ()
        return any(set(heading.casefold().strip(" #:()").split()) & _OUTDATED for heading in headings)

    def _is_only_links(self, start: int, end: int) -> bool:
        """Tell whether nothing but links stands at `[start, end)`: they name other notes and state nothing."""
        outside = list(self.text[start:end])
        for link in self._links.touching(self.source.span(start, end)):
            _blank(outside, max(link.span.start, start) - start, min(link.span.end, end) - start)
        return not any(char.isalpha() for char in outside)

    def _row_of(self, block: Block) -> str:
        """Give the text of the list item above, where the block stands in one."""
        if block.parent is None or self.note.blocks[block.parent].kind is not BlockKind.LIST_ITEM:
            return ""
        above = self.note.blocks[block.parent]
        return "" if above.text.overlaps(block.text) else self.text[above.text.start : above.text.end].strip()

    def _block_at(self, span: Span) -> int | None:
        return max((self._numbers[id(block)] for block in self._blocks.around(span)), default=None)


def _is_quoting(kind: str, title: str) -> bool:
    words = {word.strip(".,:;!()").casefold() for word in title.split()}
    return kind.casefold() in _QUOTING | _OUTDATED or bool(words & _OUTDATED)


def _sentences(text: str, span: Span) -> Iterator[tuple[int, int]]:
    inner = text[span.start : span.end]
    for begin, stop in sentences(inner):
        piece = inner[begin:stop]
        tail = _BLOCK_ID.search(piece[-90:])
        stop -= len(piece[-90:]) - tail.start() if tail else 0
        if 0 < stop - begin <= _MAX_SENTENCE:
            yield span.start + begin, span.start + stop


def _blank(chars: list[str], start: int, end: int) -> None:
    for at in range(start, end):
        if chars[at] not in "\r\n":
            chars[at] = " "


def without_markup(source: Source, note: Note) -> str:
    """Give the file's text, of the same length, with link brackets, targets, emphasis and comments blanked."""
    chars = list(source.text)
    for mark in note.marks:
        if mark.kind in _BLANKED:
            _blank(chars, mark.span.start, mark.span.end)
    for link in note.links:
        written = source.slice(link.span)
        if link.is_embed:
            _blank(chars, link.span.start, link.span.end)
            continue
        if written.startswith(("[[", "![[")):
            begin = written.find("|") + 1 or written.find("[[") + 2
            _blank(chars, link.span.start, link.span.start + begin)
            hash_at = written.find("#") if "|" not in written else -1
            stop = hash_at if hash_at > 0 else len(written) - 2
            _blank(chars, link.span.start + stop, link.span.end)
        elif written.startswith(("[", "![")):
            close = written.rfind("](")
            _blank(chars, link.span.start, link.span.start + written.find("[") + 1)
            if close >= 0:
                _blank(chars, link.span.start + close, link.span.end)
    text = "".join(chars)
    for match in _EMPHASIS.finditer(text):
        _blank(chars, match.start(), match.end())
    return "".join(chars)


def key_of(text: str) -> tuple[str, int]:
    """Give the key of "Key: value" and where the value starts, or ("", 0) where the text has no such form."""
    at = text.find(":", 0, _MAX_KEY)
    if at < 1 or not text[at + 1 : at + 2].isspace() or at + 2 >= len(text):
        return "", 0
    key = text[:at].strip(" -*\t")
    if not key or len(key.split()) > 5 or any(char in ".;!?," for char in key):
        return "", 0
    return key, at + 1
