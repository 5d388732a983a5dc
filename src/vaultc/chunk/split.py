"""Cut a note into sections, and sections into atoms: what a chunk may hold but never tears apart."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from vaultc.chunk.drawing import drawing_ranges, is_silent_heading
from vaultc.core.note import BlockKind, MarkKind
from vaultc.core.quick import quick
from vaultc.language.sentences import sentences
from vaultc.syntax.plugin_text import is_alone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.core.note import Note, Section
    from vaultc.core.source import Source, Span

QUERY_LANGUAGES = frozenset({"dataview", "dataviewjs", "tasks", "query", "base"})
"""Fences that hold a query of a plugin: they say nothing themselves."""

_WHOLE = frozenset({BlockKind.FENCE, BlockKind.TABLE, BlockKind.CODE, BlockKind.MATH})
_WORD = re.compile(r"\S+")
_LINE = re.compile(r"[^\r\n]+")
# A longer run without a blank counts as several words, so that a line of base64 cannot make one giant chunk.
_LONG_WORD = 24


class Atom(NamedTuple):
    """A range of a section with its size in words. `is_glued`: it belongs to the atom behind it ("as follows:").

    `is_apart` tells that something left out lies before it, or another part, so that no chunk may reach across.
    """

    start: int
    end: int
    size: int
    is_glued: bool = False
    is_apart: bool = False


@quick
@dataclass(frozen=True, slots=True)
class Piece:
    """A section's path of headings, note title first, and its atoms in order."""

    headings: tuple[str, ...]
    atoms: tuple[Atom, ...]


class _Range(NamedTuple):
    start: int
    end: int
    is_whole: bool
    is_left_out: bool
    is_apart: bool = False


def size_of(text: str) -> int:
    """Give the number of words of `text`, a long run without a blank counted as several."""
    found = text.split()
    size = len(found)
    if len(text) >= _LONG_WORD and len(max(found, key=len, default="")) >= _LONG_WORD:
        size += sum(len(word) // _LONG_WORD for word in found)
    return size


def _cut_at_words(text: str, start: int, end: int, target: int) -> Iterator[Atom]:
    """Cut `[start, end)` into ranges of about `target` words; a run without blanks is cut anywhere."""
    begin, size, last = -1, 0, start
    for match in _WORD.finditer(text, start, end):
        left, right = match.span()
        weight = 1 + (right - left) // _LONG_WORD
        if size and size + weight > target:
            yield Atom(begin, last, size)
            begin, size = -1, 0
        while weight > target:
            middle = left + target * _LONG_WORD
            if middle >= right:
                break
            yield Atom(left, middle, target)
            left, weight = middle, 1 + (right - middle) // _LONG_WORD
        begin, size, last = (left if begin < 0 else begin), size + weight, right
    if size:
        yield Atom(begin, last, size)


def _sentence_atoms(text: str, start: int, end: int, target: int, most: int) -> Iterator[Atom]:
    for left, right in sentences(text[start:end]):
        words = text[start + left : start + right]
        size = size_of(words)
        if size > most:
            yield from _cut_at_words(text, start + left, start + right, target)
        else:
            yield Atom(start + left, start + right, size, is_glued=words.endswith(":"))


def _whole_atoms(text: str, start: int, end: int, target: int, most: int) -> Iterator[Atom]:
    """Keep a fence or table whole where it fits, else give its lines."""
    piece = text[start:end]
    inner = piece.strip()
    if not inner:
        return
    begin = start + len(piece) - len(piece.lstrip())
    size = size_of(inner)
    if size <= most:
        yield Atom(begin, begin + len(inner), size)
        return
    for match in _LINE.finditer(text, start, end):
        yield from _cut_at_words(text, match.start(), match.end(), target)


def _marked_ranges(source: Source, note: Note) -> list[_Range]:
    """Give the outermost blocks that are kept whole or left out, in order, none overlapping another."""
    silent = {start: _Range(start, end, False, True) for start, end in drawing_ranges(source, note)}
    for mark in note.marks:
        span = mark.span
        if mark.kind is MarkKind.CONFLICT:
            silent[span.start] = _Range(span.start, span.end, True, False, is_apart=True)
        elif mark.kind is MarkKind.PLUGIN and _is_block(source.text, span):
            silent[span.start] = _Range(span.start, span.end, False, True)
    queries = {fence.block for fence in note.fences if fence.language in QUERY_LANGUAGES}
    found = [
        _Range(block.span.start, block.span.end, at not in queries, at in queries)
        for at, block in enumerate(note.blocks)
        if block.kind in _WHOLE and block.span.start not in silent
    ]
    found.extend(silent.values())
    found.sort(key=lambda marked: (marked.start, -marked.end))
    apart: list[_Range] = []
    for marked in found:
        if not apart or marked.start >= apart[-1].end:
            apart.append(marked)
    return apart


def _is_block(text: str, span: Span) -> bool:
    """Tell whether what a plugin wrote is a block of its own; a remark behind each flash card parts no chunks."""
    is_long = text.startswith("<%", span.start) or text.find("\n", span.start, span.end) >= 0
    return is_long and is_alone(text, span.start, span.end)


def _ranges(start: int, end: int, marked: list[_Range]) -> Iterator[_Range]:
    """Give `[start, end)` as plain ranges and the marked ones between them."""
    at = start
    for one in marked:
        if one.end <= at or one.start >= end:
            continue
        if one.start > at:
            yield _Range(at, one.start, is_whole=False, is_left_out=False)
        yield one._replace(start=max(at, one.start), end=min(end, one.end))
        at = min(end, one.end)
    if at < end:
        yield _Range(at, end, is_whole=False, is_left_out=False)


def _atoms(text: str, ranges: Iterator[_Range], target: int, most: int) -> Iterator[Atom]:
    is_apart = False
    for one in ranges:
        if one.is_left_out:
            is_apart = True
            continue
        cut = _whole_atoms if one.is_whole else _sentence_atoms
        is_apart = is_apart or one.is_apart
        for atom in cut(text, one.start, one.end, target, most):
            yield atom._replace(is_apart=True) if is_apart else atom
            is_apart = False
        is_apart = is_apart or one.is_apart


def _body_atoms(text: str, body: Span, marked: list[_Range], target: int, most: int) -> tuple[Atom, ...]:
    """Give the atoms of the body of a section; one that fits a chunk whole, as most do, need not be cut at all."""
    words = text[body.start : body.end].strip()
    if not words:
        return ()
    if not any(one.is_left_out or one.is_apart for one in marked):
        size = size_of(words)
        if size <= target:
            start = text.index(words[0], body.start)
            return (Atom(start, start + len(words), size),)
    return tuple(_atoms(text, _ranges(body.start, body.end, marked), target, most))


def _parted(atoms: Iterator[Atom], borders: list[int]) -> Iterator[Atom]:
    """Keep apart what lies in different parts of a note; `borders` is where parts start."""
    part = -1
    for atom in atoms:
        mine = bisect.bisect_right(borders, atom.start)
        yield atom._replace(is_apart=True) if mine != part and part >= 0 else atom
        part = mine


def _path(note: Note, headings: tuple[str, ...]) -> tuple[str, ...]:
    """Give the heading path with the note's title first, once."""
    return headings if headings[:1] == (note.title,) else (note.title, *headings)


def _is_leaf(sections: tuple[Section, ...], at: int) -> bool:
    return at + 1 == len(sections) or sections[at + 1].level <= sections[at].level


def _heading_atoms(source: Source, section: Section, target: int, most: int) -> tuple[Atom, ...]:
    """Give the heading itself: all that an empty section has to be found by."""
    return tuple(_whole_atoms(source.text, section.span.start, section.body.start, target, most))


def pieces_of(source: Source, note: Note, target: int, most: int) -> Iterator[Piece]:
    """Give the sections of `note` that have text, each with its atoms; sizes in words.

    A heading without text and without a section below it is itself an atom, so that it can be found, unless the
    plugin of a drawing wrote it.
    """
    marked = _marked_ranges(source, note)
    if not note.sections:
        atoms = _body_atoms(source.text, note.body, marked, target, most)
        if atoms:
            yield Piece((note.title,), atoms)
        return
    first = 0
    borders = [part.start for part in note.parts]
    for at, section in enumerate(note.sections):
        while first < len(marked) and marked[first].end <= section.body.start:
            first += 1
        inside = []
        for one in marked[first:]:
            if one.start >= section.body.end:
                break
            inside.append(one)
        if borders:
            ranges = _ranges(section.body.start, section.body.end, inside)
            atoms = tuple(_parted(_atoms(source.text, ranges, target, most), borders))
        else:
            atoms = _body_atoms(source.text, section.body, inside, target, most)
        if not atoms and _is_leaf(note.sections, at) and not is_silent_heading(note, section):
            atoms = _heading_atoms(source, section, target, most)
        if atoms:
            yield Piece(_path(note, section.headings), atoms)
