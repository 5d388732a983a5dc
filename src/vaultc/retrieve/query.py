"""Query parsing: the stems of a question, its quoted phrases, the words that carry them."""

from __future__ import annotations

from dataclasses import dataclass

from vaultc.language.stems import content_stems, fold, stem, stems, words
from vaultc.language.units import unit_of

# Opening mark to closing mark; the straight one closes itself.
_QUOTES = {'"': '"', "«": "»", "“": "”", "„": "“"}
_SHORTEST_UNIT = 3  # shorter forms are also words, and stand in notes as they are asked
# How a unit stands in notes, as one word each. What is also another word («в», «с», "a", "in") is left out.
_WRITTEN = {
    "W": "вт w ватт watt", "kW": "квт kw киловатт kilowatt", "kWh": "kwh квтч", "V": "v вольт volt",
    "l": "л l литр litre liter", "ml": "мл ml миллилитр", "kg": "кг kg килограмм kilogram", "g": "г g грамм gram",
    "m": "м m метр metre meter", "cm": "см cm сантиметр", "mm": "мм mm миллиметр", "km": "км km километр",
    "min": "мин min минута minute", "s": "сек s секунда second", "h": "ч h час hour", "day": "день сутки day",
    "°C": "c градус degree", "EUR": "eur евро euro", "USD": "usd доллар dollar", "RUB": "руб rub рубль",
}  # fmt: skip
_LONGEST = 2_000  # code points that are read of a question; a pasted note is not one


@dataclass(frozen=True, slots=True)
class Query:
    """A question: its text, the stems asked for (repeated ones repeat), phrases as written and as stems.

    `forms` gives the words as asked by stem, for the reasons.
    """

    text: str
    stems: tuple[str, ...]
    phrases: tuple[str, ...]
    phrase_stems: tuple[tuple[str, ...], ...]
    forms: dict[str, str]


def parse_query(text: str) -> Query:
    """Read a question. Words in "…" or «…» are also asked for side by side."""
    text = text[:_LONGEST]
    # A question of nothing but stopwords («что это») is asked by them.
    asked = content_stems(text) or stems(text)
    asked = [*asked, *unit_stems(text)]
    phrases = tuple(phrase for phrase in _quoted(text) if len(stems(phrase)) > 1)
    forms = {stem(word.text): word.text for word in words(text)}
    return Query(text, tuple(asked), phrases, tuple(tuple(stems(phrase)) for phrase in phrases), forms)


def unit_stems(text: str) -> list[str]:
    """Give the stems by which notes write the units that `text` asks for: of «ватт» вт, w, watt."""
    found: dict[str, None] = {}
    asked = set(stems(text))
    for word in words(text):
        unit = unit_of(fold(word.text)) if len(word.text) >= _SHORTEST_UNIT else None
        for form in _WRITTEN.get(unit.name, "").split() if unit is not None else ():
            if stem(form) not in asked:
                found[stem(form)] = None
    return list(found)


def _quoted(text: str) -> list[str]:
    """Give what stands between quotation marks, left to right, not nested."""
    found: list[str] = []
    unclosed: set[str] = set()
    at = 0
    while at < len(text):
        is_inside = text[at] == '"' and at > 0 and text[at - 1].isalnum()  # 5" is a length
        close = None if is_inside else _QUOTES.get(text[at])
        end = -1 if close is None or close in unclosed else text.find(close, at + 1)
        if end >= 0:
            found.append(text[at + 1 : end])
            at = end
        elif close is not None:
            unclosed.add(close)  # there is none further on either
        at += 1
    return found
