"""What a word may be, in either language: by its alphabet one dictionary or the other is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.language import english, russian
from vaultc.language.stems import fold, is_russian

if TYPE_CHECKING:
    from vaultc.language.form import Form


def analyse(word: str) -> tuple[Form, ...]:
    """Give what `word` may be, the likeliest first; never empty. Dictionaries are opened when first asked."""
    folded = fold(word)
    return russian.analyse(folded) if is_russian(folded) else english.analyse(folded)


def forms_of(word: str) -> frozenset[str]:
    """Give `word` with all the forms it may take, folded: "store", "stores", "stored", "storing"."""
    folded = fold(word)
    module = russian if is_russian(folded) else english
    return frozenset((folded, *map(fold, module.inflected(folded))))


def lemma_of(word: str) -> str:
    """Give the dictionary form of `word` in its likeliest reading, folded: "stores" → "store"."""
    return analyse(word)[0].lemma


def lemmas_of(word: str) -> frozenset[str]:
    """Give the lemmas of all readings of `word`: for telling whether a word may be one of a list."""
    return frozenset(form.lemma for form in analyse(word))
