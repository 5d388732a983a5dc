"""One reading of a sentence: its clauses, how it binds, what it denies, how its writer stands to it.

All that reads meaning reads this: what the compiler extracts, what the findings compare, what an answer may say.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from vaultc.language.clauses import Clause, Predicate, Role, clauses_of
from vaultc.language.form import Mood, Pos, Tense
from vaultc.language.lexicon import phrases
from vaultc.language.matching import Found, phrase_set
from vaultc.language.tagging import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator


class Force(StrEnum):
    """How a sentence binds. WAIVED: it need not be so."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
    MUST_NOT = "must_not"
    SHOULD_NOT = "should_not"
    WAIVED = "waived"


class Basis(StrEnum):
    """By what a sentence binds."""

    WORD = "word"  # a word of duty, permission, advice or ban
    ORDER = "order"  # an imperative, or an infinitive that stands for one
    DECISION = "decision"
    WISH = "wish"
    ASSERTION = "assertion"  # it says how it is: present or future
    FRAGMENT = "fragment"  # it has no predicate
    PAST = "past"


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
class Binding:
    """How a clause binds, by what, and where the words stand that say so (empty where none do)."""

    force: Force
    basis: Basis
    clause: Clause
    start: int = 0
    end: int = 0


_FORCES = {
    "duty": (Force.MUST, Force.MUST_NOT),
    "need": (Force.MUST, Force.WAIVED),
    "permission": (Force.MAY, Force.MUST_NOT),
    "advice": (Force.SHOULD, Force.SHOULD_NOT),
    "ban": (Force.MUST_NOT, Force.MAY),
    "optional": (Force.MAY, Force.MUST),
    "waived": (Force.WAIVED, Force.MUST),
    "wish": (Force.SHOULD, Force.SHOULD_NOT),
    "decided": (Force.MUST, Force.MUST_NOT),
}
"""By category of the lexicon: how it binds, and how it does denied."""
_BASIS = {"wish": Basis.WISH, "decided": Basis.DECISION}
_WEAK = frozenset({"wish", "decided"})
_REACH = 3
_PERFECT = 2
_ASKS = ("?", "?!")


class Reading:
    """A sentence as it was read. Offsets are those of the text that was given."""

    def __init__(self, text: str, shown: str | None = None) -> None:
        self.text = text
        self.shown = shown if shown is not None else text
        self.tokens: tuple[Token, ...] = tokens(text, shown)
        self.clauses: tuple[Clause, ...] = clauses_of(self.tokens)

    @cached_property
    def main(self) -> tuple[Clause, ...]:
        """The clauses that state something by themselves."""
        return tuple(clause for clause in self.clauses if clause.role is Role.MAIN)

    @cached_property
    def condition(self) -> tuple[int, int] | None:
        """Where the condition stands, with the word that opens it; None where there is none."""
        found = next((clause for clause in self.clauses if clause.role is Role.CONDITION), None)
        if found is None:
            return None
        words = found.words(self.tokens)
        binding = self.binding
        if binding is not None and binding.clause.first > found.last + 1:  # "if it rains, the door is open, ring"
            words = self.tokens[found.first : binding.clause.first]
        return words[0].start, words[-1].end

    @cached_property
    def marks(self) -> tuple[Found, ...]:
        """The words of modality, in order."""
        return tuple(phrase_set("modality", *_FORCES).find(self.tokens))

    @cached_property
    def passed(self) -> frozenset[int]:
        """The words that look like a negation and deny nothing: "no more than", «не только»."""
        found = phrase_set("modality", "negation.passed").find(self.tokens)
        return frozenset(at for phrase in found for at in range(phrase.first, phrase.last + 1))

    @cached_property
    def denials(self) -> frozenset[int]:
        """The words that deny."""
        found = phrase_set("modality", "negation.words").find(self.tokens)
        by_phrase = {at for phrase in found for at in range(phrase.first, phrase.last + 1)}
        by_ending = {at for at, token in enumerate(self.tokens) if token.folded.endswith("n't")}
        return frozenset((by_phrase | by_ending) - self.passed)

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        """How each main clause binds, in order."""
        return tuple(self._binding(clause) for clause in self.main)

    @cached_property
    def binding(self) -> Binding | None:
        """How the sentence binds: by its first clause with a word of modality, else an order, else an assertion."""
        order = [Basis.WORD, Basis.DECISION, Basis.WISH, Basis.ORDER, Basis.ASSERTION, Basis.PAST, Basis.FRAGMENT]
        said = phrases("stance", "reported")
        aside = [  # "filled it by hand, my back says": who says it is no more than an aside
            found.basis is Basis.ASSERTION and self.tokens[found.clause.predicate].form.lemma in said
            for found in self.bindings
        ]
        kept = [found for found, is_aside in zip(self.bindings, aside, strict=True) if not is_aside] or self.bindings
        ranked = sorted(kept, key=lambda found: (order.index(found.basis), found.force is Force.MAY))
        found = next(iter(ranked), None)  # "a number may have no point, and it must be finite" is a duty
        return self._optative() if found is None or found.basis is Basis.FRAGMENT else found

    def _optative(self) -> Binding | None:
        """Give a wish that is all a clause of purpose: «чтобы ночью не пищало»."""
        for clause in self.clauses:
            if clause.role is Role.PURPOSE and clause.predicate >= 0:
                force = Force.MUST_NOT if self.is_denied(clause) else Force.MUST
                return Binding(force, Basis.WISH, clause)
        return next(iter(self.bindings), None)

    def _binding(self, clause: Clause) -> Binding:
        marks = [mark for mark in self.marks if clause.first <= mark.first <= clause.last]
        marks = [mark for mark in marks if not self._is_idle(mark, clause)]
        strong = [mark for mark in marks if mark.category not in _WEAK] or marks
        if strong:
            mark = strong[0]
            if mark.category not in _WEAK and self._is_past(mark, clause):
                return Binding(Force.MUST, Basis.PAST, clause)
            force = _FORCES[mark.category][self._is_denied(mark, clause)]
            if force is Force.MAY and self._is_denied_after(mark, clause):
                force = Force.WAIVED
            if force is Force.WAIVED and self._orders_not(mark, clause):
                force = Force.MUST_NOT
            start, end = self.tokens[mark.first].start, self.tokens[mark.last].end
            return Binding(force, _BASIS.get(mark.category, Basis.WORD), clause, start, end)
        force = Force.MUST_NOT if self.is_denied(clause) else Force.MUST
        basis = {
            Predicate.ORDER: Basis.ORDER,
            Predicate.PAST: Basis.PAST,
            Predicate.NONE: Basis.FRAGMENT,
        }.get(clause.kind, Basis.ASSERTION)
        return Binding(force, basis, clause)

    def _is_past(self, mark: Found, clause: Clause) -> bool:
        """Tell whether a duty is one of the past: "had to", «должен был», «надо было»."""
        said = [self.tokens[at].form for at in range(mark.first, mark.last + 1)]
        if any(form.tense is Tense.PAST and form.mood is Mood.FINITE for form in said):
            return True
        if [self.tokens[at].form.lemma for at in range(mark.last + 1, min(clause.last, mark.last + 1) + 1)] == ["have"]:
            after = mark.last + _PERFECT
            return after <= clause.last and self.tokens[after].form.mood is Mood.PARTICIPLE  # "must have been"
        beside = (mark.first - 1, mark.last + 1)
        return any(
            clause.first <= at <= clause.last
            and self.tokens[at].form.lemma in phrases("modality", "past_of_duty")
            and self.tokens[at].form.tense is Tense.PAST
            for at in beside
        )

    def _is_idle(self, mark: Found, clause: Clause) -> bool:
        """Tell whether a word of modality says nothing of duty here: a noun of that form, "need" as a noun."""
        form = self.tokens[mark.first].form
        if mark.category == "advice" and form.pos is Pos.VERB and not self.tokens[mark.first].folded.isascii():
            following = self.tokens[mark.first : clause.last + 1]
            return not any(token.form.mood is Mood.INFINITIVE for token in following)  # «рассада стоит у окна»
        if mark.category == "decided" and form.mood in {Mood.INFINITIVE, Mood.IMPERATIVE, Mood.GERUND}:
            return True  # "choose a train" orders, it does not settle
        rest = self.tokens[mark.last + 1 : clause.last + 1]
        is_cut = mark.category in {"duty", "advice"} and bool(rest) and rest[-1].folded in phrases("modality", "elided")
        if is_cut and len(rest) <= _PERFECT:
            return True  # "the paper is wet, the clock should not be"
        if mark.first == mark.last and form.pos in {Pos.NOUN, Pos.PRONOUN} and mark.category != "permission":
            return True
        is_adjective = form.pos is Pos.ADJECTIVE and form.mood is Mood.NONE
        follows_noun = mark.last < clause.last and self.tokens[mark.last + 1].form.pos is Pos.NOUN
        return is_adjective and follows_noun

    def _is_denied(self, mark: Found, clause: Clause) -> bool:
        if any(at in self.denials for at in range(mark.first, mark.last + 1)) and mark.category not in {
            "ban",
            "waived",
        }:
            return True
        near = range(max(clause.first, mark.first - _REACH) + 1, mark.first + 1)
        if any(at - 1 in self.denials and not self._is_parted(at, mark.first) for at in near):
            return True
        if self._has_denied_subject(clause, mark.first):
            return True
        is_duty = mark.category in {"duty", "advice", "wish"}
        is_english = self.tokens[mark.last].folded.isascii()
        return (is_duty or is_english) and self._follows(mark, clause)

    def _is_parted(self, first: int, last: int) -> bool:
        """Tell whether a mark stands before any of the words from `first` to `last`."""
        return any(self.tokens[at].gap for at in range(first, last + 1))

    def _follows(self, mark: Found, clause: Clause) -> bool:
        """Tell whether a denial stands right behind a word of modality: "must not", "should never"."""
        for at in range(mark.last + 1, min(clause.last, mark.last + 2) + 1):
            if at in self.denials:
                return self.tokens[at].form.pos is not Pos.DETERMINER or self.tokens[at].folded == "no"
            if self.tokens[at].form.pos is not Pos.ADVERB:
                return False
        return False

    def _is_denied_after(self, mark: Found, clause: Clause) -> bool:
        return not self.tokens[mark.last].folded.isascii() and self._follows(mark, clause)

    def _orders_not(self, mark: Found, clause: Clause) -> bool:
        """Tell whether a duty that is denied forbids: «не надо» with the infinitive of what is not to be done."""
        if self.tokens[mark.last].folded.isascii() or mark.category != "need":
            return False
        is_bare = self.tokens[mark.last].form.pos is Pos.MODAL
        return is_bare and any(token.form.mood is Mood.INFINITIVE for token in clause.words(self.tokens))

    def _has_denied_subject(self, clause: Clause, until: int) -> bool:
        first = until
        while first > clause.first and not self.tokens[first].gap:
            first -= 1
        found = phrase_set("modality", "negation.subjects").find(self.tokens, first, until - 1)
        return any(phrase.first not in self.passed for phrase in found)

    def is_denied(self, clause: Clause) -> bool:
        """Tell whether a clause says that something is not so: its verb or its subject is denied."""
        if clause.predicate < 0:
            return clause.first in self.denials or (
                clause.first + 1 <= clause.last
                and clause.first + 1 in self.denials
                and self.tokens[clause.first].form.pos in {Pos.COORDINATOR, Pos.ADVERB, Pos.PARTICLE}
            )
        near = range(max(clause.first, clause.predicate - _REACH), min(clause.last, clause.predicate + 1) + 1)
        if any(at in self.denials for at in near):
            return True
        return self._has_denied_subject(clause, clause.predicate)

    @cached_property
    def stances(self) -> dict[Stance, tuple[int, int]]:
        """How the writer stands to the sentence, each with the words that say so."""
        return dict(self._stances())

    def _stances(self) -> Iterator[tuple[Stance, tuple[int, int]]]:
        for stance in (Stance.PAST, Stance.SUPPOSED, Stance.OPINION, Stance.ASKED, Stance.SUPERSEDED, Stance.REASON):
            found = next(self._spoken(stance), None)
            if found is not None:
                yield stance, self._place(found)
        stripped = self.text.rstrip("*_ )»\"'”")
        if stripped.endswith(_ASKS):
            yield Stance.ASKED, (len(stripped) - 1, len(stripped))
        reported = self._reported()
        if reported is not None:
            yield Stance.REPORTED, self._place(reported)
        own = self._own()
        if own is not None:
            yield Stance.OWN, own

    def _spoken(self, stance: Stance) -> Iterator[Found]:
        """Give the words of a stance outside of words of modality, which may hold the same: «хорошо бы»."""
        taken = {at for mark in self.marks for at in range(mark.first, mark.last + 1)}
        if stance is Stance.SUPPOSED:
            passed = phrase_set("stance", "not_supposed").find(self.tokens)
            taken |= {at for found in passed for at in range(found.first, found.last + 1)}
        aside = self._aside() if stance is Stance.SUPPOSED else frozenset()
        for found in phrase_set("stance", stance.value).find(self.tokens):
            if found.first in aside:
                continue
            before = self.tokens[found.first - 1] if found.first else None
            if stance is Stance.PAST and before is not None and before.form.pos is Pos.DETERMINER:
                continue  # "of the last week"
            is_modal = self.tokens[found.first].form.pos is Pos.MODAL and found.first == found.last
            if is_modal or stance is Stance.ASKED or not taken.intersection(range(found.first, found.last + 1)):
                yield found

    def _aside(self) -> frozenset[int]:
        """Give the words of side clauses: what only they suppose leaves the sentence a statement."""
        clauses = (clause for clause in self.clauses if clause.role is not Role.MAIN)
        said = {at for clause in clauses for at in range(clause.first, clause.last + 1)}
        unlikely = phrase_set("stance", "unlikely").find(self.tokens)
        return frozenset(said - {at for found in unlikely for at in range(found.first, found.last + 1)})

    def _reported(self) -> Found | None:
        """Give the verb of saying whose subject is somebody: a name, a person's pronoun; a program says nothing."""
        for found in phrase_set("stance", "reported").find(self.tokens):
            token = self.tokens[found.first]
            if token.form.pos is not Pos.VERB:
                if found.last > found.first or token.form.pos in {Pos.PARTICLE, Pos.OTHER}:
                    return found
                continue
            if token.form.mood not in {Mood.FINITE, Mood.INFINITIVE} or not found.first:
                continue
            if any(_is_person(self.tokens[at], is_first=at == 0) for at in self._before(found.first)):
                return found
        return self._said_that()

    def _said_that(self) -> Found | None:
        """Give the verb behind which somebody's words follow, whatever verb it is: «он твердит, что …»."""
        for before, clause in zip(self.clauses, self.clauses[1:], strict=False):
            opens = self.tokens[clause.first].folded in phrases("clauses", "content")
            if clause.role is not Role.RELATIVE or not opens or before.predicate < 0:
                continue
            subject = before.subject(self.tokens)
            if any(token.form.is_name or token.folded in phrases("stance", "third_person") for token in subject):
                return Found("reported", before.predicate, before.predicate)
        return None

    def _before(self, at: int) -> Iterator[int]:
        """Give the words before the verb at `at`, back to the last mark: its subject is among them."""
        while at > 0 and not self.tokens[at].gap:
            at -= 1
            yield at

    def _own(self) -> tuple[int, int] | None:
        """Give where the writer speaks of themselves as who acts."""
        first = phrases("stance", "first_person")
        binding = self.binding
        for clause in () if binding is None else (binding.clause,):
            verb = self.tokens[clause.predicate] if clause.predicate >= 0 else None
            if verb is not None and verb.form.person == 1 and not verb.folded.isascii():
                return verb.start, verb.end
            for token in clause.subject(self.tokens) or clause.words(self.tokens)[:2]:
                if token.folded in first and token.form.pos is not Pos.DETERMINER:
                    return token.start, token.end
        return None

    def _place(self, found: Found) -> tuple[int, int]:
        return self.tokens[found.first].start, self.tokens[found.last].end


def _is_person(token: Token, *, is_first: bool) -> bool:
    """Tell whether a word names somebody: a pronoun of a person, a name, an unknown word with a capital."""
    if token.form.pos is Pos.PRONOUN:
        return token.folded.partition("'")[0] in phrases("stance", "persons")
    if token.form.is_name or token.form.is_animate or token.form.lemma in phrases("stance", "persons"):
        return True
    return token.text[:1].isupper() and token.form.pos is Pos.NOUN and (not is_first or not token.form.is_known)


@lru_cache(4096)
def read(text: str, shown: str | None = None) -> Reading:
    """Read one sentence. `shown` is the same text with inline code, where `text` has blanks."""
    return Reading(text, shown)
