"""Mojibake: UTF-8 that somebody once read as another code page («Мне» → `–ú–Ω–µ`), recognised and put right.

The only importer of ftfy, which knows how such text looks and how tolerant programs read code pages; nothing else of
it is used. What is looked at is a run: code points outside ASCII that stand side by side, for every byte of a
multi-byte letter becomes one of them. A run is put right only where all of it turns back into UTF-8 without a rest.
Chance does that to short runs, so those count only beside longer ones of the same code page, or where ftfy finds the
word bad as well. It is better to leave mojibake than to spoil words.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.origin import OriginBuilder
from vaultc.core.rules import MOJIBAKE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vaultc.core.origin import Origin
    from vaultc.core.source import Source

_NAMES = {
    "sloppy-windows-1252": "code page 1252",
    "latin-1": "Latin-1",
    "sloppy-windows-1251": "code page 1251",
    "macroman": "Mac Roman",
    "cp437": "code page 437",
    "cp866": "code page 866",
}
# First bytes of the letters of two bytes that European texts hold, and of signs and letters of three and four.
_TWO = bytes((0xC2, 0xC3, 0xC4, 0xC5, 0xCE, 0xCF, 0xD0, 0xD1, 0xD2))
_THREE = bytes((*range(0xE2, 0xEA), 0xEF))
MAX_TEXT = 2_000_000
_KEPT = 4_096
_LONG_WORD = 200  # a longer run hardly comes again, and is not kept
_MAX_PASSES = 3
_STRONG_LETTERS = 3
_SURE_WIDTH = 3
_MIN_WEAK = 2
_LATIN_PAGES = ("sloppy-windows-1252", "latin-1")
_RUN = re.compile(r"[^\x00-\x7f]+")
_QUOTED = re.compile("(?=[«“„‹]|.*[»”“›]\\Z)[«“„‹]{0,2}(.+?)[»”“›]{0,2}", re.DOTALL)
_SHOWN = 40


_Pages = tuple[str, ...]
"""Code pages that text was read as, the last one first."""


class _Run(NamedTuple):
    """A run and what it says: `right` has a letter for each of `widths`, which count code points of the run."""

    start: int
    end: int
    pages: _Pages
    right: str
    widths: tuple[int, ...]

    @property
    def is_strong(self) -> bool:
        """Tell whether the run is so long that chance does not make it turn back into a word."""
        letters = "".join(letter for letter in self.right if letter.isalpha())
        return len(self.right) >= _STRONG_LETTERS and _is_word(letters, _STRONG_LETTERS - 1)


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text put right, where it stands in the file, and what was found: how often, and the first place."""

    text: str
    origin: Origin
    count: int
    read_as: str
    first: tuple[int, int]
    spoilt: str
    right: str


def _letters(page: str, data: bytes) -> str:
    return "".join(bytes([byte]).decode(page, "ignore") for byte in data)


class _Hint(NamedTuple):
    """What mojibake of one kind looks like: one of `leads` is in the text, and the pattern is found there."""

    leads: str
    pattern: re.Pattern[str]


def _hint(page: str, leads: bytes, rests: int, times: int = 1, more: str = "") -> _Hint:
    """Give the hint for letters whose first byte is one of `leads` and that have `rests` more bytes."""
    first = _letters(page, leads)
    rest = re.escape(_letters(page, bytes(range(0x80, 0xC0))) + more)
    return _Hint(first, re.compile(f"[{re.escape(first)}][{rest}]{{{rests}}}" * times))


@functools.cache  # patterns of many letters: a search that meets no odd text does without them
def _hints() -> tuple[_Hint, ...]:
    """Give all hints.

    Each pattern starts with a set of characters: the search for that is quick. Where the first byte of a letter reads
    as a letter or sign that is common, only two letters side by side are a hint: «СССР», — “this” and √π are none.
    """
    return (
        _hint("cp1252", _TWO, 1, more="\x81\x8d\x8f\x90\x9d"),
        _hint("cp1252", _THREE, 2, more="\x81\x8d\x8f\x90\x9d"),
        _hint("latin-1", _TWO, 1),
        _hint("latin-1", _THREE, 2),
        _hint("cp1251", b"\xd0\xd1", 1, 2, more="\x98"),
        _hint("cp1251", b"\xe2", 2, more="\x98"),
        _hint("mac_roman", b"\xd0\xd1", 1, 2),
        _hint("mac_roman", b"\xc3\xc4\xc5", 1, 2),
        _hint("mac_roman", b"\xe2", 2),
        _hint("cp437", b"\xd0\xd1", 1),
        _hint("cp437", b"\xc3", 1, 2),
        _hint("cp437", b"\xe2", 2),
        _hint("cp866", b"\xd0\xd1", 1),
        _hint("cp866", b"\xc3", 1, 2),
    )


def may_hold_mojibake(text: str) -> bool:
    """Tell, quickly, whether `text` holds anything that may be mojibake; very large texts are not looked at."""
    if text.isascii() or len(text) > MAX_TEXT:
        return False
    return any(any(lead in text for lead in hint.leads) and hint.pattern.search(text) for hint in _hints())


def repaired(text: str) -> Repaired | None:
    """Give `text` with its mojibake put right; None where there is none that is sure.

    Line ends stay where they are, and each letter put right stands for the code points that it was spoilt to.
    """
    places = list(_places(text))
    found = {start: run for start, end in places if (run := _run(text, start, end)) is not None}
    strong = {start: run for start, run in found.items() if run.is_strong}
    proven = Counter(run.pages for run in strong.values()) + _proven_by_words(text, found.values())
    if not proven:
        return None
    scripts = {"LATIN", *(_script(letter) for run in strong.values() for letter in run.right)}
    likely = [like for pages, _ in proven.most_common() for like in dict.fromkeys((pages, *_alike(pages)))]
    read = (strong.get(start) or _short_run(text, start, end, likely, scripts) for start, end in places)
    runs = [run for run in read if run is not None]
    return _put_together(text, runs) if runs else None


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Give the runs of `text`; without the quotes around it where a run turns back only so (`«–ú–Ω–µ»`)."""
    for match in _RUN.finditer(text):
        start, end = match.span()
        quoted = _QUOTED.fullmatch(match.group())
        if quoted is not None and _turned_back(match.group(), _MAX_PASSES) is None:
            yield start + quoted.start(1), start + quoted.end(1)
        else:
            yield start, end


def _alike(pages: _Pages) -> Iterator[_Pages]:
    """Give the same code pages with Latin-1 for its twin, page 1252: longer runs rarely tell which one it was."""
    for page in _LATIN_PAGES:
        yield tuple(page if other in _LATIN_PAGES else other for other in pages)


def _short_run(text: str, start: int, end: int, proven: list[_Pages], scripts: set[str]) -> _Run | None:
    """Read a short run as the code pages that others prove: in a script that those show, or signs.

    Half of a letter may have been a no-break space that somebody made a blank: then the blank belongs to the run.
    """
    for pages in proven:
        run = _undone_all(text[start:end], start, pages)
        if run is None and text.startswith(" ", end):
            run = _undone_all(text[start:end] + "\xa0", start, pages)
        if run is not None and all(not letter.isalpha() or _script(letter) in scripts for letter in run.right):
            return run
    return None


def _undone_all(run: str, start: int, pages: _Pages) -> _Run | None:
    found = _letters_of(run, pages) if len(run) <= _LONG_WORD else _letters_of.__wrapped__(run, pages)
    return None if found is None else _Run(start, start + len(run), pages, *found)


@functools.lru_cache(maxsize=_KEPT)
def _letters_of(run: str, pages: _Pages) -> tuple[str, tuple[int, ...]] | None:
    """Give what a run says that was read as `pages`, and the widths of its letters; words come again and again."""
    right, widths = run, (1,) * len(run)
    for page in pages:
        step = _undone(right, page)
        if step is None:
            return None
        widths = tuple(_joined(widths, (len(letter.encode()) for letter in step)))
        right = step
    return (right, widths) if all(map(_is_readable, right)) else None


def mojibake_found(source: Source, found: Repaired, shift: int = 0) -> Diagnostic:
    """Tell of mojibake (V115) at its first place in `source`; `shift` is where the text that was put right starts."""
    places = "one place" if found.count == 1 else f"{found.count} places"
    message = f'UTF-8 was once read as {found.read_as} in {places}: "{found.spoilt}" is read as "{found.right}"'
    start, end = found.first
    span = source.span(max(0, shift + start), max(0, shift + end))
    return Diagnostic(MOJIBAKE, message, span, help="the file stays as it is: only what is read of it was put right")


def _put_together(text: str, runs: list[_Run]) -> Repaired:
    builder = OriginBuilder(text)
    at = 0
    starts = []
    for run in runs:
        builder.copy(at, run.start)
        starts.append(builder.length)
        at, done = run.start, 0
        for width, alike in groupby(run.widths):
            count = sum(1 for _ in alike)
            builder.add(run.right[done : done + count], at, at + count * width, width)
            at, done = at + count * width, done + count
    builder.copy(at, len(text))
    right, origin = builder.finish()
    pages = Counter(run.pages for run in runs).most_common(1)[0][0]
    first = runs[0]
    return Repaired(
        *(right, origin, len(runs), " and again as ".join(_NAMES[page] for page in pages)),
        first=(starts[0], starts[0] + len(first.right)),
        spoilt=text[first.start : first.end][:_SHOWN],
        right=first.right[:_SHOWN],
    )


def _run(text: str, start: int, end: int) -> _Run | None:
    """Read the run `[start, end)` as whatever it turns back into UTF-8 from; None where it does not."""
    found = _turned_back(text[start:end], _MAX_PASSES)
    return None if found is None else _undone_all(text[start:end], start, found[0])


def _turned_back(run: str, passes: int) -> tuple[_Pages, str] | None:
    return _turned_back_word(run, passes) if len(run) <= _LONG_WORD else _turned_back_word.__wrapped__(run, passes)


@functools.lru_cache(maxsize=_KEPT)
def _turned_back_word(run: str, passes: int) -> tuple[_Pages, str] | None:
    """Give the code pages that a run was read as, and what it says."""
    plain: tuple[_Pages, str] | None = None
    for page in _NAMES:
        right = _undone(run, page)
        if right is None:
            continue
        deeper = _turned_back(right, passes - 1) if passes > 1 else None
        # A word may turn once more, into a rare letter or two, by chance.
        if deeper is not None and (not _is_word(right) or len(deeper[1]) >= _STRONG_LETTERS):
            return (page, *deeper[0]), deeper[1]
        if plain is None and all(map(_is_readable, right)):
            plain = (page,), right
    return plain


def _undone(run: str, page: str) -> str | None:
    import ftfy.bad_codecs  # noqa: F401 - makes the tolerant code pages known

    try:
        return run.encode(page).decode("utf-8")
    except UnicodeError:
        return None


def _joined(widths: tuple[int, ...], inner: Iterable[int]) -> Iterator[int]:
    at = 0
    for count in inner:
        yield sum(widths[at : at + count])
        at += count


def _is_readable(letter: str) -> bool:
    """Tell whether a code point is one that people write: no control, none unassigned, no end of a line."""
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") and letter != "\ufffd"


def _is_word(letters: str, least: int = 1) -> bool:
    """Tell whether these are letters of one script, at least so many."""
    return len(letters) >= least and letters.isalpha() and len(set(map(_script, letters))) == 1


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _proven_by_words(text: str, runs: Iterable[_Run]) -> Counter[_Pages]:
    """Give the code pages that short runs prove: those in words that ftfy finds bad and puts right alike."""
    counts: Counter[_Pages] = Counter()
    for run in runs:
        if run.pages[-1] not in _LATIN_PAGES or run.is_strong or not _stands_in_word(text, run):
            continue
        if _is_bad_word(text, run):
            counts[run.pages] += _MIN_WEAK if run.end - run.start >= _SURE_WIDTH else 1
    return Counter({pages: count for pages, count in counts.items() if count >= _MIN_WEAK})


def _stands_in_word(text: str, run: _Run) -> bool:
    """Tell whether a run is Latin letters or signs that touch a letter (`cafÃ©`, `donâ€™t`); emoji prove nothing."""
    around = text[max(0, run.start - 1) : run.start] + text[run.end : run.end + 1]
    if not any(letter.isascii() and letter.isalpha() for letter in around):
        return False
    return all(unicodedata.category(letter)[0] == "P" or _script(letter) == "LATIN" for letter in run.right)


def _is_bad_word(text: str, run: _Run) -> bool:
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    start = max(0, run.start - _SHOWN)
    before = text[start : run.start].split()[-1:] if run.start and not text[run.start - 1].isspace() else []
    behind = text[run.end : run.end + _SHOWN].split()[:1] if not text[run.end : run.end + 1].isspace() else []
    word = "".join([*before, text[run.start : run.end], *behind])
    return is_bad(word) and run.right in fix_encoding(word)
