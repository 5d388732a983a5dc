"""Words and signs that make a number a bound or a guess: "at most", «не менее», ≤, about, ~."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vaultc.language.lexicon import listed

_AT_MOST, _AT_LEAST, _LESS, _MORE = "<=", ">=", "<", ">"

# Folded words as they stand before the number, longest first when read.
_BEFORE = {
    _AT_MOST: (
        "не более", "не больше", "не свыше", "не выше", "не дольше", "не длиннее", "не позже", "не позднее", "не чаще",
        "не старше", "не дороже", "не тяжелее", "не шире", "не глубже", "не дальше",
        "не превышает", "не превышают", "не превышать", "не должно превышать", "не должен превышать",
        "не должна превышать", "не должны превышать", "не превышающий", "не превышая", "до", "вплоть до", "максимум",
        "макс", "максимально", "максимум до", "в пределах", "в течение", "лимит", "предел",
        "at most", "no more than", "not more than", "no greater than", "not greater than", "no longer than",
        "not longer than", "no higher than", "no larger than", "no bigger than", "no later than", "not exceed",
        "not exceeding", "not to exceed", "never exceed", "never exceeds", "not exceeds", "never more than",
        "up to", "maximum", "maximum of", "a maximum of", "max", "max of", "within", "limited to", "capped at",
        "limit of", "no older than", "not over", "not above",
    ),
    _AT_LEAST: (
        "не менее", "не меньше", "не ниже", "не реже", "не короче", "не раньше", "не младше", "не дешевле", "не легче",
        "не уже", "минимум", "мин", "минимально", "как минимум", "хотя бы", "по меньшей мере", "по крайней мере",
        "от", "начиная с", "начиная от",
        "at least", "no less than", "not less than", "no fewer than", "not fewer than", "no lower than",
        "no shorter than", "no earlier than", "not below", "not under", "minimum", "minimum of", "a minimum of", "min",
        "from", "starting from", "never below", "never less than",
    ),
    _LESS: (
        "менее", "меньше", "ниже", "короче", "дешевле", "раньше", "реже", "моложе", "легче", "under", "below",
        "less than", "fewer than", "lower than", "shorter than", "smaller than", "cheaper than", "younger than",
        "falls below", "drops below",
    ),
    _MORE: (
        "более", "больше", "свыше", "выше", "старше", "дольше", "длиннее", "дороже", "тяжелее", "чаще", "позже",
        "превышает", "превысит", "превысила", "превысило", "превышать", "over", "above", "more than", "greater than",
        "longer than", "higher than", "larger than", "bigger than", "exceeds", "exceed", "exceeding", "older than",
        "beyond",
    ),
}  # fmt: skip
_PHRASES = {tuple(phrase.split()): sign for sign, phrases in _BEFORE.items() for phrase in phrases}
_LONGEST_PHRASE = max(map(len, _PHRASES))
_ROUGH = listed(
    """
    около примерно приблизительно порядка где-то почти ориентировочно прибл ок
    about around roughly approximately approx circa nearly almost some ~ ≈
    """
)
_FILLERS = frozenset(
    {"чем", "на", "в", "the", "a", "an", "than", "to", "is", "of", "-", "—", "–", "=", ":", "это", "за"}
)
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
    return " " * len(match.group()) if match.group()[-2:-1].isalpha() or len(match.group()) > 3 else "." * len(match.group())


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
