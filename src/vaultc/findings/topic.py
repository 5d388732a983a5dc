"""What a statement is about: its own words, else its heading, else the title of its note."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from vaultc.findings.clauses import Sort, terms_of
from vaultc.findings.lexicon import attributes, weak_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vaultc.core.note import Note
    from vaultc.findings.clauses import Term

_DATED = re.compile(r"\d{4}-\d\d(?:-\d\d)?|\d{4}-W\d\d")
_UNNAMED = frozenset({"index", "_index", "readme", "home", "log"})
_MAX_TITLE_WORDS = 8


class Topic:
    """What a note is about, by its title; a title that is a date says nothing."""

    def __init__(self, note: Note) -> None:
        title = note.title
        if title.casefold() in _UNNAMED:
            title = note.path.split("/")[-2] if "/" in note.path else ""
        plain = _DATED.sub(" ", title)
        is_named = len(plain.split()) <= _MAX_TITLE_WORDS
        self.title = concepts_of(terms_of(plain)) if is_named else ()


def concepts_of(terms: Iterable[Term]) -> tuple[str, ...]:
    """Give the concepts of the words that say what is spoken of, each once."""
    known = attributes()
    found = (
        term.concept if term.sort is Sort.SUBJECT else f"attr:{known[term.stem]}"
        for term in terms
        if term.sort in {Sort.SUBJECT, Sort.ATTRIBUTE}
    )
    return tuple(dict.fromkeys(found))


def subject_of(
    terms: tuple[Term, ...], topic: Topic, headings: tuple[str, ...], linked: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Give the subject, the context around it, and whether the subject was inherited.

    Args:
        terms: the words of the statement that may name its subject.
        topic: that of the note.
        headings: those above the statement, outermost first.
        linked: concepts of the notes that the statement links to.
    """
    above = [_heading(text) for text in headings]
    own = concepts_of(terms)
    around = tuple(dict.fromkeys((*topic.title, *(word for words in above for word in words), *linked)))
    if any(not word.startswith("attr:") and not _is_weak(word, terms) for word in own):
        return own, around, False
    for words in ((*linked,), *reversed(above), topic.title):
        if words:
            return tuple(dict.fromkeys((*words, *own))), around, True
    return own if own and not headings else (), around, True


@lru_cache(maxsize=4096)
def _heading(text: str) -> tuple[str, ...]:
    """Give the concepts of a heading; one that only names a part of every note gives none."""
    terms = terms_of(_DATED.sub(" ", text))
    weak = weak_words()
    told = [term for term in terms if term.sort is Sort.SUBJECT and term.stem not in weak]
    return concepts_of(told)


def _is_weak(word: str, terms: tuple[Term, ...]) -> bool:
    weak = weak_words()
    return any(term.concept == word and term.stem in weak for term in terms)
