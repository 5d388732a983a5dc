"""What the settings say of models that a server holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from model.fake_servers import Fake, serving

from vaultc.app.models.remote import open_remote, open_remote_embedder, read_key
from vaultc.config import Config, ModelConfig, ModelEntry, NetworkConfig, RoleEntry
from vaultc.core.errors import UsageError
from vaultc.model.protocols import Message, Prompt

if TYPE_CHECKING:
    from pathlib import Path

PROMPT = Prompt((Message("user", "Is it done?"),), "test")


def config(url: str, *, path: str = "", hosts: tuple[str, ...] = (), key_file: str = "") -> Config:
    return Config(
        model=ModelConfig(path=path),
        network=NetworkConfig(hosts),
        models={"big": ModelEntry(url=url, context_tokens=8192, key_file=key_file), "file": ModelEntry(path="m.gguf")},
        roles={"brain": RoleEntry("big"), "coder": RoleEntry("file")},
    )


def test_a_role_is_served_by_its_server() -> None:
    with serving(Fake("ollama")) as fake:
        model = open_remote(config(fake.url), "big")
        assert fake.requests == []  # nothing is connected before the first question

        assert model.generate(PROMPT).text == "It is done."
        assert model.spec.context_tokens == 8192
        model.close()


def test_a_host_that_is_not_allowed_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(UsageError, match=r"models\.big\.url"):
        open_remote(config("http://hands.lan:8080"), "big")
    with pytest.raises(UsageError, match="not this machine"):
        open_remote_embedder(config("http://hands.lan:8080", hosts=("hands.lan:8081",)), "big")

    model = open_remote(config("http://hands.lan:8080", hosts=("hands.lan:8080",)), "big")
    model.close()


def test_a_key_is_read_from_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("sk-secret\n")
    path.chmod(0o644)
    with pytest.raises(UsageError, match="can be read by others") as error:
        read_key(path, "models.big.key_file")
    assert error.value.hint is not None
    assert "chmod 600" in error.value.hint

    path.chmod(0o600)
    assert read_key(path, "models.big.key_file") == "sk-secret"
    with serving(Fake("vllm")) as fake:
        model = open_remote(config(fake.url, key_file=str(path)), "big")
        model.generate(PROMPT)
        model.close()
        assert {headers["authorization"] for _, _, headers in fake.requests} == {"Bearer sk-secret"}


def test_a_key_file_that_is_no_file_is_not_waited_for_and_a_long_one_not_cut(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    (tmp_path / "long").write_text("x" * 5000)
    (tmp_path / "long").chmod(0o600)

    for name, said in (("fifo", "a FIFO, not a file"), (".", "a folder, not a file"), ("long", "too long for a key")):
        with pytest.raises(UsageError, match=said):
            read_key(tmp_path / name, "models.big.key_file")


@pytest.mark.parametrize("text", ["", "two words", "line\nline", "ключ"])
def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(UsageError) as error:
        read_key(path, "key_file")

    assert not text or text not in f"{error.value.message} {error.value.hint}"
    with pytest.raises(UsageError, match="cannot read"):
        read_key(tmp_path / "none", "key_file")
