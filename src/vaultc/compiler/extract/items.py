"""Lists inside a sentence: "a name, an optional colour and up to 3 tags", each part with its place."""

from __future__ import annotations

import re

from vaultc.language.lexicon import phrases
from vaultc.language.stems import fold

_PAIRS = {"(": ")", "[": "]", "{": "}", "«": "»", "“": "”", "`": "`", '"': '"'}
_WORD = re.compile(r"[^\W\d_]+|&")


def list_parts(text: str, signs: str = ",;") -> list[tuple[int, int]]:
    """Give the ranges of the parts of a list, without blanks around them.

    Parts are joined by `signs` or by a word such as "and", «или», outside brackets and quotes.
    """
    cuts: list[tuple[int, int]] = []
    shut = ""
    at = 0
    while at < len(text):
        char = text[at]
        if shut:
            shut = "" if char == shut else shut
        elif char in _PAIRS and text.find(_PAIRS[char], at + 1) > 0:
            shut = _PAIRS[char]
        elif char in signs and not (char in ",." and text[at + 1 : at + 2].isdigit() and text[at - 1 : at].isdigit()):
            cuts.append((at, at + 1))
        elif (char.isalpha() or char == "&") and (at == 0 or text[at - 1].isspace()):
            end = at + 1 if char == "&" else joint_at(text, at)
            if end > at and not (text[:at].rstrip()[-1:].isdigit() and text[end:].lstrip()[:1].isdigit()):
                cuts.append((at, end))
            at = max(end, _word_end(text, at))
            continue
        at += 1
    bounds = [0, *(place for cut in cuts for place in cut), len(text)]
    parts = (_trimmed(text, bounds[at], bounds[at + 1]) for at in range(0, len(bounds), 2))
    return [(start, end) for start, end in parts if start < end]


def _word_end(text: str, at: int) -> int:
    word = _WORD.match(text, at)
    return word.end() if word else at + 1


def joint_at(text: str, at: int) -> int:
    """Give the end of the words at `at` that join two parts of a list; `at` where none do."""
    word = fold(text[at : _word_end(text, at)])
    for joint in phrases("records", "values.join"):
        if joint.split()[0] == word and fold(text[at : at + len(joint) + 1]) == f"{joint} ":
            return at + len(joint)
    return at


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".;:"):
        end -= 1
    return start, end
