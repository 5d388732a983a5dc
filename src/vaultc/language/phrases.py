"""Phrases as sequences of folded words, and where they stand in a sentence."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.language.lexicon import listed
from vaultc.language.stems import Word, fold, words

if TYPE_CHECKING:
    from collections.abc import Iterable

_ADVERBS = listed(
    """
    also always certainly definitely ever generally however normally only probably still therefore thus usually
    бы ведь всегда же ни обычно сам также тоже только
    """
)
_MAX_ADVERBS = 2
_QUOTED = re.compile(r"\u00ab[^\u00ab\u00bb\n]{0,400}\u00bb|\u201c[^\u201c\u201d\n]{0,400}\u201d|`[^`\n]{1,400}`")


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: its label, and the words `[first, last]` it covers."""

    label: str
    first: int
    last: int


class Phrasebook:
    """Phrases by label. In a phrase `~` lets up to two adverbs pass."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        table: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for label, listing in phrases:
            for phrase in listing.split(";"):
                tokens = tuple(phrase.split())
                if tokens:
                    table[tokens[0]].append((tokens, label))
        self._table = {first: sorted(rows, key=lambda row: -len(row[0])) for first, rows in table.items()}

    def hits(self, folded: list[str]) -> list[Hit]:
        """Give the phrases that stand in the folded words, leftmost longest, none overlapping another."""
        found: list[Hit] = []
        at = 0
        while at < len(folded):
            hit = self._hit_at(folded, at)
            if hit:
                found.append(hit)
                at = hit.last + 1
            else:
                at += 1
        return found

    def _hit_at(self, folded: list[str], at: int) -> Hit | None:
        for tokens, label in self._table.get(folded[at], ()):
            last = _match(folded, at, tokens)
            if last is not None:
                return Hit(label, at, last)
        return None


def _match(folded: list[str], at: int, tokens: tuple[str, ...]) -> int | None:
    """Give the index of the last word of `tokens` when they stand at `at`."""
    position = at
    for token in tokens:
        if token == "~":  # noqa: S105 - a sign of the phrase, no secret
            passed = 0
            while position < len(folded) and folded[position] in _ADVERBS and passed < _MAX_ADVERBS:
                position, passed = position + 1, passed + 1
        elif position < len(folded) and folded[position] == token:
            position += 1
        else:
            return None
    return position - 1


def folded_words(sentence: str) -> tuple[list[Word], list[str]]:
    """Give the words of `sentence` and their folded forms."""
    found = list(words(sentence))
    return found, [fold(word.text) for word in found]


def without_quoted(sentence: str) -> str:
    """Give `sentence` with what stands in quotation marks or code blanked out, of the same length."""
    return _QUOTED.sub(lambda match: " " * len(match.group()), sentence)
