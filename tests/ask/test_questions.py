"""How well the notes of the example vault answer without a model, and what the gate lets through."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import EXAMPLE_VAULT
from fakes import source

from vaultc.ask.answer import AnswerOptions, whole_answer
from vaultc.ask.citation import check
from vaultc.ask.question import read_question
from vaultc.disk.state import open_state
from vaultc.index.catalog import open_catalog
from vaultc.index.job import IndexJob, IndexOptions
from vaultc.model.scripted import ChatScript
from vaultc.retrieve.search import Searcher
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.ask.answer import Answer

HERE = Path(__file__).parent
QUESTIONS = [json.loads(line) for line in (HERE / "questions.jsonl").read_text("utf-8").splitlines()]
PAIRS = [json.loads(line) for line in (HERE / "gate.jsonl").read_text("utf-8").splitlines()]
ENOUGH = 0.9


class Asker:
    """Asks an indexed copy of the example vault."""

    def __init__(self, searcher: Searcher, reader: VaultReader) -> None:
        self.searcher, self.reader = searcher, reader

    def ask(self, question: str, said: str | None = None, options: AnswerOptions | None = None) -> Answer:
        model = None if said is None else ChatScript({"ask": said})
        return whole_answer(question, self.searcher, self.reader, model, options)

    def lines(self, question: str, said: str | None = None) -> list[str]:
        return [plain(sentence.text) for sentence in self.ask(question, said).sentences if sentence.supported]


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    base = tmp_path_factory.mktemp("asked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(base / "state"))
        root = base / "vault"
        shutil.copytree(EXAMPLE_VAULT, root)
        state = open_state(root)
        IndexJob(root, state, options=IndexOptions(vector_store=False)).run()
        with open_catalog(state.catalog) as catalog:
            yield Asker(Searcher(catalog), VaultReader(root))


def plain(text: str) -> str:
    return " ".join(text.split()).lstrip("-*+> ")


def is_answered(question: dict[str, Any], lines: list[str]) -> bool:
    found = [plain(answer) in (lines if question.get("all") else lines[:3]) for answer in question["answers"]]
    return all(found) if question.get("all") else any(found)


def test_the_notes_answer_what_they_say(asker: Asker) -> None:
    asked = [question for question in QUESTIONS if question["answers"]]

    missed = [one["question"] for one in asked if not is_answered(one, asker.lines(one["question"]))]

    assert len(asked) >= 28
    assert len(missed) <= (1 - ENOUGH) * len(asked), missed


def test_the_notes_do_not_answer_what_they_do_not_say(asker: Asker) -> None:
    asked = [question["question"] for question in QUESTIONS if not question["answers"]]

    answered = [question for question in asked if asker.lines(question)]

    assert len(asked) >= 12
    assert len(answered) <= (1 - ENOUGH) * len(asked), answered


def test_every_answer_stands_in_the_vault() -> None:
    notes = [path.read_text("utf-8") for path in EXAMPLE_VAULT.rglob("*") if path.suffix in {".md", ".idea", ".pseudo"}]

    for question in QUESTIONS:
        for answer in question["answers"]:
            assert any(answer in note for note in notes), answer


def test_both_sides_follow_what_a_model_said_of_one(asker: Asker) -> None:
    lines = asker.lines("Does the harbour gauge support RS-485?", "The harbour gauge supports RS-485.")

    assert lines == ["The harbour gauge supports RS-485.", "The harbour gauge does not support RS-485."]


@pytest.mark.parametrize("said", [None, "The greenhouse is a greenhouse garden."])
def test_a_name_that_no_note_has_is_not_answered(asker: Asker, said: str | None) -> None:
    found = asker.ask("What did Napoleon plant in the greenhouse?", said)

    assert not found.is_supported
    assert found.text == "The notes do not answer this."


def test_what_is_true_but_not_asked_is_no_answer(asker: Asker) -> None:
    found = asker.ask("When does the night ferry leave?", "The brass case weighs 1500 g.")

    assert found.model is None
    assert plain(found.text.splitlines()[0]).startswith("The night ferry leaves at")


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{number}" for number in range(len(PAIRS))])
def test_the_gate_tells_support_from_likeness(pair: dict[str, Any]) -> None:
    file = source(pair["note"], "n.md")
    quotes = (file.quote(file.span(0, len(pair["note"]))),)
    question = read_question(pair["question"]) if "question" in pair else None

    found = check(pair["said"], quotes, context=[pair.get("context", "")], question=question)

    assert found.is_supported is pair["supported"], (pair, found.missing)


def test_pairs_for_the_gate_are_many_of_both_kinds() -> None:
    assert sum(pair["supported"] for pair in PAIRS) >= 10
    assert sum(not pair["supported"] for pair in PAIRS) >= 15
