"""The clauses of a sentence: where each begins and ends, what it is for, its predicate, its subject, what it denies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from vaultc.language.form import Mood, Pos, Tense
from vaultc.language.lexicon import phrases
from vaultc.language.matching import PhraseSet, phrase_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.language.tagging import Token

_NO_SUBJECT = frozenset({Pos.COORDINATOR, Pos.ADVERB, Pos.PARTICLE})
_BEFORE_VERB = frozenset({Pos.NOUN, Pos.ADVERB, Pos.ADJECTIVE, Pos.NUMERAL, Pos.VERB, Pos.PREPOSITION})
_HARD = ";:.!?()—–-→|"


class Role(StrEnum):
    """What a clause is for."""

    MAIN = "main"
    CONDITION = "condition"
    REASON = "reason"
    CONCESSION = "concession"
    PURPOSE = "purpose"
    RELATIVE = "relative"


class Predicate(StrEnum):
    """What kind of predicate a clause has."""

    NONE = "none"
    PRESENT = "present"
    PAST = "past"
    MODAL = "modal"
    ORDER = "order"  # an imperative, or an infinitive that stands for one
    STATE = "state"  # «готов», «сохранён», "written whole" without its verb


@dataclass(frozen=True, slots=True)
class Clause:
    """The words `[first, last]` of a sentence; `predicate` is the index of the word that carries it, -1 for none."""

    first: int
    last: int
    role: Role = Role.MAIN
    kind: Predicate = Predicate.NONE
    predicate: int = -1

    def words(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """Give the words of the clause."""
        return tokens[self.first : self.last + 1]

    def subject(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """Give the words before the predicate: there the subject stands, if the clause has one."""
        return tokens[self.first : self.predicate] if self.predicate >= 0 else ()


@cache
def _openers() -> dict[Role, PhraseSet]:
    return {
        role: phrase_set("clauses", role.value)
        for role in (Role.CONDITION, Role.REASON, Role.CONCESSION, Role.PURPOSE, Role.RELATIVE)
    }


@cache
def _weak() -> frozenset[str]:
    return phrases("clauses", "weak")


def clauses_of(tokens: Sequence[Token]) -> tuple[Clause, ...]:
    """Give the clauses of a sentence in order; together they cover all its words."""
    found: list[Clause] = []
    for first, last, role, is_hard in _stretches(tokens):
        predicate, kind = _predicate(tokens, first, last, found, role)
        if found and _joins(tokens, found[-1], first, last, role, kind, is_hard=is_hard):
            before = found[-1]
            if before.kind is Predicate.NONE and kind is not Predicate.NONE:
                found[-1] = Clause(before.first, last, before.role, kind, predicate)
            else:
                found[-1] = Clause(before.first, last, before.role, before.kind, before.predicate)
            continue
        found.append(Clause(first, last, role, kind, predicate))
    return tuple(found)


def _joins(
    tokens: Sequence[Token], before: Clause, first: int, last: int, role: Role, kind: Predicate, *, is_hard: bool
) -> bool:
    """Tell whether a stretch belongs to the clause before it: a further item of a list, an aside without a verb."""
    if role is not Role.MAIN or is_hard:
        return False
    if before.role is Role.RELATIVE and tokens[first].form.pos is Pos.COORDINATOR and not tokens[first].gap:
        return tokens[min(first + 1, last)].form.mood is Mood.FINITE  # "a box that records and keeps"
    if before.role is Role.CONDITION and before.kind is not Predicate.NONE:
        return kind is Predicate.NONE and tokens[first].form.pos is Pos.COORDINATOR
    if before.role is Role.CONDITION:
        return last < len(tokens) - 1 and _wants_verb(tokens, before)  # "if a time, a count or a size is not allowed"
    return kind is Predicate.NONE or (before.kind is Predicate.NONE and before.role is Role.MAIN)


def _wants_verb(tokens: Sequence[Token], clause: Clause) -> bool:
    """Tell whether the word that opens a condition asks for a verb, and is no preposition."""
    last = _openers()[Role.CONDITION].match(tokens, clause.first)
    phrase = " ".join(token.folded for token in tokens[clause.first : (clause.first if last is None else last) + 1])
    return phrase not in _weak() and clause.last - clause.first > _BARE


def _stretches(tokens: Sequence[Token]) -> Iterator[tuple[int, int, Role, bool]]:
    """Give stretches between marks, words that open a side clause, and "and" before a new predicate."""
    starts: list[tuple[int, Role, bool]] = []
    at = 0
    while at < len(tokens):
        gap = tokens[at].gap
        is_hard = any(mark in gap for mark in _HARD)
        role, size = _opened(tokens, at, is_start=at == 0 or bool(gap))
        if role is not None:
            starts.append((at, role, is_hard))
            at += size
            continue
        if at == 0 or gap or (tokens[at].form.pos is Pos.COORDINATOR and _opens_predicate(tokens, at)):
            starts.append((at, Role.MAIN, is_hard))
        at += 1
    for number, (start, role, is_hard) in enumerate(starts):
        end = starts[number + 1][0] - 1 if number + 1 < len(starts) else len(tokens) - 1
        back = _taken_up(tokens, start, end) if role is Role.RELATIVE else None
        if back is not None:
            yield start, back - 1, role, is_hard
            yield back, end, Role.MAIN, False
        else:
            yield start, end, role, is_hard


def _taken_up(tokens: Sequence[Token], first: int, last: int) -> int | None:
    """Give where the clause goes on that a relative one broke: "a change that has no arrow | must be refused"."""
    seen = False
    for at in range(first + 1, last + 1):
        token = tokens[at]
        is_finite = token.form.mood is Mood.FINITE or token.form.pos is Pos.MODAL
        if is_finite and seen and tokens[at - 1].form.pos in _BEFORE_VERB:
            return at
        seen = seen or is_finite
        if token.form.pos in {Pos.COORDINATOR, Pos.SUBORDINATOR, Pos.PRONOUN}:
            return None
    return None


def _opened(tokens: Sequence[Token], at: int, *, is_start: bool) -> tuple[Role | None, int]:
    """Give the role of the clause that the words at `at` open, and how many they are."""
    for role, known in _openers().items():
        last = known.match(tokens, at)
        if last is None:
            continue
        if role is Role.RELATIVE and not (tokens[at].gap or tokens[at].form.pos is Pos.SUBORDINATOR):
            continue
        if role is Role.PURPOSE and tokens[at].folded == "to":
            continue  # the infinitive may be all the predicate there is
        phrase = " ".join(token.folded for token in tokens[at : last + 1])
        if phrase in _weak() and not _is_borne_out(tokens, at, last, is_start=is_start):
            continue
        if tokens[at].form.pos is Pos.PREPOSITION and phrase not in _weak() and role is not Role.CONDITION:
            continue
        return role, last - at + 1
    return None, 0


def _is_borne_out(tokens: Sequence[Token], at: int, last: int, *, is_start: bool) -> bool:
    """Tell whether a word that may open a condition does: "after the door opens", «при запуске, …»."""
    has_verb = _has_verb_before_break(tokens, last + 1)
    if tokens[at].folded.isascii():
        return has_verb
    return is_start and not has_verb and any(token.gap for token in tokens[last + 1 :])


def _has_verb_before_break(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a finite verb stands before the next mark."""
    for token in tokens[at : at + _LOOK_AHEAD]:
        if token.gap:
            return False
        if token.form.mood is Mood.FINITE:
            return True
    return False


_LOOK_AHEAD = 12
_BARE = 1


def _opens_predicate(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether "and", "but" is followed by a clause of its own: a predicate before the next mark."""
    for token in tokens[at + 1 : at + 1 + _LOOK_AHEAD]:
        if token.gap or token.form.pos is Pos.COORDINATOR:
            return False
        if token.form.mood in {Mood.FINITE, Mood.SHORT, Mood.IMPERATIVE} or token.form.pos is Pos.MODAL:
            return True
    return False


def _predicate(  # noqa: C901 - one question for each mood
    tokens: Sequence[Token], first: int, last: int, before: Sequence[Clause], role: Role
) -> tuple[int, Predicate]:
    """Give the word that carries the predicate of a stretch, and its kind."""
    infinitive = participle = -1
    for at in range(first, last + 1):
        form = tokens[at].form
        if form.pos is Pos.MODAL:
            return at, Predicate.MODAL
        if form.mood is Mood.FINITE:
            if form.lemma == "do" and all(token.form.pos in _NO_SUBJECT for token in tokens[first:at]):
                return at, Predicate.ORDER
            return at, Predicate.PAST if form.tense is Tense.PAST else Predicate.PRESENT
        if form.mood is Mood.IMPERATIVE:
            return at, Predicate.ORDER
        if form.mood is Mood.SHORT:
            return at, Predicate.STATE
        if form.mood is Mood.INFINITIVE and infinitive < 0:
            infinitive = at
        if form.mood is Mood.PARTICIPLE and form.pos is Pos.VERB and participle < 0:
            participle = at
    if infinitive >= 0:
        is_led = infinitive > first and tokens[infinitive - 1].folded == "to"
        return infinitive, Predicate.STATE if is_led and infinitive - 1 > first else Predicate.ORDER
    if participle > first and role is not Role.RELATIVE:
        return participle, Predicate.STATE
    return -1, Predicate.NONE
