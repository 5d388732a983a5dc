"""Citation checking: whether a sentence is supported by words that stand in the notes.

A sentence is supported when its content words (of a long one nearly all), and all of its numbers, units, dates
and names, stand in what it is held against, at least two of them in the quotation itself and not only in the
headings above it; when neither side denies what the other affirms; and when no word sets them apart: "day" against
"night", "at most" against "at least", what is against what is planned, imagined or asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from vaultc.ask.prose import unstruck
from vaultc.ask.question import Question, QuestionKind
from vaultc.ask.setting import set_apart
from vaultc.ask.terms import Terms, name_keys, terms_of
from vaultc.core.source import Quote, Span
from vaultc.language.sentences import sentences
from vaultc.syntax.plugin_text import plugin_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vaultc.core.chunk import Passage
    from vaultc.core.source import VaultPath

_SAME_LANGUAGE = 0.75
_TWO_QUOTES = 0.85
_OTHER_LANGUAGE = 0.45
_MIN_CONCEPTS = 2
_SHORT = 4
"""A sentence of so few content words is held against the notes by each of them."""
_MAX_LOOKED_AT = 8
_MAX_CHARS = 5_000
"""A longer sentence, or quotation, is no sentence: nothing is proved with it."""


@dataclass(frozen=True, slots=True)
class Support:
    """Whether a sentence is supported, by which quotations, how far its words are covered, and what is missing."""

    is_supported: bool
    quotes: tuple[Quote, ...] = ()
    overlap: float = 0.0
    missing: str = ""


@dataclass(frozen=True, slots=True)
class _Held:
    """A quotation and what it says, with the words around it that name its subject."""

    quote: Quote
    text: str
    terms: Terms
    around: Terms
    keys: frozenset[str]


def sentence_quotes(passage: Passage) -> tuple[Quote, ...]:
    """Give the sentences of a passage as quotations with their spans; none that a template has yet to fill in."""
    chunk = passage.chunk
    unfilled = plugin_texts(chunk.text)
    return tuple(
        Quote(Span(chunk.span.path, chunk.span.start + start, chunk.span.start + end), chunk.text[start:end])
        for start, end in sentences(chunk.text)
        if not any(start < found.end and found.start < end for found in unfilled)
    )


def stands(quote: Quote, text_of: Callable[[VaultPath], str | None]) -> bool:
    """Tell whether the quotation stands at its span in the note as it is now."""
    text = text_of(quote.span.path)
    return text is not None and bool(quote.text.strip()) and text[quote.span.start : quote.span.end] == quote.text


def check(
    sentence: str, quotes: Sequence[Quote], *, context: Sequence[str] = (), question: Question | None = None
) -> Support:
    """Tell whether `quotes`, one or two of them together, support `sentence`.

    Args:
        sentence: what an answer says.
        quotes: sentences of notes, each as it stands there.
        context: for each quotation, the title and headings it stands under: they may name its subject, but
            give no numbers.
        question: what was asked; a sentence claims nothing by saying its words again, but must be about it.
    """
    if len(sentence) > _MAX_CHARS:
        return Support(False, missing="length")
    said = terms_of(sentence)
    if question is not None:
        said = _without(said, question, quotes)
    if len(said.concepts) + len(said.numbers) < _MIN_CONCEPTS:
        return Support(False, missing="content")
    held = [item for item in _held(quotes, context) if len(item.quote.text) <= _MAX_CHARS]
    held.sort(key=lambda item: -_overlap(said, (item,)))
    best = Support(False, missing="overlap")
    for together in (*((item,) for item in held[:_MAX_LOOKED_AT]), *_pairs(said, held[:_MAX_LOOKED_AT])):
        found = _support(sentence, said, together)
        if found.is_supported:
            return found
        if len(together) == 1:
            best = max(best, found, key=lambda one: one.overlap)
    return best


def _held(quotes: Sequence[Quote], context: Sequence[str]) -> list[_Held]:
    """Read the quotations; who asks does not say so, and what is struck out is not said either."""
    held = []
    for at, quote in enumerate(quotes):
        around = context[at] if at < len(context) else ""
        plain = unstruck(quote.text)
        if not plain.rstrip().endswith("?"):
            keys = name_keys(plain) | name_keys(around)
            held.append(_Held(quote, plain, terms_of(plain), terms_of(around), keys))
    return held


def _pairs(said: Terms, held: Sequence[_Held]) -> Iterator[tuple[_Held, _Held]]:
    """Give the pairs of quotations that each have something of the sentence."""
    fit = [item for item in held if _carries(said, item)]
    for first, second in combinations(fit, 2):
        if first.quote.span.path == second.quote.span.path or _adds(said, first, second):
            yield first, second


def _without(said: Terms, asked: Question, quotes: Sequence[Quote]) -> Terms:
    """Leave out the question's words that no quotation has, where the sentence says more than the question.

    Not of a yes-or-no question: its words are the claim.
    """
    if asked.kind is QuestionKind.YES_NO:
        return said
    words = asked.terms
    there = frozenset().union(*(terms_of(quote.text).concepts for quote in quotes))
    left = said.concepts - (words.concepts - there)
    is_new = bool(said.numbers - words.numbers or said.names - words.names or (left - words.concepts))
    return replace(said, concepts=left) if is_new and len(left) + len(said.numbers) >= _MIN_CONCEPTS else said


def _carries(said: Terms, held: _Held) -> bool:
    """Tell whether a quotation has enough of the sentence to be cited for it: one word in common is chance."""
    return len(said.concepts & held.terms.concepts) + len(said.numbers & held.terms.numbers) >= _MIN_CONCEPTS


def _adds(said: Terms, first: _Held, second: _Held) -> bool:
    """Tell whether the second quotation has something of the sentence that the first one lacks."""
    ours = (said.concepts & second.terms.concepts) - first.terms.concepts
    return bool(ours) or bool((said.numbers & second.terms.numbers) - first.terms.numbers)


def _overlap(said: Terms, held: tuple[_Held, ...]) -> float:
    if not said.concepts:
        return 1.0 if all(number in held[0].terms.numbers for number in said.numbers) else 0.0
    there = frozenset().union(*(item.terms.concepts | item.around.concepts for item in held))
    own = frozenset().union(*(item.terms.concepts for item in held))
    return len(said.concepts & there) / len(said.concepts) if said.concepts & own or said.numbers else 0.0


def _support(sentence: str, said: Terms, held: tuple[_Held, ...]) -> Support:
    quotes = tuple(sorted((item.quote for item in held), key=lambda quote: quote.span))
    overlap = _overlap(said, held)
    numbers = frozenset().union(*(item.terms.numbers for item in held))
    keys = frozenset().union(*(item.keys for item in held))
    if not said.claimed <= numbers:
        return Support(False, quotes, overlap, "numbers")
    if said.names - keys:
        return Support(False, quotes, overlap, "names")
    is_other = any(item.terms.language != said.language for item in held)
    needed = _OTHER_LANGUAGE if is_other else _needed(said, len(held))
    if overlap < needed:
        return Support(False, quotes, overlap, "overlap")
    shared = said.concepts & frozenset().union(*(item.terms.concepts for item in held))
    if len(shared) + len(said.numbers & numbers) < _MIN_CONCEPTS:
        return Support(False, quotes, overlap, "overlap")
    if said.is_negated != any(item.terms.is_negated for item in held):
        return Support(False, quotes, overlap, "polarity")
    if set_apart(sentence, " ".join(item.text for item in held)):
        return Support(False, quotes, overlap, "contrast")
    return Support(True, quotes, overlap)


def _needed(said: Terms, quotes: int) -> float:
    if len(said.concepts) <= _SHORT:
        return 1.0
    return _SAME_LANGUAGE if quotes == 1 else _TWO_QUOTES
