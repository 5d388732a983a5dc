from __future__ import annotations

import pytest
from compiler.units import kettle, poliv, tools

from vaultc.compiler.derive.guided import MAX_CALLS, sentence_fault
from vaultc.compiler.passes.design import design
from vaultc.compiler.tools import Level
from vaultc.model.scripted import ChatScript

SAID = ["The timer must compute the ready time of a brew.", "A pause lasts at most 15 min."]


def test_a_faithful_sentence_becomes_the_duty() -> None:
    unit, notes = kettle()
    sentence = "The timer must compute the ready time of a brew and show the minutes left."
    script = ChatScript(lambda _: sentence)

    lowered = design(unit, tools(notes, Level.GUIDED, script))

    assert any(item.duty == sentence for item in lowered.components) or lowered.refusals
    assert len(script.calls) <= MAX_CALLS


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "Sure!",
        "The timer computes the ready time of a brew within 99 minutes.",
        "The timer must compute the ready time of a brew. It also rings.",
        "The Babbage engine computes the ready time of a brew.",
        "Таймер считает время готовности заварки и паузы.",
        "The timer must not compute the ready time of a brew.",
        "The timer must compute the [[ready time]] of a brew.",
        "Unicorns dance gracefully under purple moonlight every evening.",
        "The timer must compute the ready time of a brew " * 20,
        "The timer must compute\nthe ready time of a brew.",
    ],
)
def test_a_sentence_that_says_anything_else_is_refused(sentence: str) -> None:
    assert sentence_fault(sentence, SAID, "en")


def test_the_words_of_the_notes_pass() -> None:
    assert sentence_fault("The timer must compute the ready time of a brew.", SAID, "en") == ""


@pytest.mark.parametrize("make", [kettle, poliv])
@pytest.mark.parametrize("answer", ["", "lorem ipsum " * 100_000, "The timer.", "<|im_end|>", "()" * 50])
def test_a_babbling_model_leaves_the_outline(make: object, answer: str) -> None:
    unit, notes = make()  # type: ignore[operator]  # a fixture function
    outline = design(unit, tools(notes))

    guided = design(unit, tools(notes, Level.GUIDED, ChatScript(lambda _: answer)))

    assert guided.components == outline.components
    assert guided.interfaces == outline.interfaces
