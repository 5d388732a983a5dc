"""What of a note's text says something by itself: prose, not marks, links alone, or words struck out."""

from __future__ import annotations

from vaultc.language.stems import words

_SKIPPED = ("#", "```", "~~~", "---", "|-", "| -", "|:", "| :", "%%")
_NOT_LEAD = ("|", ">", "![", "[[", "<", "$$", "- [", "* [")
_KEY_WORDS = 2
_LEAST_WORDS = 3
_MANY = 600
_MARKS = "-*+> \t0123456789.)"


def unstruck(text: str) -> str:
    """Give a text with what is ~~struck out~~ made blank, so that offsets stay."""
    if "~~" not in text:
        return text
    parts = text.split("~~")
    last = len(parts) - 1
    # An odd part stands between two marks, unless the second mark is missing.
    return "  ".join(" " * len(part) if at % 2 and at < last else part for at, part in enumerate(parts))


def says_itself(text: str) -> bool:
    """Tell whether a sentence is more than a heading, a mark, or links side by side."""
    text = text.strip()
    if not text or text.startswith(_SKIPPED):
        return False
    first, *linked = unstruck(text).split("[[")
    plain = [first, *(part.partition("]]")[2] for part in linked)]
    return any(True for _ in words(" ".join(plain).lstrip(_MARKS)))


def is_prose(text: str) -> bool:
    """Tell whether a sentence may open a description."""
    text = text.strip()
    key, colon, _ = text.partition(":")
    is_field = bool(colon) and len(key.split()) <= _KEY_WORDS and "," not in key
    is_short = sum(1 for _ in words(text[:_MANY])) < _LEAST_WORDS
    return says_itself(text) and not text.startswith(_NOT_LEAD) and not is_field and not is_short
