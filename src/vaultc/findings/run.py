"""The analyses over a whole vault; what was read of an unchanged note is kept and not read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from vaultc.core.digest import Digest, digest_json
from vaultc.core.errors import VaultError
from vaultc.core.event import Progress, Report, silent
from vaultc.core.link import Link, ResolvedLink
from vaultc.findings.claim import Claim, claim_from_json
from vaultc.findings.claims import claims_of, names_of
from vaultc.findings.contradictions import ContradictionFinding, find_contradictions
from vaultc.findings.links import (
    LinkFinding,
    MentionNames,
    Mentions,
    link_finding_from_json,
    link_finding_json,
    linked_by,
    mention_names,
    mentions_in,
    ranked,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vaultc.core.note import Note
    from vaultc.core.source import Source, VaultPath

VERSION = 2
"""Raised whenever claims or mentions are read otherwise: what was kept before is then read anew."""


class ClaimCache(Protocol):
    """Keeps what was read of a note, by a digest of all that it depends on."""

    def get(self, digest: Digest) -> Any | None:  # noqa: ANN401 - any JSON value
        """Give the value kept under `digest`, or None."""
        ...

    def put(self, digest: Digest, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Keep a JSON value under `digest`."""
        ...


class Parsed(Protocol):
    """A note as read."""

    @property
    def source(self) -> Source:
        """Its text."""
        ...

    @property
    def note(self) -> Note:
        """Its parts."""
        ...

    @property
    def digest(self) -> Digest:
        """The digest of its bytes."""
        ...


class NoteReader(Protocol):
    """Reads the notes of a vault and follows their links. Raises VaultError where a note cannot be read."""

    def paths(self) -> tuple[VaultPath, ...]:
        """Give the paths of all notes."""
        ...

    def read(self, path: VaultPath, /) -> Parsed:
        """Give the note at `path` as it is now."""
        ...

    def resolve(self, link: Link, source: VaultPath, /) -> object:
        """Give a ResolvedLink, or something else where the link names no file."""
        ...


class MemoryCache:
    """Keeps what was read for as long as it lives."""

    def __init__(self) -> None:
        self._kept: dict[Digest, Any] = {}

    def get(self, digest: Digest) -> Any | None:  # noqa: ANN401 - any JSON value
        """Give the value kept under `digest`, or None."""
        return self._kept.get(digest)

    def put(self, digest: Digest, value: Any) -> None:  # noqa: ANN401 - any JSON value
        """Keep a JSON value under `digest`."""
        self._kept[digest] = value


@dataclass(frozen=True, slots=True)
class Findings:
    """What the vault says about itself: how many notes were looked at, and of how many nothing was read again."""

    contradictions: tuple[ContradictionFinding, ...]
    links: tuple[LinkFinding, ...]
    notes: int
    reused: int
    claims: int


def analyse(
    reader: NoteReader,
    cache: ClaimCache,
    report: Report = silent,
    digests: Mapping[VaultPath, Digest] | None = None,
    *,
    with_links: bool = True,
) -> Findings:
    """Find contradictions and missing links in the whole vault.

    Args:
        reader: the vault's notes.
        cache: keeps what was read of each note between runs.
        report: is told how far it is.
        digests: digests of the notes' bytes as they are now, where they are known without reading.
        with_links: whether to look for missing links too.
    """
    return _Analysis(reader, cache, report, digests or {}).run(with_links=with_links)


class _Analysis:
    def __init__(
        self, reader: NoteReader, cache: ClaimCache, report: Report, digests: Mapping[VaultPath, Digest]
    ) -> None:
        self.reader = reader
        self.cache = cache
        self.report = report
        self.digests = dict(digests)
        self.reused = 0

    def run(self, *, with_links: bool) -> Findings:
        claims: list[Claim] = []
        titles: dict[VaultPath, tuple[frozenset[str], ...]] = {}
        names: dict[VaultPath, tuple[str, ...]] = {}
        paths = self.reader.paths()
        for done, path in enumerate(paths):
            self.report(Progress("claims", done, len(paths), path))
            kept = self._claims(path)
            if kept is None:
                continue
            titles[path] = tuple(frozenset(words) for words in kept["titles"])
            names[path] = tuple(kept["names"])
            claims += kept["read"] if "read" in kept else (claim_from_json(one, path) for one in kept["claims"])
        contradictions = find_contradictions(claims, titles)
        links = self._links(names) if with_links else ()
        self.report(Progress("claims", len(paths), len(paths)))
        return Findings(contradictions, links, len(titles), self.reused, len(claims))

    def _key(self, path: VaultPath, what: str, *more: str) -> tuple[Digest | None, Parsed | None]:
        """Give the key of what is kept of a note, and the note where it had to be read; (None, None) if unreadable."""
        known = self.digests.get(path)
        if known is not None:
            return digest_json([VERSION, what, path, known, *more]), None
        parsed = self._read(path)
        if parsed is None:
            return None, None
        self.digests[path] = parsed.digest
        return digest_json([VERSION, what, path, parsed.digest, *more]), parsed

    def _read(self, path: VaultPath) -> Parsed | None:
        try:
            return self.reader.read(path)
        except VaultError:
            return None  # index and check report it

    def _claims(self, path: VaultPath) -> dict[str, Any] | None:
        key, parsed = self._key(path, "claims")
        if key is None:
            return None
        kept: dict[str, Any] | None = self.cache.get(key)
        if kept is not None:
            self.reused += 1
            return kept
        parsed = parsed or self._read(path)
        if parsed is None:
            return None
        note = parsed.note
        is_own = not note.is_generated
        claims = claims_of(parsed.source, note)
        value: dict[str, Any] = {
            "titles": [sorted(words) for words in names_of(note)] if is_own else [],
            "names": [note.title, *note.aliases] if is_own else [],
            "claims": [claim.as_json() for claim in claims],
        }
        self.cache.put(key, value)
        return {**value, "read": claims}

    def _links(self, names: Mapping[VaultPath, tuple[str, ...]]) -> tuple[LinkFinding, ...]:
        known = mention_names(names.items())
        state = digest_json(known.as_json())
        found: list[Mentions] = []
        for done, path in enumerate(names):
            self.report(Progress("mentions", done, len(names), path))
            found.append(self._mentions(path, known, state))
        return ranked(found)

    def _mentions(self, path: VaultPath, known: MentionNames, state: Digest) -> Mentions:
        key, parsed = self._key(path, "mentions", state)
        if key is None:
            return Mentions()
        kept = self.cache.get(key)
        if kept is not None:
            found = tuple(link_finding_from_json(value, path) for value in kept["found"])
            return Mentions(found, frozenset(kept["small"]))
        parsed = parsed or self._read(path)
        if parsed is None:
            return Mentions()
        linked = linked_by(parsed.note, lambda link: self._target(link, path))
        mentions = mentions_in(parsed.source, parsed.note, known, linked)
        self.cache.put(
            key, {"found": [link_finding_json(item) for item in mentions.found], "small": sorted(mentions.small)}
        )
        return mentions

    def _target(self, link: Link, path: VaultPath) -> VaultPath | None:
        resolved = self.reader.resolve(link, path)
        return resolved.path if isinstance(resolved, ResolvedLink) else None
