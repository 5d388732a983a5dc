"""Frontmatter: the block between `---` lines at the very start of a file. The only importer of yaml.

We read YAML's events and build the values ourselves: scalars by the core schema of YAML 1.2 (a date, `yes`, `12:30`
and `007` stay strings), no anchors, aliases, merge keys or tags, so that nothing can explode; each key with its span.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.note import Property, PropertyValue, Tag
from vaultc.core.quick import quick
from vaultc.core.rules import INVALID_PROPERTIES
from vaultc.core.source import Source
from vaultc.syntax.inline import property_links
from vaultc.syntax.properties import Entry, Node, plain_entries, plain_value
from vaultc.syntax.tag import is_tag_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.core.link import Link
    from vaultc.core.source import Span
    from vaultc.syntax.apart import Apart

MAX_CHARACTERS = 65_536
_MAX_DEPTH = 50
_OPENING = re.compile(r"\ufeff?---(\r\n|\r|\n)")
_CLOSING = re.compile(r"---(?<=[\r\n]---)[ \t]*(?:\r\n|\r|\n|\Z)")  # a word first: the search for it is quick
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME_SPLIT = re.compile(r"[^\s,]+")


@quick
@dataclass(frozen=True, slots=True)
class Frontmatter:
    """What the start of a file holds.

    `span` is the block with both its `---` lines, or None where there is none; `body` the offset where the body
    starts. `raw` is a block that looks like frontmatter and is none: its words belong to the note. `last_body`: the
    offset where the body of that side of a git conflict starts whose frontmatter is the longest.
    """

    body: int
    span: Span | None = None
    raw: Span | None = None
    properties: tuple[Property, ...] = ()
    aliases: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    links: tuple[Link, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    last_body: int = 0


class _Refused(Exception):  # noqa: N818 - not an error of ours: what the block is not allowed to hold
    """The block is not what we read: a message and a range."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message, self.start, self.end = message, start, end


class _NoMapping(Exception):  # noqa: N818 - a scalar or a list is plain text, and no fault
    """The block holds no mapping."""


def read_frontmatter(source: Source, apart: Apart | None = None) -> Frontmatter:
    """Read the frontmatter of `source`; a fault in it is a diagnostic, and its text stays in the note.

    With a git conflict `apart` each side is read, and a key has what each side says.
    """
    if apart is None or (not apart.conflicts and not apart.plugins):
        return _read_side(source, ())
    plugins = [(found.start, found.end) for found in apart.plugins]
    return _joined([_read_side(Source(source.path, text), plugins) for text in apart.sides()])


def _joined(sides: Sequence[Frontmatter]) -> Frontmatter:
    """Give what the sides of a conflict have together; one that cannot be read is told of, and the others count."""
    read = [side for side in sides if side.span is not None] or sides[:1]
    first = min(read, key=lambda side: side.body)
    properties = {found.span: found for side in read for found in side.properties}
    links = {found.span: found for side in read for found in side.links}
    return replace(
        first,
        properties=tuple(properties[span] for span in sorted(properties)),
        aliases=tuple(dict.fromkeys(alias for side in read for alias in side.aliases)),
        tags=tuple(dict.fromkeys(tag for side in read for tag in side.tags)),
        links=tuple(links[span] for span in sorted(links)),
        diagnostics=tuple(dict.fromkeys(found for side in sides for found in side.diagnostics)),
        last_body=max(side.body for side in read),
    )


def _read_side(source: Source, plugins: Sequence[tuple[int, int]]) -> Frontmatter:
    text = source.text
    nothing = Frontmatter(1 if text.startswith("\ufeff") else 0)
    opening = _OPENING.match(text)
    if opening is None:
        return nothing
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        return nothing
    start, end, body = opening.end(), closing.start(), closing.end()
    if end - start > MAX_CHARACTERS:
        return _broken(source, body, start, end, f"the properties are longer than {MAX_CHARACTERS} characters")
    try:
        block = text[start:end]
        inside = [(max(first, start) - start, last - start) for first, last in plugins if start < last and first < end]
        entries = _filled(_entries(_braceless(block, inside)), inside)
    except _NoMapping:
        return Frontmatter(body, raw=source.span(start, end))
    except _Refused as fault:
        return _broken(source, body, start, end, fault.message, start + fault.start, start + fault.end)
    return _read(source, source.span(nothing.body, closing.end()), start, entries)


def _braceless(block: str, plugins: Sequence[tuple[int, int]]) -> str:
    """Give `block`, of the same length, without the braces of placeholders, which YAML would take for mappings."""
    for start, end in plugins:
        if block.startswith("{{", start) and block[:start].rpartition("\n")[2].strip(" "):
            block = f"{block[:start]}··{block[start + 2 : end - 2].replace(':', '·')}··{block[end:]}"
    return block


def _filled(entries: list[Entry], plugins: Sequence[tuple[int, int]]) -> list[Entry]:
    """Give `entries` without the values that a template has yet to fill in: None, and in a list nothing."""
    for entry in entries if plugins else ():
        node = entry.node
        if isinstance(node.value, list):
            node.items = [item for item in node.items if not _is_unfilled(item, plugins)]
            node.value = [item.value for item in node.items]
        elif _is_unfilled(node, plugins):
            node.value, node.is_string, node.items = None, False, []
    return entries


def _is_unfilled(node: Node, plugins: Sequence[tuple[int, int]]) -> bool:
    index = bisect.bisect_left(plugins, (node.end, 0)) - 1  # the last one that begins before the value ends
    return index >= 0 and node.start < plugins[index][1]


def _broken(
    source: Source, body: int, start: int, end: int, message: str, at: int | None = None, to: int | None = None
) -> Frontmatter:
    at = start if at is None else min(at, end)
    to = max(at, min(end if to is None else to, end))
    if to == at:
        line = source.line_at(at)
        at, to = min(at, line.start), max(at, min(line.end, end))
    diagnostic = Diagnostic(
        INVALID_PROPERTIES, message, source.span(at, to), help="quote the value, or correct the YAML"
    )
    return Frontmatter(body, raw=source.span(start, end), diagnostics=(diagnostic,))


def _read(source: Source, span: Span, start: int, entries: list[Entry]) -> Frontmatter:
    properties: dict[str, Property] = {}
    diagnostics: list[Diagnostic] = []
    links: list[Link] = []
    aliases: list[str] = []
    tags: list[Tag] = []
    for entry in entries:
        place = source.span(start + entry.start, start + entry.end)
        if entry.key in properties:
            message = f'property "{entry.key}" stands twice; the first one counts'
            related = ((properties[entry.key].span, "the first one"),)
            diagnostics.append(Diagnostic(INVALID_PROPERTIES, message, place, related, "remove one of the two"))
            continue
        properties[entry.key] = Property(entry.key, entry.node.value, place)
        for node in _strings(entry.node):
            links.extend(property_links(source, start + node.start, start + node.end))
        name = entry.key.lower()
        if name == "aliases":
            aliases.extend(str(node.value) for node in _leaves(entry.node) if node.value not in (None, ""))
        elif name == "tags":
            tags.extend(_tags(source, start, entry.node))
    return Frontmatter(
        span.end, span, None, tuple(properties.values()), tuple(aliases), tuple(tags), tuple(links), tuple(diagnostics)
    )


def _leaves(node: Node) -> list[Node]:
    return node.items if isinstance(node.value, list) else [node]


def _strings(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        if current.is_string:
            yield current
        stack.extend(reversed(current.items))


def _tags(source: Source, start: int, node: Node) -> Iterator[Tag]:
    """Give the tags of a `tags` property: a list, or names parted by blanks or commas; `#` may stand before."""
    for leaf in _leaves(node):
        if not leaf.is_string:
            continue
        for match in _NAME_SPLIT.finditer(source.text, start + leaf.start, start + leaf.end):
            written = match.group().strip("\"'")
            at = match.start() + match.group().find(written)
            name = written.removeprefix("#").rstrip("/")
            if is_tag_name(name):
                yield Tag(name, source.span(at, at + len(written)))


def _entries(block: str) -> list[Entry]:
    """Give the top-level keys of the YAML `block`, in order; offsets count from its start."""
    plain = plain_entries(block)
    if plain:
        return plain
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder(block).build(yaml.parse(block, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = mark.index if mark is not None else 0
        raise _Refused(f"the properties are not valid YAML: {error.problem or error.context}", at, at) from error
    except yaml.reader.ReaderError as error:
        odd = _NOT_YAML.search(block)
        at = odd.start() if odd is not None else 0
        raise _Refused("the properties hold a character that YAML does not allow", at, at + 1) from error
    except yaml.YAMLError as error:
        raise _Refused("the properties are not valid YAML", 0, 0) from error
    except UnicodeEncodeError as error:
        raise _Refused("the properties hold half of a character", error.start, error.end) from error


def plain_yaml(text: str) -> PropertyValue:
    """Give the value that YAML `text` holds, dates as texts. Raises ValueError for what is none of the plain kinds."""
    block = "value:\n" + "".join(f"  {line}\n" for line in text.splitlines())
    try:
        found = _entries(block)
    except (_Refused, _NoMapping) as error:
        raise ValueError("no plain YAML") from error
    return found[0].node.value if len(found) == 1 else None


class _Builder:
    """Builds values from YAML's events, without recursion."""

    def __init__(self, block: str) -> None:
        self.block = block
        self.entries: list[Entry] = []
        self.stack: list[tuple[Node, Node | None]] = []  # an open list or mapping, and the key that waits

    def build(self, events: Any) -> list[Entry]:  # noqa: ANN401 - yaml's events
        is_empty = True
        for event in events:
            name = type(event).__name__
            start, end = event.start_mark.index, event.end_mark.index
            self._refuse(event, name, start, end)
            if name == "ScalarEvent":
                self._add(self._scalar(event, start, end))
            elif name in ("SequenceStartEvent", "MappingStartEvent"):
                self._open([] if name == "SequenceStartEvent" else {}, start)
            elif name in ("SequenceEndEvent", "MappingEndEvent"):
                self._close(end)
            elif name == "DocumentStartEvent" and not is_empty:
                raise _Refused("a second document starts", start, end)
            is_empty = is_empty and name == "StreamStartEvent"
        return self.entries

    def _refuse(self, event: Any, name: str, start: int, end: int) -> None:  # noqa: ANN401 - yaml's event
        if name.endswith("EndEvent"):
            return
        if name == "AliasEvent" or getattr(event, "anchor", None) is not None:
            raise _Refused("anchors and aliases are not read", start, end)
        if getattr(event, "tag", None) not in (None, "!"):
            raise _Refused("tags of YAML are not read", start, end)
        if not self.stack and name in ("SequenceStartEvent", "ScalarEvent"):
            if name == "ScalarEvent" and not event.value.strip():
                return
            raise _NoMapping

    def _scalar(self, event: Any, start: int, end: int) -> Node:  # noqa: ANN401 - yaml's event
        while end > start and self.block[end - 1] in " \t\r\n":
            end -= 1
        text: str = event.value
        value = plain_value(text) if event.implicit[0] else text
        return Node(value, start, end, isinstance(value, str))

    def _open(self, value: PropertyValue, start: int) -> None:
        if len(self.stack) >= _MAX_DEPTH:
            raise _Refused("the properties nest too deep", start, start)
        if self.stack and isinstance(self.stack[-1][0].value, dict) and self.stack[-1][1] is None:
            raise _Refused("a key must be plain text; quote what starts with { or [", start, start)
        self.stack.append((Node(value, start, start), None))

    def _close(self, end: int) -> None:
        node, _ = self.stack.pop()
        # A block list ends where the next token starts; a flow one at its bracket.
        while end > node.start and self.block[end - 1] in " \t\r\n":
            end -= 1
        if self.block[end - 1 : end] not in ("]", "}") or self.block[node.start : node.start + 1] not in ("[", "{"):
            end = max((item.end for item in node.items), default=node.start)
        node.end = max(end, node.start)
        if self.stack:
            self._add(node)

    def _add(self, node: Node) -> None:
        if not self.stack:
            return  # the empty scalar of an empty block
        owner, key = self.stack[-1]
        if isinstance(owner.value, list):
            owner.value.append(node.value)
            owner.items.append(node)
        elif key is None:
            if self.block[node.start : node.end] == "<<":
                raise _Refused("merge keys are not read", node.start, node.end)
            self.stack[-1] = (owner, node)
        else:
            self._put(owner, key, node)
            self.stack[-1] = (owner, None)

    def _put(self, owner: Node, key: Node, node: Node) -> None:
        name = self.block[key.start : key.end] if not isinstance(key.value, str) else key.value
        if len(self.stack) == 1:
            colon = self.block.find(":", key.end)
            end = max(node.end, colon + 1) if node.end <= colon + 1 else node.end
            self.entries.append(Entry(name, key.start, end, node))
        assert isinstance(owner.value, dict)
        owner.value[name] = node.value
        owner.items.append(node)
