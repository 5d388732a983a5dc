"""Text of the person's own notes, as much as is asked for, with facts hidden in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vaultc.core.errors import VaultcError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from vaultc.evaluation.tasks import PlantedFact

_JOIN = "\n\n"
_LEAST_TOKENS = 24
"""A gap at the end that is smaller stays empty."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The notes of one language; `read` gives the paragraphs of one of them."""

    language: str
    notes: tuple[str, ...]
    read: Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class HaystackPiece:
    """A paragraph and its tokens."""

    text: str
    tokens: int


@dataclass
class Haystack:
    """Cuts text out of a pool. `count` gives the tokens of a text."""

    pool: Pool
    count: Callable[[str], int]
    _costs: dict[str, int] = field(default_factory=dict)

    def pieces(self, tokens: int, rng: Random) -> tuple[tuple[HaystackPiece, ...], int]:
        """Give paragraphs of about `tokens`, the notes in a drawn order; and how often the whole pool was used.

        A small vault is used several times, each time in another order. Raises VaultcError for an empty pool.
        """
        found: list[HaystackPiece] = []
        left, rounds = tokens, 0
        while left >= _LEAST_TOKENS:
            rounds += 1
            before = left
            for note in rng.sample(self.pool.notes, len(self.pool.notes)):
                for paragraph in self.pool.read(note):
                    piece = self._fitting(paragraph, left)
                    if piece is not None:
                        found.append(piece)
                        left -= piece.tokens
                    if left < _LEAST_TOKENS:
                        return tuple(found), rounds
            if left == before:
                raise VaultcError(f'no note in language "{self.pool.language}" has text to hide facts in')
        return tuple(found), rounds

    def cost(self, text: str) -> int:
        """Give the tokens of `text` as a paragraph of its own."""
        if text not in self._costs:
            self._costs[text] = self.count(_JOIN + text)
        return self._costs[text]

    def _fitting(self, paragraph: str, left: int) -> HaystackPiece | None:
        """Give the paragraph, or its beginning where the whole is too long; None for one without words."""
        if not paragraph.strip():
            return None
        tokens = self.cost(paragraph)
        if tokens <= left:
            return HaystackPiece(paragraph, tokens)
        words = paragraph.split()
        while len(words) > 1 and tokens > left:
            words = words[: min(len(words) - 1, int(len(words) * left / tokens))]
            tokens = self.cost(" ".join(words))
        return HaystackPiece(" ".join(words), tokens) if words and tokens <= left else None


def with_facts(pieces: Sequence[HaystackPiece], facts: Sequence[PlantedFact]) -> str:
    """Give the paragraphs as one text, each fact a paragraph of its own at its depth."""
    total = sum(piece.tokens for piece in pieces)
    waiting = sorted(facts, key=lambda fact: fact.depth)
    parts: list[str] = []
    done = 0
    for piece in pieces:
        # A fact stands at the end of the paragraph that is nearer to its depth.
        while waiting and waiting[0].depth < 1 and waiting[0].depth * total <= done + piece.tokens / 2:
            parts.append(waiting.pop(0).text)
        parts.append(piece.text)
        done += piece.tokens
    return _JOIN.join((*parts, *(fact.text for fact in waiting)))


def trimmed(pieces: Sequence[HaystackPiece], tokens: int) -> tuple[HaystackPiece, ...]:
    """Give the first paragraphs of at most `tokens`."""
    kept: list[HaystackPiece] = []
    for piece in pieces:
        tokens -= piece.tokens
        if tokens < 0:
            break
        kept.append(piece)
    return tuple(kept)
