"""Which stretches of a note speak of an idea: a journal's day tells of three things, and one of them is it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.compiler.around.standing import is_archived
from vaultc.core.note import BlockKind
from vaultc.core.source import Span
from vaultc.core.spanned import Places
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vaultc.compiler.around.topic import Evidence, Topic
    from vaultc.core.link import Link
    from vaultc.core.note import Block
    from vaultc.core.source import VaultPath
    from vaultc.vault.reader import ParsedNote

_CONTENT = frozenset({BlockKind.TABLE, BlockKind.FENCE, BlockKind.CODE, BlockKind.MATH})
_SKIPPED = frozenset({BlockKind.HEADING, BlockKind.RULE, BlockKind.COMMENT, BlockKind.HTML})
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a note that speaks of the idea, and the words that connect it."""

    span: Span
    words: tuple[str, ...]


@dataclass(slots=True)
class _Piece:
    """A block at the top level of a note, with all in it."""

    block: Block
    found: Evidence
    others: bool = False
    taken: bool = False
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Linked:
    """What the links of a text name: the idea, and what the idea itself links to; all else is another's."""

    idea: VaultPath
    near: frozenset[VaultPath]
    target: Callable[[Link], VaultPath | None]


@dataclass(frozen=True, slots=True)
class CutNote:
    """A note cut into pieces, those that are about the idea by themselves taken."""

    parsed: ParsedNote
    pieces: list[_Piece]

    def sure(self) -> Iterator[str]:
        """Give the texts of what is taken."""
        return (self.parsed.source.slice(piece.block.span) for piece in self.pieces if piece.taken)


def read_for(parsed: ParsedNote, topic: Topic, linked: Linked, *, is_whole: bool, is_sought: bool) -> CutNote:
    """Take what of a note is about the idea by itself.

    That is a piece that names it, links to it, or shares enough of its rare words, and all that stands under a heading
    or a lead line that names it. With `is_whole` it is all but what is another's; with `is_sought` (nothing links the
    note to the idea) there must be a piece with a rare word of the idea's own name.
    """
    pieces = _pieces(parsed, topic, linked)
    if is_whole:
        for piece in pieces:
            piece.taken, piece.why = not piece.others, piece.found.words
    elif not is_sought or any(piece.found.is_strong and topic.anchors & {*piece.found.words} for piece in pieces):
        _judge(parsed, pieces, topic)
    return CutNote(parsed, pieces)


def is_support(parsed: ParsedNote, topic: Topic, linked: Linked) -> bool:
    """Tell whether a note that the idea links to is there for the idea alone.

    One that names the idea here and there speaks of other things too; one that shares no word with it but its own title
    is about a thing that the idea only touches.
    """
    pieces = _pieces(parsed, topic, linked)
    title = set(content_stems(f"{parsed.note.title} {parsed.note.path.rsplit('/', 1)[-1]}"))
    shared = {word for piece in pieces for word in piece.found.words}
    return not any(piece.found.is_named for piece in pieces) and bool(shared - title)


def stretches(reading: CutNote, wider: Topic) -> Iterator[Stretch]:
    """Give the stretches of a note that speak of the idea, in reading order: what is taken, and beside it what goes on.

    `wider` is the topic grown by all that is surely about the idea, in whatever note.
    """
    parsed, pieces = reading.parsed, reading.pieces
    sections = {piece.block.section for piece in pieces if piece.taken}
    for before, piece in zip([None, *pieces], pieces, strict=False):
        if piece.taken or piece.others or piece.block.section not in sections:
            continue
        found = wider.evidence(parsed.source.slice(piece.block.span))
        belongs = piece.block.kind in _CONTENT and before is not None and before.taken
        if found.is_weak or belongs:
            piece.taken, piece.why = True, found.words
    yield from _merged(parsed, pieces)


def _pieces(parsed: ParsedNote, topic: Topic, linked: Linked) -> list[_Piece]:
    note = parsed.note
    links = Places(link for link in note.links if not link.is_embed)
    found: list[_Piece] = []
    for block in note.blocks:
        if block.parent is not None or block.kind in _SKIPPED:
            continue
        evidence = topic.evidence(parsed.source.slice(block.span))
        targets = [linked.target(link) for link in links.within(block.span)]
        names = linked.idea in targets
        if names:
            evidence = replace(evidence, is_named=True)
        foreign = any(to is not None and to != linked.idea and to not in linked.near for to in targets)
        is_index = bool(targets) and block.kind is not BlockKind.PARAGRAPH and _says_little(parsed, block, links)
        archived = bool(note.sections) and is_archived(note.sections[block.section].headings)
        found.append(_Piece(block, evidence, archived or is_index or (foreign and not evidence.is_strong)))
    return found


def _says_little(parsed: ParsedNote, block: Block, links: Places[Link]) -> bool:
    """Tell whether a block is a list of links: hardly a word of its own stands between them."""
    at, rest = block.span.start, []
    inside = sorted(links.within(block.span), key=lambda link: link.span.start)
    for link in inside:
        rest.append(parsed.source.text[at : link.span.start])
        at = max(at, link.span.end)
    rest.append(parsed.source.text[at : block.span.end])
    return len(content_stems(" ".join(rest))) < len(inside)


def _judge(parsed: ParsedNote, pieces: list[_Piece], topic: Topic) -> None:
    for piece in pieces:
        headings = parsed.note.sections[piece.block.section].headings if parsed.note.sections else ()
        below = next((found for heading in headings if (found := topic.evidence(heading)).is_named), None)
        if piece.found.is_strong or below is not None:
            piece.taken, piece.why = not piece.others, (below or piece.found).words
    _led(parsed, pieces)


def _led(parsed: ParsedNote, pieces: list[_Piece]) -> None:
    """Take the list right below a line that names the idea, or a taken one with a colon: it says what it lists."""
    lead: _Piece | None = None
    for piece in pieces:
        if piece.block.kind is BlockKind.PARAGRAPH:
            heads = parsed.source.slice(piece.block.span).rstrip().endswith(":")
            lead = piece if piece.taken and (piece.found.is_named or heads) else None
        elif lead is None or piece.block.section != lead.block.section:
            lead = None
        elif not piece.others and not piece.taken:
            piece.taken, piece.why = True, lead.why


def _merged(parsed: ParsedNote, pieces: list[_Piece]) -> Iterator[Stretch]:
    """Give what is taken, neighbours as one: a lead line stands with its list."""
    run: list[_Piece] = []
    for piece in pieces:
        if piece.taken and (not run or run[-1].block.section == piece.block.section):
            run.append(piece)
            continue
        if run:
            yield _stretch(parsed, run)
        run = [piece] if piece.taken else []
    if run:
        yield _stretch(parsed, run)


def _stretch(parsed: ParsedNote, run: list[_Piece]) -> Stretch:
    connecting = dict.fromkeys(word for piece in run for word in piece.why)
    span = Span(parsed.note.path, run[0].block.span.start, run[-1].block.span.end)
    return Stretch(span, tuple(connecting)[:_SHOWN])
