"""What a question asks for."""

from __future__ import annotations

import pytest

from vaultc.ask.intent import Intent, IntentKind, intent_of


@pytest.mark.parametrize(
    "question",
    [
        "find contradictions",
        "Find all contradictions in my notes!",
        "Where do I contradict myself?",
        "which notes disagree with each other?",
        "найди противоречия",
        "Найди все противоречия в моих заметках",
        "где я сам себе противоречу?",
        "Какие заметки противоречат друг другу?",
        "есть ли противоречия?",
    ],
)
def test_contradictions_are_asked_for(question: str) -> None:
    assert intent_of(question) == Intent(IntentKind.CONTRADICTIONS)


@pytest.mark.parametrize(
    "question",
    ["missing links", "find missing links", "каких ссылок не хватает", "Каких ссылок не хватает в заметках?"],
)
def test_missing_links_are_asked_for(question: str) -> None:
    assert intent_of(question) == Intent(IntentKind.MISSING_LINKS)


@pytest.mark.parametrize(
    "question",
    [
        "How much water does the pump deliver?",
        "What is a contradiction in Hegel?",
        "Почему теории света противоречат друг другу?",
        "What links the two projects?",
        "Какие ссылки есть в заметке о насосе?",
        "",
    ],
)
def test_anything_else_is_a_question(question: str) -> None:
    assert intent_of(question).kind is IntentKind.QUESTION


def test_an_order_about_a_topic_is_an_analysis_of_that_topic() -> None:
    intent = intent_of("Find contradictions about the greenhouse")

    assert intent.kind is IntentKind.CONTRADICTIONS
    assert intent.topic == ("greenhous",)
    assert intent_of("Найди противоречия про теплицу").topic == ("теплиц",)
