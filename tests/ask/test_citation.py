"""What supports a sentence and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes import source

from vaultc.ask.citation import Support, check, stands

if TYPE_CHECKING:
    from vaultc.core.source import Quote


def held(*texts: str) -> tuple[Quote, ...]:
    whole = "\n".join(texts)
    file = source(whole, "n.md")
    found, at = [], 0
    for text in texts:
        found.append(file.quote(file.span(at, at + len(text))))
        at += len(text) + 1
    return tuple(found)


def support(sentence: str, *texts: str, context: str = "") -> Support:
    quotes = held(*texts)
    return check(sentence, quotes, context=[context] * len(quotes))


@pytest.mark.parametrize(
    ("sentence", "note"),
    [
        ("The pump draws 60 watts.", "The pump draws 60 watts."),
        ("The pump uses sixty watts: 60 watts.", "- The pump uses sixty watts, 60 watts in all."),
        ("The well is cleaned by Vera in May.", "Vera cleaned the well in May."),
        ("Насос потребляет 60 Вт.", "Насос потребляет 60 Вт зимой и летом."),
        ("Колодец чистит Вера.", "Вера чистила колодец."),
        ("The pump draws 60 watts.", "Насос: мощность 60 Вт."),
        ("The debt is 1200 €.", "Debt: 1 200 € in all."),
    ],
)
def test_words_that_stand_there_support_a_sentence(sentence: str, note: str) -> None:
    assert support(sentence, note).is_supported


@pytest.mark.parametrize(
    ("why", "sentence", "note"),
    [
        ("numbers", "The pump draws 80 watts.", "The pump draws 60 watts."),
        ("numbers", "Насос потребляет 80 Вт.", "Насос потребляет 60 Вт."),
        ("numbers", "The pump draws 60 kW.", "The pump draws 60 watts."),
        ("numbers", "The fair is on 3 July.", "The fair is on 3 June."),
        ("numbers", "The boat leaves at 21:40.", "The boat leaves at 21:04."),
        ("names", "The well is cleaned by Pavel.", "The well is cleaned by Vera."),
        ("overlap", "The pump is loud and old.", "The roof leaks in autumn."),
        ("polarity", "The door is not locked.", "The door is locked."),
        ("polarity", "Дверь не запирают.", "Дверь запирают."),
        ("content", "So it is.", "The pump draws 60 watts."),
    ],
)
def test_other_words_do_not(why: str, sentence: str, note: str) -> None:
    found = support(sentence, note)

    assert not found.is_supported
    assert found.missing == why


def test_two_quotations_may_support_a_sentence_together() -> None:
    found = support("The pump draws 60 watts and weighs 4 kg.", "The pump draws 60 watts.", "The pump weighs 4 kg.")

    assert found.is_supported
    assert [quote.text for quote in found.quotes] == ["The pump draws 60 watts.", "The pump weighs 4 kg."]


def test_the_title_may_name_the_subject_but_gives_no_number() -> None:
    assert support("The pump draws 60 watts.", "It draws 60 watts.", context="Pump").is_supported
    assert not support("The pump draws 60 watts.", "It draws little.", context="Pump 60").is_supported


def test_the_best_of_many_sentences_is_cited() -> None:
    found = support("The pump draws 60 watts.", "The lamp draws 5 W.", "The pump draws 60 watts.", "60 watts is a lot.")

    assert [quote.text for quote in found.quotes] == ["The pump draws 60 watts."]


def test_a_quotation_must_stand_in_the_note_as_it_is_now() -> None:
    (quote,) = held("The pump draws 60 watts.")

    assert stands(quote, lambda path: "The pump draws 60 watts. Indeed.")
    assert not stands(quote, lambda path: "The pump draws 80 watts.")
    assert not stands(quote, lambda path: None)


@pytest.mark.parametrize(
    ("sentence", "quoted"),
    [
        ("The day ferry leaves at 21:40.", "The night ferry leaves at 21:40."),
        ("Летом полив длится 10 мин.", "Зимой полив длится 10 мин."),
        ("Watering the lawn at dusk is allowed.", "Watering the lawn at dusk is forbidden."),
    ],
)
def test_a_word_that_sets_things_apart_is_no_support(sentence: str, quoted: str) -> None:
    quotes = held(quoted)

    assert not check(sentence, quotes).is_supported
    assert check(quoted, quotes).is_supported
