"""Where sentences begin and end, in Russian and English notes. One pass, bounded looks to either side."""

from __future__ import annotations

import bisect
import re

from vaultc.language.abbreviations import BEFORE_NAME, BEFORE_NUMBER, MAY_END, NEVER_END
from vaultc.language.form import Pos
from vaultc.language.morphology import analyse
from vaultc.language.stopwords import is_stopword
from vaultc.language.tagging import tokens

# It starts with a set of characters, the search for which is quick; the two of `\r\n` are one.
_STOP = re.compile(r"[.!?\u2026\r\n](?:(?<=[.!?\u2026])[.!?\u2026]*|(?<=\r)\n?|(?<=\n))")
_CLOSERS = "\"'\u00bb\u201d\u201c\u2019)]}*_~=`"
_OPENERS = "\"'\u00ab\u201c\u201e\u2018([{*_~=`"
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,40}\]")
_BLANKS = re.compile(r"[^\S\r\n]*+")
# A line that begins something of its own: list item, heading, table row, quote of a callout, fence, rule.
_LINE_MARK = re.compile(
    r"(?:[ \t]{0,40}>[ \t]?){0,8}[ \t]{0,40}"
    r"(?:[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|\||\[!|```|~~~|(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]*(?:[\r\n]|$))"
)
_HEADING = re.compile(r"(?:[ \t]{0,40}>[ \t]?){0,8}[ \t]{0,3}#{1,6}[ \t]")
_HEADING_STARTS = frozenset(" \t>#")
_EMPTY_LINE = re.compile(r"[ \t\u00a0>]*+(?:[\r\n]|$)")
# Bounded and with no way to read an opening mark twice: linear. A stop inside these ends nothing.
_SHIELD = re.compile(r"\[\[[^\[\]\n]{1,400}\]\]|`[^`\n]{1,400}`|\]\([^()\n]{1,400}\)")
_LIST_NUMBER = re.compile(r"(?:^|[\r\n])[ \t>]{0,40}(?:[-*+][ \t]{1,4})?\d{1,9}$")
_FIRST_WORD = re.compile(r"[^\W\d_]{2,20}(?![\w.])")
_LAST_WORD = re.compile(r"[^\W\d_]{1,24}$")
_LONG_LINE = 60
_LOOK_BACK = 24
_OPEN_ENDED = frozenset({Pos.PREPOSITION, Pos.DETERMINER, Pos.COORDINATOR, Pos.SUBORDINATOR, Pos.MODAL})
_VOWELS = "аеиоуыэюяйь"
_LONG_WORD = 9


_BEGUN = re.compile(r"[^\W\d_]{2}[.!?][ \u00a0](?=([^\W\d_]))")
_ENOUGH_BEGUN = 3
_MOSTLY = 0.75


class _Scan:
    """A text and the ranges in which a stop ends nothing."""

    def __init__(self, text: str) -> None:
        self.text = text
        shields = [match.span() for match in _SHIELD.finditer(text)]
        self._starts = [start for start, _ in shields]
        self._ends = [end for _, end in shields]
        begun = [match.group(1).islower() for match in _BEGUN.finditer(text)]
        # A note written without capitals: a small letter begins its sentences.
        self.is_uncapped = len(begun) >= _ENOUGH_BEGUN and sum(begun) > len(begun) * _MOSTLY

    def is_shielded(self, offset: int) -> bool:
        at = bisect.bisect_right(self._starts, offset) - 1
        return at >= 0 and offset < self._ends[at]


def _word_before(text: str, end: int) -> str:
    """Give the run of letters, digits, inner dots and dashes that ends at `end`, at most 24 long."""
    start = end
    while start > 0 and end - start < _LOOK_BACK and (text[start - 1].isalnum() or text[start - 1] in ".-"):
        start -= 1
    return text[start:end]


def _breaks_line(text: str, start: int, end: int, line_start: int) -> bool:
    """Tell whether the line end `[start, end)` ends a sentence; `line_start` is where its line begins."""
    ahead = text[end : end + 1]
    if not ahead.isalpha() and (_EMPTY_LINE.match(text, end) or _LINE_MARK.match(text, end)):
        return True
    if text[line_start : line_start + 1] in _HEADING_STARTS and _HEADING.match(text, line_start):
        return True
    blanks = _BLANKS.match(text, end)
    follows = text[blanks.end() : blanks.end() + 1] if blanks else ""
    is_short = start - line_start < _LONG_LINE or text[start - 2 : start] == "  "
    before = text[line_start:start].rstrip()[-1:]
    if before == ":" and is_short:
        return True
    is_new = is_short and (follows.isupper() or follows.isdigit()) and before not in ",;-\u2013\u2014(«&+/"
    return is_new and not _goes_over(text[line_start:start].rstrip(), text, blanks.end() if blanks else end)


def _goes_over(line: str, text: str, ahead: int) -> bool:
    """Tell whether a sentence goes on in the next line: a line does not end with "of the", a sentence not begin so.

    A line that ends with a verb goes over to a number: "must show" + "5 lines".
    """
    last = _LAST_WORD.search(line)
    first = _FIRST_WORD.match(text, ahead)
    if first is not None and first.group().isupper() and analyse(first.group())[0].pos is Pos.MODAL:
        return True  # "MUST"
    if last is None:
        return False
    if analyse(last.group())[0].pos in _OPEN_ENDED:
        return True
    return text[ahead : ahead + 1].isdigit() and tokens(line[-_LONG_LINE:])[-1].form.pos is Pos.VERB


def _is_abbreviation(plain: str) -> bool:
    return len(plain) == 1 or any(plain in known for known in (MAY_END, NEVER_END, BEFORE_NAME, BEFORE_NUMBER))


def _ends_with_lower(word: str) -> bool:
    """Tell whether a full stop after `word` ends a sentence although a small letter follows."""
    plain = word.casefold().replace("ё", "е")
    if not plain.isalpha() or _is_abbreviation(plain):
        return False
    if "а" <= plain[-1] <= "я":
        is_verb = len(plain) >= 4 and plain[-1] == "л"
        return len(plain) >= 3 and (plain[-1] in _VOWELS or is_verb or len(plain) >= _LONG_WORD)
    return len(plain) >= 4 and plain.isascii()


def _is_single(word: str) -> bool:
    return len(word) == 1 and word.isalpha()


def _ends_after_single(text: str, word: str, start: int, ahead: int) -> bool:
    """Judge a stop after one letter: an initial, «т. е.», «и т. д.», a unit. What follows begins at `ahead`.

    A capital is an initial but behind a number, where it is a unit, and before a word that is no part of a name.
    """
    before = text[max(0, start - 4) : start].rstrip().casefold()
    follows = text[ahead : ahead + 1]
    if word.isupper():
        following = _FIRST_WORD.match(text, ahead)
        return word == "I" or before[-1:].isdigit() or (following is not None and is_stopword(following.group()))
    if word == "т" or (before.endswith("т.") and word in "екчн"):
        return False
    if word == "г" and not before[-1:].isdigit():
        return False  # г. Москва
    return not follows.isdigit() or before.endswith("т.")


def _ends_at_dot(text: str, at: int, ahead: int, follows: str, is_set_off: bool) -> bool:
    """Judge a single full stop at `at` that is followed by blanks up to `ahead` and then by `follows`.

    `is_set_off` tells that what follows begins a line, a quotation or a bracket.
    """
    word = _word_before(text, at)
    start = at - len(word)
    word = word.lstrip(".-")
    plain = word.casefold().replace("ё", "е")
    if not word:
        return not follows.islower()
    if word.isdigit() and _LIST_NUMBER.search(text[max(0, start - 50) : at]):
        return False
    if follows.islower():
        return (is_set_off and word.isalpha() and not _is_abbreviation(plain)) or _ends_with_lower(word)
    if _is_single(word):
        return _ends_after_single(text, word, start, ahead)
    if plain in NEVER_END or (plain in BEFORE_NAME and (follows.isupper() or follows.isdigit())):
        return False
    return not (plain in BEFORE_NUMBER and (follows.isdigit() or follows in "№#"))


def _after_closers(text: str, end: int) -> int:
    """Give the offset behind the closing marks and footnote marks that stand at `end`."""
    while end < len(text):
        footnote = _FOOTNOTE.match(text, end)
        if footnote:
            end = footnote.end()
        elif text[end] in _CLOSERS:
            end += 1
        else:
            return end
    return end


def _next_visible(text: str, start: int) -> tuple[str, bool]:
    """Give the first letter or sign after the blanks and opening marks at `start`, and whether a mark opens."""
    opens = False
    for char in text[start : start + 12]:
        if char.isspace():
            continue
        if char in _OPENERS:
            opens = True
            continue
        return char, opens
    return "", opens


def _glued(text: str, at: int, end: int) -> bool:
    """Tell whether a full stop without a blank after it still ends a sentence: «сделал.Потом»."""
    before, after = text[max(0, at - 3) : at], text[end : end + 2]
    return (
        len(before) == 3
        and len(after) == 2
        and all("а" <= char <= "ё" for char in before)
        and "А" <= after[0] <= "Я"
        and "а" <= after[1] <= "ё"
    )


def _ends_at_stop(scan: _Scan, start: int, end: int) -> int | None:
    """Give where the sentence ends whose stop stands at `[start, end)`, or None where it goes on."""
    text = scan.text
    if scan.is_shielded(start):
        return None
    close = _after_closers(text, end)
    if close < len(text) and not text[close].isspace():
        return end if close == end and text[start:end] == "." and _glued(text, start, end) else None
    blanks = _BLANKS.match(text, close)
    ahead = blanks.end() if blanks else close
    follows, opens = _next_visible(text, ahead)
    if follows == "":
        return close
    if follows == "|":
        return None  # the next cell of a table
    if text[start:end] == ".":
        is_set_off = opens or text[ahead] in "\r\n"
        is_set_off = is_set_off or scan.is_uncapped
        return close if _ends_at_dot(text, start, ahead, follows, is_set_off) else None
    if follows in "\u2014\u2013-" and close > end:
        return None  # «Стой!» — сказал он
    if follows.islower() and (close > end or text[start:end].strip(".\u2026") == ""):
        return None
    return close


def _cuts(text: str) -> list[int]:
    scan = _Scan(text)
    cuts: list[int] = []
    line_start = done = 0
    for match in _STOP.finditer(text):
        start, end = match.span()
        if text[start] in "\r\n":
            if _breaks_line(text, start, end, line_start):
                cuts.append(end)
            line_start = end
        elif start >= done:
            cut = _ends_at_stop(scan, start, end)
            if cut is not None:
                cuts.append(cut)
                done = cut
    return cuts


def sentences(text: str) -> list[tuple[int, int]]:
    """Give the `(start, end)` of each sentence of `text` in order.

    Together they cover every visible character; none begins or ends with a blank. A blank line ends a
    sentence, a list mark, heading or table row begins one. Linear in the length of `text`.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for cut in [*_cuts(text), len(text)]:
        if cut <= start:
            continue
        piece = text[start:cut]
        inner = piece.strip()
        if inner:
            begin = start + len(piece) - len(piece.lstrip())
            found.append((begin, begin + len(inner)))
        start = cut
    return found
