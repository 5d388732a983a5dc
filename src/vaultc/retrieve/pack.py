"""Passages into a context: as many of the best as a budget of tokens holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vaultc.core.chunk import Passage


@dataclass(frozen=True, slots=True)
class Block:
    """One passage as it stands in a context: its number from 1, and its text with a line that names its place."""

    number: int
    passage: Passage
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """Blocks that fit a budget, the tokens they take, and how many passages were left out."""

    blocks: tuple[Block, ...]
    tokens: int
    left_out: int

    @property
    def text(self) -> str:
        """The blocks, parted by empty lines."""
        return "\n\n".join(block.text for block in self.blocks)


def pack(passages: Iterable[Passage], budget_tokens: int, count: Callable[[str], int]) -> Context:
    """Take the best passages that fit into `budget_tokens`, each whole; a smaller one may follow one that did not fit.

    Args:
        passages: best first; a passage inside one that was taken already is left out.
        budget_tokens: what the context may take, the empty lines between its blocks included.
        count: the number of tokens of a text, in the model's own vocabulary.
    """
    taken: list[Block] = []
    used = left_out = 0
    parting = count("\n\n")
    for passage in passages:
        if any(block.passage.chunk.span.covers(passage.chunk.span) for block in taken):
            continue
        text = shown(len(taken) + 1, passage)
        cost = count(text) + (parting if taken else 0)
        if used + cost > budget_tokens:
            left_out += 1
            continue
        used += cost
        taken.append(Block(len(taken) + 1, passage, text))
    return Context(tuple(taken), used, left_out)


def shown(number: int, passage: Passage) -> str:
    """Give a passage as a model reads it: its number, its note and headings, its text."""
    place = " > ".join((passage.chunk.span.path, *passage.chunk.headings))
    return f"[{number}] {place}\n{passage.chunk.text}"
