"""Rules of the block structure that are ours: quotes, paragraphs, headings, rules, math, footnotes, tables.

They work on a state of markdown-it and take the place of its rules where those look at a line more than once: there a
quote reads all lines that might belong to it before it knows, and each paragraph is read twice. Here a quote takes
the lines that bear its mark, and a paragraph asks for the next line when it gets there.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vaultc.syntax.table import cells

if TYPE_CHECKING:
    from collections.abc import Callable

    Rule = Callable[[Any, int, int, bool], bool]
    """Reads a block at a line below another; tells whether there is one. If silent, it only tells."""

_FOOTNOTE = re.compile(r"\[\^[^\]\s\[]{1,200}\]:")
_DELIMITER_ROW = re.compile(r"[ \t|:-]*")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*")
_RULE = re.compile(r"(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,}")
_HEADING = re.compile(r"#{1,6}(?=[ \t]|\Z)")


@dataclass(slots=True)
class OpenQuote:
    """A quote that is being read: the indent around it, and the lines it changed, as they were."""

    indent: int
    changed: list[tuple[int, int, int, int, int]] = field(default_factory=list)


class Quotes:
    """The quotes that are open, outermost first, and the line behind the last one that each has taken.

    Quotes that end at the same line take the next one together, so their ends are kept once: `ends` holds pairs of
    the first of them and the end, and a line costs no more than the marks that stand on it.
    """

    def __init__(self, last: int) -> None:
        """Prepare for a text of `last` lines."""
        self.open: list[OpenQuote] = []
        self.ends: list[tuple[int, int]] = [(-1, last)]
        self.end = last
        """The line behind the last one that the innermost quote, or the text, holds; asked for at every line."""

    def push(self, quote: OpenQuote, end: int) -> None:
        """Open a quote inside the others."""
        self.open.append(quote)
        if end != self.end:
            self.ends.append((len(self.open) - 1, end))
            self.end = end

    def pop(self, state: Any) -> None:  # noqa: ANN401 - a state of markdown-it
        """Close the innermost quote and give its lines back their marks."""
        quote = self.open.pop()
        if self.ends[-1][0] == len(self.open):
            self.ends.pop()
            self.end = self.ends[-1][1]
        for line, mark, column, shift, indent in quote.changed:
            state.bMarks[line], state.bsCount[line] = mark, column
            state.tShift[line], state.sCount[line] = shift, indent

    def take(self, state: Any, line: int, *, is_lazy: bool) -> bool:  # noqa: ANN401 - a state of markdown-it
        """Let the innermost quotes have `line`, which is behind their end, and tell whether the last one has it.

        They have it by their marks, or, if `is_lazy`, because it goes on with a paragraph that is still open. With a
        line that is marked they take the marked ones behind it: a fence that begins there is read in one go.
        """
        is_taken = self._take_one(state, line, is_lazy=is_lazy)
        if is_taken and state.sCount[line] >= 0:
            while self._take_one(state, line + 1, is_lazy=False):
                line += 1
        return is_taken

    def _take_one(self, state: Any, line: int, *, is_lazy: bool) -> bool:  # noqa: ANN401 - a state of markdown-it
        first, end = self.ends[-1]
        if first < 0 or line != end:
            return False
        behind = self._mark(state, line, first, is_lazy=is_lazy)
        if behind == first:
            return False
        self.ends.pop()
        if line + 1 != self.ends[-1][1]:
            self.ends.append((first, line + 1))
        if behind < len(self.open):
            self.ends.append((behind, line))
        self.end = self.ends[-1][1]
        return behind == len(self.open)

    def _mark(self, state: Any, line: int, first: int, *, is_lazy: bool) -> int:  # noqa: ANN401 - a state of markdown-it
        """Strip the marks of quote `first` and those inside it; give the number of the first that ends here."""
        kept = state.blkIndent, state.parentType
        try:
            for number in range(first, len(self.open)):
                quote = self.open[number]
                state.blkIndent, state.parentType = quote.indent, "blockquote"
                if not state.isEmpty(line) and _is_marked(state, line):
                    strip_mark(state, line, quote)
                elif not is_lazy or state.isEmpty(line) or _ends_quote(state, line, state.lineMax):
                    return number
                else:
                    _remember(state, line, quote)
                    state.sCount[line] = -1  # goes on with a paragraph, and is nothing else
                    break
        finally:
            state.blkIndent, state.parentType = kept
        return len(self.open)


def _is_marked(state: Any, line: int) -> bool:  # noqa: ANN401 - a state of markdown-it
    indent = state.sCount[line] - state.blkIndent
    return 0 <= indent < 4 and bool(state.src.startswith(">", state.bMarks[line] + state.tShift[line]))


def _remember(state: Any, line: int, quote: OpenQuote) -> None:  # noqa: ANN401 - a state of markdown-it
    quote.changed.append((line, state.bMarks[line], state.bsCount[line], state.tShift[line], state.sCount[line]))


def strip_mark(state: Any, line: int, quote: OpenQuote) -> None:  # noqa: ANN401 - a state of markdown-it
    """Make `line` begin behind its `>` and the one blank that belongs to it; a tab may belong to it in part."""
    _remember(state, line, quote)
    text, end = state.src, state.eMarks[line]
    pos = state.bMarks[line] + state.tShift[line] + 1
    column = state.bsCount[line] + state.sCount[line] + 1
    blank = text[pos : pos + 1] if pos < end else ""
    column += blank in (" ", "\t") and blank != ""
    if blank == " " or (blank == "\t" and column % 4 == 0):
        pos += 1  # the whole blank is the mark's
    behind = start = pos
    indent = 0
    if blank == "\t" and column % 4 != 0:
        indent = 4 - column % 4  # what is left of the tab
        behind += 1
    while behind < end and text[behind] in " \t":
        indent += 1 if text[behind] == " " else 4 - (column + indent) % 4
        behind += 1
    state.bMarks[line], state.bsCount[line] = start, column
    state.tShift[line], state.sCount[line] = behind - start, indent


def quote_block(state: Any, first: int, last: int, silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    """Read a quote: the lines that bear its mark one after another, and what its paragraphs take behind them."""
    if silent:
        return True
    quote = OpenQuote(state.blkIndent)
    line = first
    while line < last and not state.isEmpty(line) and _is_marked(state, line):
        strip_mark(state, line, quote)
        line += 1
    opened = state.push("blockquote_open", "", 1)
    kept, state.parentType, state.blkIndent = state.parentType, "blockquote", 0
    quotes: Quotes = state.quotes
    quotes.push(quote, line)
    state.md.block.tokenize(state, first, line)
    quotes.pop(state)
    state.parentType, state.blkIndent = kept, quote.indent
    state.push("blockquote_close", "", -1)
    opened.map = [first, state.line]
    return True


def prose_block(state: Any, first: int, last: int, _silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    """Read a paragraph, or the heading that a line of `=` or `-` below it makes of it."""
    text, indents, quotes = state.src, state.sCount, state.quotes
    kept, state.parentType = state.parentType, "paragraph"
    indent = state.blkIndent
    line, mark = first + 1, ""
    while line < quotes.end or quotes.take(state, line, is_lazy=True):
        start, end = state.bMarks[line] + state.tShift[line], state.eMarks[line]
        if start >= end:
            break
        inner = indents[line] - indent
        if inner > 3 or indents[line] < 0:
            line += 1
            continue
        if inner >= 0 and text[start] in "=-" and _UNDERLINE.fullmatch(text, start, end) is not None:
            mark = text[start]
            break
        if ends_paragraph(state, line, state.lineMax):
            break
        line += 1
    state.parentType = kept
    push_leaf(state, "heading" if mark else "paragraph", first, line + bool(mark)).info = mark
    return True


def heading_block(state: Any, first: int, _last: int, silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    """Read a heading with `#` before it."""
    match = _HEADING.match(state.src, state.bMarks[first] + state.tShift[first], state.eMarks[first])
    if match is not None and not silent:
        push_leaf(state, "heading", first, first + 1).info = match.group()
    return match is not None


def rule_block(state: Any, first: int, _last: int, silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    """Read a line of three or more `-`, `*` or `_`."""
    if _RULE.fullmatch(state.src, state.bMarks[first] + state.tShift[first], state.eMarks[first]) is None:
        return False
    if not silent:
        push_leaf(state, "hr", first, first + 1)
    return True


def _line(state: Any, line: int) -> str:  # noqa: ANN401 - a state of markdown-it
    text: str = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
    return text


def push_leaf(state: Any, kind: str, first: int, behind: int) -> Any:  # noqa: ANN401 - a state and a token of markdown-it
    """Add a block without inner blocks, and go on behind it."""
    token = state.push(kind, "", 0)
    token.map = [first, behind]
    state.line = behind
    return token


def math_block(state: Any, first: int, last: int, silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    """Read lines between `$$`."""
    if not state.env["math"]:
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
        push_leaf(state, "math", first, behind)
    return True


def footnote_block(state: Any, first: int, last: int, silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    """Read `[^name]: words` with the lines that belong to it."""
    if _FOOTNOTE.match(state.src, state.bMarks[first] + state.tShift[first], state.eMarks[first]) is None:
        return False
    if not silent:
        push_leaf(state, "footnote", first, _footnote_end(state, first, last))
    return True


def _footnote_end(state: Any, first: int, last: int) -> int:  # noqa: ANN401 - a state of markdown-it
    """Give the line behind a definition: its lines, and indented ones behind blank lines."""
    kept, state.parentType = state.parentType, "paragraph"
    behind, line = first + 1, first + 1
    while line < last:
        indent = state.sCount[line] - state.blkIndent
        if state.isEmpty(line):
            line += 1
        elif indent >= 4 or (indent >= 0 and line == behind and not ends_paragraph(state, line, last)):
            line += 1
            behind = line
        else:
            break
    state.parentType = kept
    return behind


def table_block(state: Any, first: int, last: int, silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    """Read a table as lines; its cells are cut on the source, where the escaped bars still stand."""
    if first + 2 > last or not 0 <= state.sCount[first + 1] - state.blkIndent < 4:
        return False
    start = state.bMarks[first + 1] + state.tShift[first + 1]
    if state.src[start : start + 1] not in ("|", "-", ":"):
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
    while behind < last and not state.isEmpty(behind) and 0 <= state.sCount[behind] - state.blkIndent < 4:
        if ends_paragraph(state, behind, last):
            break
        behind += 1
    push_leaf(state, "table", first, behind)
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


# What may stand at a line, by its first character. markdown-it's own rules for lists, fences and HTML are put in by
# `use`, which is called once.
_STARTS: dict[str, tuple[Rule, ...]] = {}
_STARTS_IN_QUOTE: dict[str, tuple[Rule, ...]] = {}
_STARTS_IN_LIST: dict[str, tuple[Rule, ...]] = {}
PROSE: tuple[Rule, ...] = (table_block, prose_block)


def use(list_block: Rule, fence: Rule, html_block: Rule) -> None:
    """Take the rules that are not ours."""
    everywhere: dict[str, tuple[Rule, ...]] = {
        "$": (math_block,), "[": (footnote_block,), "`": (fence,), "~": (fence,), ">": (quote_block,),
        "-": (rule_block,), "*": (rule_block,), "_": (rule_block,),
    }  # fmt: skip
    beginning: dict[str, tuple[Rule, ...]] = {"<": (html_block,), "#": (heading_block,)}
    lists = dict.fromkeys("-*+0123456789", (list_block,))
    _STARTS_IN_LIST.update(everywhere)
    for char in {*everywhere, *beginning, *lists}:
        _STARTS_IN_QUOTE[char] = (*everywhere.get(char, ()), *lists.get(char, ()), *beginning.get(char, ()))
        _STARTS[char] = (*_STARTS_IN_QUOTE[char], *PROSE)


def rules_at(state: Any, line: int) -> tuple[Rule, ...]:  # noqa: ANN401 - a state of markdown-it
    """Give the rules that may read `line`, in order; it is not empty and not indented as code."""
    return _STARTS.get(state.src[state.bMarks[line] + state.tShift[line]], PROSE)


def _any(rules: tuple[Rule, ...], state: Any, line: int, last: int) -> bool:  # noqa: ANN401 - a state of markdown-it
    for rule in rules:  # noqa: SIM110 - asked at most lines, and a generator costs as much as a rule
        if rule(state, line, last, True):
            return True
    return False


def _first(state: Any, line: int) -> str:  # noqa: ANN401 - a state of markdown-it
    """Give the first character of `line`, none where it is indented as code, in which no block begins."""
    if state.sCount[line] - state.blkIndent >= 4:
        return ""
    start = state.bMarks[line] + state.tShift[line]
    text: str = state.src[start : start + 1]
    return text


def ends_paragraph(state: Any, line: int, last: int) -> bool:  # noqa: ANN401 - a state of markdown-it
    """Tell whether `line` begins a block although no blank line stands before it."""
    char = _first(state, line)
    if not char:
        return False
    rules = _STARTS_IN_QUOTE.get(char)
    return (rules is not None and _any(rules, state, line, last)) or table_block(state, line, last, True)


def _ends_quote(state: Any, line: int, last: int) -> bool:  # noqa: ANN401 - a state of markdown-it
    rules = _STARTS_IN_QUOTE.get(_first(state, line))
    return rules is not None and _any(rules, state, line, last)


def ends_item(state: Any, line: int, last: int, _silent: bool) -> bool:  # noqa: ANN401 - a rule of markdown-it
    """Tell whether `line`, behind an item of a list, begins something else than the next item."""
    rules = _STARTS_IN_LIST.get(_first(state, line))
    return rules is not None and _any(rules, state, line, last)
