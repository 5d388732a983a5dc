"""Block structure by markdown-it: the only importer of markdown_it.

Inline parsing is off: it is nine tenths of the time, knows neither wikilinks nor offsets, and rewrites what it
reads. Three rules are ours: `$$` blocks, footnote definitions, and tables that stay whole lines.
"""

from __future__ import annotations

import bisect
import functools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultc.syntax.table import cells

if TYPE_CHECKING:
    from collections.abc import Callable

# Far above what the interpreter's stack allows: a note that nests too deep raises RecursionError and is read
# as plain text, where a limit that is reached would drop its words without a word.
_MAX_NESTING = 100_000
_FOOTNOTE = re.compile(r"\[\^[^\]\s\[]{1,200}\]:")
_DELIMITER_ROW = re.compile(r"[ \t|:-]*")


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
        RecursionError: the text nests deeper than the interpreter can follow.
    """
    normal = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if "\0" in normal:
        normal = normal.replace("\0", "\ufffd")
    parser = _parser()
    env: dict[str, Any] = {"math": _math_lines(normal)}
    tokens: list[Any] = []
    parser.block.parse(normal, parser, env, tokens)
    return [piece for token in tokens if (piece := _piece(token)) is not None]


_LEAVES = frozenset({"paragraph_open", "heading_open", "fence", "code_block", "html_block", "hr"})
_OWN_LEAVES = frozenset({"math", "footnote", "table"})
_CONTAINERS = frozenset({"blockquote", "list_item", "bullet_list", "ordered_list"})


def _piece(token: Any) -> Piece | None:  # noqa: ANN401 - a token of markdown-it
    kind: str = token.type
    if kind == "inline":
        return None
    if kind in _LEAVES or kind in _OWN_LEAVES:
        info = token.markup if kind == "heading_open" else token.info
        return Piece(kind.removesuffix("_open"), "", token.map[0], token.map[1], info, token.content)
    name, _, edge = kind.rpartition("_")
    if name in _CONTAINERS:
        first, behind = token.map or (0, 0)
        return Piece(name, "+" if edge == "open" else "-", first, behind, token.info)
    return None


def _math_lines(text: str) -> list[int]:
    if "$$" not in text:
        return []
    return [number for number, line in enumerate(text.split("\n")) if "$$" in line]


@functools.cache
def _parser() -> Any:  # noqa: ANN401 - the library is imported only when used
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING})
    # A definition would vanish from the text; here `[x]: y` stays a paragraph and is read as one.
    parser.disable("reference")
    ruler = parser.block.ruler
    interrupts: Any = {"alt": ["paragraph", "blockquote", "list"]}
    ruler.before("fence", "math", _math, interrupts)
    ruler.before("fence", "footnote", _footnote, interrupts)
    ruler.before("lheading", "table_lines", _table, {"alt": ["paragraph"]})
    return parser


def _line(state: Any, line: int) -> str:  # noqa: ANN401 - a state of markdown-it
    text: str = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
    return text


def _push(state: Any, kind: str, first: int, behind: int) -> None:  # noqa: ANN401 - a state of markdown-it
    token = state.push(kind, "", 0)
    token.map = [first, behind]
    state.line = behind


def _math(state: Any, first: int, last: int, silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    if not state.env["math"] or state.sCount[first] - state.blkIndent >= 4:
        return False
    opening = _line(state, first).rstrip()
    if not opening.startswith("$$"):
        return False
    behind = first + 1
    if "$$" in opening[2:]:
        if opening.find("$$", 2) != len(opening) - 2:
            return False  # `$$a$$ words`: inline
    else:
        lines: list[int] = state.env["math"]
        index = bisect.bisect_right(lines, first)
        if index == len(lines) or lines[index] >= last:
            return False
        behind = lines[index] + 1
        if any(state.sCount[line] < state.blkIndent and not state.isEmpty(line) for line in range(first, behind)):
            return False
    if not silent:
        _push(state, "math", first, behind)
    return True


def _footnote(state: Any, first: int, last: int, silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    if state.sCount[first] - state.blkIndent >= 4 or not state.src.startswith(
        "[^", state.bMarks[first] + state.tShift[first]
    ):
        return False
    if _FOOTNOTE.match(_line(state, first)) is None:
        return False
    if not silent:
        _push(state, "footnote", first, _footnote_end(state, first, last))
    return True


def _footnote_end(state: Any, first: int, last: int) -> int:  # noqa: ANN401 - a state of markdown-it
    """Give the line behind a definition: its lines, and indented ones behind blank lines."""
    behind, line = first + 1, first + 1
    while line < last:
        indent = state.sCount[line] - state.blkIndent
        if state.isEmpty(line):
            line += 1
        elif indent >= 4 or (indent >= 0 and line == behind and not _starts_a_block(state, line, last)):
            line += 1
            behind = line
        else:
            break
    return behind


def _starts_a_block(state: Any, line: int, last: int) -> bool:  # noqa: ANN401 - a state of markdown-it
    rules: list[Callable[..., bool]] = state.md.block.ruler.getRules("paragraph")
    return any(rule(state, line, last, True) for rule in rules)


def _table(state: Any, first: int, last: int, silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    """Read a table as lines; its cells are cut on the source, where the escaped bars still stand."""
    if first + 2 > last or state.sCount[first + 1] < state.blkIndent:
        return False
    if state.sCount[first] - state.blkIndent >= 4 or state.sCount[first + 1] - state.blkIndent >= 4:
        return False
    delimiter = _line(state, first + 1)
    if "-" not in delimiter or _DELIMITER_ROW.fullmatch(delimiter) is None:
        return False
    columns = _column_count(delimiter)
    header = _line(state, first)
    if columns is None or "|" not in header or len(cells(header, 0, len(header))) != columns:
        return False
    if silent:
        return True
    behind = first + 2
    while behind < last and not state.isEmpty(behind) and state.blkIndent <= state.sCount[behind] < state.blkIndent + 4:
        if _starts_a_block(state, behind, last):
            break
        behind += 1
    _push(state, "table", first, behind)
    return True


def _column_count(delimiter: str) -> int | None:
    parts = delimiter.strip().removeprefix("|").removesuffix("|").split("|")
    if "|" not in delimiter and ":" not in delimiter and len(parts) == 1:
        return None
    for part in parts:
        dashes = part.strip().removeprefix(":").removesuffix(":")
        if not dashes or dashes.strip("-"):
            return None
    return len(parts)
