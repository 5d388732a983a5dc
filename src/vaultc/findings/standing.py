"""Whether a sentence claims something now, and how: asked, supposed, reported, past, binding, denied.

A sentence is read whole only where a cheap look at its words leaves the question open: a vault has many.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from vaultc.language.form import Pos
from vaultc.language.lexicon import phrases
from vaultc.language.morphology import forms_of
from vaultc.language.reading import FORCES, Stance, read
from vaultc.language.stems import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

_ARROW = re.compile(r"->|→|=>")
_NOT_CLAIMED = frozenset({Stance.ASKED, Stance.SUPPOSED, Stance.OPINION, Stance.REPORTED})
_REACH = 24
_LEAST_LETTERS = 3
_CLITIC = "n't"


@cache
def _stands(category: str) -> re.Pattern[str]:
    """Give a pattern for the phrases of a category as they stand: fixed words, so it reads in linear time."""
    listed = sorted(phrases("claims", category), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, listed))})(?!\w)")


def is_stated(text: str) -> bool:
    """Tell whether a sentence names no condition, plan or exception: the cheap half of `is_claimed`."""
    return _stands("unstated").search(fold(text)) is None


def is_claimed(text: str) -> bool:
    """Tell whether a sentence states something in the person's own name, as it is now or is to be."""
    return is_stated(text) and _NOT_CLAIMED.isdisjoint(read(text).stances)


def is_past(text: str, start: int, end: int) -> bool:
    """Tell whether the stretch `[start, end)` of a sentence says what no longer holds."""
    inner = fold(text[start:end])
    past, now = _stands("past").search(inner), _stands("now").search(inner)
    if past is not None:
        return now is None or past.start() > now.start()
    arrow = _ARROW.search(text)
    return arrow is not None and end <= arrow.start()


def is_replaced(text: str, at: int) -> bool:
    """Tell whether the value at `at` is named as what another took the place of: "instead of 5", «вместо 5»."""
    before = fold(text[max(0, at - _REACH) : at]).rstrip(" ~≈$€")
    return any(found.end() == len(before) for found in _stands("instead").finditer(before))


def modality_of(text: str) -> str:
    """Give how a clause binds by a word of modality or a ban, as `Force` names it, or "" where nothing binds."""
    modal = read(text).modal
    return str(modal[0].force) if modal else ""


@cache
def _binding() -> frozenset[str]:
    """Give the forms of the telling word of each phrase of modality."""
    telling = {max(phrase.split(), key=len) for phrase in phrases("modality", *FORCES, "abstain")}
    return frozenset(form for word in telling if len(word) >= _LEAST_LETTERS for form in forms_of(word))


@cache
def _denying() -> frozenset[str]:
    return frozenset(phrase for phrase in phrases("modality", "negation.words") if " " not in phrase)


def may_bind(folded: Iterable[str]) -> bool:
    """Tell whether `modality_of` can find anything: whether one of the words, folded, is of its phrases."""
    return any(word in _binding() or word in _denying() or word.endswith(_CLITIC) for word in folded)


def may_deny(folded: Iterable[str]) -> bool:
    """Tell whether `negations_in` can find anything among the words, folded."""
    return any(word in _denying() or word.endswith(_CLITIC) for word in folded)


def negations_in(text: str) -> bool:
    """Tell whether a clause denies what it names: "not without" affirms, «никогда не» denies once."""
    said = read(text)
    denying = [said.tokens[at] for at in said.denials]
    without = sum(token.form.pos is Pos.PREPOSITION for token in denying)
    english = sum(token.folded.isascii() for token in denying if token.form.pos is not Pos.PREPOSITION)
    russian = any(not token.folded.isascii() for token in denying if token.form.pos is not Pos.PREPOSITION)
    return (russian or english % 2 == 1) != (without % 2 == 1)
