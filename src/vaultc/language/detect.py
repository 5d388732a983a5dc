"""Which of the two languages a text is written in."""

from __future__ import annotations

import re

# Letters are counted in UTF-8, where the first byte of a letter tells its script: in two sweeps over plain bytes.
_CYRILLIC = bytes(range(0xD0, 0xD4))  # U+0400 to U+04FF
_LATIN = bytes((*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0xC3, 0xC9)))  # A-Z, a-z, U+00C0 to U+023F
_MORE_LATIN = re.compile(rb"\xc9[\x80-\x8f]")  # U+0240 to U+024F
_FENCE = re.compile(r"[ \t>]{0,12}(?:```|~~~)")
# Bounded, and no opening mark can be read past the next one: linear. It starts with a set of characters, the search
# for which is quick.
_IGNORED = re.compile(r"[`\]a-z](?:(?<=`)[^`\n]{1,500}`|(?<=\b[a-z])[a-z]{1,9}://[^\s<>]+|(?<=\])\([^()\s]{1,2000}\))")
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


def _letters(text: str) -> tuple[int, int]:
    """Give the number of Cyrillic and of Latin letters."""
    data = text.encode("utf-8", "surrogatepass")
    more = len(_MORE_LATIN.findall(data)) if b"\xc9" in data else 0
    size = len(data)
    return size - len(data.translate(None, _CYRILLIC)), size - len(data.translate(None, _LATIN)) + more


def language_of(text: str) -> str:
    """Give "ru" or "en" by the share of Cyrillic among the letters of the prose; "en" where there is no letter."""
    if text.isascii() or not _letters(text)[0]:
        return "en"
    text = text[:_ENOUGH]
    for candidate in (_prose(text), text):
        cyrillic, latin = _letters(candidate)
        if cyrillic + latin:
            return "ru" if cyrillic >= _RUSSIAN_SHARE * (cyrillic + latin) else "en"
    return "en"
