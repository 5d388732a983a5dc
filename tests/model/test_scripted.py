from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vaultc.core.errors import ModelError
from vaultc.model.protocols import ChatModel, Generation, Message, Prompt, Sampling
from vaultc.model.scripted import ChatScript, FolderScript, safe_name

if TYPE_CHECKING:
    from pathlib import Path


def prompt(task: str = "design", target: str = "") -> Prompt:
    return Prompt((Message("user", "What now?"),), task, target)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "expert"
    (root / "design").mkdir(parents=True)
    (root / "design" / "Ideas-Tide-clock.md.md").write_text("<think>why</think>\nA clock.\n", encoding="utf-8")
    (root / "design" / "_.md").write_text("B", encoding="utf-8")
    (root / "README.md").write_text("For people.", encoding="utf-8")
    return root


def test_a_script_is_a_chat_model() -> None:
    model: ChatModel = ChatScript({"design": "x"})

    assert model.spec.context_tokens == 131_072


def test_the_answer_for_the_target_goes_before_that_of_the_task() -> None:
    script = ChatScript({"design": "any", "design/clock": "clock", "code": "never"})

    answers = [script.generate(prompt(target=target)).text for target in ("clock", "other")]

    assert answers == ["clock", "any"]
    assert script.unused() == ("code",)
    assert [call.prompt.target for call in script.calls] == ["clock", "other"]


def test_a_function_may_answer_and_give_how_it_ended() -> None:
    script = ChatScript(lambda asked: Generation(asked.task, finish="length"))

    assert script.generate(prompt()) == Generation("design", finish="length")


def test_a_missing_answer_names_task_and_target() -> None:
    with pytest.raises(ModelError, match='task "design", target "x"'):
        ChatScript({}).generate(prompt(target="x"))


def test_pieces_join_to_the_answer() -> None:
    script = ChatScript({"design": "Да, но\n  нет.\n"})
    pieces: list[str] = []

    script.generate(prompt(), on_text=pieces.append)

    assert "".join(pieces) == "".join(script.stream(prompt(), Sampling())) == "Да, но\n  нет.\n"


@pytest.mark.parametrize(
    ("said", "index"), [("B", 1), ("b)", 1), ("1", 1), ("blue", 1), (" Red ", 0), ("<think>A?</think>B", 1)]
)
def test_a_choice_is_said_by_letter_index_or_text(said: str, index: int) -> None:
    choice = ChatScript({"design": said}).choose(prompt(), ["red", "blue"])

    assert choice.index == index
    assert choice.scores[index] == sum(choice.scores) == 1.0


@pytest.mark.parametrize("said", ["C", "2", "green", "", "²"])
def test_a_choice_that_is_no_option_is_an_error(said: str) -> None:
    with pytest.raises(ModelError, match="none of the 2 options"):
        ChatScript({"design": said}).choose(prompt(), ["red", "blue"])


def test_an_expert_script_answers_from_files(folder: Path) -> None:
    script = FolderScript(folder)

    answer = script.generate(prompt(target="Ideas/Tide clock.md"))

    assert (answer.text, answer.thinking) == ("A clock.\n", "why")
    assert script.unused() == ("design/_.md",)
    assert script.choose(prompt(), ["x", "y"]).index == 1
    assert script.unused() == ()


def test_a_missing_file_is_named_with_its_path(folder: Path) -> None:
    with pytest.raises(ModelError, match=r"expert/code/a-b\.py\.md"):
        FolderScript(folder).generate(prompt("code", "a/b.py"))


def test_two_targets_never_share_a_file(folder: Path) -> None:
    (folder / "design" / "a-b.md").write_text("one", encoding="utf-8")
    script = FolderScript(folder)
    script.generate(prompt(target="a b"))

    with pytest.raises(ModelError, match='"a b" and "a/b"'):
        script.generate(prompt(target="a/b"))


def test_a_changed_answer_is_another_model(folder: Path) -> None:
    before = FolderScript(folder).spec.digest

    (folder / "design" / "_.md").write_text("A", encoding="utf-8")

    assert FolderScript(folder).spec.digest != before


@pytest.mark.parametrize("text", ["", "..", ".hidden", "Идея", "a/../../b", "x" * 10])
def test_a_name_stays_in_its_folder(text: str) -> None:
    name = safe_name(text)

    assert name
    assert not name.startswith(".")
    assert "/" not in name
