"""Bad input: a clear message that says where and what to do, and the right exit code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done


def test_no_such_vault_is_wrong_use(run: Callable[..., Done]) -> None:
    done = run("index", "/no/such/vault")

    assert done.code == 2
    assert 'there is no folder "/no/such/vault"' in done.err
    assert done.out == ""


def test_a_file_is_not_a_vault(run: Callable[..., Done], tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    file.write_text("# x", "utf-8")

    done = run("index", file)

    assert done.code == 2
    assert "is not a folder" in done.err


def test_an_empty_vault_is_said_to_be_empty(run: Callable[..., Done], tmp_path: Path) -> None:
    done = run("index", tmp_path)
    asked = run("ask", "what?", "--vault", tmp_path)

    assert done.code == 0
    assert "no notes" in done.out
    assert asked.code == 1
    assert "do not answer" in asked.out


def test_no_vault_known_says_what_to_do(
    run: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    done = run("search", "pump")

    assert done.code == 2
    assert "vaultc index FOLDER" in done.err


def test_a_vault_that_was_moved_is_named_and_no_other_is_taken_for_it(
    run: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("older", "newer"):
        (tmp_path / name).mkdir()
        run("index", name)
    (tmp_path / "newer").rename(tmp_path / "moved")

    done = run("search", "pump")
    again = run("index", "moved")

    assert done.code == 2
    assert f'the vault indexed last, "{tmp_path}/newer", is not there any more' in done.err
    assert f'give --vault "{tmp_path}/older"' in done.err
    assert again.code == 0
    assert run("search", "pump").code == 0


@pytest.mark.parametrize("command", ["index", "watch", "prime", "serve", "mcp"])
def test_a_vault_is_named_by_argument_or_option_and_not_by_two(
    run: Callable[..., Done], tmp_path: Path, command: str
) -> None:
    (tmp_path / "one").mkdir()

    two = run(command, tmp_path / "one", "--vault", tmp_path)
    gone = run(command, "--vault", tmp_path / "none")

    assert two.code == gone.code == 2
    assert f'two vaults are named: "{tmp_path}/one", and "{tmp_path}" by --vault' in two.err
    assert f'there is no folder "{tmp_path}/none"' in gone.err


def test_the_option_names_the_vault_that_is_indexed(run: Callable[..., Done], tmp_path: Path) -> None:
    assert run("index", "--vault", tmp_path, "--json").json["vault"] == str(tmp_path)
    assert run("index", tmp_path, "--vault", f"{tmp_path}/.", "--json").code == 0


def test_a_vault_that_was_not_indexed_says_so(run: Callable[..., Done], vault: Path) -> None:
    done = run("search", "pump", "--vault", vault)

    assert done.code == 3
    assert "not indexed yet" in done.err


@pytest.mark.native
def test_one_bad_note_does_not_stop_the_rest(run: Callable[..., Done], vault: Path) -> None:
    (vault / "binary.md").write_bytes(bytes(range(256)) * 8)
    (vault / "yaml.md").write_text("---\ntitle: Глава 1: Начало\n---\nтекст про якорь\n", "utf-8")

    done = run("index", vault)

    assert done.code == 1
    assert "V110" in done.err
    assert "V112" in done.err
    assert "yaml.md:" in done.err
    found = run("search", "якорь", "--vault", vault, "--json").json
    assert any(passage["note"] == "yaml.md" for passage in found["passages"])


@pytest.mark.native
@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_note_without_permission_is_a_finding(run: Callable[..., Done], vault: Path) -> None:
    note = vault / "locked.md"
    note.write_text("secret", "utf-8")
    note.chmod(0)

    done = run("index", vault)

    assert done.code == 1
    assert "locked.md" in done.err


def test_a_missing_model_is_named(run: Callable[..., Done], indexed: Path) -> None:
    done = run("ask", "pump?", "--vault", indexed, "--model", "/no/such.gguf")

    assert done.code in {2, 3}
    assert "/no/such.gguf" in done.err
    assert "Traceback" not in done.err


def test_a_truncated_model_says_so(run: Callable[..., Done], indexed: Path, tmp_path: Path) -> None:
    model = tmp_path / "cut.gguf"
    model.write_bytes(b"GGUF" + (3).to_bytes(4, "little") + b"\x00" * 3)
    done = run("ask", "how much power does the pump draw?", "--vault", indexed, "--model", model)

    assert done.code == 3
    assert "cut.gguf" in done.err
    assert "Traceback" not in done.err


def test_an_idea_outside_the_vault_is_refused(run: Callable[..., Done], indexed: Path, tmp_path: Path) -> None:
    idea = tmp_path / "stray.md"
    idea.write_text("# Stray\n\nIt must work.\n", "utf-8")
    done = run("compile", idea, "--out", tmp_path / "out", "--vault", indexed)

    assert done.code == 2
    assert "not in the vault" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("folder", [".obsidian/code", ".git/x", ".vaultc/y"])
def test_code_is_not_written_into_a_hidden_folder(run: Callable[..., Done], indexed: Path, folder: str) -> None:
    done = run("compile", "Ideas/Tide clock.md", "--out", indexed / folder, "--vault", indexed)

    assert done.code == 2
    assert folder.split("/")[0] in done.err
    assert not (indexed / folder).exists()


def test_an_unknown_pass_lists_the_passes(run: Callable[..., Done], indexed: Path) -> None:
    done = run("compile", "Tide clock", "--until", "lower", "--vault", indexed)

    assert done.code == 2
    assert "extract" in done.err


def test_a_compile_without_out_asks_for_it(run: Callable[..., Done], indexed: Path) -> None:
    done = run("compile", "Tide clock", "--vault", indexed)

    assert done.code == 2
    assert "--out" in done.err


def test_an_unknown_setting_is_an_error_with_a_guess(run: Callable[..., Done], indexed: Path) -> None:
    (indexed / ".vaultc" / "config.toml").write_text("[search]\nlimits = 3\n", "utf-8")

    done = run("search", "pump", "--vault", indexed)

    assert done.code == 2
    assert "search.limit" in done.err
