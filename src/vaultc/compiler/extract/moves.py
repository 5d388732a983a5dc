"""Transitions in words: "open → closed (lock)", "a lamp goes from off to on when …", «из сна переходит в бег»."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from vaultc.compiler.extract.groups import (
    agreeing,
    any_form,
    group_before,
    head_of,
    is_determiner,
    is_russian,
    nominative,
    noun_form,
)
from vaultc.compiler.extract.items import list_parts
from vaultc.compiler.extract.naming import without_number
from vaultc.compiler.unit import Transition
from vaultc.language.form import Mood, Pos
from vaultc.language.lexicon import phrases
from vaultc.language.mentions import mention
from vaultc.language.morphology import analyse
from vaultc.language.stems import Word, fold, stems, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.extract.statements import Statement
    from vaultc.core.source import Quote

START = "[*]"
"""Stands for what is before the first state and after the last."""

ARROW = re.compile(r"\s{0,2}(?:→|-->|->|⇒|=>|⟶|➜)\s{0,2}")
_STATE = re.compile(r"^(?P<state>[^:(—]{1,40}?)\s{0,2}(?:[:(—]\s{0,2}(?P<event>[^)]{1,80})\)?)?\s{0,2}$")
_QUOTED = re.compile(r"[«“\"`']([^«»“”\"`']{1,40})[»”\"`']")
_MARKS = " `*\"'«»“”."
_MAX_STATE_WORDS = 3
_MAX_EVENT_WORDS = 10


@dataclass(frozen=True, slots=True)
class Told:
    """A transition that a line, an arrow or a sentence tells, of which thing, and the whole that it stands in."""

    subject: str
    step: Transition
    whole: Quote


def arrow_moves(statement: Statement) -> tuple[str, list[Told]]:
    """Give the transitions of lines such as "open → closed: lock" or "moves: a → b (x), b → c (y)", and the key before.

    A chain without events under a key is a list of values, and none of these.
    """
    lines = statement.quote.text.splitlines()
    if len(lines) > 1 and all(ARROW.search(line) for line in lines):
        read = [_moves_of_line(statement, line) for line in lines]
        return read[0][0], [move for _, moves in read for move in moves]
    return _moves_of_line(statement, statement.text)


def _moves_of_line(statement: Statement, line: str) -> tuple[str, list[Told]]:
    text = without_number(line).strip(" .")
    first = ARROW.search(text)
    if first is None:
        return "", []
    key, colon, rest = text[: first.start()].rpartition(":")
    body = rest + text[first.start() :] if colon else text
    moves: list[Told] = []
    parts = [body[start:end] for start, end in list_parts(body, ",;") if ARROW.search(body[start:end])]
    for part in parts:
        for left, right in pairwise(ARROW.split(part)):
            source, target = _STATE.match(left.strip()), _STATE.match(right.strip())
            if source is None or target is None:
                continue
            begin, end = source["state"].strip(_MARKS), target["state"].strip(_MARKS)
            end, event = _with_event(end)
            if not begin or not end or max(len(begin.split()), len(end.split())) > _MAX_STATE_WORDS:
                return "", []
            event = (target["event"] or event).strip(_MARKS)
            moves.append(Told("", Transition(begin, end, event, (statement.quote,)), statement.quote))
    is_chain = len(parts) == 1 and not any(move.step.event for move in moves)
    return (key.strip(" *_"), []) if is_chain and colon else (key.strip(" *_"), moves)


def _with_event(target: str) -> tuple[str, str]:
    """Part "closed on lock" into state and event."""
    place = mention(target, phrases("records", "moves.on"))
    if place is None or place[0] == 0:
        return target, ""
    return target[: place[0]].strip(_MARKS), target[place[1] :].strip(_MARKS)


def told_moves(statement: Statement, *, is_states: bool) -> list[Told]:
    """Read "a lamp goes from off to on when it is touched"; a sentence that denies tells no transition."""
    text = without_number(statement.text).rstrip(". ")
    found = list(words(text))
    verb = next((at for at, word in enumerate(found) if any_form(word.text, "moves.go") and _is_verb(word.text)), None)
    if verb is None or any(any_form(word.text, "moves.never") for word in found):
        return []
    is_states = is_states or any(any_form(word.text, "values.state") for word in found)
    moves: list[Told] = []
    subject, at = "", 0
    while (source_at := _phrase_at(found, "moves.from", at)) is not None:
        source, source_end = _state_at(text, found, source_at + 1)
        behind = max(source_end, source_at + 1 if moves or verb < source_at else verb + 1)
        target_at = _phrase_at(found, "moves.to", behind)
        at = source_at + 1
        if not source or target_at is None:
            continue
        target, target_end = _state_at(text, found, target_at + 1)
        is_like = is_states or all(_is_like_state(text, end) for end in (source, target))
        if not target or not is_like or any(char.isdigit() for char in source + target):
            continue
        event = _event(text, found, target_end, -1 if moves else min(source_at, verb))
        subject = subject or _subject(found, source_at, source_end, verb)
        step = Transition(*_written(source, target, subject), event, (statement.quote,))
        moves.append(Told(subject, step, statement.quote))
        at = target_end
    return moves


def told_start(statement: Statement) -> Told | None:
    """Read "an order starts as new", «заявка создаётся в состоянии «новая»»."""
    text = without_number(statement.text).rstrip(". ")
    found = list(words(text))
    at = next((at for at, word in enumerate(found) if any_form(word.text, "moves.start") and _is_verb(word.text)), None)
    if at is None or at + 2 >= len(found) or any(any_form(word.text, "moves.never") for word in found):
        return None
    if not any_form(found[at + 1].text, "moves.start_as"):
        return None
    state, _ = _state_at(text, found, at + 2)
    is_named = any(any_form(word.text, "values.state") for word in found)
    if not state or not (is_named or _QUOTED.search(text)):
        return None
    begin = group_before(found, at)
    subject = nominative([word.text for word in found[begin:at]]) if begin < at else ""
    return Told(subject, Transition(START, _written(state, state, subject)[0], "", (statement.quote,)), statement.quote)


def _is_verb(word: str) -> bool:
    return any(form.pos is Pos.VERB for form in analyse(word)) or any_form(word, "moves.noun")


def _phrase_at(found: Sequence[Word], category: str, start: int) -> int | None:
    """Give the index of the last word of the first phrase of `category` at or behind word `start`."""
    listing = phrases("records", category)
    for at in range(start, len(found)):
        for phrase in listing:
            parts = phrase.split()
            if [fold(word.text) for word in found[at : at + len(parts)]] == parts:
                return at + len(parts) - 1
    return None


def _state_at(text: str, found: Sequence[Word], at: int) -> tuple[str, int]:
    """Give the state that is named at word `at`, and the index of the word behind it."""
    while at < len(found) and (is_determiner(found[at].text) or any_form(found[at].text, "values.state")):
        at += 1
    if at >= len(found):
        return "", at
    quoted = _QUOTED.match(text, max(found[at].start - 1, 0))
    if quoted is not None:
        while at < len(found) and found[at].start < quoted.end():
            at += 1
        return quoted[1].strip(), at
    end = at
    while end < len(found) and end - at < _MAX_STATE_WORDS:
        between = text[found[end - 1].end : found[end].start] if end > at else ""
        word = found[end].text
        if any(char in between for char in ",;:.()—") or (end > at and _ends_state(word)):
            break
        end += 1
        if is_russian(word) or (end < len(found) and _ends_state(found[end].text)):
            break
    return text[found[at].start : found[end - 1].end] if end > at else "", end


def _ends_state(word: str) -> bool:
    forms = analyse(word)
    is_closed = forms[0].pos in {
        Pos.PREPOSITION,
        Pos.SUBORDINATOR,
        Pos.PRONOUN,
        Pos.COORDINATOR,
        Pos.MODAL,
        Pos.DETERMINER,
    }
    return is_closed or any_form(word, "values.state", "moves.go")


def _is_like_state(text: str, state: str) -> bool:
    """Tell whether words are more like a state than like a place: quoted, or not only a noun."""
    at = text.find(state)
    if at > 0 and text[at - 1] in "«“\"`'":
        return True
    return any(
        form.pos in {Pos.ADJECTIVE, Pos.ADVERB, Pos.PREPOSITION}
        or form.mood in {Mood.PARTICIPLE, Mood.GERUND, Mood.SHORT}
        for form in analyse(state.split()[0])
    )


def _event(text: str, found: Sequence[Word], behind: int, before: int) -> str:
    """Give what brings the transition about: behind "when", «по» after the target, or at the start of the sentence."""
    for start, stop in ((behind, len(found)), (0, before)):
        if start >= len(found) or stop < 0:
            continue
        opening = text[found[start].start :]
        place = mention(opening, phrases("records", "moves.on"), begin=True)
        if place is None:
            continue
        said = _before_next(opening[place[1] :])
        quoted = _QUOTED.match(said.strip())
        if quoted is not None:
            return quoted[1].strip()
        if start == 0:
            said = said.split(",")[0] if "," in said else text[found[0].start : found[stop].start][place[1] :]
        parts = re.split(r"[;.]|,\s", said)[0].split()
        while len(parts) > 1 and is_determiner(parts[0].strip(_MARKS)):
            parts = parts[1:]
        if 0 < len(parts) <= _MAX_EVENT_WORDS:
            is_group = all(word.strip(_MARKS) == word for word in parts) and head_of(parts) is not None
            return nominative(parts) if is_group and is_russian(parts[0]) else " ".join(parts).strip(_MARKS)
    return ""


def _before_next(said: str) -> str:
    """Give the words before the next transition of the sentence: "… and from checked to returned"."""
    found = list(words(said))
    for joint, word in pairwise(found):
        if any_form(joint.text, "values.join") and any_form(word.text, "moves.from"):
            return said[: joint.start]
    return said


def _subject(found: Sequence[Word], source: int, source_end: int, verb: int) -> str:
    """Give the thing whose state changes: the group before the verb."""
    begin = group_before(found, verb)
    if source < verb:
        begin = max(begin, source_end)
    parts = [word.text for word in found[begin:verb]]
    return nominative(parts) if parts and head_of(parts) is not None else ""


def _written(source: str, target: str, subject: str) -> tuple[str, str]:
    """Give states in the form of a dictionary: «из новой» of «заявка» is «новая»."""
    return _nominative(source, subject), _nominative(target, subject)


def _nominative(state: str, subject: str) -> str:
    if not is_russian(state) or len(state.split()) > 1:
        return state
    form = analyse(state)[0]
    head = subject.split()[0] if subject else ""
    if form.pos is Pos.ADJECTIVE and form.case not in {"", "nomn"}:
        return agreeing(state, fold(head) if head and noun_form(head) else "")
    return nominative([state]) if noun_form(state) else state


def unified(steps: Sequence[Transition]) -> list[Transition]:
    """Give the steps with states that differ only in their endings or case written alike, as first written."""
    names: dict[tuple[str, ...], str] = {}

    def name(state: str) -> str:
        return state if state == START else names.setdefault(state_key(state), state)

    return [replace(step, source=name(step.source), target=name(step.target)) for step in steps]


def state_key(state: str) -> tuple[str, ...]:
    """Give what states are compared by: the stems of their words."""
    return tuple(stems(state)) or (state,)
