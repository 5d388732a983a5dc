"""What a word may be: its lemma, part of speech, tense, mood and the rest, in the terms of Universal Dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Pos(StrEnum):
    """Part of speech, after Universal Dependencies (universaldependencies.org/u/pos), coarsened."""

    NOUN = "noun"
    PRONOUN = "pronoun"
    VERB = "verb"
    MODAL = "modal"  # an English verb of modality, or a Russian word of state: must, can, «нужно», «нельзя»
    ADJECTIVE = "adjective"
    DETERMINER = "determiner"
    NUMERAL = "numeral"
    ADVERB = "adverb"
    PREPOSITION = "preposition"
    COORDINATOR = "coordinator"
    SUBORDINATOR = "subordinator"
    PARTICLE = "particle"
    OTHER = "other"


class Mood(StrEnum):
    """What a form of a verb does; of an adjective only SHORT, a predicate: «готов», «сохранён»."""

    NONE = ""
    FINITE = "finite"
    IMPERATIVE = "imperative"
    INFINITIVE = "infinitive"
    PARTICIPLE = "participle"
    GERUND = "gerund"
    SHORT = "short"


class Tense(StrEnum):
    """When, where the form says so."""

    NONE = ""
    PAST = "past"
    PRESENT = "present"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Form:
    """One reading of a word.

    `lemma` is folded. `person` is 0 where the form has none, `is_plural` None where it does not say; `case` is one of
    nomn, gent, datv, accs, ablt, loct (as OpenCorpora names them) or "". `weight` is the share of this reading among
    those of the word, from 0 to 1, as far as the dictionary knows.
    """

    lemma: str
    pos: Pos
    mood: Mood = Mood.NONE
    tense: Tense = Tense.NONE
    person: int = 0
    is_plural: bool | None = None
    case: str = ""
    gender: str = ""
    is_passive: bool = False
    is_name: bool = False
    is_animate: bool = False
    is_known: bool = True
    weight: float = 1.0

    @property
    def is_nominal(self) -> bool:
        """Tell whether the word stands for a thing: a noun or a pronoun."""
        return self.pos in {Pos.NOUN, Pos.PRONOUN}

    @property
    def is_predicate(self) -> bool:
        """Tell whether the form can be all the verb that a sentence needs."""
        return self.pos is Pos.MODAL or self.mood in {Mood.FINITE, Mood.IMPERATIVE, Mood.SHORT}
