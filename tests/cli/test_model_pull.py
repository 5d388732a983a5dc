"""`vaultc model pull` as a person uses it, against a hub on loopback."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections import namedtuple
from typing import TYPE_CHECKING

import pytest
from model.fake_hub import COMMIT, REPO, Hub, gguf, serving, sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cli.conftest import Done

NAME = "m-Q8_0.gguf"
PARTS = {f"m-Q4_K_M-0000{n}-of-00002.gguf": gguf(5000 + n, n) for n in (1, 2)}
FILES = {NAME: gguf(20_000), **PARTS}
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving(Hub(dict(FILES))) as server:
        yield server


@pytest.fixture
def pull(run: Callable[..., Done], hub: Hub, tmp_path: Path) -> Callable[..., Done]:
    def call(*arguments: object) -> Done:
        return run("model", "pull", *arguments, "--hub", hub.url, "--to", tmp_path / "models")

    return call


def test_without_a_terminal_nothing_is_asked_and_nothing_connected(
    pull: Callable[..., Done], hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\ny\n"))

    done = pull(f"{REPO}:Q8_0")

    assert done.code == 2
    assert f"This connects to {hub.url}" in done.err
    assert "--yes" in done.err
    assert hub.asked == []


def test_hugging_face_is_named_before_anything_is_done(run: Callable[..., Done]) -> None:
    done = run("model", "pull", "maker/Model-GGUF")

    assert done.code == 2
    assert "This connects to https://huggingface.co and asks it for maker/Model-GGUF@main" in done.err


def test_a_model_is_pulled_and_its_place_printed(pull: Callable[..., Done], hub: Hub, tmp_path: Path) -> None:
    done = pull(f"{REPO}:Q8_0", "--yes")

    path = tmp_path / "models" / REPO / NAME
    assert done.code == 0, done.err
    assert done.out == f"{path}\n"
    assert path.read_bytes() == FILES[NAME]
    assert str(path) in done.err
    assert "20,000 bytes to fetch" in done.err
    asked = len(hub.ranges())
    again = pull(f"{REPO}:Q8_0", "--yes")
    assert again.code == 0
    assert "there already" in again.err
    assert len(hub.ranges()) == asked


def test_a_split_model_comes_with_all_its_parts(pull: Callable[..., Done], tmp_path: Path) -> None:
    done = pull(f"{REPO}:Q4_K_M", "--yes", "--json")

    folder = tmp_path / "models" / REPO
    assert done.json["commit"] == COMMIT
    assert [(file["path"], file["bytes"], file["sha256"]) for file in done.json["files"]] == [
        (str(folder / name), len(data), sha256(data)) for name, data in sorted(PARTS.items())
    ]
    assert all((folder / name).read_bytes() == data for name, data in PARTS.items())


def test_too_little_room_is_said_before_a_byte_is_fetched(
    pull: Callable[..., Done], hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12 - 10_000, 10_000))

    done = pull(f"{REPO}:Q8_0", "--yes")

    assert done.code == 3
    assert "not enough room" in done.err
    assert hub.ranges() == []


def test_a_file_of_mine_at_the_place_is_left_alone(pull: Callable[..., Done], tmp_path: Path) -> None:
    path = tmp_path / "models" / REPO / NAME
    path.parent.mkdir(parents=True)
    for content in (b"mine", b"GGUF" + b"m" * 19_996):
        path.write_bytes(content)

        done = pull(f"{REPO}:Q8_0", "--yes")

        assert done.code in {2, 3}
        assert "is there" in done.err
        assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["../../evil.gguf", "/etc/evil.gguf", "a/../../b.gguf", ".ssh/x.gguf", "a\nb.gguf"])
def test_a_name_of_the_hub_leads_nowhere_else(pull: Callable[..., Done], hub: Hub, tmp_path: Path, name: str) -> None:
    hub.files = {name: gguf(100)}

    done = pull(REPO, "--yes")

    assert done.code == 2
    assert "refused" in done.err
    assert hub.ranges() == []
    assert not (tmp_path / "models").exists()


def test_a_token_is_read_from_a_file_and_printed_nowhere(pull: Callable[..., Done], hub: Hub, tmp_path: Path) -> None:
    hub.token = "hf_secret"
    token = tmp_path / "token"
    token.write_text("hf_secret\n")
    token.chmod(0o600)

    refused = pull(f"{REPO}:Q8_0", "--yes")
    done = pull(f"{REPO}:Q8_0", "--yes", "--token-file", token)

    assert refused.code == 3
    assert "--token-file" in refused.err
    assert done.code == 0, done.err
    assert "hf_" not in done.err + done.out + refused.err


def test_a_token_of_the_environment_is_not_used(
    pull: Callable[..., Done], hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example.org")

    assert pull(f"{REPO}:Q8_0", "--yes").code == 0
    assert all("authorization" not in headers for _, _, headers in hub.asked)


def test_another_hub_must_be_allowed(run: Callable[..., Done], own_home: Path) -> None:
    done = run("model", "pull", REPO, "--hub", "https://hub.example.org", "--yes")

    assert done.code == 2
    assert "nothing may be connected to it" in done.err


def test_the_folder_of_the_settings_is_used(run: Callable[..., Done], hub: Hub, own_home: Path, tmp_path: Path) -> None:
    done = run("model", "pull", f"{REPO}:Q8_0", "--hub", hub.url, "--yes")
    assert done.out == f"{own_home / 'data' / 'vaultc' / 'models' / REPO / NAME}\n"

    os.environ["VAULTC_MODEL_FOLDER"] = str(tmp_path / "mine")
    try:
        done = run("model", "pull", f"{REPO}:Q8_0", "--hub", hub.url, "--yes")
    finally:
        del os.environ["VAULTC_MODEL_FOLDER"]
    assert done.out == f"{tmp_path / 'mine' / REPO / NAME}\n"


def test_several_models_are_listed_to_choose_from(pull: Callable[..., Done]) -> None:
    done = pull(REPO, "--yes")

    assert done.code == 2
    assert "m-Q8_0.gguf  20,000 bytes" in done.err
    assert "m-Q4_K_M.gguf  10,003 bytes" in done.err
