"""Words and their stems: Snowball for Russian and English. The only importer of PyStemmer."""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultc.language.paradigms import forms_of, lemmas
from vaultc.language.stopwords import STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = "\u0300-\u036f"
# Possessive throughout: no run of letters is ever read twice.
_RUN = rf"(?:[^\W_]++[{_MARKS}]*+)++"
_APOSTROPHE = "'\u2019"
_HYPHEN = "\\-\u2010\u2011"
_WORD = re.compile(rf"{_RUN}(?:[{_APOSTROPHE}{_HYPHEN}](?=[^\W\d_]){_RUN})*+")
_PART = re.compile(rf"{_RUN}(?:[{_APOSTROPHE}](?=[^\W\d_]){_RUN})*+")
_MARK = re.compile(f"[{_MARKS}]+")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
# For plain ASCII: an apostrophe that is not inside a word, and blanks for all that is neither letter nor digit.
_LOOSE_APOSTROPHE = re.compile(r"'(?:(?![^\W\d_])|(?<![^\W_]'))")
_BLANKED = "".join(char if char.isalnum() or char == "'" else " " for char in map(chr, range(128)))
_CACHE_WORDS = 400_000


class Word(NamedTuple):
    """A word as it stands at `[start, end)`."""

    text: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """Give the words of `text` in order: letters and digits, with inner apostrophes and hyphens before letters."""
    for match in _WORD.finditer(text):
        yield Word(match.group(), match.start(), match.end())


def fold(word: str) -> str:
    """Give `word` as it is compared: NFC, casefolded, е for ё, straight apostrophe, no accents of stress."""
    folded = word.casefold()
    if folded.isascii():
        return folded
    folded = unicodedata.normalize("NFC", folded).replace("ё", "е").replace("\u2019", "'")
    return _MARK.sub("", folded)


def is_russian(word: str) -> bool:
    """Tell whether a letter of `word` is Cyrillic."""
    return not word.isascii() and _CYRILLIC.search(word) is not None


@functools.cache
def _stemmers() -> tuple[Any, Any]:
    import Stemmer  # slow to load, and not needed by every command

    return Stemmer.Stemmer("russian", 0), Stemmer.Stemmer("english", 0)


_IRREGULAR = {
    form: stem
    for stem, forms in {
        "врем": "время времени временем времена времен временам временами временах",
        "имен": "имя имени именем имена имен именам именами именах",
        "ден": "день дня дню днем дне дни дней дням днями днях",
        "деньг": "деньги денег деньгам деньгами деньгах",
        "уровн": "уровень уровня уровню уровнем уровне уровни уровней уровням уровнями уровнях",
        "корн": "корень корня корню корнем корне корни корней корням корнями корнях",
        "перечн": "перечень перечня перечню перечнем перечне перечни перечней",
        "огн": "огонь огня огню огнем огне огни огней",
        "числ": "чисел",
        "письм": "писем",
        "окн": "окон",
        "ядр": "ядер",
        "ведр": "ведер",
    }.items()
    for form in forms.split()
}
# заметок/заметка, список/списка, столбец/столбца: the vowel that comes and goes before a last к or ц.
_FLEETING = re.compile("(?<=[бвгджзклмнпрстфхцчшщ])(?:[ое](?=к$)|е(?=ц$))")
_SHORTEST_FLEETING = 5


# What a first cut may leave of a noun and a second would take for a verb: журналы → журнал → журна, as журнал.
_CUT_AGAIN = re.compile("(?:[ая][лн]|[иы][лмт]|ен)$")


@functools.cache
def _mended() -> dict[str, str]:
    """Give the stems of the forms of nouns that Snowball tears apart, and of irregular words."""
    stemmer = _stemmers()[0]
    table: dict[str, str] = {}
    for noun in lemmas():
        base, forms = forms_of(noun)
        if len(set(stemmer.stemWords(forms))) > 1:
            table.update((form, base) for form in forms)
    return table | _IRREGULAR


def _russian(word: str, cut: str) -> str:
    """Give the stem of folded `word` that Snowball cut to `cut`, with its slips mended."""
    known = _mended().get(word)
    if known is None and cut != word and _CUT_AGAIN.search(cut):
        cut = _stemmers()[0].stemWord(cut)
    found = known or cut
    return _FLEETING.sub("", found) if len(found) >= _SHORTEST_FLEETING else found


def _stem_batch(folded: list[str]) -> list[str]:
    russian, english = _stemmers()
    are_russian = [is_russian(word) for word in folded]
    if not any(are_russian):
        stemmed: list[str] = english.stemWords(folded)
        return stemmed
    ru = iter(russian.stemWords([word for word, is_ru in zip(folded, are_russian, strict=True) if is_ru]))
    en = iter(english.stemWords([word for word, is_ru in zip(folded, are_russian, strict=True) if not is_ru]))
    pairs = zip(folded, are_russian, strict=True)
    return [_russian(word, next(ru)) if is_ru else next(en) for word, is_ru in pairs]


class _Cache:
    """Stems by word as written. A Snowball stemmer is not thread-safe: it is used under the lock."""

    def __init__(self) -> None:
        self.stems: dict[str, str] = {}
        self.content: dict[str, str] = {}  # the same, with nothing for a stopword
        self._lock = threading.Lock()

    def learn(self, missing: set[str]) -> dict[str, str]:
        """Stem the words of `missing` in one batch each language, keep them and give them."""
        wanted = sorted(missing)
        with self._lock:
            found = dict(zip(wanted, _stem_batch([fold(word) for word in wanted]), strict=True))
            if len(self.stems) + len(found) > _CACHE_WORDS:
                self.stems, self.content = {}, {}  # new ones: a reader in another thread keeps those it holds
            self.stems.update(found)
        return found

    def content_of(self, parts: list[str]) -> list[str]:
        """Give the stem of each word of `parts` that is no stopword."""
        known = self.content
        try:
            return list(filter(None, map(known.__getitem__, parts)))
        except KeyError:
            pairs = zip(parts, self.stems_of(parts), strict=True)
            found = ["" if fold(part) in STOPWORDS else stem for part, stem in pairs]
            known.update(zip(parts, found, strict=True))
            return list(filter(None, found))

    def stems_of(self, parts: list[str]) -> list[str]:
        """Give the stem of each word of `parts`."""
        known = self.stems
        try:
            return list(map(known.__getitem__, parts))  # nearly always: all words are known
        except KeyError:
            learnt = self.learn(set(parts).difference(known))
            if known is self.stems:
                return list(map(known.__getitem__, parts))
            return [learnt[part] if part in learnt else known[part] for part in parts]


_CACHE = _Cache()


def stem(word: str) -> str:
    """Give the stem of one word: folded, then Snowball by its alphabet. Digits stay as they are."""
    found = _CACHE.stems.get(word)
    return found if found is not None else _CACHE.stems_of([word])[0]


def stems_of(parts: list[str]) -> list[str]:
    """Give the stem of each word of `parts`, as `stem` gives it."""
    return _CACHE.stems_of(parts)


def _parts(text: str) -> list[str]:
    if not text.isascii():
        return _PART.findall(text)
    if "'" in text:
        text = _LOOSE_APOSTROPHE.sub(" ", text)
    return text.translate(_BLANKED).split()


def stems(text: str) -> list[str]:
    """Give the stems of all words of `text` in order; a hyphenated word counts as its parts."""
    return _CACHE.stems_of(_parts(text))


def content_stems(text: str) -> list[str]:
    """Give the stems of the words of `text` that are no stopwords, in order."""
    return _CACHE.content_of(_parts(text))
