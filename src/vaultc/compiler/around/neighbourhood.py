"""The whole neighbourhood of an idea: what of the notes around it may bind it, and what was not read, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from vaultc.compiler.around.reach import How, Reach, labels_into, reached
from vaultc.compiler.around.standing import why_not
from vaultc.compiler.around.stretches import CutNote, Linked, is_support, read_for, stretches
from vaultc.compiler.around.topic import topic_of
from vaultc.compiler.unit import Excluded
from vaultc.core.link import LinkKind, ResolvedLink

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.compiler.around.topic import Topic
    from vaultc.compiler.tools import Tools
    from vaultc.core.link import Link
    from vaultc.core.source import Span, VaultPath
    from vaultc.vault.reader import ParsedNote

    Read = Callable[[VaultPath], ParsedNote | None]

_MAX_NOTES = 120
_MAX_CHARS = 150_000
_MAX_NOTE_CHARS = 40_000
_HUB = 3
"""A note that more notes than this link to is a person, a place or a map of much else: only parts of it are meant."""
_TOLD = frozenset({How.LINK, How.PROPERTY, How.BACKLINK, How.MENTION})


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch that may bind the idea, and how it was reached."""

    parsed: ParsedNote
    span: Span
    reach: Reach


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What was found around an idea, nearest notes first, and the notes near it that were not read."""

    found: tuple[Found, ...]
    excluded: tuple[Excluded, ...]


def topic_around(parsed: ParsedNote, tools: Tools) -> Topic:
    """Give what the idea in `parsed` speaks of, by the names that the vault calls it too."""
    return topic_of(parsed, labels_into(parsed.note.path, tools), tools.around.rarity)


def neighbourhood(parsed: ParsedNote, tools: Tools, read: Read) -> Neighbourhood:
    """Give what of the notes around the idea in `parsed` may bind it.

    `read(path)` gives a note, or None where it is none that a person wrote. At most so many notes and characters are
    read; what is near and was left out is told.
    """
    topic = topic_around(parsed, tools)
    ways = reached(parsed, topic, tools)
    near = frozenset(path for path, how in ways.items() if how in {How.LINK, How.PROPERTY})
    readings: list[tuple[How, CutNote]] = []
    excluded: list[Excluded] = []
    size = 0
    for count, (path, how) in enumerate(ways.items()):
        if count >= _MAX_NOTES or size >= _MAX_CHARS:
            excluded += [Excluded(path, "too much is near the idea")] if how in _TOLD else []
            continue
        note = read(path)
        if note is None:
            continue
        reason = _refusal(note, parsed.note.path, tools)
        if reason:
            excluded += [Excluded(path, reason)] if how in _TOLD else []
            continue
        linked = Linked(parsed.note.path, near, partial(_target, path, tools))
        is_whole = how is How.PROPERTY or (
            how is How.LINK and _is_meant(parsed, path, tools) and is_support(note, topic, linked)
        )
        reading = read_for(note, topic, linked, is_whole=is_whole, is_sought=how in {How.SEARCH, How.LINK2})
        size += sum(map(len, reading.sure()))
        readings.append((how, reading))
    wider = topic.grown((text for _, reading in readings for text in reading.sure()), tools.around.rarity)
    found: list[Found] = []
    for how, reading in readings:
        before = len(found)
        for part in stretches(reading, wider):
            found.append(Found(reading.parsed, part.span, Reach(how, part.words)))
        if len(found) == before and how in _TOLD - {How.MENTION}:
            excluded.append(Excluded(reading.parsed.note.path, "nothing in it speaks of the idea"))
    return Neighbourhood(tuple(found), tuple(excluded))


def _refusal(note: ParsedNote, idea: VaultPath, tools: Tools) -> str:
    if note.note.length > _MAX_NOTE_CHARS:
        return "it is too long"
    return why_not(note.note, idea, lambda link: tools.reader.resolve(link, note.note.path))


def _is_meant(parsed: ParsedNote, path: VaultPath, tools: Tools) -> bool:
    """Tell whether the idea's text links to the note, and little else does."""
    return len({link.link.span.path for link in tools.around.links_into(path)}) <= _HUB and any(
        link.kind is not LinkKind.PROPERTY and _target(parsed.note.path, tools, link) == path
        for link in parsed.note.links
    )


def _target(source: VaultPath, tools: Tools, link: Link) -> VaultPath | None:
    found = tools.reader.resolve(link, source)
    return found.path if isinstance(found, ResolvedLink) else None
