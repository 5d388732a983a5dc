"""What a sentence says is done: its verb and the thing that it is done to, for a short name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.language.clauses import Clause, Predicate, Role
from vaultc.language.form import Mood, Pos
from vaultc.language.lexicon import phrases
from vaultc.language.morphology import analyse
from vaultc.language.reading import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.language.tagging import Token

_SKIPPED = frozenset({Pos.DETERMINER, Pos.NUMERAL, Pos.ADVERB, Pos.ADJECTIVE, Pos.PARTICLE})
_LINKS = frozenset({Pos.PREPOSITION, Pos.SUBORDINATOR})  # "wait for water", "at most 8 dishes"
_REFLEXIVE = ("ться", "тись")
_FEMININE = {"а": "у", "я": "ю"}
_MAX_OBJECT = 2


@dataclass(frozen=True, slots=True)
class Action:
    """A deed: the dictionary form of its verb (empty for a deed told by a noun alone) and the words of its object."""

    verb: str
    things: tuple[str, ...]

    @property
    def name(self) -> str:
        """Give the deed in at most three words: "ring duty phone"."""
        return " ".join(part for part in (self.verb, *self.things) if part)


def action_of(text: str) -> Action | None:
    """Give what `text` says is done, by its first clause that tells a deed; None where it only says how things are."""
    reading = read(text)
    for clause in reading.clauses:
        if clause.role in {Role.CONDITION, Role.REASON, Role.PURPOSE}:
            continue
        found = _of_clause(reading.tokens, clause)
        is_aside = clause.role is Role.RELATIVE and found is not None and not found.things
        if found is not None and not is_aside:
            return found
    return None


def _of_clause(tokens: Sequence[Token], clause: Clause) -> Action | None:
    if clause.kind in {Predicate.NONE, Predicate.PAST}:
        return None
    at = clause.predicate
    light = phrases("actions", "light")
    while at <= clause.last and (tokens[at].form.pos is Pos.MODAL or tokens[at].form.lemma in light):
        follower = _next_verb(tokens, at + 1, clause.last)
        if follower < 0:
            return _of_noun(tokens, at, clause.last)
        at = follower
    if at > clause.last:
        return None
    form = tokens[at].form
    if form.lemma in phrases("actions", "state") or not (form.pos is Pos.VERB or form.mood is Mood.PARTICIPLE):
        return None
    is_passive = form.mood is Mood.SHORT or (form.mood is Mood.PARTICIPLE and at > clause.first)
    verb = _active(form.lemma)
    if is_passive or verb != form.lemma:
        return Action(verb, _subject(tokens, clause, at))
    return Action(verb, _object(tokens, at + 1, clause.last))


def _next_verb(tokens: Sequence[Token], first: int, last: int) -> int:
    """Give the next infinitive or participle; what stands between may say when and how, but names no thing."""
    for at in range(first, last + 1):
        form = tokens[at].form
        if form.mood in {Mood.INFINITIVE, Mood.SHORT} or (form.mood is Mood.PARTICIPLE and form.pos is Pos.VERB):
            return at
        if form.pos is Pos.PREPOSITION:
            return -1
    return -1


def _active(lemma: str) -> str:
    """Give the verb without its reflexive ending, where there is such a verb: «создаваться» is done to what is told."""
    bare = lemma[:-2]
    if lemma.endswith(_REFLEXIVE) and any(form.is_known and form.lemma == bare for form in analyse(bare)):
        return bare
    return lemma


def _of_noun(tokens: Sequence[Token], at: int, last: int) -> Action | None:
    """Give the deed that a noun behind a verb of little sense tells: «обеспечивает приём заявок»."""
    is_russian = not tokens[at].folded.isascii()
    things = _object(tokens, at + 1, last) if is_russian and tokens[at].form.pos is Pos.VERB else ()
    return Action("", things) if len(things) > 1 else None


def _object(tokens: Sequence[Token], first: int, last: int) -> tuple[str, ...]:
    """Give the nouns of what a verb acts on: the first group of nouns behind it, at most two words of it."""
    at = first
    while at <= last and not tokens[at].form.is_nominal:
        token = tokens[at]
        is_passed = token.form.pos in _SKIPPED or (token.folded.isascii() and token.form.pos in _LINKS)
        if (at > first and token.gap) or not is_passed:
            return ()
        at += 1
    return _group(tokens, at, last)


def _group(tokens: Sequence[Token], at: int, last: int) -> tuple[str, ...]:
    if at > last or tokens[at].form.pos is Pos.PRONOUN:
        return ()
    end = at
    while end < last and not tokens[end + 1].gap and _continues(tokens[end + 1]):
        end += 1
    nouns = [token for token in tokens[at : end + 1] if token.form.pos is Pos.NOUN]
    chosen = nouns[:_MAX_OBJECT] if not tokens[at].folded.isascii() else nouns[-_MAX_OBJECT:]
    return tuple(token.folded if not token.is_code else token.text.strip("`") for token in chosen)


def _continues(token: Token) -> bool:
    """Tell whether a word goes on with the nouns before it: a noun behind an English one, a Russian genitive."""
    if token.folded.isascii():
        return token.form.pos is Pos.NOUN
    return token.form.case == "gent" and token.form.pos in {Pos.NOUN, Pos.ADJECTIVE}


def _subject(tokens: Sequence[Token], clause: Clause, at: int) -> tuple[str, ...]:
    """Give what a passive verb is done to, as the object of an active one."""
    first = clause.first
    while first < at and tokens[first].form.pos is not Pos.NOUN:
        first += 1
        if first < at and tokens[first].form.pos is Pos.PREPOSITION:
            return ()
    found = _group(tokens, first, at - 1)
    if found and tokens[first].form.gender == "femn" and found[0][-1:] in _FEMININE:
        return (found[0][:-1] + _FEMININE[found[0][-1]], *found[1:])
    return found
