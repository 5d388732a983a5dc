"""How lists of words are written in this package: as text, split at blanks."""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    """Give the set of words of `text`."""
    return frozenset(text.split())
