"""Where phrases stand in a text, whatever the endings: each word of a phrase may be a lemma or a form."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from vaultc.language.morphology import lemmas_of
from vaultc.language.stems import fold, words

if TYPE_CHECKING:
    from collections.abc import Mapping


@lru_cache(maxsize=16384)
def mention(text: str, phrases: frozenset[str], *, begin: bool = False) -> tuple[int, int] | None:
    """Give the place of the first of `phrases` in `text`, the longest where several begin; None where none stands.

    With `begin` it must stand at the beginning of the text.
    """
    table = _table(phrases)
    found = list(words(text))
    for at, word in enumerate(found[:1] if begin else found):
        for key in {fold(word.text), *lemmas_of(word.text)}:
            for phrase in table.get(key, ()):
                last = at + len(phrase) - 1
                if last < len(found) and all(
                    is_form(found[at + step].text, part) for step, part in enumerate(phrase) if step
                ):
                    return word.start, found[last].end
    return None


def is_form(word: str, lemma: str) -> bool:
    """Tell whether `word` is `lemma` or a form of it."""
    return fold(word) == lemma or lemma in lemmas_of(word)


@cache
def _table(phrases: frozenset[str]) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    table: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted(phrases):
        parts = tuple(phrase.split())
        table.setdefault(parts[0], []).append(parts)
    return {first: tuple(sorted(found, key=len, reverse=True)) for first, found in table.items()}
