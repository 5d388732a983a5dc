"""Conditions and responses of requirements after EARS: "When …, the X shall …", «Если …, X должен …»."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from vaultc.language.modals import ModalMark, modal_marks

_EVENT = "when|whenever|once|as soon as|after|before|upon|on|когда|как только|после того как|после|перед|до|всякий раз"
_STATE = "while|during|as long as|until|пока|во время|до тех пор|при"
_UNWANTED = "if|unless|in case of|in case|если|в случае если|в случае|иначе"
_OPTION = "where|где|там"
_KINDS = {"event": _EVENT, "state": _STATE, "unwanted": _UNWANTED, "option": _OPTION}


def _either(forms: str) -> str:
    return "|".join(sorted(forms.split("|"), key=len, reverse=True))


_LEAD = r"[ \t\u00a0>]{0,40}(?:[-*+][ \t]|\d{1,9}[.)][ \t])?(?:\[.\][ \t])?[*_]{0,3}"
_WORDS = "|".join(f"(?P<{kind}>{_either(forms)})" for kind, forms in _KINDS.items())
_LEADING = re.compile(rf"{_LEAD}(?P<trigger>{_WORDS})(?!\w)", re.IGNORECASE)
_TRAILING_WORDS = {
    "event": "when|whenever|once|as soon as|after|когда|как только|после того как|после",
    "state": "while|during|as long as|until|пока|до тех пор пока|при",
    "unwanted": "if|unless|in case of|in case|если|в случае если|в случае",
}
_TRAILING = re.compile(
    r"(?:,[ \u00a0]?|[ \u00a0])(?P<trigger>"
    + "|".join(f"(?P<{kind}>{_either(forms)})" for kind, forms in _TRAILING_WORDS.items())
    + r")(?!\w)",
    re.IGNORECASE,
)
_COMMA = re.compile(
    r",[ \u00a0\n]?(?:(?:then|то|тогда)[ \u00a0])?|[ \u00a0](?:—|–|->|→)[ \u00a0]|[ \u00a0]then[ \u00a0]", re.IGNORECASE
)
_THEN = re.compile(r"(?:then|то|тогда)[ \u00a0]$", re.IGNORECASE)
_STRONG = re.compile(
    r"must|shall|should|will|(?:не )?долж|(?:не )?обязан|нельзя|(?:не )?следует|надо|нужно", re.IGNORECASE
)
_CLAUSE_END = re.compile(r"[;:](?=\s)")
_SUBJECT = re.compile(r"(?:[^\W\d_]+(?:ый|ий|ой|ая|яя|ое|ее|ые|ие)[ \u00a0])?[^\W\d_-]{1,40}[ \u00a0]$")
_ARTICLE = re.compile(r"[ \u00a0](?:the|it|they|we|a|an)[ \u00a0]", re.IGNORECASE)
_WINDOW = 300
# These begin a condition only when a comma or a modal verb shows that something follows from it.
_WEAK = frozenset({"on", "до", "где", "там", "where", "before", "перед", "once", "иначе"})


@dataclass(frozen=True, slots=True)
class Ears:
    """A condition and what follows from it, as `(start, end)` in the sentence.

    `condition` begins at its trigger word. `kind` is "event", "state", "unwanted" or "option"; `modality` is that of
    the response, None where it only states.
    """

    kind: str
    trigger: str
    condition: tuple[int, int]
    response: tuple[int, int]
    modality: str | None


def _kind(match: re.Match[str]) -> str:
    return next(kind for kind, found in match.groupdict().items() if kind != "trigger" and found)


def _trimmed(sentence: str, start: int, end: int) -> tuple[int, int]:
    piece = sentence[start:end]
    left = len(piece) - len(piece.lstrip(" \t\r\n\u00a0,*_"))
    right = len(piece.rstrip(" \t\r\n\u00a0,*_"))
    return (start + left, start + right) if right > left else (start, start)


def _strongest(marks: list[ModalMark]) -> list[ModalMark]:
    """Give the marks of verbs like must and shall where there are any: "is not allowed" may stand in a condition."""
    strong = [mark for mark in marks if _STRONG.match(mark.marker)]
    return strong or marks


def _split_by_comma(sentence: str, begin: int, modal: int | None) -> tuple[int, int] | None:
    """Give the comma that ends the condition: the last before the modal verb, else the first."""
    matches = list(_COMMA.finditer(sentence, begin))
    explicit = next((match for match in matches if _THEN.search(match.group())), None)
    if explicit:
        return explicit.span()
    commas = [match.span() for match in matches]
    before = [span for span in commas if modal is not None and span[1] <= modal]
    if before:
        return before[-1]
    return commas[0] if commas else None


def _split_by_subject(sentence: str, begin: int, modal: int) -> tuple[int, int] | None:
    """Give where the response begins without a comma: before the subject of the modal verb."""
    window = sentence[max(begin, modal - _WINDOW) : modal]
    base = modal - len(window)
    articles = list(_ARTICLE.finditer(window))
    if articles:
        return base + articles[-1].start(), base + articles[-1].start() + 1
    subject = _SUBJECT.search(window[-90:])
    if subject is None:
        return None
    at = modal - len(window[-90:]) + subject.start()
    return (at, at) if at > begin + 1 else None


def _leading(sentence: str) -> Ears | None:
    match = _LEADING.match(sentence)
    if match is None:
        return None
    begin, after = match.start("trigger"), match.end("trigger")
    marks = _strongest([mark for mark in modal_marks(sentence) if mark.start >= after])
    modal = marks[0].start if marks else None
    cut = _split_by_comma(sentence, after, modal)
    if cut is None and modal is not None:
        cut = _split_by_subject(sentence, after, modal)
    weak = match.group("trigger").casefold() in _WEAK
    if cut is None or (weak and not any(mark.start >= cut[1] for mark in marks)):
        return None
    condition, response = _trimmed(sentence, begin, cut[0]), _trimmed(sentence, cut[1], len(sentence))
    if condition[1] - condition[0] <= len(match.group("trigger")) or response[0] == response[1]:
        return None
    modality = next((mark.modality for mark in marks if mark.start >= cut[1]), None)
    return Ears(_kind(match), match.group("trigger").casefold(), condition, response, modality)


def _trailing(sentence: str) -> Ears | None:
    marks = modal_marks(sentence)
    if not marks:
        return None
    opened = _TRAILING.finditer(sentence, marks[0].end)  # «ни при каких условиях» opens no condition
    match = next((at for at in opened if not any(mark.start < at.start("trigger") < mark.end for mark in marks)), None)
    if match is None:
        return None
    stop = _CLAUSE_END.search(sentence, match.end())
    end = stop.start() if stop else len(sentence)
    condition = _trimmed(sentence, match.start("trigger"), len(sentence[:end].rstrip(" \t\r\n.!;")))
    response = _trimmed(sentence, 0, match.start())
    if condition[1] - condition[0] <= len(match.group("trigger")):
        return None
    return Ears(_kind(match), match.group("trigger").casefold(), condition, response, marks[0].modality)


def _moved(found: Ears, by: int) -> Ears:
    condition, response = found.condition, found.response
    return replace(
        found, condition=(condition[0] + by, condition[1] + by), response=(response[0] + by, response[1] + by)
    )


def ears(sentence: str) -> Ears | None:
    """Give condition and response of `sentence` where it has the form of EARS, before or behind; None elsewhere.

    Of clauses joined by semicolons the first that has the form counts.
    """
    found = _leading(sentence)
    if found:
        return found
    start = 0
    for clause in sentence.split(";"):
        found = _leading(clause) if start else None
        found = found or _trailing(clause)
        if found:
            return _moved(found, start)
        start += len(clause) + 1
    return None
