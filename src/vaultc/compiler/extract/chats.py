"""Conversations in notes: who says what, and which proposals the next words of the person take, change or refuse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vaultc.language.lexicon import entries, phrases
from vaultc.language.stems import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_SUBJECT = "chats"
_QUOTED = r"[ \t>]{0,20}"
_CALLOUT = re.compile(rf"{_QUOTED}\[!(?P<name>[^\]\n]{{1,20}})\]")
_HEADED = re.compile(rf"{_QUOTED}#{{1,6}} (?P<name>[^\W\d_]{{1,20}})\b[^\n]{{0,30}}$")
_BOLD = re.compile(rf"{_QUOTED}\*\*(?P<name>[^*\n:]{{1,30}}?):?\*\*(?P<rest>[^\n]*)$")
_PLAIN = re.compile(rf"{_QUOTED}(?P<name>[^\W\d_]{{1,20}}):(?P<rest>[ \t][^\n]*|)$")
_CLAUSE = re.compile(r"[^.;,!?\n]+[.;,!?\n]?")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


class Speaker(StrEnum):
    """Who speaks in a turn."""

    USER = "user"
    ASSISTANT = "assistant"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says at `[start, end)` of a text, the label with the name at its beginning."""

    speaker: Speaker
    start: int
    end: int


class Answer(StrEnum):
    """What a person makes of a proposal: CHANGED is taken with a change, and then the person's own words bind."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


def turns(text: str) -> tuple[Turn, ...]:
    """Give the turns of a conversation; none where no assistant and no second speaker is named."""
    starts: list[tuple[int, Speaker, str]] = []
    at = 0
    for line in text.splitlines(keepends=True):
        label = _label(line.rstrip("\n"))
        if label is not None:
            starts.append((at, *label))
        at += len(line)
    if len({name for _, _, name in starts}) < 2 or all(speaker is Speaker.OTHER for _, speaker, _ in starts):
        return ()
    ends = [start for start, _, _ in starts[1:]] + [len(text)]
    return tuple(Turn(speaker, start, end) for (start, speaker, _), end in zip(starts, ends, strict=True))


def _label(line: str) -> tuple[Speaker, str] | None:
    for pattern in (_CALLOUT, _HEADED, _BOLD, _PLAIN):
        match = pattern.match(line)
        if match is None:
            continue
        name = fold(match["name"].strip())
        speaker = _speaker(name)
        if speaker is not Speaker.OTHER or pattern is _BOLD:
            return speaker, name
    return None


def _speaker(name: str) -> Speaker:
    if name in phrases(_SUBJECT, "user"):
        return Speaker.USER
    return Speaker.ASSISTANT if name in phrases(_SUBJECT, "assistant") else Speaker.OTHER


def answers(labels: Sequence[str], reply: str) -> tuple[Answer, ...]:
    """Tell for each proposal, by its label ("1", "A"), what the reply makes of it.

    Clauses are read in order: one that refers to proposals ("the first", "B and C", "остальное") takes or refuses
    them; one that refers to none and says "but" changes those of the clause before. A bare "yes" takes a lone proposal.
    """
    found = dict.fromkeys(range(len(labels)), Answer.UNANSWERED)
    last: list[int] = []
    agrees = _has([fold(word.group()) for word in _WORD.finditer(reply)], "accepts")
    for match in _CLAUSE.finditer(reply):
        words = [fold(word.group()) for word in _WORD.finditer(match.group())]
        refused = _has(words, "refuses")
        named = _named(words, match.group(), labels)
        if not named and _has(words, "rest"):
            named = [at for at, answer in found.items() if answer is Answer.UNANSWERED]
        if not named and (_has(words, "all") or (len(labels) == 1 and not last)):
            named = list(found) if refused or agrees else []
        if named:
            last = named
            for at in named:
                found[at] = Answer.REFUSED if refused else Answer.ACCEPTED
        elif last and words and _has(words[:1], "changes"):
            for at in last:
                found[at] = Answer.CHANGED if found[at] is Answer.ACCEPTED else found[at]
    return tuple(found.values())


def _has(words: Sequence[str], category: str) -> bool:
    joined = f" {' '.join(words)} "
    return any(f" {phrase} " in joined for phrase in phrases(_SUBJECT, category))


def _named(words: Sequence[str], clause: str, labels: Sequence[str]) -> list[int]:
    """Give which proposals a clause refers to: by label, or by their place."""
    ordinals = {
        phrase: int(category.partition(".")[2]) - 1
        for category, all_of in entries(_SUBJECT).items()
        if category.startswith("ordinal.")
        for phrase in all_of
    }
    written = {word.group() for word in _WORD.finditer(clause)}
    by_label = {at for at, label in enumerate(labels) if label in written and not _has(words[:1], "changes")}
    by_place = {ordinals[word] for word in words if word in ordinals and ordinals[word] < len(labels)}
    return sorted(by_label | by_place)
