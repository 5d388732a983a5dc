"""`vaultc prime`: what is kept, and that it changes no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli.conftest import tree_digest

from vaultc.app.models import priming
from vaultc.core.digest import Digest
from vaultc.model.file.spec import starter_model
from vaultc.model.protocols import ModelSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done

    from vaultc.model.protocols import Prompt


@pytest.fixture
def starter() -> Path:
    found = starter_model()
    if found is None:
        pytest.skip("the starter package is not installed")
    return found


QUESTION = "how many watts does the pump draw?"


def test_without_a_model_there_is_nothing_to_prepare(run: Callable[..., Done], vault: Path, tmp_path: Path) -> None:
    script = tmp_path / "script"
    (script / "ask").mkdir(parents=True)
    (script / "ask" / "_.md").write_text("yes")

    done = [run("prime", vault), run("prime", vault, "--model", script)]

    assert [item.code for item in done] == [2, 2]
    assert "no model to prepare" in done[0].err
    assert "scripted answers" in done[1].err


def test_a_limit_of_nothing_is_said(run: Callable[..., Done], vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULTC_MODEL_PREFIX_GB", "0")

    done = run("prime", vault)

    assert done.code == 2
    assert "prefix_gb" in done.err


class Full:
    """A model of which nothing can be kept."""

    spec = ModelSpec("m", Digest("b2:0"), 10**8, 4096, "", "gguf")

    def __init__(self) -> None:
        self.not_kept: tuple[str, ...] = ()

    def __enter__(self) -> Full:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def prime(self, prompt: Prompt) -> None:
        self.not_kept = (*self.not_kept, f"a prefix could not be kept: no space left on device ({prompt.task})")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_could_not_be_kept_is_a_failure_with_its_reason(
    run: Callable[..., Done], vault: Path, monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    monkeypatch.setattr(priming, "_opened", lambda session, role: Full())

    done = run("prime", vault, *form)

    assert done.code == 3
    assert "0 of 1 prompts are prepared" in done.err
    assert "no space left on device (ask)" in done.err
    assert "free some space" in done.err
    assert done.out == ""


@pytest.mark.model
def test_what_is_prepared_is_used_and_changes_no_answer(
    run: Callable[..., Done], vault: Path, starter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree_digest(vault)
    run("index", vault)
    monkeypatch.setenv("VAULTC_MODEL_PREFIX_GB", "0")
    plain = run("ask", QUESTION, "--vault", vault, "--model", starter, "--json").json
    assert not (vault / ".vaultc" / "prefix").exists()
    monkeypatch.setenv("VAULTC_MODEL_PREFIX_GB", "1")

    first = run("prime", vault, "--model", starter, "--json")
    kept = sorted((vault / ".vaultc" / "prefix").iterdir())
    second = run("prime", vault, "--model", starter)
    primed = run("ask", QUESTION, "--vault", vault, "--model", starter, "--json").json

    assert [(state["task"], state["tokens"] > 50) for state in first.json["prefixes"]] == [("ask", True)]
    assert first.json["brief_tokens"] == 0
    assert second.code == 0
    assert "1 prompt prepared" in second.out.replace("prompts", "prompt")
    assert sorted((vault / ".vaultc" / "prefix").iterdir()) == kept
    assert {**primed, "seconds": 0} == {**plain, "seconds": 0}
    assert tree_digest(vault) == before
