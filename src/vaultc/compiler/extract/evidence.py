"""The gate for what a model says it read: quotations must stand in the gathered passages, words must agree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.compiler.passes.gather import binds
from vaultc.core.source import Quote, Span
from vaultc.language.detect import language_of
from vaultc.language.reading import Force, read
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vaultc.compiler.unit import ContextPassage, Modality

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_FORBIDDING = frozenset({Force.MUST_NOT, Force.SHOULD_NOT})
_MIN_CHARS = 6
_MIN_SHARE = 0.4
_SAME = 0.8


def find_quote(path: str, text: str, context: Sequence[ContextPassage]) -> Quote | None:
    """Give the place where `text` stands in a gathered passage of the note `path`, blanks folded; None where nowhere.

    Passages that may bind come before background; of several places in one the first is taken. Where the note
    of that path does not hold it, a place in another note counts only if it is the only one.
    """
    wanted = " ".join(text.split())
    if len(wanted) < _MIN_CHARS:
        return None
    ordered = sorted(context, key=lambda passage: not binds(passage))
    for passage in ordered:
        if passage.quote.span.path == path:
            found = _in_passage(wanted, passage.quote)
            if found is not None:
                return found
    elsewhere = {found for passage in ordered if (found := _in_passage(wanted, passage.quote)) is not None}
    return elsewhere.pop() if len(elsewhere) == 1 else None


def _in_passage(wanted: str, quote: Quote) -> Quote | None:
    folded, places = _folded(quote.text)
    at = folded.find(wanted)
    if at < 0:
        return None
    start, end = places[at], places[at + len(wanted) - 1] + 1
    span = Span(quote.span.path, quote.span.start + start, quote.span.start + end)
    return Quote(span, quote.text[start:end])


def _folded(text: str) -> tuple[str, list[int]]:
    """Give `text` with each run of blanks as one blank, and where each of its characters stood."""
    chars: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        if char.isspace():
            if chars and chars[-1] != " ":
                chars.append(" ")
                places.append(at)
        else:
            chars.append(char)
            places.append(at)
    return "".join(chars), places


def is_binding(quote: Quote, context: Sequence[ContextPassage]) -> bool:
    """Tell whether a quotation stands in a passage that may bind the idea."""
    return any(binds(passage) and passage.quote.span.covers(quote.span) for passage in context)


def disagreement(text: str, quotes: Sequence[Quote]) -> str:
    """Give why `text` does not say what the quotations say, or an empty text: numbers and words must be theirs."""
    said = " ".join(quote.text for quote in quotes)
    numbers = set(_NUMBER.findall(said))
    added = [number for number in _NUMBER.findall(text) if number not in numbers]
    if added:
        return f"the number {added[0]} is not in the quoted words"
    stems = set(content_stems(text))
    if stems and language_of(text) == language_of(said):
        share = len(stems.intersection(content_stems(said))) / len(stems)
        if share < _MIN_SHARE:
            return "its words are not those of the quotation"
    return ""


def contradicts_modality(modality: Modality, quotes: Sequence[Quote]) -> bool:
    """Tell whether the quoted words forbid what the modality asks, or ask what it forbids."""
    forbidden = [binding.force in _FORBIDDING for quote in quotes for binding in read(quote.text).modal]
    if not forbidden:
        return False
    return not any(forbidden) if modality.endswith("_not") else all(forbidden)


def is_known(text: str, known: Iterable[str]) -> bool:
    """Tell whether `text` says nearly what one of `known` says, by stems."""
    stems = set(content_stems(text))
    for other in known:
        theirs = set(content_stems(other))
        union = stems | theirs
        if union and len(stems & theirs) / len(union) >= _SAME:
            return True
    return False
