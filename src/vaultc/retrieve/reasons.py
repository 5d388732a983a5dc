"""Why a passage was found, in words that a person can check against it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from vaultc.index.lexical import token
from vaultc.language.stems import stem, words

if TYPE_CHECKING:
    from vaultc.core.chunk import Chunk, Legs
    from vaultc.index.lexical import LexicalMatch
    from vaultc.retrieve.query import Query

LIKE = 0.3
"""Below this cosine, likeness of meaning is not worth saying, and alone no reason to show a passage."""
_MOST_WORDS = 8


def reasons(query: Query, chunk: Chunk, match: LexicalMatch | None, similarity: float | None) -> tuple[str, ...]:
    """Give the reasons, the strongest kind first."""
    said: list[str] = []
    asked = {token(one): form for one, form in query.forms.items()}
    if match is not None:
        said += [f'the phrase "{query.phrases[number]}"' for number in match.phrases]
        if match.in_text:
            said.append("words: " + ", ".join(_found_words(chunk.text, match.in_text, asked)))
        if match.in_headings:
            said.append("heading: " + _listed(match.in_headings, asked))
        if match.in_title:
            said.append("title: " + _listed(match.in_title, asked))
    if similarity is not None and similarity >= LIKE:
        said.append(f"similar in meaning ({similarity:.2f})")
    return tuple(said)


def with_link(said: tuple[str, ...], legs: Legs, source: str | None) -> tuple[str, ...]:
    """Add the link that led here, where one did."""
    return (*said, f'linked with "{source}"') if legs.graph and source else said


def _found_words(text: str, wanted: frozenset[str], asked: dict[str, str]) -> list[str]:
    """Give each word as it stands in the text, with the form that was asked where it is another."""
    found: dict[str, str] = {}
    for word in words(text):
        for part in word.text.split("-") if "-" in word.text else (word.text,):
            key = _key(part)
            if key in wanted and key not in found:
                found[key] = part
        if len(found) == len(wanted):
            break
    return [
        f'"{form}"' if form.casefold() == asked.get(key, form).casefold() else f'"{form}" (asked: "{asked[key]}")'
        for key, form in list(found.items())[:_MOST_WORDS]
    ]


@functools.lru_cache(maxsize=100_000)
def _key(word: str) -> str:
    return token(stem(word))


def _listed(keys: frozenset[str], asked: dict[str, str]) -> str:
    return ", ".join(f'"{asked.get(key, key)}"' for key in sorted(keys)[:_MOST_WORDS])
