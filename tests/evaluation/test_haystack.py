"""What is hidden in what: needles that nothing in the notes resembles, texts of the right length, places as asked."""

from __future__ import annotations

import re
from random import Random

import pytest
from evaluation.readers import POOLS, Clock, Reader, model, pool
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.core.errors import VaultcError
from vaultc.evaluation.check import ANSWER_TOKENS, ContextCheck
from vaultc.evaluation.haystack import Haystack, HaystackPiece, Pool, trimmed, with_facts
from vaultc.evaluation.invent import Inventor
from vaultc.evaluation.plan import Plan, Trial, TrialCell
from vaultc.evaluation.scoring import folded
from vaultc.evaluation.tasks import TASKS, PlantedFact, hide
from vaultc.evaluation.wording import WORDINGS

LANGUAGES = st.sampled_from(sorted(WORDINGS))


def words(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


def check(seed: int = 0) -> ContextCheck:
    plan = Plan((1024, 2048), (0, 50, 100), TASKS, tuple(POOLS), 1, seed)
    return ContextCheck(model(Reader()), POOLS, plan, {}, lambda result: None, Clock())


@given(LANGUAGES, st.integers(0, 50), st.data())
@settings(max_examples=60, deadline=None)
def test_nothing_invented_stands_in_the_text(language: str, seed: int, data: st.DataObject) -> None:
    said = WORDINGS[language]
    # The very names and numbers that would be drawn first stand in the notes already.
    drawn = Inventor(said, Random(seed), "")
    text = " ".join([*(drawn.name() for _ in range(20)), *(drawn.code() for _ in range(20))])
    noise = data.draw(st.sampled_from(["", " 7", " Ё", "\n"]))
    invent = Inventor(said, Random(seed), (text + noise).upper())

    name = invent.name()
    found = [name, invent.twin(name), invent.name()]
    codes = [invent.code() for _ in range(10)]

    assert all(folded(item) not in folded(text) for item in (*found, *codes))
    assert all(code[-4:] not in text for code in codes)
    assert len({folded(item) for item in (*found, *codes)}) == len(found) + len(codes)


def test_a_vault_that_holds_every_number_is_told_so() -> None:
    with pytest.raises(VaultcError, match="nearly all numbers"):
        Inventor(WORDINGS["en"], Random(1), " ".join(map(str, range(1000, 10_000)))).code()


def test_a_twin_differs_in_one_letter() -> None:
    invent = Inventor(WORDINGS["ru"], Random(3), "")
    for _ in range(50):
        name = invent.name()
        twin = invent.twin(name)
        assert len(twin) == len(name)
        assert sum(a != b for a, b in zip(name, twin, strict=True)) == 1


@given(st.sampled_from(TASKS), LANGUAGES, st.sampled_from([0, 30, 100]), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_prompt_fills_its_length_and_leaves_room_for_the_answer(
    task: str, language: str, depth: int, sample: int
) -> None:
    one = check()
    for tokens in (1024, 2048):
        prompt, _ = one.prompt(Trial(TrialCell(tokens, depth, task, language), sample))
        count = sum(words(message.content) for message in prompt.messages)

        assert count <= tokens - ANSWER_TOKENS
        assert count >= tokens - ANSWER_TOKENS - 120


def test_the_same_seed_gives_the_same_prompts_and_another_one_others() -> None:
    trial = Trial(TrialCell(1024, 50, "twins", "ru"), 0)

    assert check(1).prompt(trial) == check(1).prompt(trial)
    assert check(1).prompt(trial) != check(2).prompt(trial)


def test_all_tasks_and_depths_of_a_sample_begin_with_the_same_text() -> None:
    one = check()
    starts = {
        one.prompt(Trial(TrialCell(2048, depth, "single", "en"), 0))[0].messages[-1].content[:1500]
        for depth in (50, 100)
    }

    assert len(starts) == 1


@pytest.mark.parametrize("depth", [0, 10, 50, 90, 100])
def test_a_fact_stands_as_deep_as_asked(depth: int) -> None:
    pieces, _ = Haystack(POOLS["en"], words).pieces(4000, Random(1))
    text = with_facts(pieces, [PlantedFact(depth / 100, "HERE")])
    before = words(text[: text.index("HERE")])

    assert abs(before / 4000 - depth / 100) < 0.02
    assert text.startswith("HERE") is (depth == 0)
    assert text.endswith("HERE") is (depth == 100)


@given(st.lists(st.floats(0, 1), max_size=10), st.lists(st.integers(1, 50), max_size=20))
def test_facts_stand_in_the_order_of_their_depths_and_none_is_lost(depths: list[float], sizes: list[int]) -> None:
    pieces = [HaystackPiece(f"p{number}", size) for number, size in enumerate(sizes)]
    facts = [PlantedFact(depth, f"f{number}") for number, depth in enumerate(depths)]

    parts = with_facts(pieces, facts).split("\n\n") if pieces or facts else []

    ordered = [fact.text for fact in sorted(facts, key=lambda fact: fact.depth)]
    assert [part for part in parts if part.startswith("f")] == ordered
    assert [part for part in parts if part.startswith("p")] == [piece.text for piece in pieces]


@given(st.integers(100, 5000), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_text_is_as_long_as_asked_and_its_parts_are_counted(tokens: int, seed: int) -> None:
    pieces, _ = Haystack(POOLS["ru"], words).pieces(tokens, Random(seed))
    total = sum(piece.tokens for piece in pieces)

    assert tokens - 24 < total <= tokens
    assert all(words(piece.text) == piece.tokens for piece in pieces)
    assert sum(piece.tokens for piece in trimmed(pieces, tokens // 2)) <= tokens // 2


def test_a_small_vault_is_used_again_and_it_is_said_how_often() -> None:
    small = Haystack(pool("en", notes=2), words)

    pieces, rounds = small.pieces(3000, Random(1))

    assert rounds > 2
    assert sum(piece.tokens for piece in pieces) > 2976


def test_notes_without_words_are_an_error_and_no_endless_loop() -> None:
    with pytest.raises(VaultcError, match="no note in language"):
        Haystack(Pool("en", ("a.md",), lambda _: [" ", ""]), words).pieces(1000, Random(1))


@pytest.mark.parametrize("language", sorted(WORDINGS))
@pytest.mark.parametrize("task", TASKS)
def test_what_a_task_asks_for_is_what_it_hides(task: str, language: str) -> None:
    said = WORDINGS[language]
    rng = Random(f"{task}{language}")
    hidden = hide(task, 0.4, said, Inventor(said, rng, ""), rng)
    text = " ".join(fact.text for fact in hidden.facts)

    assert all(code in text for code in (*hidden.expected.codes, *hidden.expected.decoys))
    assert len(hidden.expected.codes) == {"values": 4, "queries": 4, "contradiction": 2, "absent": 0}.get(task, 1)
    assert len(hidden.facts) == {"twins": 4, "values": 4, "queries": 4, "chain": 10, "contradiction": 2}.get(task, 1)
    assert all(0 <= fact.depth <= 1 for fact in hidden.facts)
    if task == "contradiction":
        assert hidden.facts[1].depth - hidden.facts[0].depth == pytest.approx(0.4)
    else:
        assert hidden.facts[0].depth == 0.4
