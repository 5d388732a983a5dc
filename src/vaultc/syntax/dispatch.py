"""Block rules of markdown-it tried by the first character of a line, and the three commonest written anew.

What a line begins with decides which rules can take it: a letter begins no list, fence or quote. Trying only those,
and reading paragraphs and underlined headings in one pass, halves the time of block parsing; the structure that comes
out is the same, which a test holds against markdown-it's own rules. Nothing here imports markdown_it.
"""

from __future__ import annotations

from itertools import accumulate
from operator import add
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Rule = "Callable[[Any, int, int, bool], bool]"
_CODE_INDENT = 4
_MOST_LEVEL = 6


class Dispatcher:
    """Stands in for the block parser of one `MarkdownIt`: its rules by the characters that they begin with."""

    def __init__(
        self,
        rules: Iterable[tuple[str, Callable[[Any, int, int, bool], bool]]],
        starts: Mapping[str, str],
        chains: Mapping[str, Iterable[str]],
    ) -> None:
        """Prepare tables.

        Args:
            rules: name and function of each rule, in order of precedence; the last one takes any line.
            starts: by name, the characters with which a line must begin for the rule; a rule left out takes any.
            chains: by name of a chain (`paragraph`, `list`, …), the rules that may end such a block.
        """
        self._rules = list(rules)
        self._starts = starts
        self._firsts = frozenset("".join(starts.values()))
        self._table = self._by_first([name for name, _ in self._rules])
        self._other = self._table[""]
        self._chains = {chain: (self._ender(frozenset(names)),) for chain, names in chains.items()}
        self.ruler = self

    def getRules(self, chain: str) -> tuple[Callable[[Any, int, int, bool], bool], ...]:  # noqa: N802 - markdown-it's name
        """Give the rules that may end a block of kind `chain`, as one that tries those that can."""
        return self._chains[chain]

    def get_active_rules(self) -> list[str]:
        """Give the names of the rules."""
        return [name for name, _ in self._rules]

    def _by_first(self, names: Iterable[str]) -> dict[str, tuple[Any, ...]]:
        wanted = frozenset(names)
        table = {}
        for first in [*self._firsts, ""]:
            table[first] = tuple(
                rule
                for name, rule in self._rules
                if name in wanted and (name not in self._starts or (first and first in self._starts[name]))
            )
        return table

    def _ender(self, names: frozenset[str]) -> Callable[[Any, int, int, bool], bool]:
        table = self._by_first(names)
        other = table[""]

        def ends(state: Any, line: int, last: int, silent: bool) -> bool:  # noqa: ANN401 - a state of markdown-it
            start = state.bMarks[line] + state.tShift[line]
            return any(rule(state, line, last, silent) for rule in table.get(state.src[start : start + 1], other))

        return ends

    def tokenize(self, state: Any, first: int, last: int) -> None:  # noqa: ANN401 - a state of markdown-it
        """Read the lines from `first` up to `last`; called again by lists and quotes for what they hold."""
        table, other, src = self._table, self._other, state.src
        begins, shifts, ends, indents = state.bMarks, state.tShift, state.eMarks, state.sCount
        line, was_empty = first, False
        while line < last:
            while line < state.lineMax and begins[line] + shifts[line] >= ends[line]:
                line += 1
            state.line = line
            if line >= last or indents[line] < state.blkIndent:
                break
            start = begins[line] + shifts[line]
            for rule in table.get(src[start : start + 1], other):
                if rule(state, line, last, False):
                    break
            state.tight = not was_empty
            line = state.line
            if line - 1 < last and begins[line - 1] + shifts[line - 1] >= ends[line - 1]:
                was_empty = True
            if line < last and begins[line] + shifts[line] >= ends[line]:
                was_empty = True
                line += 1
                state.line = line


def mark_lines(state: Any, src: str) -> None:  # noqa: ANN401 - a state of markdown-it
    """Fill the tables of lines of `state`, which was made for an empty text, for `src`."""
    lines = src.split("\n")
    if not lines[-1].strip(" \t"):
        lines.pop()  # blanks behind the last line end are no line
    widths = list(map(len, lines))
    begins = list(accumulate((width + 1 for width in widths), initial=0))
    begins[-1] = len(src)
    state.src, state.lineMax = src, len(lines)
    state.bMarks, state.eMarks = begins, [*map(add, begins, widths), len(src)]
    shifts = [0] * len(begins)
    indents = shifts.copy()
    for number, line in enumerate(lines):
        if line and line[0] in " \t":
            shift = widths[number] - len(line.lstrip(" \t"))
            shifts[number] = shift
            indents[number] = shift if "\t" not in line[:shift] else _columns(line[:shift])
    state.tShift, state.sCount, state.bsCount = shifts, indents, [0] * len(begins)


def _columns(blanks: str) -> int:
    columns = 0
    for blank in blanks:
        columns += 4 - columns % 4 if blank == "\t" else 1
    return columns


class Leaf:
    """A token of ours among those of markdown-it, which looks at the type and level of what a list holds."""

    __slots__ = ("info", "level", "map", "type")
    content = ""

    def __init__(self, kind: str, level: int, first: int, behind: int, info: str) -> None:
        self.type, self.level, self.map, self.info = kind, level, (first, behind), info


def put(state: Any, kind: str, first: int, behind: int, info: str = "") -> None:  # noqa: ANN401 - a state of markdown-it
    """Add a leaf that takes the lines `[first, behind)` and go on behind it."""
    state.tokens.append(Leaf(kind, state.level, first, behind, info))
    state.line = behind


def heading(state: Any, first: int, _last: int, silent: bool) -> bool:  # noqa: ANN401 - a state of markdown-it
    """Read `# words`."""
    if state.sCount[first] - state.blkIndent >= _CODE_INDENT:
        return False
    start, end = state.bMarks[first] + state.tShift[first], state.eMarks[first]
    level = 1
    while start + level < end and state.src[start + level] == "#":
        level += 1
    if level > _MOST_LEVEL or (start + level < end and state.src[start + level] not in " \t"):
        return False
    if not silent:
        put(state, "heading", first, first + 1, "#" * level)
    return True


def words(state: Any, first: int, _last: int, _silent: bool) -> bool:  # noqa: ANN401 - a state of markdown-it
    """Read a paragraph, or the words of a heading that is underlined with `=` or `-`."""
    behind, last, indent = first + 1, state.lineMax, state.blkIndent
    begins, shifts, ends, indents, src = state.bMarks, state.tShift, state.eMarks, state.sCount, state.src
    (is_end,) = state.md.block.getRules("paragraph")
    parent, state.parentType = state.parentType, "paragraph"
    underline = ""
    while behind < last:
        start = begins[behind] + shifts[behind]
        if start >= ends[behind]:
            break
        if indents[behind] - indent < _CODE_INDENT:
            if indents[behind] >= indent and src[start] in "-=" and _is_underline(src, start, ends[behind]):
                underline = src[start]
                break
            # A line of a quote that lacks its mark was looked at when the quote was read.
            if indents[behind] >= 0 and is_end(state, behind, last, True):
                break
        behind += 1
    state.parentType = parent
    if underline:
        put(state, "heading", first, behind + 1, underline)
    else:
        put(state, "paragraph", first, behind)
    return True


def _is_underline(src: str, start: int, end: int) -> bool:
    return not src[start:end].lstrip(src[start]).strip(" \t")
