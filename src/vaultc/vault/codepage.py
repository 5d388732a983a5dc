"""Text that is no UTF-8: which code page its bytes look like words in, if any.

Russian has three old code pages that put letters into each other's places; the right one is where the words have
letters as often as Russian has them, and capitals where words have them. Western text is Latin letters with a few
others among them. What looks like words in none of them is not guessed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_RUSSIAN = {"cp1251": "code page 1251", "koi8-r": "KOI8-R", "cp866": "code page 866"}
_WESTERN, _WESTERN_NAME = "cp1252", "code page 1252"
# How often a letter stands among a thousand of Russian text.
_PER_MILLE = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        (110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 16, 16, 15, 12, 10, 9, 7, 6, 5, 4,
         3, 3, 1, 1),
        strict=True,
    )
)  # fmt: skip
_CYRILLIC_OF_OTHERS = frozenset("іїєґўјљњћђџѓќѕ")
_WESTERN_LETTERS = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœšžß")
# Where code pages 1251 and 1252 hold the same sign: quotes, dashes, § © № and the like are no guess.
_SAME_SIGNS = frozenset(
    byte
    for byte in range(0x80, 0x100)
    if bytes([byte]).decode("cp1251", "replace") == bytes([byte]).decode("cp1252", "replace") != "\ufffd"
)
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 200_000
# Code page 1251 is by far the most common, so that fewer letters will do.
_MIN_LETTERS = {"cp1251": 4, "koi8-r": 12, "cp866": 12}
_MIN_FREQUENCY = 38  # Russian text has about 57, letters in the wrong places 15 to 35
_MIN_LEAD = 1.2
_MIN_WELL_FORMED = 0.9


class Guess(NamedTuple):
    """A text and the name of the code page that it was read in."""

    text: str
    name: str


def guessed(data: bytes) -> Guess | None:
    """Give `data` as text in the one code page in which it looks like words; None where there is none."""
    high = data.translate(None, bytes(range(0x80)))
    if not high:
        return None
    if all(byte in _SAME_SIGNS for byte in set(high)):
        return Guess(data.decode(_WESTERN), _WESTERN_NAME)
    sample = data[:_SAMPLE]
    scored = sorted(((_russian_score(sample, codec), codec) for codec in _RUSSIAN), reverse=True)
    (best, codec), (second, _) = scored[:2]
    letters = sum(map(len, _high_words(sample, codec)))
    if best > 0 and best >= second * _MIN_LEAD and letters >= _MIN_LETTERS[codec]:
        return Guess(data.decode(codec, "replace"), _RUSSIAN[codec])
    if best <= 0 and _is_western(sample):
        return Guess(data.decode(_WESTERN, "replace"), _WESTERN_NAME)
    return None


def _high_words(sample: bytes, codec: str) -> list[str]:
    return [word for word in _WORD.findall(sample.decode(codec, "replace")) if not word.isascii()]


def _russian_score(sample: bytes, codec: str) -> float:
    """Give how much the words look Russian: how common their letters are on average; 0 where they are no words."""
    words = _high_words(sample, codec)
    letters = "".join(words)
    if not letters:
        return 0.0
    well_formed = sum(len(word) for word in words if _is_cyrillic_word(word))
    if well_formed < _MIN_WELL_FORMED * len(letters):
        return 0.0
    frequency = sum(_PER_MILLE.get(letter, 0) for letter in letters.lower()) / len(letters)
    if frequency < _MIN_FREQUENCY:
        return 0.0
    # Whole notes in capitals are rare: of two readings that are each other's capitals the small one is right.
    small = sum(letter.islower() for letter in letters) / len(letters)
    return frequency * (0.5 + small)


def _is_cyrillic_word(word: str) -> bool:
    if not (word.islower() or word.isupper() or word[1:].islower()):
        return False
    return all(letter in _PER_MILLE or letter in _CYRILLIC_OF_OTHERS for letter in word.lower())


def _is_western(sample: bytes) -> bool:
    words = _high_words(sample, _WESTERN)
    letters = "".join(words)
    high = sum(not letter.isascii() for letter in letters)
    good = sum(_is_western_word(word) for word in words)
    return bool(words) and high * 2 <= len(letters) and good >= _MIN_WELL_FORMED * len(words)


def _is_western_word(word: str) -> bool:
    if not all(letter in _WESTERN_LETTERS for letter in word.lower() if not letter.isascii()):
        return False
    return word.islower() or word.isupper() or word[1:].islower()
