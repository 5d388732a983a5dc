"""Which of the two languages a text is written in."""

from __future__ import annotations

import re

_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")
_FENCE = re.compile(r"[ \t>]{0,12}(?:```|~~~)")
# Bounded, and no opening mark can be read past the next one: linear.
_IGNORED = re.compile(r"`[^`\n]{1,500}`|\b[a-z]{2,10}://[^\s<>]+|\]\([^()\s]{1,2000}\)")
_RUSSIAN_SHARE = 0.3
"""English terms are common in Russian notes, Russian words in English ones are not."""
_ENOUGH = 20_000
"""Code points from its beginning that tell the language of a longer text."""


def _prose(text: str) -> str:
    """Give `text` without fenced code, inline code and addresses."""
    if "```" in text or "~~~" in text:
        kept: list[str] = []
        is_code = False
        for line in text.splitlines():
            if _FENCE.match(line):
                is_code = not is_code
            elif not is_code:
                kept.append(line)
        text = "\n".join(kept)
    return _IGNORED.sub(" ", text)


def _letters(pattern: re.Pattern[str], text: str) -> int:
    return sum(map(len, pattern.findall(text)))


def language_of(text: str) -> str:
    """Give "ru" or "en" by the share of Cyrillic among the letters of the prose; "en" where there is no letter."""
    if text.isascii() or _CYRILLIC.search(text) is None:
        return "en"
    text = text[:_ENOUGH]
    for candidate in (_prose(text), text):
        cyrillic, latin = _letters(_CYRILLIC, candidate), _letters(_LATIN, candidate)
        if cyrillic + latin:
            return "ru" if cyrillic >= _RUSSIAN_SHARE * (cyrillic + latin) else "en"
    return "en"
