"""The analyses over a whole vault; what was read of an unchanged note is kept and not read again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import Digest, digest_json
from vaultc.core.event import Progress, Report, silent
from vaultc.findings.claim import Claim, claim_from_json
from vaultc.findings.claims import claims_of, names_of
from vaultc.findings.contradictions import find_contradictions
from vaultc.findings.links import Mentions, ranked
from vaultc.findings.mentioned import MentionReader
from vaultc.findings.page import Page
from vaultc.findings.whole import Findings, findings_from_json, findings_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vaultc.core.source import VaultPath
    from vaultc.findings.page import ClaimCache, NoteReader

VERSION = 5
"""Raised whenever claims or mentions are read otherwise: what was kept before is then read anew."""
KINDS = frozenset({"contradictions", "links"})
"""The analyses."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the notes as they are now without reading them, by path.

    Attributes:
        digests: digests of the notes' bytes.
        names: titles and aliases of all notes but generated ones; None where they must be read.
    """

    digests: Mapping[VaultPath, Digest] = field(default_factory=dict)
    names: Mapping[VaultPath, tuple[str, ...]] | None = None


def analyse(
    reader: NoteReader,
    cache: ClaimCache,
    report: Report = silent,
    standing: Standing | None = None,
    *,
    kinds: frozenset[str] = KINDS,
) -> Findings:
    """Find contradictions and missing links in the whole vault; each note is parsed at most once.

    Args:
        reader: the vault's notes.
        cache: keeps what was read of each note between runs.
        report: is told how far it is.
        standing: what is known of the notes without reading them.
        kinds: which of `KINDS` to look for.
    """
    known = standing or Standing()
    paths = reader.paths()
    slot, state = digest_json([VERSION, "whole", sorted(kinds)]), _state(paths, known)
    if state is not None:
        whole: dict[str, Any] | None = cache.get(slot)
        if whole is not None and whole["state"] == state:
            return findings_from_json(whole["found"])
    found = _analyse(reader, paths, cache, report, known, kinds)
    if state is not None:
        cache.put(slot, {"state": state, "found": findings_json(found)})
    return found


def _state(paths: tuple[VaultPath, ...], known: Standing) -> Digest | None:
    """Give a digest of all that the findings hang on; None where that is not known without reading."""
    if known.names is None or not all(path in known.digests for path in paths):
        return None
    return digest_json([[[path, known.digests[path]] for path in paths], sorted(known.names.items())])


def _analyse(
    reader: NoteReader,
    paths: tuple[VaultPath, ...],
    cache: ClaimCache,
    report: Report,
    known: Standing,
    kinds: frozenset[str],
) -> Findings:
    mentions: MentionReader | None = None
    names: Mapping[VaultPath, tuple[str, ...]] = {}
    if "links" in kinds:
        names = known.names if known.names is not None else _names(reader)
        mentions = MentionReader(VERSION, names, cache)
    claims: list[Claim] = []
    titles: dict[VaultPath, tuple[frozenset[str], ...]] = {}
    mentioned: list[Mentions] = []
    notes = reused = 0
    for done, path in enumerate(paths):
        report(Progress("claims", done, len(paths), path))
        page = Page(reader, path, known.digests.get(path))
        digest = page.digest
        if digest is None:
            continue
        is_kept = True
        if "contradictions" in kinds:
            kept = cache.get(_claims_key(page, digest))
            is_kept = kept is not None
            value = kept if kept is not None else _read_claims(page, digest, cache)
            if value is None:
                continue
            titles[path] = tuple(frozenset(words) for words in value["titles"])
            claims += value["read"] if "read" in value else (claim_from_json(one, path) for one in value["claims"])
        if mentions is not None and path in names:
            of_note, was_kept = mentions.of(page, digest)
            mentioned.append(of_note)
            is_kept = is_kept and was_kept
        notes += 1
        reused += is_kept
    report(Progress("claims", len(paths), len(paths)))
    contradictions = find_contradictions(claims, titles)
    return Findings(contradictions, ranked(mentioned), notes, reused, len(claims))


def _names(reader: NoteReader) -> dict[VaultPath, tuple[str, ...]]:
    """Read the names of all notes that are not generated."""
    found: dict[VaultPath, tuple[str, ...]] = {}
    for page in (Page(reader, path) for path in reader.paths()):
        if page.parsed is not None and not page.parsed.note.is_generated:
            found[page.path] = (page.parsed.note.title, *page.parsed.note.aliases)
    return found


def _claims_key(page: Page, digest: Digest) -> Digest:
    return digest_json([VERSION, "claims", page.path, digest])


def _read_claims(page: Page, digest: Digest, cache: ClaimCache) -> dict[str, Any] | None:
    """Read the claims of a note and keep them; None where it cannot be read."""
    if page.parsed is None:
        return None
    note = page.parsed.note
    claims = claims_of(page.parsed.source, note)
    value: dict[str, Any] = {
        "titles": [] if note.is_generated else [sorted(words) for words in names_of(note)],
        "claims": [claim.as_json() for claim in claims],
    }
    cache.put(_claims_key(page, digest), value)
    return {**value, "read": claims}
