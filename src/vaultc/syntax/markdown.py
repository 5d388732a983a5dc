"""Block structure by markdown-it: the only importer of markdown_it.

Inline parsing is off: it is nine tenths of the time, knows neither wikilinks nor offsets, and rewrites what it
reads. Lists, fences, indented code and HTML are read by its rules, the rest by ours (`vaultc.syntax.structure`).
"""

from __future__ import annotations

import functools
from itertools import accumulate
from operator import add
from typing import Any, NamedTuple

from vaultc.syntax import structure

# Deeper than any person writes, and far below what the interpreter's stack allows, so that a note is read in one way
# wherever it is read from. A list counts twice: for itself and its item.
MAX_DEPTH = 200
# An event is some hundred bytes here and a kilobyte as a block: what a note may cost must not hang on its author.
MAX_PIECES = 400_000


class TooMuchError(Exception):
    """A text nests deeper than `MAX_DEPTH` or has more than `MAX_PIECES` events; the message says which."""


class Piece(NamedTuple):
    """One event of the block structure: a leaf, or a container that opens (`+`) or closes (`-`).

    `first` and `behind` are lines from 0, half-open; `info` the fence's info string, the number of an ordered
    item, the mark of a heading; `content` the code of a fence.
    """

    kind: str
    edge: str
    first: int
    behind: int
    info: str = ""
    content: str = ""


def pieces(text: str) -> list[Piece]:
    """Give the block structure of `text`.

    Raises:
        TooMuchError: the text nests too deep, or has too many blocks.
    """
    normal = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if "\0" in normal:
        normal = normal.replace("\0", "\ufffd")
    parser = _parser()
    state = parser.state(normal)
    parser.block.tokenize(state, 0, state.lineMax)
    return [piece for token in state.tokens if (piece := _piece(token)) is not None]


# The kind and the edge of a token, by its type; other tokens say nothing.
_LEAVES = ("paragraph", "heading", "fence", "code_block", "html_block", "hr", "math", "footnote", "table")
_CONTAINERS = ("blockquote", "list_item", "bullet_list", "ordered_list")
_KINDS = {
    **{kind: (kind, "") for kind in _LEAVES},
    **{f"{kind}_open": (kind, "+") for kind in _CONTAINERS},
    **{f"{kind}_close": (kind, "-") for kind in _CONTAINERS},
}
_NOWHERE = (0, 0)


def _piece(token: Any) -> Piece | None:  # noqa: ANN401 - a token of markdown-it
    found = _KINDS.get(token.type)
    if found is None:
        return None
    return _make((*found, *(token.map or _NOWHERE), token.info, token.content))


_make = functools.partial(tuple.__new__, Piece)  # without the detour that a named tuple makes


def _math_lines(text: str) -> list[int]:
    if "$$" not in text:
        return []
    return [number for number, line in enumerate(text.split("\n")) if "$$" in line]


def mark_lines(state: Any, text: str) -> None:  # noqa: ANN401 - a state of markdown-it
    """Fill the tables of lines of `state`, which was made for an empty text, as the library does, by whole lines."""
    lines = text.split("\n")
    if not lines[-1].strip(" \t"):
        lines.pop()  # blanks behind the last line end are no line
    widths = list(map(len, lines))
    begins = list(accumulate((width + 1 for width in widths), initial=0))
    begins[-1] = len(text)
    shifts = [0] * len(begins)
    indents = shifts.copy()
    is_indented = "\n " in text or "\n\t" in text or text[:1] in (" ", "\t")
    for number, line in enumerate(lines) if is_indented else ():
        if line and line[0] in " \t":
            blanks = line[: widths[number] - len(line.lstrip(" \t"))]
            shifts[number] = len(blanks)
            indents[number] = len(blanks) if "\t" not in blanks else len(blanks.expandtabs(4))
    state.src, state.lineMax = text, len(lines)
    state.bMarks, state.eMarks = begins, [*map(add, begins, widths), len(text)]
    state.tShift, state.sCount, state.bsCount = shifts, indents, [0] * len(begins)


class _Token:
    """What a rule says of a block; the library's own has a dozen fields more, and is made for each."""

    map: list[int] | None = None
    info = markup = content = ""

    def __init__(self, kind: str) -> None:
        self.type = kind


class _Block:
    """Takes the place of the library's block parser, which tries every rule at every line."""

    def __init__(self, code: structure.Rule) -> None:
        self._code = code
        self.ruler = self

    def tokenize(self, state: Any, first: int, _last: int) -> None:  # noqa: ANN401 - a state of markdown-it
        """Read blocks from line `first` to the end of the innermost quote, which may move while they are read."""
        line, quotes = first, state.quotes
        while line < quotes.end or quotes.take(state, line, is_lazy=False):
            state.line = line = state.skipEmptyLines(line)
            if line >= quotes.end or state.sCount[line] < state.blkIndent:
                break
            if state.level > MAX_DEPTH:
                raise TooMuchError("the note's lists or quotes nest too deep")
            if len(state.tokens) > MAX_PIECES:
                raise TooMuchError("the note has too many blocks")
            if state.sCount[line] - state.blkIndent >= 4:
                self._code(state, line, quotes.end, False)
            else:
                for rule in structure.rules_at(state, line):
                    if rule(state, line, quotes.end, False):
                        break
            line = state.line
            if line < quotes.end and state.isEmpty(line):
                line += 1
                state.line = line

    def getRules(self, _chain: str) -> list[structure.Rule]:  # noqa: N802 - the library's name
        """Give what may end an item of a list: the library's list is the only rule that asks."""
        return [structure.ends_item]

    def get_active_rules(self) -> list[str]:
        """Say that indented code is read."""
        return ["code"]


@functools.cache
def _parser() -> Any:  # noqa: ANN401 - the library is imported only when used
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock, code, fence, html_block, list_block

    class State(StateBlock):
        """The library's state, with the quotes that are open."""

        def __init__(self, text: str) -> None:
            super().__init__("", parser, {"math": _math_lines(text)}, [])
            mark_lines(self, text)
            self.quotes = structure.Quotes(self.lineMax)

        @property
        def tight(self) -> bool:
            """Whether no blank line stands between the items of a list: nobody asks, and to tell costs much."""
            return False

        @tight.setter
        def tight(self, _value: bool) -> None: ...

        def push(self, kind: str, _tag: str, nesting: int) -> Any:  # noqa: ANN401 - stands for the library's token
            """Add a token."""
            token: Any = _Token(kind)
            self.level += nesting
            self.tokens.append(token)
            return token

    structure.use(list_block, fence, html_block)
    parser: Any = MarkdownIt("commonmark")
    parser.options = dict(parser.options)  # its own kind of dictionary is ten times slower, and asked at each item
    parser.block = _Block(code)
    parser.state = State
    return parser
