"""One reading of a sentence: its clauses, how it binds, what it denies, how its writer stands to it.

All that reads meaning reads this: what the compiler extracts, what the findings compare, what an answer may say.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from vaultc.language.clauses import Clause, Predicate, Role, clauses_of
from vaultc.language.form import Mood, Pos, Tense
from vaultc.language.lexicon import phrases
from vaultc.language.matching import Found, phrase_set
from vaultc.language.stances import Said, Stance, stances_of
from vaultc.language.tagging import Token, tokens

__all__ = ["FORCES", "Basis", "Binding", "Force", "Reading", "Stance", "read"]


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


@dataclass(frozen=True, slots=True)
class Binding:
    """How a clause binds, by what, and where the words stand that say so (empty where none do)."""

    force: Force
    basis: Basis
    clause: Clause
    start: int = 0
    end: int = 0


FORCES = {
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
        return tuple(phrase_set("modality", *FORCES).find(self.tokens))

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
    def modal(self) -> tuple[Binding, ...]:
        """How its main clauses bind that do so by a word of modality, or forbid by an order."""
        return tuple(
            binding
            for binding in self.bindings
            if binding.basis is Basis.WORD or (binding.basis is Basis.ORDER and binding.force is Force.MUST_NOT)
        )

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
        marks = [mark for mark in self.live if clause.first <= mark.first <= clause.last]
        strong = [mark for mark in marks if mark.category not in _WEAK] or marks
        if strong:
            mark = strong[0]
            if mark.category not in _WEAK and self._is_past(mark, clause):
                return Binding(Force.MUST, Basis.PAST, clause)
            force = FORCES[mark.category][self._is_denied(mark, clause)]
            if force is Force.MAY and self._is_denied_after(mark, clause):
                force = Force.WAIVED
            if force is Force.WAIVED and self._orders_not(mark, clause):
                force = Force.MUST_NOT
            start, end = self.tokens[mark.first].start, self.tokens[mark.last].end
            return Binding(force, _BASIS.get(mark.category, Basis.WORD), clause, start, end)
        force = Force.MUST_NOT if self.is_denied(clause) or self._is_refrained(clause) else Force.MUST
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

    def _is_refrained(self, clause: Clause) -> bool:
        """Tell whether an order is one to leave something undone: "avoid long names"."""
        is_order = clause.kind is Predicate.ORDER
        return is_order and self.tokens[clause.predicate].form.lemma in phrases("modality", "abstain")

    @cached_property
    def live(self) -> tuple[Found, ...]:
        """The words of modality that speak of duty or leave where they stand."""
        return tuple(
            mark
            for clause in self.clauses
            for mark in self.marks
            if clause.first <= mark.first <= clause.last and not self._is_idle(mark, clause)
        )

    def _is_idle(self, mark: Found, clause: Clause) -> bool:
        """Tell whether a word of modality says nothing of duty here: a noun of that form, a month, a price, a goal."""
        form = self.tokens[mark.first].form
        if self._is_perhaps(mark, clause) or self._names(mark) or self._says_a_goal(mark, clause):
            return True
        if form.lemma in phrases("modality", "with_infinitive") and not self._has_infinitive(clause):
            return True  # «стоит 500 рублей», «как следует»
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

    def _has_infinitive(self, clause: Clause) -> bool:
        return any(token.form.mood is Mood.INFINITIVE for token in clause.words(self.tokens))

    def _is_perhaps(self, mark: Found, clause: Clause) -> bool:
        """Tell whether a word of leave that opens its clause says "perhaps": «может быть, завтра»."""
        last = phrase_set("stance", "supposed").match(self.tokens, mark.first)
        if last is None or self.tokens[mark.first].folded.isascii():
            return False
        is_opening = mark.first == clause.first or bool(self.tokens[mark.first].gap)
        after = self.tokens[last + 1 : last + 2]
        return is_opening and not any(token.form.mood is Mood.INFINITIVE and not token.gap for token in after)

    def _names(self, mark: Found) -> bool:
        """Tell whether a word of modality is a name or stands as a noun: "on May 5", "a can"."""
        token = self.tokens[mark.first]
        if mark.first != mark.last or not mark.first or token.gap or not token.folded.isascii():
            return False
        return token.text.istitle() or self.tokens[mark.first - 1].folded in phrases("modality", "articles")

    def _says_a_goal(self, mark: Found, clause: Clause) -> bool:
        """Tell whether "is to" says what something is meant for: "the goal is to build a clock"."""
        if mark.category != "duty" or self.tokens[mark.first].form.lemma != "be":
            return False
        before = self.tokens[clause.first : mark.first]
        return any(token.form.lemma in phrases("modality", "goals") for token in before)

    def _is_denied(self, mark: Found, clause: Clause) -> bool:
        if any(at in self.denials for at in range(mark.first, mark.last + 1)) and mark.category not in {
            "ban",
            "waived",
        }:
            return True
        near = range(max(clause.first, mark.first - _REACH) + 1, mark.first + 1)
        if any(self._denies(at - 1) and not self._is_parted(at, mark.first) for at in near):
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
        return is_bare and self._has_infinitive(clause)

    def _has_denied_subject(self, clause: Clause, until: int) -> bool:
        first = until
        while first > clause.first and not self.tokens[first].gap:
            first -= 1
        found = phrase_set("modality", "negation.subjects").find(self.tokens, first, until - 1)
        return any(phrase.first not in self.passed for phrase in found)

    def _denies(self, at: int) -> bool:
        """Tell whether a word denies the verb beside it: a preposition ("without") denies only its noun."""
        return at in self.denials and self.tokens[at].form.pos is not Pos.PREPOSITION

    def is_denied(self, clause: Clause) -> bool:
        """Tell whether a clause says that something is not so: its verb or its subject is denied."""
        if clause.predicate < 0:
            return clause.first in self.denials or (
                clause.first + 1 <= clause.last
                and clause.first + 1 in self.denials
                and self.tokens[clause.first].form.pos in {Pos.COORDINATOR, Pos.ADVERB, Pos.PARTICLE}
            )
        near = range(max(clause.first, clause.predicate - _REACH), min(clause.last, clause.predicate + 1) + 1)
        if any(self._denies(at) for at in near):
            return True
        return self._has_denied_subject(clause, clause.predicate)

    @cached_property
    def stances(self) -> dict[Stance, tuple[int, int]]:
        """How the writer stands to the sentence, each with the words that say so."""
        main = self.binding.clause if self.binding is not None else None
        return dict(stances_of(Said(self.text, self.tokens, self.clauses, self.live, main)))


@lru_cache(4096)
def read(text: str, shown: str | None = None) -> Reading:
    """Read one sentence. `shown` is the same text with inline code, where `text` has blanks."""
    return Reading(text, shown)
