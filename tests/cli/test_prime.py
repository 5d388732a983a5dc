"""`vaultc prime`: what is kept, and that it changes no answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli.conftest import tree_digest
from model.made_gguf import gguf_bytes

from vaultc.app.modelling import entry_for, open_host, place_model
from vaultc.app.session import Session
from vaultc.config import ModelEntry, RoleEntry, Settings, load_settings
from vaultc.core.errors import ModelError, UsageError
from vaultc.model.gguf import read_header
from vaultc.model.spec import starter_model

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


# Which model is opened, and how.


def settings_with(tmp_path: Path, text: str, environ: dict[str, str] | None = None, **flags: object) -> Settings:
    folder = tmp_path / "settings"
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text(text)
    home = {"XDG_CONFIG_HOME": str(tmp_path / "nowhere")}
    return load_settings(
        folder, {key.replace("_", ".", 1): value for key, value in flags.items()}, home | (environ or {})
    )


TOML = """
[model]
path = "plain.gguf"
n_gpu_layers = 3
[models.big]
path = "big.gguf"
placement = "given"
gpu_layers = 7
expert_layers_in_ram = 2
[roles.brain]
model = "big"
"""


def test_a_flag_or_a_variable_goes_before_the_role_and_the_role_before_the_plain_setting(tmp_path: Path) -> None:
    def path_of(text: str, environ: dict[str, str] | None = None, **flags: object) -> str:
        named = entry_for(settings_with(tmp_path, text, environ, **flags))
        assert named is not None
        return named[0].path

    assert path_of(TOML) == "big.gguf"
    assert path_of(TOML, {"VAULTC_MODEL": "mine.gguf"}) == "mine.gguf"
    assert path_of(TOML, model_path="flag.gguf") == "flag.gguf"
    assert path_of(TOML.partition("[models")[0]) == "plain.gguf"
    assert path_of("") == ""


def test_a_role_without_its_model_is_said(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, '[roles.coder]\nmodel = "none-such"')

    with pytest.raises(UsageError, match=r'\[roles.coder\] names the model "none-such"'):
        entry_for(settings, hand=True)
    assert entry_for(settings_with(tmp_path, ""), hand=True) is None


def test_a_placement_is_as_given_or_as_the_machine_lets_it(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf_bytes({"general.architecture": "qwen3moe"}))
    header = read_header(file)

    given = place_model(ModelEntry(placement="given", gpu_layers=7, expert_layers_in_ram=2), header)

    assert given.gpu_layers == 7
    assert given.in_ram == (r"blk\.(0|1)\.ffn_(up|down|gate|gate_up)_(ch|)exps",)
    assert place_model(ModelEntry(), header).gpu_layers is None
    with pytest.raises(UsageError, match='no placement "magic"'):
        place_model(ModelEntry(placement="magic"), header)


@pytest.fixture
def session(vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return Session.open(vault)


def test_an_entry_is_opened_as_it_says(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf_bytes({"general.architecture": "llama", "llama.context_length": 9000}))
    entry = ModelEntry(placement="given", gpu_layers=5, kv_type="q8_0", context_tokens=4096)

    host = open_host(session, file, entry, RoleEntry(context_tokens=2048))

    assert host.spec.context_tokens == 2048
    assert host.spec.settings == {"gpu_layers": 5, "type_k": "q8_0", "type_v": "q8_0", "flash_attn": True}
    pinned = json.loads((tmp_path / "home" / "vaultc" / "models.json").read_text())
    assert list(pinned["files"]) == [str(file)]


def test_an_entry_that_cannot_be_is_one_line_before_anything_is_loaded(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf_bytes({"general.architecture": "llama"}))

    for entry, reason in (
        (ModelEntry(digest="b2:00"), "is not the file that the settings name"),
        (ModelEntry(kv_type="q8_0", flash_attn=False), "needs flash attention"),
        (ModelEntry(kv_type="int3"), 'no KV cache is of type "int3"'),
        (ModelEntry(loras=("none.gguf",)), "cannot read"),
        (ModelEntry(loras=(f"{file}@0.5",)), "is not a LoRA adapter"),
    ):
        with pytest.raises(ModelError, match=reason) as caught:
            open_host(session, file, entry)
        assert "\n" not in caught.value.message


def test_a_file_that_changed_since_it_was_used_is_told_of(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    for name in ("a", "b"):
        file.write_bytes(gguf_bytes({"general.architecture": "llama", "general.name": name}))
        open_host(session, file, ModelEntry())

    assert len(session.notes) == 1
    assert "is not the file it was on" in session.notes[0]
