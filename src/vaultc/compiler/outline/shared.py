"""Which of many texts share most words with one, without a look at each pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator


class SharedWords:
    """Texts as sets of stems, in order. Each stem knows its texts as the bits of one number.

    Numbers of bits are added column by column, so that a thousand texts are counted at once.
    """

    def __init__(self, texts: Iterable[Collection[str]]) -> None:
        self._texts_of: dict[str, int] = {}
        for at, stems in enumerate(texts):
            for stem in set(stems):
                self._texts_of[stem] = self._texts_of.get(stem, 0) | 1 << at

    def most(self, stems: Iterable[str]) -> tuple[int, int]:
        """Give how many of `stems` the text has that has most of them, and its index: the first of several."""
        columns = self._counted(stems)
        left, count = 0, 0
        for column in reversed(columns):
            both = left & column if count else column
            count *= 2
            if both:
                left, count = both, count + 1
        return count, (left & -left).bit_length() - 1

    def with_at_least(self, least: int, stems: Iterable[str]) -> int:
        """Give the texts that have `least` or more of `stems`, as the bits of a number."""
        columns = self._counted(stems)
        if least >= 1 << len(columns):
            return 0
        more, same = 0, -1
        for n, column in reversed(list(enumerate(columns))):
            if least >> n & 1:
                same &= column
            else:
                more, same = more | (same & column), same & ~column
        return more | same

    @staticmethod
    def each(bits: int) -> Iterator[int]:
        """Give the index of each text in `bits`, in order."""
        while bits:
            last = bits & -bits
            yield last.bit_length() - 1
            bits ^= last

    def _counted(self, stems: Iterable[str]) -> list[int]:
        """Give the counts of all texts: bit `at` of the number `n` is worth `2 ** n` for the text `at`."""
        columns: list[int] = []
        for stem in set(stems):
            carry = self._texts_of.get(stem, 0)
            for n, column in enumerate(columns):
                columns[n], carry = column ^ carry, column & carry
            if carry:
                columns.append(carry)
        return columns
