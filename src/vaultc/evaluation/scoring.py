"""Whether an answer is exact, and if not, what is wrong with it.

An answer is compared by the codes in it after normalisation: all that are asked for, and no other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from vaultc.evaluation.wording import WORDINGS
from vaultc.language.detect import language_of

_CODE = re.compile(r"([^\W\d_]{3,20})[ \u2010-\u2015_-]{0,3}(\d{4})(?!\d)")
_SPACES = re.compile(r"\s+")
_LETTER = re.compile(r"[^\W\d_]")


class Fault(StrEnum):
    """What became of one question. `PASSED` is no fault."""

    PASSED = "passed"
    EMPTY = "empty"
    UNFINISHED = "unfinished"
    NOT_FOUND = "not found"
    PARTLY = "partly"
    TWIN = "twin"
    ORDER = "order"
    INVENTED = "invented"
    LANGUAGE = "language"
    OTHER = "other"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Expected:
    """What an exact answer holds: these codes, in this order where `ordered`; none means "not present".

    `decoys` are codes that stand in the text, but answer another question.
    """

    language: str
    codes: tuple[str, ...]
    decoys: tuple[str, ...] = ()
    ordered: bool = False


def folded(text: str) -> str:
    """Give `text` for comparing: NFKC, case folded, ё as е, blanks as one blank."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text).casefold().replace("ё", "е"))


def codes_in(text: str) -> tuple[str, ...]:
    """Give the codes that stand in `text`, each once, in order, written `word-1234`; the word is one of ours."""
    known = {folded(word) for wording in WORDINGS.values() for word in wording.words}
    found = (f"{word}-{number}" for word, number in _CODE.findall(folded(text)) if word in known)
    return tuple(dict.fromkeys(found))


def score(answer: str, expected: Expected, *, was_cut: bool = False) -> Fault:
    """Judge `answer`; `was_cut` says that the model did not come to its end."""
    said = codes_in(answer)
    wanted = tuple(folded(code) for code in expected.codes)
    says_absent = any(sign in folded(answer) for sign in WORDINGS[expected.language].absent_signs)
    if _is_exact(said, wanted, says_absent=says_absent, ordered=expected.ordered):
        return Fault.PASSED
    if not answer.strip():
        return Fault.EMPTY
    return _fault(answer, expected, said, says_absent=says_absent, was_cut=was_cut)


def _is_exact(said: tuple[str, ...], wanted: tuple[str, ...], *, says_absent: bool, ordered: bool) -> bool:
    if not wanted:
        return says_absent and not said
    return not says_absent and (said == wanted if ordered else sorted(said) == sorted(wanted))


def _fault(answer: str, expected: Expected, said: tuple[str, ...], *, says_absent: bool, was_cut: bool) -> Fault:
    wanted = {folded(code) for code in expected.codes}
    decoys = {folded(code) for code in expected.decoys}
    extra = set(said) - wanted
    marks = (
        (says_absent and bool(wanted), Fault.NOT_FOUND),
        (bool(extra & decoys), Fault.TWIN),
        (bool(wanted) and set(said) == wanted, Fault.ORDER),
        (_is_foreign(answer, expected.language), Fault.LANGUAGE),
        (was_cut, Fault.UNFINISHED),
        (bool(extra) or not wanted, Fault.INVENTED),
        (bool(set(said) & wanted), Fault.PARTLY),
    )
    return next((fault for is_so, fault in marks if is_so), Fault.OTHER)


def _is_foreign(answer: str, language: str) -> bool:
    return len(_LETTER.findall(answer)) > 2 and language_of(answer) != language
