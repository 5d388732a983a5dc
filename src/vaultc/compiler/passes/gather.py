"""Gather: what of the vault bears on the idea, as verbatim passages, each with the reason why it was taken.

The idea note, what it embeds, the parts it links to by heading or block, and the stretches of notes around it that
speak of it may bind it (`binds`). The rest is there to lean on: a vault is full of other things' musts.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vaultc.compiler.around.neighbourhood import neighbourhood
from vaultc.compiler.around.reach import How
from vaultc.compiler.passes.parts import NoteParts
from vaultc.compiler.unit import ContextPassage, Idea, Unit
from vaultc.core.digest import digest_text
from vaultc.core.endings import is_canvas_path, is_note_path
from vaultc.core.errors import VaultError
from vaultc.core.link import Link, LinkKind, Missing, ResolvedLink
from vaultc.core.note import BlockKind
from vaultc.core.source import Span, VaultPath
from vaultc.disk.policy import RESERVED_NAMES
from vaultc.language.detect import language_of
from vaultc.language.stems import content_stems
from vaultc.language.translit import code_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.tools import Tools
    from vaultc.core.note import Note
    from vaultc.vault.reader import ParsedNote

LINKED_PART = "the idea links to this part"
LINKED_NOTE = "a part of a linked note"
EMBEDDED = "the idea embeds it"
OWN = "the idea note"

_MAX_EMBED_DEPTH = 4
_MAX_PER_NOTE = 4
_MAX_LINKED = 48
_MAX_RETRIEVED = 12
_SEARCHED = 40
_MIN_SCORE = 0.15
_MIN_SHARED = 2
_MIN_STEM = 4
_MAX_PASSAGE_CHARS = 6000
_QUERY_CHARS = 600


def make_idea(path: VaultPath, parsed: ParsedNote) -> Idea:
    """Give the idea that the note at `path` describes; its title is the file's name, its package an ASCII name."""
    title = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    text = parsed.source.slice(parsed.note.body)
    package = code_name(title)
    if package in sys.stdlib_module_names or package in RESERVED_NAMES:
        package = f"{package}_app"
    return Idea(path, title, language_of(f"{title}\n{text}"), package, digest_text(parsed.source.text))


def binds(passage: ContextPassage) -> bool:
    """Tell whether what a gathered passage states may be a requirement of the idea."""
    return passage.role in {"idea", "embed"} or passage.reach != ""


@dataclass
class _Gathering:
    """Passages taken so far; a stretch that is covered by one is not taken again."""

    tools: Tools
    idea: Idea
    passages: list[ContextPassage] = field(default_factory=list)
    taken: dict[VaultPath, list[Span]] = field(default_factory=dict)
    notes: dict[VaultPath, NoteParts] = field(default_factory=dict)
    seen: set[tuple[VaultPath, str | None, str | None]] = field(default_factory=set)

    def add(self, parsed: ParsedNote, span: Span, role: str, reason: str, score: float = 1.0, reach: str = "") -> None:
        """Take the stretch at `span`, without the blanks at its ends, unless it is empty or taken."""
        text = parsed.source.text
        start, end = span.start, span.end
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        span = parsed.source.span(start, end)
        if start == end or not self._take(span):
            return
        headings = self.parts(parsed.note).headings_at(span.start)
        self.passages.append(ContextPassage(parsed.source.quote(span), headings, role, reason, score, reach))

    def _take(self, span: Span) -> bool:
        """Tell whether nothing taken covers `span`, and take it.

        Of each note only those stretches are kept that no other covers: by their starts they are by their ends too.
        """
        own = self.taken.setdefault(span.path, [])
        at = bisect_right(own, span.start, key=lambda taken: taken.start)
        if at and own[at - 1].covers(span):
            return False
        first = at - 1 if at and own[at - 1].start == span.start else at
        last = first
        while last < len(own) and span.covers(own[last]):
            last += 1
        own[first:last] = [span]
        return True

    def parts(self, note: Note) -> NoteParts:
        """Give `note` by its parts."""
        return self.notes.setdefault(note.path, NoteParts(note))

    def read(self, path: VaultPath) -> ParsedNote | None:
        """Give the note or canvas at `path`, or None where it is none, cannot be read or was written by vaultc."""
        if not (is_note_path(path) or is_canvas_path(path)):
            return None
        try:
            parsed = self.tools.reader.read(path)
        except VaultError:
            return None
        return None if parsed.note.is_generated else parsed


def gather(unit: Unit, tools: Tools) -> Unit:
    """Fill the context: the idea's sections, embeds, linked parts, linked notes, retrieved passages, in this order."""
    parsed = tools.reader.read(unit.idea.path)
    gathering = _Gathering(tools, unit.idea)
    sections = [section.span for section in parsed.note.sections] or [parsed.note.body]
    for span in sections:
        gathering.add(parsed, span, "idea", OWN)
    _embeds(gathering, parsed, parsed.note.body, 0)
    stems = _stems_of(parsed)
    for link in _links(parsed):
        found = tools.reader.resolve(link, unit.idea.path)
        if isinstance(found, ResolvedLink) and len(gathering.passages) < _MAX_LINKED + len(sections):
            _linked(gathering, found)
    around = neighbourhood(parsed, tools, gathering.read)
    for item in around.found:
        gathering.add(item.parsed, item.span, "link", "; ".join(item.reach.words), reach=item.reach.how)
    for path in dict.fromkeys(_whole_notes(parsed, tools)):
        target = gathering.read(path)
        if target is not None:
            for span in _near(target, stems):
                gathering.add(target, _cut(span), "link", LINKED_NOTE)
    _retrieved(gathering, parsed, stems)
    return replace(unit, context=tuple(gathering.passages), excluded=around.excluded)


def _stems_of(parsed: ParsedNote) -> frozenset[str]:
    text = parsed.source.slice(parsed.note.body)
    return frozenset(stem for stem in content_stems(f"{parsed.note.title}\n{text}") if len(stem) >= _MIN_STEM)


def _links(parsed: ParsedNote) -> Iterator[Link]:
    """Give the links of the idea: those to parts first, then those of the text, then those of the properties."""
    links = [link for link in parsed.note.links if not link.is_embed and link.kind is not LinkKind.CANVAS]
    yield from (link for link in links if link.headings or link.block)
    yield from (link for link in links if not (link.headings or link.block) and link.kind is not LinkKind.PROPERTY)
    yield from (link for link in links if not (link.headings or link.block) and link.kind is LinkKind.PROPERTY)


def _embeds(gathering: _Gathering, parsed: ParsedNote, within: Span, depth: int) -> None:
    """Take what is embedded in a stretch, and what that embeds; each part once, so that a cycle ends."""
    for link in gathering.parts(parsed.note).embeds_within(within):
        found = gathering.tools.reader.resolve(link, parsed.note.path)
        if not isinstance(found, ResolvedLink) or found.missing is not None or depth >= _MAX_EMBED_DEPTH:
            continue
        key = (found.path, found.heading, found.block)
        target = gathering.read(found.path)
        span = gathering.parts(target.note).span(link.headings, link.block) if target is not None else None
        if target is None or span is None or key in gathering.seen:
            continue
        gathering.seen.add(key)
        gathering.add(target, span, "embed", EMBEDDED)
        _embeds(gathering, target, span, depth + 1)


def _linked(gathering: _Gathering, found: ResolvedLink) -> None:
    """Take the part that a link names."""
    key = (found.path, found.heading, found.block)
    if found.path == gathering.idea.path or key in gathering.seen or not (found.heading or found.block):
        return
    gathering.seen.add(key)
    parsed = gathering.read(found.path)
    if parsed is None or found.missing in {Missing.HEADING, Missing.BLOCK}:
        return
    span = gathering.parts(parsed.note).span(found.link.headings, found.link.block)
    if span is not None:
        gathering.add(parsed, _cut(span), "link", LINKED_PART, reach=How.LINK)


def _whole_notes(parsed: ParsedNote, tools: Tools) -> Iterator[VaultPath]:
    """Give the notes that the idea links to as wholes."""
    for link in _links(parsed):
        found = tools.reader.resolve(link, parsed.note.path)
        if isinstance(found, ResolvedLink) and found.path != parsed.note.path and found.missing is None:
            yield found.path


def _cut(span: Span) -> Span:
    return Span(span.path, span.start, min(span.end, span.start + _MAX_PASSAGE_CHARS))


def _near(parsed: ParsedNote, stems: frozenset[str]) -> list[Span]:
    """Give the first section of a note and those that share most stems with the idea, in reading order."""
    note = parsed.note
    sections = [section for section in note.sections if parsed.source.slice(section.body).strip()]
    if not sections:
        return [note.body] if note.body.end - note.body.start <= _MAX_PASSAGE_CHARS else []
    shared = {
        section.span: len(stems.intersection(content_stems(parsed.source.slice(section.span))))
        for section in sections[1:]
    }
    best = sorted(
        (span for span, count in shared.items() if count > _MIN_SHARED), key=lambda span: (-shared[span], span.start)
    )
    return sorted({sections[0].span, *best[: _MAX_PER_NOTE - 1]})


def _query(gathering: _Gathering, parsed: ParsedNote) -> str:
    headings = [heading.text for heading in parsed.note.headings]
    first = next((block for block in parsed.note.blocks if block.kind is BlockKind.PARAGRAPH), None)
    lead = parsed.source.slice(first.text) if first is not None else ""
    return " ".join(f"{gathering.idea.title} {lead} {' '.join(headings)}".split())[:_QUERY_CHARS]


def _retrieved(gathering: _Gathering, parsed: ParsedNote, stems: frozenset[str]) -> None:
    """Take the best passages that search finds: near enough, and with rare words of the idea in them."""
    found = gathering.tools.search(_query(gathering, parsed), _SEARCHED)
    shown = [frozenset(content_stems(passage.chunk.text)) for passage in found]
    counts: dict[str, int] = {}
    for words in shown:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    common = {word for word, count in counts.items() if count * 2 > len(found) > _MIN_STEM}
    taken = 0
    for passage, words in zip(found, shown, strict=True):
        path = passage.chunk.span.path
        shared = (words & stems) - common
        if (
            path == gathering.idea.path
            or passage.score < _MIN_SCORE
            or len(shared) < _MIN_SHARED
            or taken >= _MAX_RETRIEVED
        ):
            continue
        note = gathering.read(path)
        if note is None or note.source.slice(passage.chunk.span) != passage.chunk.text:
            continue  # the index is older than the note
        before = len(gathering.passages)
        gathering.add(note, passage.chunk.span, "retrieved", "; ".join(passage.reasons), passage.score)
        taken += len(gathering.passages) - before
