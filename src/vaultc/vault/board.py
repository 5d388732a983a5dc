"""The cards and edges of a canvas, each string with its place in the JSON.

The standard reader gives no offsets, so the text is walked once more, by its strings, numbers and brackets.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[-+.\w]+')
_LETTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
_ITEM_DEPTH = 3  # the canvas, one of its lists, a card or an edge
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")


class JsonValue(NamedTuple):
    """A string of the JSON: what it says, and where it stands without its quotes."""

    text: str
    start: int
    end: int

    def starts(self, json_text: str) -> list[int] | None:
        """Give where each code point of `text` starts in the JSON, and where the last one ends.

        None where that cannot be told: half of a surrogate pair is there.
        """
        if self.end - self.start == len(self.text):
            return list(range(self.start, self.end + 1))
        starts = [match.start() for match in _LETTER.finditer(json_text, self.start, self.end)]
        starts.append(self.end)
        return starts if len(starts) == len(self.text) + 1 else None


@dataclass(slots=True)
class Item:
    """A card or an edge: its strings and numbers by key, and where its object starts."""

    start: int
    strings: dict[str, JsonValue] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)

    def said(self, key: str) -> str:
        """Give the string under `key`; empty where there is none."""
        return self.strings[key].text if key in self.strings else ""


class Board(NamedTuple):
    """A canvas: its cards and its edges, in the order of the file."""

    cards: list[Item]
    edges: list[Item]


class BadCanvas(Exception):  # noqa: N818 - not an error of ours: the file holds no canvas
    """The text is no canvas: why, and the offset where that shows."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message, self.at = message, at


def read_board(text: str) -> Board:
    """Read the JSON of a canvas; an empty file is an empty canvas.

    Raises:
        BadCanvas: it is no JSON, or no canvas.
    """
    shift = 1 if text.startswith("\ufeff") else 0
    if not text[shift:].strip():
        return Board([], [])
    try:
        value = json.loads(text[shift:])
    except json.JSONDecodeError as error:
        raise BadCanvas(f"it is not valid JSON: {error.msg}", min(error.pos + shift, len(text))) from error
    except (ValueError, RecursionError) as error:
        raise BadCanvas("its JSON cannot be read: a number is too long, or it nests too deep", shift) from error
    if not isinstance(value, dict) or not all(isinstance(value.get(key, []), list) for key in ("nodes", "edges")):
        raise BadCanvas("it holds no lists of nodes and edges", shift)
    board = Board([], [])
    for key, item in _items(text):
        (board.cards if key == "nodes" else board.edges).append(item)
    return board


def _items(text: str) -> Iterator[tuple[str, Item]]:
    """Give each card and edge, with the key of its list."""
    stack: list[str] = []
    keys: list[str | None] = []
    item = Item(0)
    for match in _TOKEN.finditer(text):
        mark = match.group()
        if mark in ("{", "["):
            stack.append(mark)
            keys.append(None)
            if mark == "{" and _is_item(stack, keys):
                item = Item(match.start())
        elif mark in ("}", "]"):
            if mark == "}" and _is_item(stack, keys):
                yield str(keys[0]), item
            stack.pop()
            keys.pop()
        elif mark == ",":
            keys[-1] = None
        elif mark != ":" and stack and stack[-1] == "{":
            if keys[-1] is None:
                keys[-1] = str(json.loads(mark))
            elif _is_item(stack, keys):
                _take(item, keys[-1], match)


def _is_item(stack: list[str], keys: list[str | None]) -> bool:
    return len(stack) == _ITEM_DEPTH and stack == ["{", "[", "{"] and keys[0] in ("nodes", "edges")


def _take(item: Item, key: str, match: re.Match[str]) -> None:
    mark = match.group()
    if mark.startswith('"'):
        text = _SURROGATE.sub("\ufffd", str(json.loads(mark)))
        item.strings[key] = JsonValue(text, match.start() + 1, match.end() - 1)
    elif _NUMBER.fullmatch(mark):
        item.numbers[key] = float(mark)
