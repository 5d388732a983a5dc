"""Conversations in notes: who says what, and which proposals the next words of the person take, change or refuse."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from vaultc.language.lexicon import entries, phrases
from vaultc.language.stems import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.core.note import Note

_SUBJECT = "chats"
_SHORT = 4  # words: "all of them, yes"; a longer clause says "all" of something else
_QUOTED = r"[ \t>]{0,20}"
_CALLOUT = re.compile(rf"{_QUOTED}\[!(?P<name>[^\]\n]{{1,20}})\]")
_HEADED = re.compile(rf"{_QUOTED}#{{1,6}} (?P<name>[^\W\d_]{{1,20}})[\d:.,()\[\] \t-]{{0,30}}$")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?!\d)")
_BOLD = re.compile(rf"{_QUOTED}\*\*(?P<name>[^*\n:]{{1,30}}?):?\*\*(?P<rest>[^\n]*)$")
_PLAIN = re.compile(rf"{_QUOTED}(?P<name>[^\W\d_]{{1,20}}):(?P<rest>[ \t][^\n]*|)$")
_CLAUSE = re.compile(r"[^.;,!?\n]+[.;,!?\n]?")
_LETTER = re.compile(r"[*_]{0,2}(?P<letter>[^\W\d_])[.)][*_]{0,2}\s")
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
    if not _converse(starts):
        return ()
    ends = [start for start, _, _ in starts[1:]] + [len(text)]
    return tuple(Turn(speaker, start, end) for (start, speaker, _), end in zip(starts, ends, strict=True))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an assistant proposes at `[start, end)` of a note, by its label; `answer` is what the person made of it."""

    start: int
    end: int
    label: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation in a note: its turns, and what was proposed in them."""

    turns: tuple[Turn, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    def speaker_at(self, offset: int) -> Speaker | None:
        """Give who speaks at `offset`, None outside of a conversation."""
        at = bisect_right(self.turns, offset, key=lambda turn: turn.start) - 1
        return self.turns[at].speaker if at >= 0 and offset < self.turns[at].end else None

    def answer_at(self, offset: int) -> Answer:
        """Give what the person made of the proposal that stands at `offset`."""
        found = (item.answer for item in self.proposals if item.start <= offset < item.end)
        return next(found, Answer.UNANSWERED)

    def asked_before(self, offset: int) -> tuple[str, ...]:
        """Give the labels of what was proposed in the turn before the one at `offset`."""
        at = bisect_right(self.turns, offset, key=lambda turn: turn.start) - 1
        if at < 1 or self.turns[at].speaker is not Speaker.USER:
            return ()
        before = self.turns[at - 1]
        return tuple(item.label for item in self.proposals if before.start <= item.start < before.end)


def chat_of(note: Note, text: str) -> Chat:
    """Give the conversation that a note holds; `text` is that of its file. Empty where it holds none."""
    said = turns(text)
    found: list[Proposal] = []
    for turn, reply in pairwise(said):
        if turn.speaker is not Speaker.ASSISTANT or reply.speaker is not Speaker.USER:
            continue
        spans = [note.blocks[item.block].text for item in note.items if item.depth == 0]
        spans = [span for span in spans if turn.start <= span.start < turn.end]
        labels = [_label_of(text[span.start : span.end], number) for number, span in enumerate(spans, 1)]
        taken = answers(labels, text[reply.start : reply.end])
        found += [
            Proposal(span.start, span.end, label, answer)
            for span, label, answer in zip(spans, labels, taken, strict=True)
        ]
    return Chat(said, tuple(found))


def _label_of(text: str, number: int) -> str:
    """Give the label of a proposal: the letter that it begins with ("**A.** …"), else its number."""
    match = _LETTER.match(text)
    return match["letter"] if match is not None else str(number)


def _converse(starts: Sequence[tuple[int, Speaker, str]]) -> bool:
    """Tell whether labels are those of a conversation: two speakers, one of them known, who answer each other."""
    known = [speaker for _, speaker, _ in starts if speaker is not Speaker.OTHER]
    changes = sum(before[2] != after[2] for before, after in pairwise(starts))
    return bool(known) and changes >= 1 and len({name for _, _, name in starts}) > 1


def _label(line: str) -> tuple[Speaker, str] | None:
    for pattern in (_CALLOUT, _HEADED, _BOLD, _PLAIN):
        match = pattern.match(line)
        if match is None:
            continue
        name = fold(match["name"].strip())
        speaker = _speaker(name)
        is_message = pattern is _BOLD and _CLOCK.search(match["rest"]) is not None
        if speaker is not Speaker.OTHER or is_message:
            return speaker, name  # "**Description:** …" is no speaker: another's name counts with the time of a message
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
        is_meant = _has(words, "all") and len(words) <= _SHORT and (refused or agrees)
        if not named and (is_meant or (len(labels) == 1 and not last and (refused or agrees))):
            named = list(found)
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
