"""The notes from which an idea may be told more, each with how it is reached; looked up, not read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vaultc.core.link import LinkKind, ResolvedLink
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.around.topic import Topic
    from vaultc.compiler.tools import Tools
    from vaultc.core.link import Link
    from vaultc.core.source import VaultPath
    from vaultc.vault.reader import ParsedNote

_ASKED_TERMS = 40
_FOUND = 60
_NAMED = 200


class How(StrEnum):
    """How a note is reached from the idea, the nearest first."""

    LINK = "link"
    PROPERTY = "property"
    BACKLINK = "backlink"
    MENTION = "mention"
    LINK2 = "link2"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Reach:
    """How a stretch of another note is reached from the idea, and the words that connect the two."""

    how: How
    words: tuple[str, ...] = ()


def reached(parsed: ParsedNote, topic: Topic, tools: Tools) -> dict[VaultPath, How]:
    """Give the notes around the idea in `parsed`, each by its nearest way, nearest first."""
    found: dict[VaultPath, How] = {}
    for path, how in _ways(parsed, topic, tools):
        found.setdefault(path, how)
    found.pop(parsed.note.path, None)
    return found


def labels_into(idea: VaultPath, tools: Tools) -> tuple[str, ...]:
    """Give by what names links call the idea: `[[Tide clock|the clock]]` calls it "the clock"."""
    labels = (found.link.alias or "" for found in tools.around.links_into(idea) if not found.heading)
    return tuple(dict.fromkeys(label for label in labels if content_stems(label)))


def _ways(parsed: ParsedNote, topic: Topic, tools: Tools) -> Iterator[tuple[VaultPath, How]]:
    idea = parsed.note.path
    linked = [found.path for link in parsed.note.links if (found := _whole(link, idea, tools)) is not None]
    yield from ((path, How.LINK) for path in linked)
    into = tools.around.links_into(idea)
    yield from ((found.link.span.path, How.PROPERTY) for found in into if found.link.kind is LinkKind.PROPERTY)
    yield from ((found.link.span.path, How.BACKLINK) for found in into)
    for name in topic.names:
        if name in topic.everyday:
            continue  # "board", «список»: a text that has the word need not mean the idea
        yield from ((path, How.MENTION) for path in tools.around.holding((), name, _NAMED))
    for path in dict.fromkeys(linked):
        yield from ((other, How.LINK2) for other in sorted(tools.around.neighbours(path)))
    yield from ((path, How.SEARCH) for path in tools.around.holding(topic.terms[:_ASKED_TERMS], (), _FOUND))


def _whole(link: Link, idea: VaultPath, tools: Tools) -> ResolvedLink | None:
    """Give what a link to a whole note names, None for an embed or a link to a part."""
    if link.is_embed or link.kind is LinkKind.CANVAS or link.headings or link.block:
        return None
    found = tools.reader.resolve(link, idea)
    return found if isinstance(found, ResolvedLink) else None
