"""Names for code, from any text: a glossary for common Russian words, transliteration for the rest."""

from __future__ import annotations

import builtins
import functools
import keyword
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from vaultc.language.glossary import ADJECTIVES, NOUNS, VERBS
from vaultc.language.stems import fold, stem
from vaultc.language.stopwords import is_stopword

Style = Literal["snake", "pascal", "constant"]

_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў",
        re.split(" ", "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya i yi ye g u"),
        strict=True,
    )
) | {"ъ": "", "ь": ""}
_SIGNS = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"}
_KEPT_WORDS = {
    "не": "not",
    "нет": "no",
    "без": "without",
    "not": "not",
    "no": "no",
    "never": "never",
    "without": "without",
}
_KEPT_WORDS |= {"никогда": "never", "ниже": "below", "выше": "above", "below": "below", "above": "above"}
_MAX_WORDS = 5
_MAX_WORD_LETTERS = 24
_LONGEST_TEXT = 2000
_TOKEN = re.compile(r"[^\W_]++(?:['\u2019][^\W\d_]{1,2}(?![^\W_]))?")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_ASCII = re.compile("[^a-z0-9]+")
_TAKEN = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | {"self", "cls"}


@dataclass(frozen=True, slots=True)
class _Entry:
    english: str
    part: str


@functools.cache
def _glossary() -> dict[str, _Entry]:
    """Give the entries by folded word and by stem. A word that stands earlier in the glossary wins."""
    table: dict[str, _Entry] = {}
    for part, entries in (("noun", NOUNS), ("verb", VERBS), ("adjective", ADJECTIVES)):
        for entry in entries.split(";"):
            russian, english = entry.split()
            table.setdefault(fold(russian), _Entry(english, part))
            table.setdefault(stem(russian), _Entry(english, part))
    return table


def _entry(word: str) -> _Entry | None:
    table = _glossary()
    return table.get(fold(word)) or table.get(stem(word))


def transliterate(text: str) -> str:
    """Give `text` in small ASCII letters and digits, by a table in the manner of passports; the rest is dropped."""
    letters: list[str] = []
    for char in text.casefold():
        if char in _LATIN:
            letters.append(_LATIN[char])
        elif char in _SIGNS:
            letters.append(_SIGNS[char])
        else:
            plain = unicodedata.normalize("NFKD", char)
            letters.extend(_LATIN.get(part, part) for part in plain)
    return _NOT_ASCII.sub("", "".join(letters))


def english_of(word: str) -> str | None:
    """Give the English name of a Russian word, as snake case, or None where the glossary has none."""
    entry = _entry(word)
    return entry.english if entry else None


@dataclass(frozen=True, slots=True)
class _Piece:
    """One word of a name: its text in code, and what kind of word of the glossary it is."""

    name: str
    is_noun: bool = False
    is_inflected: bool = False
    is_adjective: bool = False


def _piece(word: str) -> _Piece:
    folded = fold(word)
    if folded in _KEPT_WORDS:
        return _Piece(_KEPT_WORDS[folded])
    if word.isascii():
        return _Piece("_".join(_HUMP.sub(" ", word.replace("'", "")).lower().split()))
    entry = _entry(word)
    if entry is None:
        return _Piece(transliterate(word))
    is_noun = entry.part == "noun"
    bare = _glossary().get(folded)
    return _Piece(entry.english, is_noun, is_noun and bare is None, entry.part == "adjective")


def _in_english_order(pieces: list[_Piece]) -> list[str]:
    """Turn «датчик влажности почвы» round: what stands in the genitive behind a noun comes before it in English."""
    ordered: list[str] = []
    at = 0
    while at < len(pieces):
        end = at + 1
        if pieces[at].is_noun:
            while end < len(pieces) and pieces[end].is_inflected:
                end += 1
        ordered.extend(piece.name for piece in reversed(pieces[at:end]))
        at = end
    return ordered


def _pieces(text: str) -> list[_Piece]:
    """Give the content words of `text`; all of its words where nothing else is left."""
    found = [match.group() for match in _TOKEN.finditer(unicodedata.normalize("NFC", text[:_LONGEST_TEXT]))]
    kept = [word for word in found if fold(word) in _KEPT_WORDS or not is_stopword(word)]
    return [piece for piece in map(_piece, kept or found) if piece.name][:_MAX_WORDS]


def code_name(text: str, style: Style = "snake") -> str:
    """Give an ASCII Python identifier for `text`: at most five words, never a keyword or a builtin.

    Function words are dropped, negations stay; Russian words are named in English where the glossary knows
    them and transliterated elsewhere. The same text always gives the same name. `style` is "snake", "pascal"
    or "constant".
    """
    parts = [part for name in _in_english_order(_pieces(text)) for part in name.split("_") if part]
    parts = [part[:_MAX_WORD_LETTERS] for part in parts[:_MAX_WORDS]] or ["item"]
    if parts[0][0].isdigit():
        parts[0] = f"n{parts[0]}"
    if style == "pascal":
        name = "".join(part[:1].upper() + part[1:] for part in parts)
    elif style == "constant":
        name = "_".join(parts).upper()
    else:
        name = "_".join(parts)
    return f"{name}_" if name in _TAKEN else name
