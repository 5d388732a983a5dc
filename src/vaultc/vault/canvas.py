"""Links in a canvas: the files its cards show, and the links in the words of its text cards.

A canvas is JSON; the standard reader gives no offsets, so the text is walked once more, by its strings and brackets.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from vaultc.core.link import Link, LinkKind
from vaultc.core.source import Source
from vaultc.syntax.inline import property_links
from vaultc.syntax.wikilink import split_target

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CANVAS = 5_000_000
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]')
_LETTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
_NODE_DEPTH = 3  # the canvas, its list of nodes, a node


class _Value(NamedTuple):
    """A string of a node: what it says, and where it stands without its quotes."""

    text: str
    start: int
    end: int


def is_canvas_path(path: str) -> bool:
    """Tell whether the file at `path` is a canvas by its ending."""
    return path.lower().endswith(".canvas")


def canvas_links(source: Source) -> tuple[Link, ...]:
    """Give the links of the canvas `source` in order; none where it is no valid canvas."""
    if len(source.text) > MAX_CANVAS:
        return ()
    try:
        json.loads(source.text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return ()
    links: list[Link] = []
    for node in _nodes(source.text):
        kind = node["type"].text if "type" in node else ""
        if kind == "file" and "file" in node:
            links.append(_file_link(source, node))
        elif kind == "text" and "text" in node:
            links.extend(_text_links(source, node["text"]))
    return tuple(links)


def _nodes(text: str) -> Iterator[dict[str, _Value]]:
    """Give the strings of each node by their keys."""
    stack: list[str] = []
    keys: list[str | None] = []
    node: dict[str, _Value] = {}
    for match in _TOKEN.finditer(text):
        mark = match.group()
        if mark in ("{", "["):
            stack.append(mark)
            keys.append(None)
            if mark == "{" and _is_node(stack, keys):
                node = {}
        elif mark in ("}", "]"):
            if mark == "}" and _is_node(stack, keys):
                yield node
            stack.pop()
            keys.pop()
        elif mark == ",":
            keys[-1] = None
        elif mark != ":" and stack and stack[-1] == "{":
            if keys[-1] is None:
                keys[-1] = str(json.loads(mark))
            elif _is_node(stack, keys):
                node[keys[-1]] = _Value(str(json.loads(mark)), match.start() + 1, match.end() - 1)


def _is_node(stack: list[str], keys: list[str | None]) -> bool:
    return len(stack) == _NODE_DEPTH and stack == ["{", "[", "{"] and keys[0] == "nodes"


def _file_link(source: Source, node: dict[str, _Value]) -> Link:
    subpath = node["subpath"].text if "subpath" in node else ""
    _, headings, block = split_target(subpath)
    file = node["file"]
    # The path counts from the root.
    return Link(LinkKind.CANVAS, f"/{file.text}", headings, block, None, source.span(file.start, file.end), True)


def _text_links(source: Source, words: _Value) -> Iterator[Link]:
    """Find links in what the string says, and give them the places where it is written, escapes and all."""
    said = Source(source.path, words.text)
    starts = [match.start() for match in _LETTER.finditer(source.text, words.start, words.end)]
    starts.append(words.end)
    if len(starts) != len(words.text) + 1:
        return  # half of a surrogate pair
    for link in property_links(said, 0, len(words.text)):
        span = source.span(starts[link.span.start], starts[link.span.end])
        yield Link(LinkKind.CANVAS, link.target, link.headings, link.block, link.alias, span, link.is_embed)
