"""`vaultc prime`: what is kept, and that it changes no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli.conftest import tree_digest

from vaultc.model.file.spec import starter_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done


@pytest.fixture
def starter() -> Path:
    found = starter_model()
    if found is None:
        pytest.skip("the starter package is not installed")
    return found


QUESTION = "how many watts does the pump draw?"


def test_without_a_model_there_is_nothing_to_prepare(run: Callable[..., Done], vault: Path, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.mkdir()

    done = [run("prime", vault), run("prime", vault, "--model", script)]

    assert [item.code for item in done] == [2, 2]
    assert "no model to prepare" in done[0].err
    assert "scripted answers" in done[1].err


def test_a_limit_of_nothing_is_said(run: Callable[..., Done], vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULTC_MODEL_PREFIX_GB", "0")

    done = run("prime", vault)

    assert done.code == 2
    assert "prefix_gb" in done.err


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
