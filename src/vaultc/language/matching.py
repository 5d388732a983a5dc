"""Phrases of the lexicon in a sentence that was read: by the words themselves or by their lemmas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from vaultc.language.form import Pos
from vaultc.language.lexicon import entries, phrases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vaultc.language.tagging import Token

_MAX_PASSED = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase found: its category, and the words `[first, last]` that it covers."""

    category: str
    first: int
    last: int


class PhraseSet:
    """Phrases by their first word; each word of a phrase is met by a word of the text or by its lemma."""

    def __init__(self, listed: Iterable[tuple[str, str]]) -> None:
        table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase, category in listed:
            parts = tuple(phrase.split())
            table.setdefault(parts[0], []).append((parts, category))
        self._table = {first: sorted(rows, key=lambda row: -len(row[0])) for first, rows in table.items()}

    def match(self, tokens: Sequence[Token], at: int) -> int | None:
        """Give the index of the last word of the longest phrase that begins at `at`, or None."""
        found = self._at(tokens, at)
        return found.last if found is not None else None

    def find(self, tokens: Sequence[Token], first: int = 0, last: int | None = None) -> Iterator[Found]:
        """Give the phrases that stand in `[first, last]`, leftmost longest, none overlapping another."""
        end = len(tokens) - 1 if last is None else last
        at = first
        while at <= end:
            found = self._at(tokens, at)
            if found is not None and found.last <= end:
                yield found
                at = found.last
            at += 1

    def _at(self, tokens: Sequence[Token], at: int) -> Found | None:
        best: Found | None = None
        for key in _keys(tokens[at]):
            for parts, category in self._table.get(key, ()):
                last = _match(tokens, at, parts)
                if last is not None and (best is None or last > best.last):
                    best = Found(category, at, last)
        return best


def _keys(token: Token) -> tuple[str, ...]:
    """Give the word, and the lemma of the reading that was chosen."""
    lemma = token.form.lemma
    return (token.folded,) if lemma == token.folded else (token.folded, lemma)


def _match(tokens: Sequence[Token], at: int, parts: tuple[str, ...]) -> int | None:
    position = at
    for part in parts:
        if part == "~":
            passed = 0
            while position < len(tokens) and passed < _MAX_PASSED and tokens[position].form.pos is Pos.ADVERB:
                position, passed = position + 1, passed + 1
        elif (
            position < len(tokens) and part in _keys(tokens[position]) and (position == at or not tokens[position].gap)
        ):
            position += 1
        else:
            return None
    return position - 1


@cache
def phrase_set(subject: str, *categories: str) -> PhraseSet:
    """Give the phrases of some categories of a subject, in all languages; of all its categories where none is named."""
    if not categories:
        return PhraseSet((phrase, name) for name, listed in entries(subject).items() for phrase in sorted(listed))
    return PhraseSet((phrase, name) for name in categories for phrase in sorted(phrases(subject, name)))
