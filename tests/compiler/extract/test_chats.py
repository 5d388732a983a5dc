"""A conversation is cut by its speakers, and what the person answers tells which proposals bind."""

from __future__ import annotations

import pytest

from vaultc.compiler.extract.chats import Answer, Speaker, answers, turns

YES, CHANGED, NO, OPEN = Answer.ACCEPTED, Answer.CHANGED, Answer.REFUSED, Answer.UNANSWERED


@pytest.mark.parametrize(
    "text",
    [
        "**User:** a kiln timer?\n\n**Assistant:** Two ideas.\n1. A bell.\n\n**User:** yes\n",
        "## Human\na kiln timer?\n\n## Assistant\n1. A bell.\n\n## Human\nyes\n",
        "Я: таймер для печи?\nБот: Звонок.\nЯ: да\n",
        "> [!user] me\n> a timer?\n>\n> > [!assistant]\n> > A bell.\n>\n> [!user] me\n> yes\n",
    ],
)
def test_a_conversation_is_cut_by_its_speakers(text: str) -> None:
    found = turns(text)

    assert [turn.speaker for turn in found] == [Speaker.USER, Speaker.ASSISTANT, Speaker.USER]
    assert found[-1].end == len(text)


def test_a_note_with_labels_is_no_conversation() -> None:
    assert turns("**Price:** 4 euros\n\n**Colour:** red\n") == ()


@pytest.mark.parametrize(
    ("labels", "reply", "expected"),
    [
        ("1 2 3", "ok, 1 and 3, the second no", (YES, NO, YES)),
        ("1 2 3", "Да, первое берём. Второе не надо.", (YES, NO, OPEN)),
        ("1 2", "The first, but with 5 minutes.", (CHANGED, OPEN)),
        ("A B C", "A, конечно. B и C не надо.", (YES, NO, NO)),
        ("1 2 3", "второе годится, остальное мимо", (NO, YES, NO)),
        ("1", "yes", (YES,)),
        ("1 2", "all of them, yes", (YES, YES)),
        ("1 2", "what does it cost?", (OPEN, OPEN)),
    ],
)
def test_an_answer_takes_changes_or_refuses_proposals(labels: str, reply: str, expected: tuple[Answer, ...]) -> None:
    assert answers(labels.split(), reply) == expected
