"""Extractive answers, without a model: the sentences of the notes that answer best, in their own words.

A sentence answers when it has, with the title and headings above it, most of what the question is about, every
name of it, and the kind of thing that is asked for. Where none does, there is no answer: silence beats noise.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.ask.citation import sentence_quotes
from vaultc.ask.opposite import is_opposite
from vaultc.ask.prose import is_prose, says_itself, unstruck
from vaultc.ask.question import Question, QuestionKind, gives_kind, read_question
from vaultc.ask.setting import is_imagined
from vaultc.ask.synonyms import LIGHT
from vaultc.ask.terms import Terms, name_keys, terms_of
from vaultc.language.stems import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vaultc.core.chunk import Passage
    from vaultc.core.source import Quote

_MIN_COVER = 0.62
_BESIDE = 0.6
"""A question's word in the title or a heading counts this much of one in the sentence itself."""
_KEPT_SHARE = 0.75
_SAME_WORDS = 0.8
_MAX_QUOTE = 600
_UNKNOWN_ABROAD = 0.4
"""What a word counts against a sentence in the other language, where no glossary has the word."""
_LIGHT_WEIGHT = 0.4
"""What a number of the question counts, and a verb that a quantity makes needless."""
_SAME_POLARITY = 0.3
_FOREIGN = 0.1
_MOST_OPPOSITES = 2
_LEAD = 2


@dataclass(frozen=True, slots=True)
class Extracted:
    """A sentence of a note that answers a question, and how well (0..1 and a bonus)."""

    quote: Quote
    score: float


@dataclass(frozen=True, slots=True)
class _Rated:
    """A sentence with what it says."""

    found: Extracted
    terms: Terms


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence of a passage, its terms, and the terms and keys of what stands around it."""

    quote: Quote
    terms: Terms
    around: frozenset[str]
    keys: frozenset[str]
    share: float


def context_of(passage: Passage) -> str:
    """Give the title and the headings that a passage stands under."""
    title = passage.chunk.span.path.rpartition("/")[2].rpartition(".")[0]
    return " / ".join((title, *passage.chunk.headings))


def lacks_a_name(question: Question, passages: Sequence[Passage], around: Callable[[Passage], str]) -> bool:
    """Tell whether the question has a name that no passage has: whatever is found is about something else."""
    there = frozenset().union(*(name_keys(f"{around(one)} {one.chunk.text}") for one in passages))
    return bool(question.terms.names - there)


def extract(
    question: str | Question,
    passages: Sequence[Passage],
    *,
    limit: int = 3,
    around: Callable[[Passage], str] = context_of,
) -> tuple[Extracted, ...]:
    """Give the sentences that answer `question`, the best first; none where the notes do not answer.

    Up to `limit` of them, and up to two more that deny what the first one says.

    Args:
        question: as asked, or as read.
        passages: what was found for it.
        limit: how many sentences.
        around: names what a passage is about: its title, headings, other names.
    """
    asked = read_question(question) if isinstance(question, str) else question
    if not (asked.terms.concepts or asked.terms.numbers or asked.terms.measured or asked.terms.names):
        return ()
    if lacks_a_name(asked, passages, around):
        return ()
    weights = _weights(asked, passages, around)
    lines = [line for passage in passages for line in _lines(passage, around(passage))]
    rated = [item for line in lines if (item := _rated(asked, line, weights)) is not None]
    chosen = _distinct(rated, limit)
    against = [
        item
        for item in rated
        if chosen and item not in chosen and any(is_opposite(item.terms, one.terms) for one in chosen)
    ]
    return tuple(item.found for item in (*chosen, *against[:_MOST_OPPOSITES]))


def lead(passage: Passage) -> tuple[Quote, ...]:
    """Give the sentences by which a note begins, as far as they are prose."""
    found: list[Quote] = []
    text, start = passage.chunk.text, passage.chunk.span.start
    for quote in sentence_quotes(passage):
        is_next = not found or "\n" not in text[found[-1].span.end - start : quote.span.start - start].strip(" ")
        if len(found) == _LEAD or (found and not is_next):
            break
        if is_prose(quote.text) and not quote.text.rstrip().endswith(":") and len(quote.text) <= _MAX_QUOTE:
            found.append(quote)
    return tuple(found)


def opposites(quotes: Sequence[Quote], passages: Sequence[Passage], known: Sequence[Quote]) -> tuple[Quote, ...]:
    """Give sentences of passages that say the opposite of one of `quotes`, at most two, none of `known`."""
    said = [terms_of(unstruck(quote.text)) for quote in quotes]
    found: list[Quote] = []
    for passage in passages:
        for quote in sentence_quotes(passage):
            if len(found) == _MOST_OPPOSITES:
                return tuple(found)
            if any(quote.span.overlaps(other.span) for other in (*known, *found)) or not _may_answer(quote):
                continue
            terms = terms_of(unstruck(quote.text))
            if any(is_opposite(terms, one) for one in said):
                found.append(quote)
    return tuple(found)


def _may_answer(quote: Quote) -> bool:
    text = quote.text.strip()
    return len(text) <= _MAX_QUOTE and says_itself(text) and not text.endswith(("?", ":"))


def _lines(passage: Passage, around: str) -> Iterator[_Line]:
    above = terms_of(around)
    keys = name_keys(around)
    quotes = sentence_quotes(passage)
    before = (None, *quotes)
    text, start = passage.chunk.text, passage.chunk.span.start
    for previous, quote in zip(before, quotes, strict=False):
        if not _may_answer(quote):
            continue
        beside = above.concepts
        if previous is not None and "\n" not in text[previous.span.end - start : quote.span.start - start]:
            beside |= terms_of(previous.text).concepts
            near = keys | name_keys(previous.text)
        else:
            near = keys
        plain = unstruck(quote.text)
        yield _Line(quote, terms_of(plain), beside, near | name_keys(plain), passage.score)


def _rated(asked: Question, line: _Line, weights: dict[str, float]) -> _Rated | None:
    terms = line.terms
    there = terms.content
    if is_imagined(line.quote.text) and not is_imagined(asked.text):
        return None
    if asked.terms.names - line.keys or not gives_kind(asked, line.quote.text, terms):
        return None
    is_foreign = terms.language != asked.terms.language and not asked.attribute.isascii()
    if asked.attribute and asked.attribute not in there | line.around and not is_foreign:
        return None
    if asked.is_definition and not _defines(asked, line.quote.text):
        return None
    wanted = _for_language(weights, terms.language, asked.terms.language)
    own = sum(weight for word, weight in wanted.items() if word in there)
    beside = sum(weight for word, weight in wanted.items() if word in line.around and word not in there)
    total = sum(wanted.values())
    says_more = asked.kind is QuestionKind.YES_NO or bool((terms.concepts | terms.numbers) - asked.terms.concepts)
    if not own or not says_more or (own + beside) / total < _MIN_COVER:
        return None
    score = (own + _BESIDE * beside) / total + 0.3 * line.share
    if terms.language != asked.terms.language:
        score -= _FOREIGN
    if asked.kind is not QuestionKind.YES_NO and asked.terms.is_negated and terms.is_negated:
        score += _SAME_POLARITY
    return _Rated(Extracted(line.quote, round(score, 4)), terms)


def _for_language(weights: dict[str, float], language: str, asked: str) -> dict[str, float]:
    """Give the weights as they count for a sentence of a language: what cannot be translated counts less."""
    if language == asked:
        return weights
    return {
        word: weight * _UNKNOWN_ABROAD if not word.isascii() and language == "en" else weight
        for word, weight in weights.items()
    }


def _defines(asked: Question, text: str) -> bool:
    """Tell whether a text says what a single word means: "A gust is …", «Порог — это …»."""
    if len(asked.terms.concepts) != 1:
        return True
    (wanted,) = asked.terms.concepts
    found = list(words(text))[:6]
    for word in found[:3]:
        if terms_of(word.text).concepts == {wanted}:
            after = text[word.end : word.end + 12].casefold().lstrip(' *_`"»”')
            return after.startswith(("is ", "are ", "—", "–", "- ", "это", ": ", "means"))
    marked = text.casefold().rstrip(".!")
    return any(marked.endswith(f"{mark}{asked.topic.casefold()}{mark}") for mark in ("*", "**", "`", "=="))


def _weights(asked: Question, passages: Sequence[Passage], around: Callable[[Passage], str]) -> dict[str, float]:
    """Give each word of the question its weight: the fewer passages have it, the more it tells."""
    terms = asked.terms
    wanted = terms.concepts | terms.numbers | terms.measured
    uses: Counter[str] = Counter()
    for passage in passages:
        there = terms_of(f"{around(passage)} {passage.chunk.text}")
        uses.update(wanted & there.content)
    weights = {word: math.log((len(passages) + 2) / (uses[word] + 1)) + 0.5 for word in wanted if uses[word]}
    rarest = max(weights.values(), default=1.0)
    found = {word: weights.get(word, rarest) for word in wanted}
    light = {word for word in wanted if word in terms.numbers or word in LIGHT}
    return {word: weight * (_LIGHT_WEIGHT if word in light else 1.0) for word, weight in found.items()}


def _distinct(rated: list[_Rated], limit: int) -> list[_Rated]:
    ordered = sorted(rated, key=lambda item: (-item.found.score, item.found.quote.span))
    kept: list[_Rated] = []
    for item in ordered:
        if len(kept) == limit or item.found.score < _KEPT_SHARE * ordered[0].found.score:
            break
        if not any(_alike(item.terms, other.terms) for other in kept):
            kept.append(item)
    return kept


def _alike(first: Terms, second: Terms) -> bool:
    if first.numbers != second.numbers or first.is_negated != second.is_negated or is_opposite(first, second):
        return False
    both = first.concepts | second.concepts
    return not both or len(first.concepts & second.concepts) / len(both) > _SAME_WORDS
