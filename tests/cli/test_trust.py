"""A vault that came from elsewhere: what it brings steers nothing before the person trusts it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import write_vault

from vaultc.app.models.opening import BRAIN, RunModels
from vaultc.app.session import Session, trust_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Done

_NOTES = {"Pump.md": "# Pump\n\nThe pump draws 90 W.\n", "Idea.md": "# Idea\n\nThe tool must count pumps.\n"}


@pytest.fixture
def cloned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vault whose state folder came with it, and the current folder in it."""
    vault = write_vault(tmp_path / "cloned", _NOTES)
    (vault / ".vaultc").mkdir()
    monkeypatch.chdir(vault)
    monkeypatch.setenv("VAULTC_INDEX_EMBEDDER", "none")  # no store of vectors is opened
    return vault


def says(vault: Path, text: str) -> None:
    (vault / ".vaultc" / "config.toml").write_text(text, "utf-8")


def test_a_state_folder_that_a_vault_names_gets_nothing(run: Callable[..., Done], cloned: Path, tmp_path: Path) -> None:
    for name in ("empty", "checkout"):
        (tmp_path / name).mkdir()
    (tmp_path / "checkout" / "main.c").write_text("int main;")
    for name in ("empty", "checkout"):
        says(cloned, f'[vault]\nstate_dir = "{tmp_path / name}"\n')

        done = run("index")

        assert done.code == 0
        assert "vault.state_dir" in done.err
        assert (cloned / ".vaultc" / "catalog.db").is_file()
    assert sorted(path.name for path in (tmp_path / "checkout").iterdir()) == ["main.c"]
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_vault_sends_no_file_of_the_person_anywhere(
    run: Callable[..., Done], cloned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "id_rsa"
    secret.write_text("secret")
    secret.chmod(0o600)
    opened: list[str] = []

    def read(path: Path, _: str) -> str:
        opened.append(str(path))
        return "key"

    monkeypatch.setattr("vaultc.app.models.remote.read_key", read)
    monkeypatch.delenv("VAULTC_MODEL")
    says(
        cloned,
        f'[models.m]\nurl = "http://127.0.0.1:9"\nkey_file = "{secret}"\n[roles.brain]\nmodel = "m"\n'
        '[roles.embedder]\nmodel = "m"\n[search]\nchroma_url = "http://127.0.0.1:9"\n',
    )

    done = run("index")
    listed = run("model", "list", "--json").json["models"]

    assert done.code == 0
    assert opened == []
    assert [model["name"] for model in listed if model["path"].startswith("http")] == []


def test_links_out_of_the_vault_are_not_followed_at_its_word(
    run: Callable[..., Done], cloned: Path, tmp_path: Path
) -> None:
    (tmp_path / "diary.md").write_text("# Diary\n\nsecretword\n")
    (cloned / "out.md").symlink_to(tmp_path / "diary.md")
    says(cloned, "[vault]\nfollow_links = true\n")
    run("index")

    found = run("search", "secretword", "--json")

    assert [passage["note"] for passage in found.json["passages"]] == []


@pytest.mark.native
def test_each_command_says_once_what_does_not_count_and_how_to_trust(run: Callable[..., Done], cloned: Path) -> None:
    run("index")
    says(cloned, '[model]\nfolder = "/elsewhere"\n[index]\nchunk_words = 100\n')

    for command in (
        ["search", "pump"],
        ["search", "pump", "--json"],
        ["status"],
        ["links"],
        ["check"],
        ["ask", "what does the pump draw?"],
        ["trace", "Pump.md:3"],
        ["doctor"],
        ["config", "show"],
        ["model", "list"],
    ):
        done = run(*command)

        assert done.err.count("model.folder") == done.err.count("warning:") == 1, command
        assert f"`vaultc trust {cloned}`" in done.err
        assert "index.chunk_words" not in done.err
        assert "warning" not in done.out


def test_what_is_trusted_counts_until_it_changes(run: Callable[..., Done], cloned: Path) -> None:
    says(cloned, '[model]\nfolder = "/one"\n[index]\nchunk_words = 90\n')

    trusted = run("trust", "--json").json
    counted = rows(run("config", "show", "--json"))
    says(cloned, '[model]\nfolder = "/one"\n[index]\nchunk_words = 80\n')
    still = rows(run("config", "show", "--json"))
    says(cloned, '[model]\nfolder = "/two"\n')
    changed = run("config", "show", "--json")

    assert trusted == {
        "version": 1,
        "vault": str(cloned),
        "state": "trusted",
        "settings": [{"key": "model.folder", "value": "/one"}],
    }
    assert counted["model.folder"] == still["model.folder"] == "/one"
    assert still["index.chunk_words"] == 80
    assert rows(changed)["model.folder"] == ""
    assert [(row["key"], row["value"]) for row in changed.json["ignored"]] == [("model.folder", "/two")]
    assert run("trust", "--list", "--json").json["vaults"][0]["state"] == "changed"


def rows(done: Done) -> dict[str, object]:
    return {row["key"]: row["value"] for row in done.json["settings"]}


def test_trust_is_taken_back_also_of_a_vault_that_is_gone(run: Callable[..., Done], cloned: Path) -> None:
    says(cloned, '[model]\nfolder = "/one"\n')
    run("trust", cloned)

    back = run("trust", "--revoke")
    run("trust")
    os.chdir(cloned.parent)
    shutil.rmtree(cloned)
    listed = run("trust", "--list", "--json").json["vaults"]
    gone = run("trust", cloned, "--revoke", "--json").json

    assert "not trusted" in back.out
    assert [item["state"] for item in listed] == ["not there"]
    assert gone["state"] == "not there"
    assert trust_store().entries() == {}


def test_a_vault_in_a_trusted_vault_is_another_one(run: Callable[..., Done], cloned: Path) -> None:
    says(cloned, '[model]\nfolder = "/one"\n')
    inner = write_vault(cloned / "inner", _NOTES)
    shutil.copytree(cloned / ".vaultc", inner / ".vaultc")
    run("trust", cloned)

    shown = run("config", "show", "--vault", inner, "--json")

    assert [row["key"] for row in shown.json["ignored"]] == ["model.folder"]


def test_the_word_is_kept_in_the_home_of_the_person_for_nobody_else(
    run: Callable[..., Done], cloned: Path, own_home: Path
) -> None:
    says(cloned, '[model]\nfolder = "/one"\n')
    before = sorted(cloned.rglob("*"))

    run("trust")

    (kept,) = (own_home / "state" / "vaultc").glob("trusted.json")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert sorted(cloned.rglob("*")) == before
    kept.write_text("[" * 100_000)
    assert trust_store().entries() == {}


def test_prompts_of_a_vault_take_no_place_of_ours_before_it_is_trusted(run: Callable[..., Done], cloned: Path) -> None:
    run("index")
    prompts = cloned / ".vaultc" / "prompts"
    prompts.mkdir()
    (prompts / "extract.md").write_text("do as I say", "utf-8")

    ignored = run("status")
    before = untold(cloned)
    run("trust")
    after = untold(cloned)
    (prompts / "extract.md").write_text("do as I say now", "utf-8")

    assert "prompts/extract.md" in ignored.err
    assert (before, after, untold(cloned)) == (None, prompts, None)


def untold(vault: Path) -> Path | None:
    """Give the prompts of the vault that count; what is told of it is passed over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vaultc.app.session.warn", lambda _: None)
        return Session.open(vault).prompts


def linked_file(state: Path, theirs: Path) -> None:
    (state / "prompts").mkdir()
    (state / "prompts" / "extract.md").symlink_to(theirs / "extract.md")


def linked_folder(state: Path, theirs: Path) -> None:
    (state / "prompts").symlink_to(theirs)


def odd_name(state: Path, theirs: Path) -> None:
    shutil.copytree(theirs, state / "prompts")
    (state / "prompts" / "a\nhelp: run this\x1b[31m").write_text("")


def too_many(state: Path, theirs: Path) -> None:
    shutil.copytree(theirs, state / "prompts")
    for number in range(200):
        (state / "prompts" / f"{number}.md").write_text("")


@pytest.mark.parametrize("bring", [linked_file, linked_folder, odd_name, too_many])
def test_what_cannot_be_read_is_not_trusted_and_cannot_be(
    run: Callable[..., Done], cloned: Path, tmp_path: Path, bring: Callable[[Path, Path], None]
) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "extract.md").write_text("one thing today, another tomorrow")
    bring(cloned / ".vaultc", tmp_path / "theirs")
    says(cloned, '[model]\nfolder = "/evil"\n')

    before = untold(cloned), rows(run("config", "show", "--json"))["model.folder"]
    done = run("trust")
    after = untold(cloned), rows(run("config", "show", "--json"))["model.folder"]

    assert before == after == (None, "")
    assert done.code == 3
    assert "cannot trust what cannot be read: 'prompts/" in done.err
    assert "\x1b" not in done.err
    assert "\nhelp: run this" not in done.err
    assert trust_store().entries() == {}


def test_prompts_in_a_state_folder_elsewhere_are_the_persons(
    run: Callable[..., Done], cloned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for state in (tmp_path / "state", cloned / "state"):
        monkeypatch.setenv("VAULTC_STATE_DIR", str(state))
        run("index")
        (state / "prompts").mkdir()
        found.append(untold(cloned))

    assert found == [tmp_path / "state" / "prompts", None]


def a_link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def a_fifo(path: Path) -> None:
    os.mkfifo(path)


def a_giant(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


@pytest.mark.parametrize("make", [a_link, a_fifo, a_giant, Path.mkdir])
def test_settings_that_are_no_plain_file_are_said_and_not_waited_for(
    run: Callable[..., Done], cloned: Path, make: Callable[[Path], None]
) -> None:
    make(cloned / ".vaultc" / "config.toml")

    done = run("status")

    assert done.code == 3
    assert "error: " in done.err
    assert "config.toml" in done.err
    assert "Traceback" not in done.err


@pytest.mark.native
def test_broken_settings_of_the_vault_indexed_last_stop_nothing_else(
    run: Callable[..., Done], cloned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("index")
    says(cloned, "[" * 5000)
    other = write_vault(tmp_path / "other", _NOTES)
    monkeypatch.chdir(tmp_path)

    unnamed = [run("doctor"), run("model", "list"), run("config", "show")]
    of_it = run("search", "pump")
    of_another = run("index", other)

    assert [(done.code, "are left out" in done.err) for done in unnamed] == [(0, True)] * 3
    assert (of_it.code, of_another.code) == (2, 0)


def test_two_names_for_the_vault_must_be_one(run: Callable[..., Done], cloned: Path, tmp_path: Path) -> None:
    other = write_vault(tmp_path / "other", _NOTES)

    done = run("trust", other, "--vault", cloned)
    mixed = run("trust", "--list", "--vault", cloned)

    assert (done.code, mixed.code) == (2, 2)
    assert "two vaults are named" in done.err


def test_a_script_of_answers_of_the_vault_answers_nothing(
    run: Callable[..., Done], cloned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = cloned / "answers" / "ask"
    script.mkdir(parents=True)
    (script / "_.md").write_text("made up")
    monkeypatch.delenv("VAULTC_MODEL")
    monkeypatch.setattr("vaultc.model.file.spec.STARTER_PACKAGE", "vaultc_no_such_package")
    says(cloned, f'[model]\npath = "{cloned}/answers"\n')
    monkeypatch.setattr("vaultc.app.session.warn", lambda _: None)

    before = RunModels(Session.open(cloned)).of(BRAIN)
    run("trust")
    after = RunModels(Session.open(cloned)).of(BRAIN)

    assert before is None
    assert after is not None
