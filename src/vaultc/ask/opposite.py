"""Whether two sentences of notes cannot both stand: the same content, and one denies it or gives another value."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from vaultc.ask.terms import Terms, concept, name_key

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAME_CONTENT = 0.7
_MIN_CONTENT = 2
# Pairs that affirm and deny; permission and ban are one thing said two ways.
_PAIRS = """
allow:forbid allowed:forbidden permitted:prohibited разрешён:запрещён разрешена:запрещена разрешено:запрещено
разрешены:запрещены enabled:disabled включён:выключен possible:impossible возможно:невозможно locked:unlocked
safe:unsafe безопасно:опасно available:unavailable доступен:недоступен done:blocked open:closed открыт:закрыт
"""


@lru_cache(maxsize=1)
def _poles() -> dict[str, tuple[int, bool]]:
    found: dict[str, tuple[int, bool]] = {}
    for number, pair in enumerate(_PAIRS.split()):
        yes, no = pair.split(":")
        found.setdefault(concept(yes), (number, True))
        found.setdefault(concept(no), (number, False))
    return found


def _parted(concepts: Iterable[str]) -> tuple[frozenset[str], frozenset[bool]]:
    """Give the concepts without those of the pairs, and which poles of pairs were there."""
    known = _poles()
    poles = frozenset(known[word][1] for word in concepts if word in known)
    return frozenset(word for word in concepts if word not in known), poles


def is_opposite(first: Terms, second: Terms) -> bool:
    """Tell whether two texts have the same content and deny one another, or give it other values or names."""
    ours, our_poles = _parted(first.concepts)
    theirs, their_poles = _parted(second.concepts)
    names = _named(first) | _named(second)
    both = ours | theirs
    if len(ours & theirs) < _MIN_CONTENT or not both:
        return False
    turned = first.is_negated != second.is_negated
    poles = bool(our_poles and their_poles and our_poles != their_poles)
    if turned != poles and len(ours & theirs) / len(both) >= _SAME_CONTENT:
        return True
    numbers = first.numbers != second.numbers and bool(first.numbers) and bool(second.numbers)
    kinds = first.measured == second.measured
    bare = (ours & theirs) - names
    if numbers and kinds and len(ours & theirs) / len(both) >= _SAME_CONTENT and not turned:
        return not (first.numbers & second.numbers)
    swapped = ours ^ theirs
    return bool(swapped) and swapped <= names and len(bare) >= _MIN_CONTENT and len(ours) == len(theirs)


def _named(terms: Terms) -> frozenset[str]:
    """Give the concepts of a text that are names, in whichever alphabet they stand there."""
    keys = {word: name_key(word) for word in terms.concepts}
    return frozenset(
        word for word, key in keys.items() if any(key.startswith(name) or name.startswith(key) for name in terms.names)
    )
