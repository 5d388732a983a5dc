"""A question's words in the other language, as far as the glossary goes: notes of one vault are in both."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from vaultc.language.glossary import ADJECTIVES, NOUNS, VERBS
from vaultc.language.stems import fold, stem, words
from vaultc.language.stopwords import is_stopword
from vaultc.language.translit import english_of

_MOST = 2  # Russian words taken for one English one


@lru_cache(maxsize=1)
def _russian() -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for entries in (NOUNS, ADJECTIVES, VERBS):
        for entry in entries.replace("\n", " ").split(";"):
            russian, _, english = entry.strip().partition(" ")
            key = stem(english.replace("_", " ").split()[0]) if english else ""
            if key and len(found[key]) < _MOST:
                found[key].append(russian)
    return {key: tuple(names) for key, names in found.items()}


def translated(text: str) -> str:
    """Give the content words of `text` that are known in the other language, in that language; may be empty."""
    found: list[str] = []
    for word in words(text):
        if is_stopword(word.text):
            continue
        if word.text.isascii():
            found.extend(_russian().get(stem(fold(word.text)), ()))
        elif english := english_of(word.text):
            found.append(english.replace("_", " "))
    return " ".join(dict.fromkeys(found))
