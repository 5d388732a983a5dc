"""Conflicts that a merge left in a text: lines of seven `<`, `=` and `>`, each at the start of a line, in this order.

Sources: git-merge-file(1) and git-config(1) `merge.conflictStyle` (merge, diff3, zdiff3), and jj's own forms, which
part the sides by lines of seven `%`, `+` and `-`.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from vaultc.syntax.fences import Fences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OPENING = "<<<<<<<"
_LINE = re.compile(r"^(?:(=)={6}|([<>|%+-])\2{6}(?: [^\r\n]*)?)(?=[\r\n]|\Z)", re.MULTILINE)
_MOST_SIDES = 16
_BASE = frozenset("|-")
_SIDE = frozenset("%+")


class _Mark(NamedTuple):
    sign: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A conflict: from its first line of marks to the end of its last, its sides, and what belongs to neither.

    `sides` are ranges of whole lines, `marks` the lines of marks without line ends, `bases` what the sides came from.
    """

    start: int
    end: int
    sides: tuple[tuple[int, int], ...]
    marks: tuple[tuple[int, int], ...]
    bases: tuple[tuple[int, int], ...] = ()


def conflicts(text: str) -> tuple[Conflict, ...]:
    """Give the conflicts in `text`, in order. Marks that are shown in a fence of code are none."""
    if "<" not in text or _OPENING not in text:  # the search for a letter is the quicker one
        return ()
    marks = [_Mark(match[1] or match[2], *match.span()) for match in _LINE.finditer(text)]
    fences = Fences(text)
    found: list[Conflict] = []
    at = 0
    while at < len(marks):
        behind = at + 1
        if marks[at].sign == "<" and not fences.is_inside(marks[at].start):
            last = _last_of(marks, at)
            conflict = None if last is None else _conflict(text, marks[at : last + 1])
            if conflict is not None and last is not None:
                found.append(conflict)
                behind = last + 1
                # A fence that one side alone opens is not open behind the conflict.
                fences.restart(conflict.end)
        at = behind
    return tuple(found)


def _last_of(marks: Sequence[_Mark], first: int) -> int | None:
    """Give the number of the mark that closes the conflict opened by mark `first`; None where another opens before."""
    for at in range(first + 1, len(marks)):
        if marks[at].sign in "<>":
            return at if marks[at].sign == ">" else None
    return None


def _conflict(text: str, marks: Sequence[_Mark]) -> Conflict | None:
    inner = marks[1:-1]
    is_jj = bool(inner) and inner[0].sign in "%+-" and not text[marks[0].end : inner[0].start].strip("\r\n")
    # A line of seven `-` or `+` in a conflict of git is the note's own.
    inner = [mark for mark in inner if mark.sign in ("%+-" if is_jj else "|=")]
    if not is_jj and [mark.sign for mark in inner] not in (["="], ["|", "="]):
        return None
    if is_jj and not 2 <= sum(mark.sign in _SIDE for mark in inner) <= _MOST_SIDES:
        return None
    kept = [marks[0], *inner, marks[-1]]
    sides: list[tuple[int, int]] = []
    bases: list[tuple[int, int]] = []
    for mark, after in itertools.pairwise(kept):
        if mark.sign != "<" or not is_jj:
            (bases if mark.sign in _BASE else sides).append((_behind(text, mark.end), after.start))
    places = tuple((mark.start, mark.end) for mark in kept)
    return Conflict(marks[0].start, marks[-1].end, tuple(sides), places, tuple(bases))


def _behind(text: str, end: int) -> int:
    """Give where the line behind the one that ends at `end` starts."""
    return end + (2 if text.startswith("\r\n", end) else 1)


def side_texts(text: str, found: Sequence[Conflict]) -> Iterator[str]:
    """Give `text` as each side has it, of the same length: marks and the other sides blanked.

    Of a conflict with fewer sides than another the last one stands in.
    """
    for number in range(max(len(conflict.sides) for conflict in found)):
        kept = {conflict.sides[min(number, len(conflict.sides) - 1)] for conflict in found}
        hidden = [place for conflict in found for place in (*conflict.marks, *conflict.bases, *conflict.sides)]
        yield blanked(text, [place for place in hidden if place not in kept])


def blanked(text: str, ranges: Sequence[tuple[int, int]]) -> str:
    """Give `text`, of the same length, with blanks in `ranges`; the ends of lines stay."""
    pieces: list[str] = []
    at = 0
    for start, end in sorted(ranges):
        pieces += [text[at:start], _LETTER.sub(" ", text[max(at, start) : end])]
        at = max(at, end)
    return "".join([*pieces, text[at:]])


_LETTER = re.compile(r"[^\r\n]")
