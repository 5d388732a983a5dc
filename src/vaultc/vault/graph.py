"""Which notes lead to which: neighbours, backlinks, orphans."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vaultc.core.link import ResolvedLink

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vaultc.core.link import Unresolved
    from vaultc.core.source import VaultPath


@dataclass(frozen=True, slots=True)
class LinkGraph:
    """Notes and the links between them, each link with the note it stands in (`link.span.path`)."""

    notes: tuple[VaultPath, ...]
    outgoing: Mapping[VaultPath, tuple[ResolvedLink, ...]] = field(default_factory=dict)
    incoming: Mapping[VaultPath, tuple[ResolvedLink, ...]] = field(default_factory=dict)

    def targets(self, path: VaultPath) -> tuple[VaultPath, ...]:
        """Give the other files that the note at `path` links to, in order of first mention."""
        return tuple(dict.fromkeys(link.path for link in self.outgoing.get(path, ()) if link.path != path))

    def backlinks(self, path: VaultPath) -> tuple[ResolvedLink, ...]:
        """Give the links of other notes to the file at `path`, in order of notes and places."""
        return tuple(link for link in self.incoming.get(path, ()) if link.link.span.path != path)

    def neighbours(self, path: VaultPath) -> tuple[VaultPath, ...]:
        """Give the files one link away from `path` in either direction: targets first, then those that link here."""
        sources = (link.link.span.path for link in self.backlinks(path))
        return tuple(dict.fromkeys([*self.targets(path), *sources]))

    def orphans(self) -> tuple[VaultPath, ...]:
        """Give the notes that neither link to another note nor are linked by one."""
        known = frozenset(self.notes)
        return tuple(
            path
            for path in self.notes
            if not self.backlinks(path) and not any(target in known for target in self.targets(path))
        )


def link_graph(notes: Iterable[VaultPath], links: Iterable[ResolvedLink | Unresolved]) -> LinkGraph:
    """Build the graph of `notes` from all their `links`; unresolved ones lead nowhere."""
    outgoing: dict[VaultPath, list[ResolvedLink]] = {}
    incoming: dict[VaultPath, list[ResolvedLink]] = {}
    for link in links:
        if isinstance(link, ResolvedLink):
            outgoing.setdefault(link.link.span.path, []).append(link)
            incoming.setdefault(link.path, []).append(link)
    return LinkGraph(
        tuple(notes),
        {path: tuple(found) for path, found in outgoing.items()},
        {path: tuple(found) for path, found in incoming.items()},
    )
