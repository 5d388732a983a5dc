"""`vaultc model launch` and `list` as a person uses them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from model.made_gguf import gguf_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done

KEYS = {"general.architecture": "llama", "general.name": "giant", "llama.block_count": 2, "llama.context_length": 4096}


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "giant.gguf"
    path.write_bytes(gguf_bytes(KEYS))
    return path


@pytest.fixture
def settings(own_home: Path, gguf: Path) -> Path:
    path = own_home / "config" / "vaultc" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(
        f"[models.giant]\npath = '{gguf}'\nplacement = 'given'\ngpu_layers = 40\n"
        "expert_layers_in_ram = 12\nkv_type = 'q8_0'\nloras = ['/m/law.gguf@0.5']\n"
        "[models.far]\nurl = 'http://127.0.0.1:9/v1'\nserved_as = 'qwen3:30b'\n"
    )
    return path


def test_a_script_is_written_and_the_equal_command_printed(
    run: Callable[..., Done], settings: Path, gguf: Path, tmp_path: Path
) -> None:
    out = tmp_path / "start" / "launch.py"

    done = run("model", "launch", "giant", "--out", out)

    assert done.code == 0, done.err
    command = shlex.split(done.out)
    assert command[:3] == ["llama-server", "--model", str(gguf)]
    assert command[command.index("--n-gpu-layers") :][:2] == ["--n-gpu-layers", "40"]
    assert command[command.index("--override-tensor") + 1].endswith("ffn_(up|down|gate_up|gate)_(ch|)exps=CPU")
    assert command[-2:] == ["--lora-scaled", "/m/law.gguf:0.5"]
    assert "GPU_LAYERS = 40" in out.read_text("utf-8")


def test_a_file_of_mine_is_not_written_over(run: Callable[..., Done], gguf: Path, tmp_path: Path) -> None:
    out = tmp_path / "launch.py"
    out.write_text("mine\n")

    refused = run("model", "launch", gguf, "--out", out)
    assert refused.code == 2
    assert "is there already" in refused.err
    assert out.read_text() == "mine\n"

    agreed = run("model", "launch", gguf, "--out", out, "--force", "--json")
    assert agreed.json["command"][0] == "llama-server"
    again = run("model", "launch", gguf, "--out", out)  # what it wrote itself is no reason to ask
    assert again.code == 0


def test_a_model_of_a_server_is_started_there(run: Callable[..., Done], settings: Path, tmp_path: Path) -> None:
    done = run("model", "launch", "far", "--out", tmp_path / "launch.py")

    assert done.code == 2
    assert "held by a server" in done.err


def test_the_list_names_what_is_configured_and_pulled_and_connects_to_nothing(
    run: Callable[..., Done], settings: Path, own_home: Path, gguf: Path
) -> None:
    pulled = own_home / "data" / "vaultc" / "models" / "maker" / "Model-GGUF"
    pulled.mkdir(parents=True)
    for name in ("m-00001-of-00002.gguf", "m-00002-of-00002.gguf"):
        (pulled / name).write_bytes(gguf_bytes(KEYS))
    (pulled / "broken.gguf").write_bytes(b"no")

    done = run("model", "list", "--json")

    rows = {(row["name"], row["source"]): row for row in done.json["models"] if row["source"] != "starter"}
    assert rows["qwen3:30b", "models.far"]["path"] == "http://127.0.0.1:9/v1"
    assert [row["path"] for row in rows.values() if row["source"] == "models.giant"] == [str(gguf)]
    assert sorted(row["path"] for row in rows.values() if row["source"] == "pulled") == [
        str(pulled / "broken.gguf"),
        str(pulled / "m-00001-of-00002.gguf"),
    ]
    assert run("model", "list").code == 0
