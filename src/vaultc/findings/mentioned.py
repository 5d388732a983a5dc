"""Mentions in the notes of a vault, kept from run to run although the set of names to look for changes.

What was found in a note stays right until the note changes, or a name comes or goes whose words stand in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import Digest, digest_json
from vaultc.core.link import Link, ResolvedLink
from vaultc.findings.links import (
    Mentions,
    link_finding_from_json,
    link_finding_json,
    linked_by,
    mention_names,
    mentions_in,
)
from vaultc.language.stems import fold, stem, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vaultc.core.source import VaultPath
    from vaultc.findings.page import ClaimCache, Page

_WORD = re.compile(r"[^\W_]+")
_Row = tuple[str, str]


class MentionReader:
    """Gives the mentions of notes, from the cache where nothing that they hang on has changed."""

    def __init__(self, version: int, names: Mapping[VaultPath, tuple[str, ...]], cache: ClaimCache) -> None:
        """Look for `names`, titles and aliases of notes by path; `version` is that of the analysis."""
        self._version = version
        self._names = mention_names(names.items())
        self._rows = frozenset((path, name) for path, name in self._names.as_json())
        self._state = digest_json([version, "names", sorted(self._rows)])
        self._cache = cache
        self._beginnings: dict[str, _Beginnings | None] = {self._state: _Beginnings(())}
        if cache.get(self._state) is None:
            cache.put(self._state, {"names": sorted(self._rows)})

    def of(self, page: Page, digest: Digest) -> tuple[Mentions, bool]:
        """Give the mentions of a note, and whether they were kept from before."""
        key = digest_json([self._version, "mentions", page.path, digest])
        kept: dict[str, Any] | None = self._cache.get(key)
        if kept is not None and not self._is_touched(kept["state"], page):
            if kept["state"] != self._state:
                self._cache.put(key, {**kept, "state": self._state})
            found = tuple(link_finding_from_json(value, page.path) for value in kept["found"])
            return Mentions(found, frozenset(kept["small"])), True
        if page.parsed is None:
            return Mentions(), False
        linked = linked_by(page.parsed.note, lambda link: _target(page, link))
        mentions = mentions_in(page.parsed.source, page.parsed.note, self._names, linked)
        found_json = [link_finding_json(item) for item in mentions.found]
        self._cache.put(key, {"state": self._state, "found": found_json, "small": sorted(mentions.small)})
        return mentions, False

    def _is_touched(self, state: str, page: Page) -> bool:
        """Tell whether a name that came or went since `state` may stand in the note."""
        if state not in self._beginnings:
            old = self._cache.get(Digest(state))
            self._beginnings[state] = (
                None if old is None else _Beginnings({(path, name) for path, name in old["names"]} ^ self._rows)
            )
        beginnings = self._beginnings[state]
        return beginnings is None or (beginnings.is_any and beginnings.stand_in(page.text or ""))


class _Beginnings:
    """How the longest word of each of some names begins, in whatever form it stands.

    Forms of a word part at its end: a stem less its last two letters is common to all (список, списка; день, дня).
    """

    def __init__(self, rows: Iterable[_Row]) -> None:
        self._known: set[str] = set()
        for _, name in rows:
            longest = max((stem(word.text) for word in words(name)), key=len, default="")
            parts = _WORD.findall(longest) or [longest]
            self._known.add(parts[0][: max(1, len(parts[0]) - 2)])
        self._lengths = sorted({len(beginning) for beginning in self._known})

    @property
    def is_any(self) -> bool:
        return bool(self._known)

    def stand_in(self, text: str) -> bool:
        found = set(_WORD.findall(fold(text)))
        return any(word[:length] in self._known for length in self._lengths for word in found)


def _target(page: Page, link: Link) -> VaultPath | None:
    resolved = page.resolve(link)
    return resolved.path if isinstance(resolved, ResolvedLink) else None
