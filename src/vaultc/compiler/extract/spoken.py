"""The words and numbers of a statement, read once for all that is named by them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from vaultc.language.form import Form, Mood, Pos, Tense
from vaultc.language.lexicon import phrases
from vaultc.language.quantities import Quantity, quantities
from vaultc.language.stems import fold
from vaultc.language.tagging import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HELPERS = frozenset({"be", "have", "do"})
_LOOK_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Spoken:
    """A statement with its numbers and its words but those of units: they are read once for all its numbers."""

    text: str
    words: tuple[Token, ...]
    numbers: tuple[Quantity, ...]


def spoken(text: str) -> Spoken:
    """Read the words of a statement."""
    numbers = tuple(quantities(text))
    units = [(number.start, number.end) for number in numbers if not number.dimension.startswith("count")]
    words = [word for word in _with_nouns(tokens(text)) if not word.text[:1].isdigit()]
    return Spoken(
        text, tuple(word for word in words if not any(low <= word.start < high for low, high in units)), numbers
    )


def _with_nouns(words: Sequence[Token]) -> Iterator[Token]:
    """Give the words with verbs turned to nouns where only a noun can stand: "the log", "fades take", "silence of"."""
    is_left = False
    for at, word in enumerate(words):
        before = words[at - 1] if at and not word.gap else None
        after = words[at + 1] if at + 1 < len(words) and not words[at + 1].gap else None
        past = next((form for form in word.forms if form.pos is Pos.VERB and form.tense is Tense.PAST), None)
        if is_left:
            word = as_pos(word, Pos.VERB)
        elif before is not None and before.form.lemma == "be" and is_noun(word) and past is not None:
            word = replace(word, form=replace(past, mood=Mood.PARTICIPLE))
        is_left = False
        is_now = word.form.tense is not Tense.PAST or word.form.mood is Mood.GERUND
        is_bare = (
            is_verb(word)
            and is_now
            and (word.folded.isascii() or word.form.mood is Mood.GERUND)
            and word.form.lemma not in _HELPERS
        )
        if (
            is_bare
            and before is not None
            and before.form.pos is Pos.DETERMINER
            and (after is None or not is_noun(after))
        ):
            word = as_pos(word, Pos.NOUN)
        elif (
            is_bare and before is None and (_is_before_verb(words, at) or (after is not None and after.folded == "of"))
        ):
            is_left = after is not None and not is_verb(after) and after.form.pos in {Pos.NOUN, Pos.ADJECTIVE}
            word = as_pos(word, Pos.NOUN)
        yield word


def as_pos(word: Token, pos: Pos) -> Token:
    """Give a word in its reading as another part of speech; a noun that the dictionary lacks is made of the verb."""
    found = next((form for form in word.forms if form.pos is pos), None)
    return replace(word, form=found or Form(word.form.lemma, pos, is_plural=word.form.person == 3))


def _is_before_verb(words: Sequence[Token], at: int) -> bool:
    """Tell whether the word at `at`, the first of its clause, is its subject: the verb of that clause comes later."""
    for number, word in enumerate(words[at + 1 : at + 1 + _LOOK_AHEAD]):
        if word.gap or word.form.pos in {Pos.SUBORDINATOR, Pos.PRONOUN}:
            return False
        if word.form.pos is Pos.MODAL or word.form.lemma in _HELPERS or word.form.person == 3:
            return True
        if number == 0 and words[at].form.person == 3 and any(_is_plain(form) for form in word.forms):
            return True
    return False


def is_person(word: Token) -> bool:
    """Tell whether a word is the name of somebody."""
    return word.form.is_name or (word.text[:1].isupper() and not word.form.is_known)


def _is_plain(form: Form) -> bool:
    return form.pos is Pos.VERB and form.mood is Mood.FINITE and form.tense is Tense.PRESENT and form.person != 3


def is_noun(word: Token) -> bool:
    """Tell whether a word names a thing."""
    return word.form.pos is Pos.NOUN


def is_verb(word: Token) -> bool:
    """Tell whether a word is a verb in any form but a participle that describes."""
    return word.form.pos is Pos.VERB


@cache
def _listed(category: str) -> frozenset[str]:
    return phrases("values", category)


def is_listed(word: Token, category: str) -> bool:
    """Tell whether a word, by its lemma or as it stands, is one of `category` of the lexicon of values."""
    return word.form.lemma in _listed(category) or fold(word.text) in _listed(category)
