"""An answer without a model: the sentences of the notes that answer best, in their own words."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.ask.citation import sentence_quotes
from vaultc.ask.terms import Terms, name_keys, terms_of
from vaultc.language.dates import dates
from vaultc.language.lexicon import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.core.chunk import Passage
    from vaultc.core.source import Quote

_MIN_COVER = 0.5
_BESIDE = 0.6
"""A question's word in the title or a heading counts this much of one in the sentence itself."""
_KEPT_SHARE = 0.7
_SAME_WORDS = 0.8
_MAX_QUOTE = 600
_ASKS_NUMBER = listed("сколько many much tall long heavy far old часто often какова каков")
_ASKS_TIME = listed("когда when deadline срок")
_SKIPPED = ("#", "```", "~~~", "---", "|-", "| -", "|:", "| :")


@dataclass(frozen=True, slots=True)
class Extracted:
    """A sentence of a note that answers a question, and how well (0..1 and a bonus)."""

    quote: Quote
    score: float


def context_of(passage: Passage) -> str:
    """Give the title and the headings that a passage stands under."""
    title = passage.chunk.span.path.rpartition("/")[2].rpartition(".")[0]
    return " / ".join((title, *passage.chunk.headings))


def extract(question: str, passages: Sequence[Passage], *, limit: int = 3) -> tuple[Extracted, ...]:
    """Give up to `limit` sentences that answer `question`, the best first; none where the notes do not answer."""
    asked = terms_of(question)
    wanted = asked.concepts | asked.numbers | asked.measured
    if not wanted:
        return ()
    if asked.names - frozenset().union(*(name_keys(f"{context_of(one)} {one.chunk.text}") for one in passages)):
        return ()  # a name that no passage has: whatever is found is about something else
    rated: list[tuple[Extracted, Terms]] = []
    weights = _weights(wanted, passages)
    total = sum(weights.values())
    for passage in passages:
        around = terms_of(context_of(passage)).concepts
        for quote in sentence_quotes(passage):
            text = quote.text.strip()
            if len(text) > _MAX_QUOTE or text.startswith(_SKIPPED) or text.endswith("?"):
                continue
            terms = terms_of(text)
            there = terms.concepts | terms.numbers | terms.measured
            own = sum(weights[word] for word in wanted & there)
            beside = sum(weights[word] for word in (wanted & around) - there)
            cover = (own + _BESIDE * beside) / total
            says_more = bool((terms.concepts | terms.numbers) - wanted)
            if own and says_more and (own + beside) / total >= _MIN_COVER:
                score = cover + 0.3 * passage.score + _fits(question, quote.text, terms)
                rated.append((Extracted(quote, round(score, 4)), terms))
    return _distinct(rated, limit)


def _weights(wanted: frozenset[str], passages: Sequence[Passage]) -> dict[str, float]:
    """Give each word of the question its weight: the fewer passages have it, the more it tells."""
    uses: Counter[str] = Counter()
    for passage in passages:
        terms = terms_of(f"{context_of(passage)} {passage.chunk.text}")
        uses.update(wanted & (terms.concepts | terms.numbers | terms.measured))
    weights = {word: math.log((len(passages) + 2) / (uses[word] + 1)) + 0.5 for word in wanted if uses[word]}
    # A word that no passage has may be said otherwise there: it counts as a middling one.
    middling = sum(weights.values()) / len(weights) if weights else 1.0
    return {word: weights.get(word, middling) for word in wanted}


def _fits(question: str, text: str, terms: Terms) -> float:
    """Give a bonus to a sentence that has the kind of thing that is asked for."""
    asked = set(question.casefold().strip(" ?").split())
    if asked & _ASKS_TIME and dates(text):
        return 0.15
    return 0.15 if asked & _ASKS_NUMBER and terms.numbers else 0.0


def _distinct(rated: list[tuple[Extracted, Terms]], limit: int) -> tuple[Extracted, ...]:
    ordered = sorted(rated, key=lambda item: (-item[0].score, item[0].quote.span))
    kept: list[tuple[Extracted, Terms]] = []
    for item, terms in ordered:
        if len(kept) == limit or item.score < _KEPT_SHARE * ordered[0][0].score:
            break
        if not any(_alike(terms, other) for _, other in kept):
            kept.append((item, terms))
    return tuple(item for item, _ in kept)


def _alike(first: Terms, second: Terms) -> bool:
    if first.numbers != second.numbers or first.is_negated != second.is_negated:
        return False
    both = first.concepts | second.concepts
    return not both or len(first.concepts & second.concepts) / len(both) > _SAME_WORDS
