"""Conflicts that a merge left: where they are told, and what is left of a note that has one."""

from __future__ import annotations

import itertools

import pytest
from fakes import note, source
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.note import MarkKind
from vaultc.syntax.git_conflict import conflicts, side_texts
from vaultc.syntax.parse import parse_note

MERGE = "above\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> b2\nbelow\n"
DIFF3 = "above\n<<<<<<< HEAD\nours\n||||||| 1234567\nbase\n=======\ntheirs\n>>>>>>> b2\nbelow\n"


def sides(text: str) -> list[list[str]]:
    return [[text[start:end] for start, end in found.sides] for found in conflicts(text)]


@pytest.mark.parametrize("text", [MERGE, DIFF3])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_sides_are_what_stands_between_the_marks(text: str, ending: str) -> None:
    found = sides(text.replace("\n", ending))

    assert found == [[f"ours{ending}", f"theirs{ending}"]]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_each_side_alone_is_the_text_without_the_other(ending: str) -> None:
    text = DIFF3.replace("\n", ending)

    first, second = side_texts(text, conflicts(text))

    assert first.split() == ["above", "ours", "below"]
    assert second.split() == ["above", "theirs", "below"]
    assert len(first) == len(second) == len(text)


def test_a_side_may_be_empty() -> None:
    assert sides("<<<<<<< a\n=======\n>>>>>>> b") == [["", ""]]


def test_each_of_two_conflicts_is_found() -> None:
    assert sides(MERGE + "between\n" + DIFF3) == [["ours\n", "theirs\n"]] * 2


@pytest.mark.parametrize(
    "text",
    [
        MERGE.replace("<<<<<<<", "<<<<<<"),
        MERGE.replace("<<<<<<<", "<<<<<<<<"),
        MERGE.replace("<<<<<<<", " <<<<<<<"),
        MERGE.replace("<<<<<<< HEAD", "<<<<<<<HEAD"),
        MERGE.replace("=======", "======"),
        MERGE.replace("=======", "======= x"),
        MERGE.replace("=======", "=======\nx\n======="),
        MERGE.replace(">>>>>>> b2", ""),
        MERGE.replace("=======\n", ""),
        ">>>>>>> b\n=======\n<<<<<<< a\n",
        "<<<<<<< a\none\n<<<<<<< b\n",
        f"```\n{MERGE}```\n",
        f"- a list\n\n  ~~~text\n{MERGE}  ~~~\n",
        "Words\n=======\n\n>>>>>>> a quote\n",
    ],
)
def test_what_only_looks_like_a_conflict_is_none(text: str) -> None:
    assert conflicts(text) == ()


def test_a_fence_of_one_side_does_not_hide_the_next_conflict() -> None:
    text = MERGE.replace("ours", "```\ncode") + MERGE

    assert len(conflicts(text)) == 2


def test_a_conflict_between_fences_is_found_and_the_fences_stay_code() -> None:
    text = f"```\n<<<<<<< shown\n```\n{MERGE}```\n=======\n```\n"

    parsed, _ = parse_note(source(text))

    assert len(conflicts(text)) == 1
    assert [fence.code for fence in parsed.fences] == ["<<<<<<< shown\n", "=======\n"]


def test_the_marks_are_no_words_of_any_block() -> None:
    parsed = note(DIFF3)

    words = [DIFF3[block.text.start : block.text.end] for block in parsed.blocks]

    assert words == ["above", "ours", "theirs", "below"]
    assert [mark.kind for mark in parsed.marks] == [MarkKind.CONFLICT]


def test_a_conflict_around_the_end_of_the_properties_loses_no_word_of_a_body() -> None:
    text = "---\na: 1\n<<<<<<< x\nb: 2\n---\n# One\nours\n=======\nc: 3\n---\n# Two\ntheirs\n>>>>>>> y\nend\n"

    parsed = note(text)

    assert [(prop.key, prop.value) for prop in parsed.properties] == [("a", 1), ("b", 2), ("c", 3)]
    assert [heading.text for heading in parsed.headings] == ["One", "Two"]
    words = " ".join(text[block.text.start : block.text.end] for block in parsed.blocks)
    assert words == "One ours Two theirs end"


MARKS = ("<<<<<<< a", "=======", ">>>>>>> b", "||||||| c", "+++++++ d", "%%%%%%% e", "------- f")
LINES = st.sampled_from([*MARKS, "```", "---", "", "k: v", "words [[A]] #t", "# head", "- item"])


@given(lines=st.lists(LINES, max_size=25), ending=st.sampled_from(["\n", "\r\n"]))
def test_conflicts_lie_in_order_apart_and_cover_their_parts(lines: list[str], ending: str) -> None:
    text = ending.join(lines)

    found = conflicts(text)

    for one, next_one in itertools.pairwise(found):
        assert one.end <= next_one.start
    for one in found:
        parts = sorted([*one.marks, *one.sides, *one.bases])
        assert one.start == parts[0][0]
        assert one.end == parts[-1][1]
        for (_, end), (start, _) in itertools.pairwise(parts):
            assert end <= start <= end + 2
    parse_note(source(text))
