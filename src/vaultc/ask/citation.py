"""Whether a sentence is supported by words that stand in the notes.

A sentence is supported when most of its content words, and all of its numbers, units, dates and names, stand
in what it is held against, when neither side denies what the other affirms, and when no word sets them apart
("day" against "night").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.ask.terms import Terms, name_keys, terms_of
from vaultc.core.source import Quote, Span
from vaultc.language.contrasts import setting_apart
from vaultc.language.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vaultc.core.chunk import Passage
    from vaultc.core.source import VaultPath

_SAME_LANGUAGE = 0.75
_TWO_QUOTES = 0.85
_OTHER_LANGUAGE = 0.45
_MIN_CONCEPTS = 2
_MAX_LOOKED_AT = 8


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
    terms: Terms
    around: Terms
    keys: frozenset[str]


def sentence_quotes(passage: Passage) -> tuple[Quote, ...]:
    """Give the sentences of a passage as quotations, each with its own span."""
    chunk = passage.chunk
    return tuple(
        Quote(Span(chunk.span.path, chunk.span.start + start, chunk.span.start + end), chunk.text[start:end])
        for start, end in sentences(chunk.text)
    )


def stands(quote: Quote, text_of: Callable[[VaultPath], str | None]) -> bool:
    """Tell whether the quotation stands at its span in the note as it is now."""
    text = text_of(quote.span.path)
    return text is not None and bool(quote.text.strip()) and text[quote.span.start : quote.span.end] == quote.text


def check(sentence: str, quotes: Sequence[Quote], *, context: Sequence[str] = (), question: str = "") -> Support:
    """Tell whether `quotes`, one or two of them together, support `sentence`.

    Args:
        sentence: what an answer says.
        quotes: sentences of notes, each as it stands there.
        context: for each quotation, the title and headings it stands under: they may name its subject, but
            give no numbers.
        question: what was asked; a sentence claims nothing by saying its words again.
    """
    said = _without(terms_of(sentence), terms_of(question), quotes)
    if len(said.concepts) + len(said.numbers) < _MIN_CONCEPTS:
        return Support(False, missing="content")
    held = []
    for at, quote in enumerate(quotes):
        around = context[at] if at < len(context) else ""
        keys = name_keys(quote.text) | name_keys(around)
        held.append(_Held(quote, terms_of(quote.text), terms_of(around), keys))
    held.sort(key=lambda item: -_overlap(said, (item,)))
    best = Support(False, missing="overlap")
    for item in held[:_MAX_LOOKED_AT]:
        found = _support(sentence, said, (item,))
        if found.is_supported:
            return found
        best = max(best, found, key=lambda one: one.overlap)
    for at, first in enumerate(held[:_MAX_LOOKED_AT]):
        for second in held[at + 1 : _MAX_LOOKED_AT]:
            if not _carries(said, first) or not _carries(said, second):
                continue
            if first.quote.span.path != second.quote.span.path and not _adds(said, first, second):
                continue
            found = _support(sentence, said, (first, second))
            if found.is_supported:
                return found
    return best


def _without(said: Terms, asked: Terms, quotes: Sequence[Quote]) -> Terms:
    """Leave out the question's words that no quotation has, unless little would be left to hold against the notes."""
    there = frozenset().union(*(terms_of(quote.text).concepts for quote in quotes))
    left = said.concepts - (asked.concepts - there)
    return replace(said, concepts=left) if len(left) >= _MIN_CONCEPTS else said


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
    if not said.numbers <= numbers:
        return Support(False, quotes, overlap, "numbers")
    if said.names - keys:
        return Support(False, quotes, overlap, "names")
    is_other = any(item.terms.language != said.language for item in held)
    needed = _OTHER_LANGUAGE if is_other else _SAME_LANGUAGE if len(held) == 1 else _TWO_QUOTES
    if overlap < needed:
        return Support(False, quotes, overlap, "overlap")
    shared = said.concepts & frozenset().union(*(item.terms.concepts | item.around.concepts for item in held))
    if is_other and len(shared) + len(said.numbers & numbers) < _MIN_CONCEPTS:
        return Support(False, quotes, overlap, "overlap")
    if said.is_negated != any(item.terms.is_negated for item in held):
        return Support(False, quotes, overlap, "polarity")
    if setting_apart(sentence, " ".join(quote.text for quote in quotes)):
        return Support(False, quotes, overlap, "contrast")
    return Support(True, quotes, overlap)
