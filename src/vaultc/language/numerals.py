"""Numbers as written: digits with either decimal sign and thousands, fractions, and number words."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BLANK = " \u00a0\u202f\u2009"
_DIGITS = re.compile(rf"\d++(?:[.,]\d++|[{_BLANK}]\d{{3}}(?!\d))*+")
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 0.125, "⅕": 0.2}
_SLASH = re.compile(r"/(\d{1,2})(?![\d/.,]\d|\d|/)")
_MIXED = re.compile(rf"[{_BLANK}](\d)/(\d{{1,2}})(?![\d/])")
_SPLIT = re.compile("[.,]")
_LONGEST = 30
_CYRILLIC = re.compile("[\u0400-\u04ff]")

_WORDS = {
    0: "zero ноль нуль",
    1: "one один одна одно одного одной одному одним одну",
    2: "two два две двух двум двумя twice дважды",
    3: "three три трех трем тремя thrice трижды",
    4: "four четыре четырех четырем",
    5: "five пять пяти пятью",
    6: "six шесть шести шестью",
    7: "seven семь семи семью",
    8: "eight восемь восьми",
    9: "nine девять девяти",
    10: "ten десять десяти",
    11: "eleven одиннадцать одиннадцати",
    12: "twelve двенадцать двенадцати dozen дюжина дюжину дюжины",
    13: "thirteen тринадцать",
    14: "fourteen четырнадцать",
    15: "fifteen пятнадцать пятнадцати",
    16: "sixteen шестнадцать",
    17: "seventeen семнадцать",
    18: "eighteen восемнадцать",
    19: "nineteen девятнадцать",
    20: "twenty двадцать двадцати",
    30: "thirty тридцать тридцати",
    40: "forty сорок сорока",
    50: "fifty пятьдесят пятидесяти",
    60: "sixty шестьдесят шестидесяти",
    70: "seventy семьдесят",
    80: "eighty восемьдесят",
    90: "ninety девяносто",
    100: "hundred сто ста",
    200: "двести двухсот",
    300: "триста трехсот",
    400: "четыреста",
    500: "пятьсот пятисот",
    600: "шестьсот",
    700: "семьсот",
    800: "восемьсот",
    900: "девятьсот",
    1000: "thousand тысяча тысячи тысяч тысячу",
    1e6: "million миллион миллиона миллионов",
    1e9: "billion миллиард миллиарда миллиардов",
    1.5: "полтора полторы полутора",
    0.5: "half половина половину",
}
_VALUES = {form: float(value) for value, forms in _WORDS.items() for form in forms.split()}
_VALUES |= {"once": 1.0, "однажды": 1.0}
_ROUGH = {"пара": 2.0, "пару": 2.0, "пары": 2.0, "couple": 2.0, "десяток": 10.0, "десятка": 10.0, "сотня": 100.0}
_VALUES |= _ROUGH
_TIMES = frozenset({"once", "twice", "thrice", "дважды", "трижды"})
_NUMBER_WORD = re.compile(
    r"(?<!\w)(?:" + "|".join(sorted(_VALUES, key=len, reverse=True)).replace("е", "[её]") + r")(?!\w)",
    re.IGNORECASE,
)
_JOIN = re.compile(rf"[{_BLANK}-]")
_AND_HALF = re.compile(rf"[{_BLANK}](?:and a half|с половиной)(?!\w)", re.IGNORECASE)
_SCALES = {
    "тыс": 1e3, "тысяч": 1e3, "тысячи": 1e3, "тысяча": 1e3, "тысячу": 1e3, "thousand": 1e3, "млн": 1e6, "million": 1e6,
    "миллион": 1e6, "миллиона": 1e6, "миллионов": 1e6, "mln": 1e6, "млрд": 1e9, "миллиард": 1e9, "миллиарда": 1e9,
    "миллиардов": 1e9, "billion": 1e9, "bn": 1e9,
}  # fmt: skip
_SCALE = re.compile(
    rf"[{_BLANK}]?(?P<word>" + "|".join(sorted(_SCALES, key=len, reverse=True)) + r")(?!\w)\.?", re.IGNORECASE
)
_LETTER_SCALE = re.compile(r"(?P<letter>[kKкКM])(?![\w])")


_SIGN_OF_NUMBER = re.compile(r"\d|[½¼¾⅓⅔⅛⅕]")
_LETTERS = re.compile(r"[^\W\d_]+")
_PLAIN_VALUES = frozenset(_VALUES)


def may_hold_number(text: str) -> bool:
    """Tell in one cheap look whether a number may stand in `text`: a digit, a number word, «раз», «пол…»."""
    if _SIGN_OF_NUMBER.search(text):
        return True
    plain = text.lower().replace("ё", "е")
    if "раз" in plain or "пол" in plain or "half" in plain:
        return True
    return not _PLAIN_VALUES.isdisjoint(_LETTERS.findall(plain))


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number at `[start, end)`. `is_times` tells of "twice", `is_word` that no digit is in it."""

    value: float
    start: int
    end: int
    is_word: bool = False
    is_rough: bool = False
    is_times: bool = False


def _plain(raw: str, is_russian: bool) -> float | None:
    """Read digits with `.` and `,`: decimals, thousands, both; None for a version, a date or a list."""
    parts = _SPLIT.split(raw)
    signs = _SPLIT.findall(raw)
    if not signs:
        return float(raw)
    in_threes = 1 <= len(parts[0]) <= 3 and parts[0][0] != "0" and all(len(part) == 3 for part in parts[1:])
    if len(signs) == 1:
        if signs[0] == "," and in_threes and not is_russian:
            return float("".join(parts))
        return float(".".join(parts))
    if len(set(signs)) == 1:
        return float("".join(parts)) if in_threes else None
    whole = parts[:-1]
    grouped = 1 <= len(whole[0]) <= 3 and all(len(part) == 3 for part in whole[1:])
    return float("".join(whole) + "." + parts[-1]) if grouped and signs[-1] not in signs[:-1] else None


def _spaced(raw: str) -> str:
    """Give `raw` up to the first blank that separates no thousands."""
    groups = re.split(f"[{_BLANK}]", raw)
    if len(groups) > 1 and (len(groups[0]) > 3 or groups[0][0] == "0" or not groups[0].isdigit()):
        return groups[0]
    for at, group in enumerate(groups[1:], 1):
        if not group.isdigit():
            return raw[: sum(map(len, groups[: at + 1])) + at]
    return raw


def _digits(text: str, match: re.Match[str]) -> Numeral | None:
    """Read the digits of `match` and a fraction behind them; None where they are no number."""
    start = match.start()
    raw = _spaced(match.group()[:200])
    end = start + len(raw)
    if len(raw) > _LONGEST:
        return None
    is_russian = _CYRILLIC.search(text, max(0, start - 40), min(len(text), match.end() + 40)) is not None
    value = _plain(re.sub(f"[{_BLANK}]", "", raw), is_russian)
    if value is None:
        return None
    if text[end : end + 1] in _FRACTIONS:
        return Numeral(value + _FRACTIONS[text[end]], start, end + 1)
    slash = _SLASH.match(text, end)
    if slash and raw.isdigit() and 0 < int(raw) < int(slash.group(1)) <= 16:
        return Numeral(int(raw) / int(slash.group(1)), start, slash.end())
    mixed = _MIXED.match(text, end)
    if mixed and raw.isdigit() and 0 < int(mixed.group(1)) < int(mixed.group(2)) <= 16:
        return Numeral(value + int(mixed.group(1)) / int(mixed.group(2)), start, mixed.end())
    half = _AND_HALF.match(text, end)
    return Numeral(value + 0.5, start, half.end()) if half else Numeral(value, start, end)


def scaled(text: str, numeral: Numeral, is_money: bool) -> Numeral:
    """Give `numeral` with the thousands or millions written behind it; a lone M counts for money only."""
    match = _SCALE.match(text, numeral.end)
    if match:
        factor = _SCALES[match.group("word").casefold()]
    else:
        match = _LETTER_SCALE.match(text, numeral.end)
        if match is None or (match.group("letter") == "M" and not is_money):
            return numeral
        factor = 1e6 if match.group("letter") == "M" else 1e3
    return Numeral(numeral.value * factor, numeral.start, match.end(), numeral.is_word, numeral.is_rough)


def _joined(text: str, run: list[re.Match[str]]) -> Numeral:
    """Read neighbouring number words as one number: «двадцать пять», "two hundred", "half a dozen"."""
    total = current = 0.0
    for match in run:
        value = _VALUES[match.group().casefold().replace("ё", "е")]
        if value >= 1000:
            total, current = total + (current or 1.0) * value, 0.0
        elif value == 100 and match.group().casefold() == "hundred":
            current = (current or 1.0) * value
        else:
            current += value
    first = run[0].group().casefold()
    end = run[-1].end()
    half = _AND_HALF.match(text, end)
    value, end = (total + current + 0.5, half.end()) if half else (total + current, end)
    return Numeral(value, run[0].start(), end, True, first in _ROUGH, first in _TIMES)


def _goes_on(text: str, last: re.Match[str], following: re.Match[str]) -> bool:
    """Tell whether two number words make one number: one sign apart, and the second smaller or a multiplier."""
    if following.start() - last.end() != 1 or not _JOIN.match(text, last.end()):
        return False
    before, after = (_VALUES[match.group().casefold().replace("ё", "е")] for match in (last, following))
    return after >= 1000 > before or (after == 100 and before < 10) or (before >= 20 and 1 <= after < before)


def _number_words(text: str) -> list[Numeral]:
    found: list[Numeral] = []
    run: list[re.Match[str]] = []
    for match in _NUMBER_WORD.finditer(text):
        if run and not _goes_on(text, run[-1], match):
            found.append(_joined(text, run))
            run = []
        if run or text[max(0, match.start() - 1) : match.start()] not in ("-", "\u2011"):
            run.append(match)
    if run:
        found.append(_joined(text, run))
    return found


def numerals(text: str) -> list[Numeral]:
    """Give the numbers of `text` in order, in digits and in words."""
    found = _number_words(text)
    at = 0
    while match := _DIGITS.search(text, at):
        numeral = _digits(text, match)
        if numeral:
            found.append(numeral)
        # Digits behind a blank that separated no thousands are read again, once: they are a number of their own.
        at = max(numeral.end if numeral else match.end(), match.start() + 1)
    found.extend(
        Numeral(_FRACTIONS[char], at, at + 1)
        for at, char in enumerate(text)
        if char in _FRACTIONS and not text[at - 1 : at].isdigit()
    )
    return sorted(found, key=lambda numeral: numeral.start)
