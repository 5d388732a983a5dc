"""A note as parsed: values only, every part with its span into the file's own text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vaultc.core.quick import quick

if TYPE_CHECKING:
    from vaultc.core.link import Link
    from vaultc.core.source import Span, VaultPath

PropertyValue = str | int | float | bool | None | list["PropertyValue"] | dict[str, "PropertyValue"]
"""A value of a property: YAML 1.2 core; dates stay strings."""


@quick
@dataclass(frozen=True, slots=True)
class Property:
    """One key of the frontmatter. `span` is the key and its value as written."""

    key: str
    value: PropertyValue
    span: Span


@quick
@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: `text` is its raw text without the `#` marks, `span` the line, `text_span` the text."""

    level: int
    text: str
    span: Span
    text_span: Span


@quick
@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it up to the next heading; the first may have no heading.

    `headings` are the texts of the headings above and of its own, outermost first.
    """

    headings: tuple[str, ...]
    level: int
    span: Span
    body: Span


class BlockKind(StrEnum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    TABLE = "table"
    FENCE = "fence"
    CODE = "code"
    QUOTE = "quote"
    CALLOUT = "callout"
    MATH = "math"
    HTML = "html"
    RULE = "rule"
    COMMENT = "comment"
    FOOTNOTE = "footnote"


@quick
@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a note in reading order.

    Containers (quote, callout, list_item) come before what they hold; `parent` is the index of the
    innermost container in `Note.blocks`, `section` the index in `Note.sections`. `text` is the span of
    the words without marker, indentation of the first line and block id. A list item's `text` ends where
    its first nested block begins.
    """

    kind: BlockKind
    span: Span
    text: Span
    section: int
    parent: int | None = None
    id: str | None = None
    id_span: Span | None = None


@quick
@dataclass(frozen=True, slots=True)
class ListItem:
    """What is special about a list item: its block, depth from 0, number if ordered, task mark if any."""

    block: int
    depth: int
    number: int | None
    task: str | None

    @property
    def is_done(self) -> bool:
        """Tell whether the item is a task that is marked done or cancelled."""
        return self.task is not None and self.task in "xX-"


@quick
@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its text as written, without the blanks around it."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Table:
    """A table: header cells and rows of cells; `block` is its index in `Note.blocks`."""

    block: int
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@quick
@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block: info string as written, its first word in lower case, and the code."""

    block: int
    info: str
    language: str
    code: str
    code_span: Span


@quick
@dataclass(frozen=True, slots=True)
class Callout:
    """`> [!kind] Title`: kind in lower case, title as written (may be empty)."""

    block: int
    kind: str
    title: str
    title_span: Span
    is_folded: bool


@quick
@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: name without `#`; `span` covers the `#` too (or the value in the frontmatter)."""

    name: str
    span: Span


@quick
@dataclass(frozen=True, slots=True)
class Field:
    """A Dataview inline field `key:: value`, also in `[ ]` or `( )`."""

    key: str
    value: str
    span: Span
    value_span: Span


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote's definition `[^id]: text`."""

    id: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of a canvas: the names of the cards at its ends, its label (may be empty), and where they are written.

    `arrow` is how it points: `→`, `←`, `↔` or `—`.
    """

    source: str
    target: str
    label: str
    arrow: str
    span: Span
    source_span: Span
    target_span: Span
    label_span: Span | None


class MarkKind(StrEnum):
    """What an inline or block range is marked as.

    `PLUGIN` is for a program: a template's placeholder or command, a plugin's settings. `CONFLICT` is an unresolved
    conflict of git, from its first mark to its last.
    """

    STRUCK = "struck"
    HIGHLIGHT = "highlight"
    CODE = "code"
    MATH = "math"
    COMMENT = "comment"
    HTML_COMMENT = "html_comment"
    PLUGIN = "plugin"
    CONFLICT = "conflict"


NOT_SAID = frozenset({MarkKind.PLUGIN, MarkKind.CONFLICT})
"""What is no statement of the person: for a program, or one side of two that nobody chose between."""


@quick
@dataclass(frozen=True, slots=True)
class Mark:
    """A range of text that is struck out, highlighted, code, math, a comment, or not the person's own words."""

    kind: MarkKind
    span: Span


@quick
@dataclass(frozen=True, slots=True)
class Note:
    """A parsed source. `parts` are pieces of their own, such as the cards of a canvas; a Markdown note has none."""

    path: VaultPath
    title: str
    length: int
    body: Span
    frontmatter: Span | None
    properties: tuple[Property, ...]
    aliases: tuple[str, ...]
    headings: tuple[Heading, ...]
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...]
    items: tuple[ListItem, ...]
    tables: tuple[Table, ...]
    fences: tuple[Fence, ...]
    callouts: tuple[Callout, ...]
    links: tuple[Link, ...]
    tags: tuple[Tag, ...]
    fields: tuple[Field, ...]
    footnotes: tuple[Footnote, ...]
    marks: tuple[Mark, ...]
    parts: tuple[Span, ...] = ()
    edges: tuple[Edge, ...] = ()

    @property
    def is_generated(self) -> bool:
        """Tell whether vaultc wrote this note: such a note is never evidence."""
        return any(prop.key == "vaultc-kind" for prop in self.properties)

    @property
    def is_drawing(self) -> bool:
        """Tell whether the note is a drawing of the Excalidraw plugin."""
        return any(prop.key == "excalidraw-plugin" for prop in self.properties)

    def value_of(self, key: str) -> PropertyValue:
        """Give the value of property `key`, or None where there is none."""
        return next((prop.value for prop in self.properties if prop.key == key), None)
