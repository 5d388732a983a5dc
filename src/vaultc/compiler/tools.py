"""What the passes are handed: readers, search, models. `app` puts the real things in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from vaultc.core.event import Report, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from vaultc.compiler.unit import Check, CodeFile, Contradiction
    from vaultc.core.chunk import Passage
    from vaultc.core.link import Link, ResolvedLink, Unresolved
    from vaultc.core.source import VaultPath
    from vaultc.model.protocols import ChatModel
    from vaultc.vault.reader import ParsedNote


class Level(StrEnum):
    """How much a model may do. Whatever the level, an answer enters only through a gate.

    OUTLINE: no model. GUIDED: short answers (chooses among candidates, writes summaries and duties).
    FULL: derives components, algorithms, decisions and tests, and writes whole files.
    """

    OUTLINE = "outline"
    GUIDED = "guided"
    FULL = "full"


class Reader(Protocol):
    """Reads notes of the vault as they are on disk now."""

    def read(self, path: VaultPath) -> ParsedNote:
        """Give the note's source and its parse. Raises VaultError where it cannot be read."""
        ...

    def resolve(self, link: Link, source: VaultPath) -> ResolvedLink | Unresolved:
        """Give what `link`, standing in the note `source`, names."""
        ...


class Surroundings(Protocol):
    """Looks up, without reading notes, which lie around one."""

    def links_into(self, path: VaultPath) -> tuple[ResolvedLink, ...]:
        """Give the links that name the note."""
        ...

    def neighbours(self, path: VaultPath) -> frozenset[VaultPath]:
        """Give the notes that a note links to or is linked from."""
        ...

    def holding(self, terms: Sequence[str], phrase: Sequence[str], limit: int) -> tuple[VaultPath, ...]:
        """Give the notes that hold any of the stems, or the stems of `phrase` in a row, best first."""
        ...

    def rarity(self, terms: Sequence[str]) -> Mapping[str, float]:
        """Give for each stem how rare it is in the vault, from 0 to 1."""
        ...


class NothingAround:
    """Surroundings where no vault is indexed."""

    def links_into(self, path: VaultPath) -> tuple[ResolvedLink, ...]:
        """Give none."""
        del path
        return ()

    def neighbours(self, path: VaultPath) -> frozenset[VaultPath]:
        """Give none."""
        del path
        return frozenset()

    def holding(self, terms: Sequence[str], phrase: Sequence[str], limit: int) -> tuple[VaultPath, ...]:
        """Give none."""
        del terms, phrase, limit
        return ()

    def rarity(self, terms: Sequence[str]) -> Mapping[str, float]:
        """Count every word as rare."""
        return dict.fromkeys(terms, 1.0)


@dataclass(frozen=True)
class Tools:
    """Everything from outside that a pass may use. Brain and hand are None at level OUTLINE.

    `search(query, limit)` gives passages; `contradictions(paths)` gives pairs that touch one of the
    notes; `check_package(files)` runs the generated package's own checks in a sandbox.
    """

    reader: Reader
    search: Callable[[str, int], tuple[Passage, ...]]
    contradictions: Callable[[Iterable[VaultPath]], tuple[Contradiction, ...]]
    check_package: Callable[[tuple[CodeFile, ...], str], tuple[Check, ...]]
    level: Level = Level.OUTLINE
    brain: ChatModel | None = None
    hand: ChatModel | None = None
    prompt_overrides: Path | None = None
    report: Report = silent
    settings: Mapping[str, int] = field(default_factory=dict)
    around: Surroundings = field(default_factory=NothingAround)
