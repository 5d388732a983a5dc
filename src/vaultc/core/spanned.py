"""Parts of a text by place: which of very many touch a stretch, without a walk through all of them."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vaultc.core.source import Span


class Spanned(Protocol):
    """Anything that stands at a place of a text."""

    @property
    def span(self) -> Span:
        """Where it stands."""


T = TypeVar("T", bound=Spanned)


class Places(Generic[T]):
    """Parts of a note by place.

    They are kept by length, each class twice as long as the one before: of a class only those that start less than
    its length above a stretch can reach into it.
    """

    def __init__(self, parts: Iterable[T]) -> None:
        self._order: dict[int, int] = {}
        classes: dict[int, list[T]] = {}
        for part in sorted(parts, key=lambda part: part.span.start):
            self._order[id(part)] = len(self._order)
            classes.setdefault((part.span.end - part.span.start).bit_length(), []).append(part)
        self._classes = [(1 << bits, own, [part.span.start for part in own]) for bits, own in sorted(classes.items())]

    def touching(self, span: Span) -> list[T]:
        """Give the parts that share a character with `span`, in order of place."""
        found: list[T] = []
        for length, parts, starts in self._classes:
            first, last = bisect_left(starts, span.start - length), bisect_left(starts, span.end)
            found += [part for part in parts[first:last] if part.span.overlaps(span)]
        return sorted(found, key=lambda part: self._order[id(part)])

    def within(self, span: Span) -> list[T]:
        """Give the parts that lie wholly in `span`, in order of place."""
        return [part for part in self.touching(span) if span.covers(part.span)]

    def around(self, span: Span) -> list[T]:
        """Give the parts that cover `span` wholly, in order of place."""
        return [part for part in self.touching(span) if part.span.covers(span)]
