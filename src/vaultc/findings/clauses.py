"""A sentence as clauses of words, each word with what it means for a claim."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from vaultc.findings.glossary import concept, phrases
from vaultc.findings.lexicon import attributes, colours, light_words, statuses
from vaultc.language.contrasts import contrasts
from vaultc.language.dates import MONTHS, WEEKDAYS
from vaultc.language.lexicon import listed
from vaultc.language.stems import Word, fold, stem, words
from vaultc.language.stopwords import NEGATIONS, is_stopword
from vaultc.language.translit import transliterate

if TYPE_CHECKING:
    from collections.abc import Iterable

# Commas within numbers have a digit behind them; a colon or a dash joins a thing to its value.
_SEPARATOR = re.compile(r"[;()]|,(?!\d)|[.!?…](?=\s)")
_CONJUNCTIONS = listed(
    "but so because while whereas although though since if unless а но поэтому потому чтобы если хотя пока зато"
)
_JOINING = listed("and и")
_PRONOUNS = listed("it he she they this that он она оно они это эта этот")
_NAME_ENDING = "aeiouyj"


class Sort(StrEnum):
    """What a word is for a claim."""

    SUBJECT = "subject"
    ATTRIBUTE = "attribute"
    LIGHT = "light"
    NEGATION = "negation"
    SCOPE = "scope"


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a sentence: where it stands, its stem, what it means, its key where it is a name, and folded."""

    text: str
    start: int
    end: int
    stem: str
    concept: str
    sort: Sort
    name: str = ""
    folded: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch `[start, end)` of a sentence with its words."""

    start: int
    end: int
    terms: tuple[Term, ...]

    @property
    def subject(self) -> tuple[Term, ...]:
        """The words that say what is spoken of."""
        return tuple(term for term in self.terms if term.sort is Sort.SUBJECT)

    @property
    def starts_with_pronoun(self) -> bool:
        """Tell whether the clause speaks of what was named before."""
        return bool(self.terms) and self.terms[0].folded in _PRONOUNS


@lru_cache(maxsize=4096)
def terms_of(text: str) -> tuple[Term, ...]:
    """Give the words of `text` with what they mean; a sentence is asked for several times, a heading often."""
    found: list[Term] = []
    known = phrases()
    has_code = "`" in text or "()" in text
    for word in words(text):
        word_stem, meaning, sort, folded, is_plain = _word(word.text)
        name = ""
        if has_code or not is_plain:
            if _is_designator(text, word):
                sort = Sort.SUBJECT
            name = name_key(word.text) if _is_name(text, word.text, word.start) else ""
        pair = known.get((found[-1].stem, word_stem)) if found else None
        if pair is not None:
            before = found.pop()
            both = text[before.start : word.end]
            found.append(
                Term(both, before.start, word.end, f"{before.stem} {word_stem}", pair, Sort.SUBJECT, folded=fold(both))
            )
            continue
        found.append(Term(word.text, word.start, word.end, word_stem, meaning, sort, name, folded))
    return tuple(found)


@lru_cache(maxsize=100_000)
def _word(text: str) -> tuple[str, str, Sort, str, bool]:
    """Give stem, concept, sort and folded form of a word, and whether it can be no name nor designator."""
    word_stem = stem(text)
    folded = fold(text)
    sort = Sort.LIGHT if folded in MONTHS and not text.istitle() else _sort(folded, word_stem)
    is_plain = len(text) > 1 and text.islower() and not any(char.isdigit() for char in text)
    return word_stem, concept(text), sort, folded, is_plain


def _sort(folded: str, word_stem: str) -> Sort:
    if folded in NEGATIONS:
        return Sort.NEGATION
    if folded in light_words():
        return Sort.LIGHT
    if word_stem in contrasts():
        return Sort.SCOPE
    if word_stem in attributes():
        return Sort.ATTRIBUTE
    if is_stopword(folded) or folded in WEEKDAYS or len(folded) < 2:
        return Sort.LIGHT
    return Sort.SUBJECT


def _is_designator(text: str, word: Word) -> bool:
    """Tell whether a digit or a single capital tells one thing from its like: "Station A", «комната 3»."""
    if word.text.isdigit():
        return True
    before = text[max(0, word.start - 2) : word.start]
    return len(word.text) == 1 and word.text.isupper() and len(before) == 2 and before[0].isalnum() and before[1] == " "


@lru_cache(maxsize=100_000)
def name_key(word: str) -> str:
    """Give a proper name as it is compared across cases and alphabets: «Ирины», "Irina" → irin."""
    key = transliterate(stem(word) if not word.isascii() else fold(word))
    trimmed = key.rstrip(_NAME_ENDING)
    return trimmed if len(trimmed) >= 2 else key


def _is_name(text: str, word: str, start: int) -> bool:
    """Tell whether a word is written as a name: a capital within the sentence, or capitals or digits inside."""
    if (start and text[start - 1] == "`") or text.startswith("()", start + len(word)):
        return True
    if len(word) == 1 and word.isupper():
        return True
    if word.islower():
        return any(char.isdigit() for char in word)
    if any(char.isdigit() for char in word) or (len(word) > 1 and word[1:] != word[1:].lower()):
        return True
    if not word[0].isupper():
        return False
    before = text[max(0, start - 20) : start].rstrip(" \t\"'«“([*_")
    return bool(before) and before[-1] not in ".!?:\n-—–•|#"


@lru_cache(maxsize=512)
def clauses(text: str, values: tuple[tuple[int, int], ...] = ()) -> tuple[Clause, ...]:
    """Cut a sentence at commas, brackets and conjunctions, but never within one of `values`."""
    terms = terms_of(text)
    taken = sorted(values)
    cuts = {match.start() for match in _SEPARATOR.finditer(text)}
    cuts.update(term.start for term in terms if term.folded in _CONJUNCTIONS)
    if taken:
        # "and" parts two statements only where each has its value.
        first, last = taken[0][0], taken[-1][0]
        cuts.update(term.start for term in terms if term.folded in _JOINING and first < term.start < last)
        cuts = {cut for cut in cuts if not any(start < cut < end for start, end in taken)}
    if not cuts:
        return (Clause(0, len(text), terms),) if terms or taken else ()
    edges = [0, *sorted(cuts), len(text)]
    found = []
    at = 0
    for start, end in pairwise(edges):
        inner = []
        while at < len(terms) and terms[at].start < end:
            inner.append(terms[at])
            at += 1
        if inner or any(start <= begin < end for begin, _ in taken):
            found.append(Clause(start, end, tuple(inner)))
    return tuple(found)


def attribute_words(clause: Clause) -> tuple[tuple[str, Term], ...]:
    """Give the attributes that a clause names, with their words."""
    known = attributes()
    return tuple((known[term.stem], term) for term in clause.terms if term.sort is Sort.ATTRIBUTE)


def states_of(terms: Iterable[Term]) -> tuple[str, ...]:
    """Give the states that the words tell."""
    known = statuses()
    return tuple(dict.fromkeys(known[term.stem] for term in terms if term.stem in known))


def colours_of(terms: Iterable[Term]) -> tuple[str, ...]:
    """Give the colours that the words name."""
    known = colours()
    return tuple(dict.fromkeys(known[term.stem] for term in terms if term.stem in known))


def scopes_of(terms: Iterable[Term]) -> tuple[str, ...]:
    """Give the qualifiers among the words as `group=value`."""
    known = contrasts()
    found = {known[term.stem] for term in terms if term.stem in known}
    return tuple(sorted(f"{group}={value}" for group, value in found))
