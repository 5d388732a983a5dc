"""A piece of a note: how large it may be, as it is stored, as it is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vaultc.core.quick import quick

if TYPE_CHECKING:
    from vaultc.core.digest import Digest
    from vaultc.core.source import Span


@dataclass(frozen=True, slots=True)
class ChunkOptions:
    """Sizes in words: what a chunk aims at, and what it never exceeds."""

    target_words: int = 100
    max_words: int = 180

    def __post_init__(self) -> None:
        if not 1 <= self.target_words <= self.max_words:
            raise ValueError(f"not sizes of a chunk: {self.target_words} of at most {self.max_words} words")


@quick
@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a note as stored for search: `text` is exactly what stands at `span`.

    `headings` is the path of headings above it, the note's title first. `digest` identifies what is searched (heading
    path and text), so equal chunks in two places share one embedding.
    """

    span: Span
    text: str
    headings: tuple[str, ...]
    digest: Digest


@dataclass(frozen=True, slots=True)
class Legs:
    """Scores of one passage by leg, each in 0..1; None where the leg did not find it."""

    lexical: float | None = None
    vector: float | None = None
    graph: float | None = None
    rerank: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as found: rank from 1, the fused score in 0..1, and why it was found, in words."""

    rank: int
    score: float
    legs: Legs
    chunk: Chunk
    reasons: tuple[str, ...] = field(default=())
