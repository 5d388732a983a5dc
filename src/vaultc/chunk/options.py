"""How large chunks are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChunkOptions:
    """Sizes in words: what a chunk aims at, and what it never exceeds."""

    target_words: int = 100
    max_words: int = 180

    def __post_init__(self) -> None:
        if not 1 <= self.target_words <= self.max_words:
            raise ValueError(f"not sizes of a chunk: {self.target_words} of at most {self.max_words} words")
