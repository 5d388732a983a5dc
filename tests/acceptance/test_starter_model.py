"""The whole path with the starter model, through the real llama.cpp: index, ask in two languages, compile."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.conftest import Workspace, copy_of
from acceptance.tool import Compiled, Done, files_of, misplaced, text_of

from vaultc.app.asking import AskSession
from vaultc.core.event import silent
from vaultc.model.file.gguf import read_header
from vaultc.model.file.spec import starter_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Done as Run

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(starter_model() is None, reason="the starter model is not installed: vaultc[starter]"),
]

IDEA = "Ideas/Reading ledger.idea"
ENGLISH = "When does the night ferry leave?"
RUSSIAN = "Сколько литров в минуту качает насос?"
TEMPTING = "how much power does the pump draw?"
"""A word of it stands in a note that has nothing to do with pumps."""
UNANSWERED = "Кто написал симфонию номер девять?"
CHECKS = {"parse", "import", "types", "tests"}


@pytest.fixture(scope="module")
def modelled(pristine: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """An indexed vault, and the tool as it is when nothing is said of a model."""
    workspace = copy_of(pristine, tmp_path_factory.mktemp("modelled"))
    return Workspace(workspace.vault, replace(workspace.tool, model=None))


@pytest.fixture(scope="module")
def asked(modelled: Workspace) -> dict[str, Done]:
    """Each question, answered once."""
    return {
        question: modelled.tool("ask", question, "--vault", modelled.vault, "--json")
        for question in (ENGLISH, RUSSIAN, TEMPTING, UNANSWERED)
    }


@pytest.fixture(scope="module")
def made(modelled: Workspace, asked: dict[str, Done]) -> Compiled:
    """One idea, compiled at the level that the model is good for."""
    assert asked
    out = modelled.tool.cwd / "code"
    done = modelled.tool("compile", IDEA, "--out", out, "--vault", modelled.vault, "--json")
    assert done.code == 0, done.err
    return Compiled("ledger", IDEA, modelled.vault, out, done.json)


@pytest.fixture
def plain(compiled_all: dict[str, Compiled]) -> Compiled:
    """The same idea, compiled without a model."""
    return compiled_all["ledger"]


def events(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_text("utf-8").splitlines()]


def calls(folder: Path) -> list[dict[str, Any]]:
    return [event for event in events(folder) if event["event"] == "model-call"]


def runs(vault: Path) -> list[Path]:
    return sorted((vault / ".vaultc" / "runs").iterdir())


def check_of(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(check for check in report["checks"] if check["name"] == name)


def modelless(document: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    return [
        (item["id"], item["modality"], [place["text"] for place in item["origins"]])
        for item in document["requirements"]
        if item["by"] == "rule"
    ]


@pytest.mark.parametrize(
    ("question", "letters", "value"), [(ENGLISH, "[a-z]", "22:15|21:40"), (RUSSIAN, "[а-я]", "12|9")]
)
def test_a_question_is_answered_in_its_language_with_words_that_stand_in_the_notes(
    modelled: Workspace, asked: dict[str, Done], question: str, letters: str, value: str
) -> None:
    done = asked[question]

    assert done.code == 0, done.err
    document = done.json
    supported = [sentence for sentence in document["sentences"] if sentence["supported"]]
    assert document["model"]
    assert supported
    assert all(sentence["citations"] for sentence in supported)
    assert misplaced(document, modelled.vault) == []
    assert any(re.search(letters, sentence["text"]) for sentence in supported)
    assert any(re.search(value, sentence["text"]) for sentence in supported)


def test_each_sentence_is_carried_by_the_words_that_it_cites(asked: dict[str, Done]) -> None:
    for question in (ENGLISH, RUSSIAN, TEMPTING):
        for sentence in asked[question].json["sentences"]:
            if sentence["supported"]:
                numbers = set(re.findall(r"\d+", sentence["text"]))
                for place in sentence["citations"]:
                    assert numbers <= set(re.findall(r"\d+", place["text"])), (sentence["text"], place["text"])


def test_a_question_that_the_notes_do_not_answer_is_said_to_be_so(asked: dict[str, Done]) -> None:
    done = asked[UNANSWERED]

    assert done.code == 1
    assert not any(sentence["supported"] for sentence in done.json["sentences"])


def test_an_answer_comes_sentence_by_sentence_while_the_model_still_writes(
    modelled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with AskSession.open(ENGLISH, modelled.vault, {}, silent) as session:
        sentences = session.sentences()
        first = next(sentences)
        calls_at_first = session.run.counts["model-call"]
        rest = list(sentences)

    assert first.citations
    assert rest
    assert calls_at_first == 0
    assert session.run.counts["model-call"] == 1


def test_a_person_sees_the_answer_its_places_and_who_answered(modelled: Workspace) -> None:
    done = modelled.tool("ask", ENGLISH, "--vault", modelled.vault)

    assert done.code == 0, done.err
    assert re.search(r"^   (Reference/Ferry|Daily/2026-04-02)\.md:9:1", done.out, re.MULTILINE)
    assert "answered by" in done.err
    assert "Traceback" not in done.err


def test_a_question_leaves_a_trace_of_what_the_model_was_told_and_said(
    modelled: Workspace, asked: dict[str, Done]
) -> None:
    folder = next(folder for folder in runs(modelled.vault) if events(folder)[0].get("question") == ENGLISH)

    (call,) = calls(folder)

    assert ENGLISH in call["messages"][-1]["content"]
    assert "night ferry" in call["messages"][-1]["content"]
    assert call["answer"]["text"]
    assert asked[ENGLISH].json["model"] == call["model"]["name"]
    assert (folder / "events.jsonl").stat().st_mode & 0o077 == 0


def test_a_compile_with_a_small_model_is_never_worse_than_without(made: Compiled, plain: Compiled) -> None:
    report = made.report
    tests, tests_without = check_of(report, "tests"), check_of(plain.report, "tests")

    assert report["level"] == "guided"
    assert report["model_calls"] > 0
    assert {check["name"]: check["status"] for check in report["checks"]} == dict.fromkeys(CHECKS, "passed")
    assert tests["failed"] == 0
    assert tests["passed"] >= tests_without["passed"]
    assert tests["xfailed"] <= tests_without["xfailed"]
    assert modelless(report) == modelless(plain.report)
    assert set(made.map["files"]) >= set(plain.map["files"])


def test_nothing_that_the_notes_gave_is_lost_to_the_model(made: Compiled, plain: Compiled) -> None:
    elements, without = made.map["elements"], plain.map["elements"]

    lost = [
        item["text"]
        for id_, item in without.items()
        if item["kind"] not in {"component", "interface", "procedure"} and id_ not in elements
    ]

    assert lost == []


def test_whatever_the_model_added_leads_to_words_of_the_notes(made: Compiled) -> None:
    document = made.map

    assert misplaced(document, made.vault) == []
    assert misplaced(made.report, made.vault) == []
    for element in document["elements"].values():
        assert element["origins"] or element["derived"]["leans_on"]
    for file in document["files"].values():
        for segment in file["segments"]:
            assert segment["origins"] or segment["derived"]["leans_on"]


def test_every_call_of_a_compile_is_written_down(made: Compiled) -> None:
    starter = starter_model()
    folder = Path(made.report["run"])

    found = calls(folder)

    assert starter is not None
    header = read_header(starter)
    assert len(found) == made.report["model_calls"]
    for call in found:
        assert call["messages"][-1]["content"].strip()
        assert call["answer"]["tokens"] > 0
        assert call["model"]["digest"].startswith("b2:")
        assert call["model"]["parameters"] == header.parameters
        assert call["seconds"] > 0
        assert call["sampling"]["seed"] == 0
    assert events(folder)[0]["idea"] == IDEA


def test_a_refused_answer_is_reported_with_its_reason(made: Compiled) -> None:
    for refusal in made.report["refusals"]:
        assert refusal["task"]
        assert refusal["target"]
        assert refusal["reason"]


def test_a_second_compile_with_the_model_calls_it_no_more(made: Compiled, modelled: Workspace) -> None:
    before = (files_of(made.vault), files_of(made.out), len(runs(made.vault)))

    again = modelled.tool("compile", IDEA, "--out", made.out, "--vault", made.vault, "--json")

    assert again.code == 0, again.err
    assert again.json["model_calls"] == 0
    assert {write["action"] for write in again.json["writes"]} == {"unchanged"}
    assert (files_of(made.vault), files_of(made.out), len(runs(made.vault))) == before


def test_the_same_model_gives_the_same_bytes_again(
    made: Compiled, pristine: Workspace, tmp_path: Path, run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = copy_of(pristine, tmp_path)
    monkeypatch.delenv("VAULTC_MODEL")
    monkeypatch.chdir(tmp_path)

    done = run("compile", IDEA, "--out", tmp_path / "code", "--vault", workspace.vault, "--no-run-tests", "--json")

    assert done.code == 0, done.err
    assert done.json["model_calls"] == made.report["model_calls"]
    ours = {path: data for path, data in files_of(tmp_path / "code").items() if path.endswith(".py")}
    assert ours == {path: data for path, data in files_of(made.out).items() if path.endswith(".py")}
    assert text_of(workspace.vault / IDEA) == text_of(made.vault / IDEA)
