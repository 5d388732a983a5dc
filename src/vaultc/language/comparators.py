"""Words and signs that make a number a bound or a guess: "at most", «не менее», ≤, about, ~."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vaultc.language.lexicon import phrases

_AT_MOST, _AT_LEAST, _LESS, _MORE = "<=", ">=", "<", ">"

_PHRASES = {
    tuple(phrase.split()): sign
    for category, sign in (("at_most", _AT_MOST), ("at_least", _AT_LEAST), ("less", _LESS), ("more", _MORE))
    for phrase in phrases("bounds", category)
}
_LONGEST_PHRASE = max(map(len, _PHRASES))
_ROUGH = phrases("bounds", "rough")
_FILLERS = phrases("bounds", "fillers")
_SIGNS = {"<=": _AT_MOST, "≤": _AT_MOST, "=<": _AT_MOST, "⩽": _AT_MOST, ">=": _AT_LEAST, "≥": _AT_LEAST}
_SIGNS |= {"⩾": _AT_LEAST, "<": _LESS, ">": _MORE}
_TOKEN = re.compile(r"[^\W\d]++(?:-[^\W\d]++)*+|[<>=]{1,2}|[≤≥⩽⩾~≈:—–-]|[.,;!?()\d\n]")
_LOOK_BACK = 64
# A tag and an arrow are signs of writing, and compare nothing.
_MARKUP = re.compile(r"</?[a-zA-Z][^<>\n]{0,60}>|(?:-{1,2}|=|~)>|<-{1,2}(?=\s)")
# "at least once every 10 minutes" bounds the interval from above: the sense turns round.
_ONCE_EVERY = re.compile(
    r"(?:раза?[ \u00a0](?:в|за)|once[ \u00a0](?:every|in|per)|(?<!once )every|кажды[ех])[ \u00a0]$", re.IGNORECASE
)
_TURNED = {_AT_MOST: _AT_LEAST, _AT_LEAST: _AT_MOST, _LESS: _MORE, _MORE: _LESS}
_BEHIND = re.compile(
    r"[ \u00a0]?(?:(?P<plus>\+)(?![\w])"
    r"|[,(]?[ \u00a0]?(?P<most>max(?:imum)?|at most|tops|максимум|макс|maximally|or less|or fewer|or below|or under"
    r"|(?:и|или) (?:менее|меньше|ниже)|не более|не больше)(?!\w)"
    r"|[,(]?[ \u00a0]?(?P<least>min(?:imum)?|at least|or more|or above|or higher|and more|and above"
    r"|минимум|(?:и|или) (?:более|больше|выше|старше)|не менее|не меньше)(?!\w)"
    r"|(?P<rough>or so|или около того|примерно|approximately)(?!\w))(?![ \u00a0]?\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparator ("<=", "<", ">=", ">" or None), whether the number is a guess, and where the words stand."""

    comparator: str | None
    is_rough: bool
    start: int
    end: int


def _sign_before(tokens: list[str]) -> tuple[str | None, int]:
    """Give the comparator at the end of `tokens` and how many of them it takes."""
    if tokens and tokens[-1] in _SIGNS:
        return _SIGNS[tokens[-1]], 1
    for length in range(min(_LONGEST_PHRASE, len(tokens)), 0, -1):
        sign = _PHRASES.get(tuple(tokens[-length:]))
        if sign:
            return sign, length
    return None, 0


def _blanks(match: re.Match[str]) -> str:
    """Give what stands for markup: blanks for a tag, an end of what belongs together for an arrow."""
    return (
        " " * len(match.group())
        if match.group()[-2:-1].isalpha() or len(match.group()) > 3
        else "." * len(match.group())
    )


def bound_before(text: str, start: int, floor: int = 0) -> Bound:
    """Read the words before the number that begins at `start`, none of them before `floor`."""
    base = max(0, start - _LOOK_BACK, min(floor, start))
    window = _MARKUP.sub(_blanks, text[base:start])
    turned = _ONCE_EVERY.search(window)
    if turned:
        window = window[: turned.start()].rstrip()
        for word in ("одного", "одно", "один", "чем"):
            window = window.removesuffix(word).rstrip()
    matches = list(_TOKEN.finditer(window))
    tokens = [match.group().casefold().replace("ё", "е") for match in matches]
    is_rough = False
    begin = start
    while tokens:
        sign, length = _sign_before(tokens)
        if sign:
            return Bound(
                _TURNED[sign] if turned else sign, is_rough, base + matches[len(tokens) - length].start(), start
            )
        if tokens[-1] in _ROUGH:
            is_rough, begin = True, base + matches[len(tokens) - 1].start()
        elif tokens[-1] not in _FILLERS and not (tokens[-1] == "." and tokens[-2:-1] in (["макс"], ["мин"], ["ок"])):
            break
        tokens.pop()
    return Bound(None, is_rough, begin, start)


def bound_behind(text: str, end: int) -> Bound | None:
    """Read the words behind a quantity that ends at `end`: "5 max", «5 и более», "5+"."""
    match = _BEHIND.match(text, end)
    if match is None:
        return None
    if match.group("rough"):
        return Bound(None, True, match.start(), match.end())
    return Bound(_AT_MOST if match.group("most") else _AT_LEAST, False, match.start(), match.end())
