"""What a word may be."""

from __future__ import annotations

import pytest

from vaultc.language.form import Mood, Pos, Tense
from vaultc.language.morphology import analyse, lemma_of, lemmas_of


@pytest.mark.parametrize(
    ("word", "lemma"),
    [
        ("карточками", "карточка"),
        ("Лифтов", "лифт"),
        ("журналы", "журнал"),
        ("stores", "store"),
        ("children", "child"),
        ("geese", "goose"),
    ],
)
def test_a_word_in_any_form_has_one_lemma(word: str, lemma: str) -> None:
    assert lemma_of(word) == lemma


@pytest.mark.parametrize(
    ("word", "mood", "tense"),
    [
        ("deletes", Mood.FINITE, Tense.PRESENT),
        ("deleted", Mood.FINITE, Tense.PAST),
        ("deleted", Mood.PARTICIPLE, Tense.PAST),
        ("delete", Mood.INFINITIVE, Tense.NONE),
        ("удаляет", Mood.FINITE, Tense.PRESENT),
        ("удалит", Mood.FINITE, Tense.FUTURE),
        ("удалил", Mood.FINITE, Tense.PAST),
        ("удалить", Mood.INFINITIVE, Tense.NONE),
        ("удали", Mood.IMPERATIVE, Tense.NONE),
        ("удалён", Mood.SHORT, Tense.NONE),
    ],
)
def test_a_verb_says_its_mood_and_tense(word: str, mood: Mood, tense: Tense) -> None:
    assert (mood, tense) in {(form.mood, form.tense) for form in analyse(word) if form.pos is Pos.VERB}


def test_a_word_of_two_parts_of_speech_has_both() -> None:
    assert {Pos.NOUN, Pos.VERB} <= {form.pos for form in analyse("records")}
    assert lemmas_of("стали") >= {"стать", "сталь"}


@pytest.mark.parametrize("word", ["frobnicator", "автоплюх", "x86", "12", "e-mail", "don't", "o'clock", "_", ""])
def test_any_word_has_a_reading(word: str) -> None:
    assert analyse(word)


def test_what_no_dictionary_knows_is_a_noun_and_by_its_ending_a_verb() -> None:
    assert analyse("frobnicator")[0].pos is Pos.NOUN
    assert Pos.VERB in {form.pos for form in analyse("frobnicating")}
