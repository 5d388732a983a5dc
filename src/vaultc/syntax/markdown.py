"""Block structure by markdown-it: the only importer of markdown_it.

Inline parsing is off: it is nine tenths of the time, knows neither wikilinks nor offsets, and rewrites what it
reads. Ours are the rules for `$$` blocks, footnote definitions and tables that stay whole lines; the rest is
markdown-it's, tried by the first character of a line (`vaultc.syntax.dispatch`).
"""

from __future__ import annotations

import bisect
import functools
import re
from typing import Any, NamedTuple

from vaultc.syntax.dispatch import Dispatcher, heading, mark_lines, put, words
from vaultc.syntax.table import cells

# Far above what the interpreter's stack allows: a note that nests too deep raises RecursionError and is read
# as plain text, where a limit that is reached would drop its words without a word.
_MAX_NESTING = 100_000
_FOOTNOTE = re.compile(r"\[\^[^\]\s\[]{1,200}\]:")
_DELIMITER_ROW = re.compile(r"[ \t|:-]*")
_MAYBE_DELIMITER = re.compile(r"[ \t|:>-]*")


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
    parser, new_state = _parser()
    tokens: list[Any] = []
    if not normal:
        return []
    state = new_state("", parser, {"math": _math_lines(normal), "delimiters": _delimiter_lines(normal)}, tokens)
    mark_lines(state, normal)
    parser.block.tokenize(state, 0, state.lineMax)
    return [piece for token in tokens if (piece := _piece(token)) is not None]


_LEAVES = frozenset({"paragraph", "heading", "fence", "code_block", "html_block", "hr", "math", "footnote", "table"})
_CONTAINERS = frozenset({"blockquote", "list_item", "bullet_list", "ordered_list"})


def _piece(token: Any) -> Piece | None:  # noqa: ANN401 - a token of markdown-it
    kind: str = token.type
    if kind in _LEAVES:
        return Piece(kind, "", token.map[0], token.map[1], token.info, token.content)
    name, _, edge = kind.rpartition("_")
    if name in _CONTAINERS:
        first, behind = token.map or (0, 0)
        return Piece(name, "+" if edge == "open" else "-", first, behind, token.info)
    return None


def _math_lines(text: str) -> list[int]:
    if "$$" not in text:
        return []
    return [number for number, line in enumerate(text.split("\n")) if "$$" in line]


def _delimiter_lines(text: str) -> frozenset[int]:
    """Give the lines that may part the head of a table from its rows, by their characters."""
    if "-" not in text or "|" not in text:
        return frozenset()
    return frozenset(
        number
        for number, line in enumerate(text.split("\n"))
        if "-" in line and _MAYBE_DELIMITER.fullmatch(line) is not None
    )


@functools.cache
def _parser() -> tuple[Any, Any]:
    """Give the parser, and what makes a state for it; the library is imported only when used."""
    from markdown_it import MarkdownIt
    from markdown_it import rules_block as stock

    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING})
    rules = [
        ("code", stock.code), ("math", _math), ("footnote", _footnote), ("fence", stock.fence),
        ("blockquote", stock.blockquote), ("hr", stock.hr), ("list", stock.list_block), ("html", stock.html_block),
        ("heading", heading), ("table", _table), ("words", words),
    ]  # fmt: skip
    starts = {
        "math": "$", "footnote": "[", "fence": "`~", "blockquote": ">", "hr": "*-_", "list": "*-+0123456789",
        "html": "<", "heading": "#",
    }  # fmt: skip
    # What may end a paragraph, an item of a list, a quote. A definition (`[x]: y`) has no rule: it would vanish
    # from the text; so it stays a paragraph and is read as one.
    common = ("math", "footnote", "fence", "blockquote", "hr")
    chains = {
        "paragraph": (*common, "list", "html", "heading", "table"),
        "blockquote": (*common, "list", "html", "heading"),
        "list": common,
    }
    block: Any = Dispatcher(rules, starts, chains)
    parser.block = block
    return parser, stock.StateBlock


def _line(state: Any, line: int) -> str:  # noqa: ANN401 - a state of markdown-it
    text: str = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
    return text


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
        put(state, "math", first, behind)
    return True


def _footnote(state: Any, first: int, last: int, silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    if state.sCount[first] - state.blkIndent >= 4 or not state.src.startswith(
        "[^", state.bMarks[first] + state.tShift[first]
    ):
        return False
    if _FOOTNOTE.match(_line(state, first)) is None:
        return False
    if not silent:
        put(state, "footnote", first, _footnote_end(state, first, last))
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
    (is_end,) = state.md.block.getRules("paragraph")
    return bool(is_end(state, line, last, True))


def _table(state: Any, first: int, last: int, silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    """Read a table as lines; its cells are cut on the source, where the escaped bars still stand."""
    if first + 1 not in state.env["delimiters"] or first + 2 > last or state.sCount[first + 1] < state.blkIndent:
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
    put(state, "table", first, behind)
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
