"""How the writer of a sentence stands to it: theirs, another's, asked, supposed, no longer so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from vaultc.language.clauses import Role
from vaultc.language.form import Mood, Pos, Tense
from vaultc.language.lexicon import phrases
from vaultc.language.matching import Found, phrase_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.language.clauses import Clause
    from vaultc.language.tagging import Token

_ASKS = ("?", "?!", "!?")
_OPENING = 3
_SPEECH = ':«“"'
_HERE = frozenset({1, 2})
_SUBJECTS = frozenset({Pos.NOUN, Pos.PRONOUN})


class Stance(StrEnum):
    """How the writer stands to what is said."""

    PAST = "past"
    REPORTED = "reported"
    SUPPOSED = "supposed"
    OPINION = "opinion"
    ASKED = "asked"
    SUPERSEDED = "superseded"
    REASON = "reason"
    OWN = "own"  # of the writer


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as far as stances ask it: its words and clauses, its words of modality, the clause that states."""

    text: str
    tokens: Sequence[Token]
    clauses: Sequence[Clause]
    live: Sequence[Found]
    main: Clause | None


def stances_of(said: Said) -> Iterator[tuple[Stance, tuple[int, int]]]:
    """Give each way in which the writer stands to what is `said`, with where the words stand that say so."""
    for stance in (Stance.PAST, Stance.SUPPOSED, Stance.OPINION, Stance.ASKED, Stance.SUPERSEDED, Stance.REASON):
        found = next(_spoken(said, stance), None)
        if found is not None:
            yield stance, _place(said, found)
    stripped = said.text.rstrip("*_ )»\"'”")
    if stripped.endswith(_ASKS):
        yield Stance.ASKED, (len(stripped) - 1, len(stripped))
    elif said.tokens and _asks(said):
        yield Stance.ASKED, (said.tokens[0].start, said.tokens[0].end)
    reported = _reported(said)
    if reported is not None:
        yield Stance.REPORTED, _place(said, reported)
    own = _own(said)
    if own is not None:
        yield Stance.OWN, own


def _asks(said: Said) -> bool:
    """Tell whether a sentence opens as a question does: «нужно ли …», "whether …", "Question: …"."""
    if phrase_set("stance", "question_label").match(said.tokens, 0) == 0 and len(said.tokens) > 1:
        return ":" in said.tokens[1].gap or "—" in said.tokens[1].gap
    particle = phrase_set("stance", "question_particle")
    if any(particle.match(said.tokens, at) is not None for at in _opening(said)):
        return phrase_set("stance", "rather").match(said.tokens, 0) is None
    return phrase_set("stance", "question_opener").match(said.tokens, 0) is not None


def _opening(said: Said) -> Iterator[int]:
    """Give the words that stand second and third, as far as no mark parts them from the first."""
    for at in range(1, min(_OPENING, len(said.tokens))):
        if said.tokens[at].gap:
            return
        yield at


def _spoken(said: Said, stance: Stance) -> Iterator[Found]:
    """Give the words of a stance outside of words of modality, which may hold the same: «хорошо бы»."""
    taken = {at for mark in said.live for at in range(mark.first, mark.last + 1)}
    passed: frozenset[int] = frozenset()
    if stance is Stance.SUPPOSED:
        excused = phrase_set("stance", "not_supposed").find(said.tokens)
        passed = frozenset(at for found in excused for at in range(found.first, found.last + 1))
    aside = _aside(said) if stance is Stance.SUPPOSED else frozenset()
    for found in phrase_set("stance", stance.value).find(said.tokens):
        if found.first in aside or found.first in passed:
            continue
        before = said.tokens[found.first - 1] if found.first else None
        if stance is Stance.PAST and before is not None and before.form.pos is Pos.DETERMINER:
            continue  # "of the last week"
        is_modal = said.tokens[found.first].form.pos is Pos.MODAL and found.first == found.last
        if is_modal or stance is Stance.ASKED or not taken.intersection(range(found.first, found.last + 1)):
            yield found


def _aside(said: Said) -> frozenset[int]:
    """Give the words of side clauses: what only they suppose leaves the sentence a statement."""
    clauses = (clause for clause in said.clauses if clause.role is not Role.MAIN)
    words = {at for clause in clauses for at in range(clause.first, clause.last + 1)}
    unlikely = phrase_set("stance", "unlikely").find(said.tokens)
    return frozenset(words - {at for found in unlikely for at in range(found.first, found.last + 1)})


def _reported(said: Said) -> Found | None:
    """Give the verb of saying whose subject is somebody: a name, a person's pronoun; a program says nothing."""
    for found in phrase_set("stance", "reported").find(said.tokens):
        token = said.tokens[found.first]
        if found.last > found.first:
            return found
        if token.form.pos is not Pos.VERB:
            if token.form.pos in {Pos.PARTICLE, Pos.OTHER}:
                return found
            continue
        if _is_followed(said, found) or _is_told(said, found.first):
            return found  # "five will do, says Anna"; "Anna said"
        if token.form.mood not in {Mood.FINITE, Mood.INFINITIVE} or token.form.person in _HERE:
            continue
        if token.form.lemma in phrases("stance", "written") and not _opens_speech(said, found.last + 1):
            continue  # "Anna writes a letter"
        before = [said.tokens[at] for at in _before(said, found.first)]
        if any(one.folded in _not_another() and one.form.pos is not Pos.DETERMINER for one in before):
            continue
        if any(_is_person(one, is_first=one.start == 0) for one in before):
            return found
    return _said_that(said)


@cache
def _not_another() -> frozenset[str]:
    """Give the pronouns of who writes and who reads, and of nobody: what they say is no other's word."""
    return phrases("stance", "first_person", "second_person") | phrases("modality", "negation.subjects")


def _is_followed(said: Said, found: Found) -> bool:
    """Tell whether a verb of saying opens its stretch and who says it stands right behind."""
    token, after = said.tokens[found.first], said.tokens[found.last + 1 : found.last + 2]
    is_opening = not found.first or bool(token.gap)
    return is_opening and any(
        _is_person(one, is_first=False) and one.folded not in _not_another() for one in after if not one.gap
    )


def _is_told(said: Said, at: int) -> bool:
    """Tell whether a verb of saying is in the past, behind its subject or without one: only people have said things."""
    form = said.tokens[at].form
    if form.tense is not Tense.PAST or form.person in _HERE or form.lemma not in phrases("stance", "told"):
        return False
    if not at or said.tokens[at].gap:
        return form.mood is Mood.FINITE and not said.tokens[at].folded.isascii()
    subject = said.tokens[at - 1]
    return subject.form.pos in _SUBJECTS and subject.folded not in _not_another()


def _opens_speech(said: Said, at: int) -> bool:
    """Tell whether words that somebody says begin at `at`: behind a colon, in quotation marks, behind "that"."""
    if at >= len(said.tokens):
        return False
    token = said.tokens[at]
    return any(mark in token.gap for mark in _SPEECH) or token.folded in phrases("clauses", "content")


def _said_that(said: Said) -> Found | None:
    """Give the verb behind which somebody's words follow, whatever verb it is: «он твердит, что …»."""
    for before, clause in zip(said.clauses, said.clauses[1:], strict=False):
        opens = said.tokens[clause.first].folded in phrases("clauses", "content")
        if clause.role is not Role.RELATIVE or not opens or before.predicate < 0:
            continue
        subject = before.subject(said.tokens)
        if any(
            any(form.is_name for form in token.forms) or token.folded in phrases("stance", "third_person")
            for token in subject
        ):
            return Found("reported", before.predicate, before.predicate)
    return None


def _before(said: Said, at: int) -> Iterator[int]:
    """Give the words before the verb at `at`, back to the last mark: its subject is among them."""
    while at > 0 and not said.tokens[at].gap:
        at -= 1
        yield at


def _own(said: Said) -> tuple[int, int] | None:
    """Give where the writer speaks of themselves as who acts."""
    first = phrases("stance", "first_person")
    for clause in () if said.main is None else (said.main,):
        verb = said.tokens[clause.predicate] if clause.predicate >= 0 else None
        if verb is not None and verb.form.person == 1:
            return verb.start, verb.end
        for token in clause.subject(said.tokens) or clause.words(said.tokens)[:2]:
            if token.folded in first and token.form.pos is not Pos.DETERMINER:
                return token.start, token.end
    return None


def _place(said: Said, found: Found) -> tuple[int, int]:
    return said.tokens[found.first].start, said.tokens[found.last].end


def _is_person(token: Token, *, is_first: bool) -> bool:
    """Tell whether a word names somebody: a pronoun of a person, a name, an unknown word with a capital."""
    if token.form.pos is Pos.PRONOUN:
        return token.folded.partition("'")[0] in phrases("stance", "persons")
    is_name = token.form.is_name or (token.text.istitle() and any(form.is_name for form in token.forms))
    if is_name or token.form.is_animate or token.form.lemma in phrases("stance", "persons"):
        return True
    return token.text[:1].isupper() and token.form.pos is Pos.NOUN and (not is_first or not token.form.is_known)
