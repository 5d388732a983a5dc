"""Settings: tables of models and roles, and what is no setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vaultc.config import ModelEntry, RoleEntry, load_settings
from vaultc.core.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_TEXT = """
[network]
allow_hosts = ["big.local:8000"]

[models.giant]
path = "/models/giant.gguf"
loras = ["/models/a.gguf@0.5"]
kv_type = "q8_0"

[models.far]
url = "http://big.local:8000/v1"

[roles.coder]
model = "giant"
thinking = false
"""


def test_models_and_roles_are_tables_by_name(tmp_path: Path) -> None:
    own = tmp_path / "vaultc" / "config.toml"
    own.parent.mkdir()
    own.write_text(_TEXT, "utf-8")
    settings = load_settings(None, {}, {"XDG_CONFIG_HOME": str(tmp_path)})
    config = settings.config
    assert config.models["giant"] == ModelEntry(
        path="/models/giant.gguf", loras=("/models/a.gguf@0.5",), kv_type="q8_0"
    )
    assert config.models["far"].url == "http://big.local:8000/v1"
    assert config.roles["coder"] == RoleEntry(model="giant", thinking=False)
    assert config.network.allow_hosts == ("big.local:8000",)


def test_settings_of_tables_are_listed_with_their_origin(tmp_path: Path) -> None:
    own = tmp_path / "vaultc" / "config.toml"
    own.parent.mkdir()
    own.write_text(_TEXT, "utf-8")
    rows = {row.key: row for row in load_settings(None, {}, {"XDG_CONFIG_HOME": str(tmp_path)}).rows()}
    assert rows["models.giant.kv_type"].value == "q8_0"
    assert rows["models.giant.kv_type"].origin.endswith("config.toml")
    assert rows["models.giant.gpu_layers"].origin == "default"


def test_a_flag_sets_one_entry_of_a_table(tmp_path: Path) -> None:
    own = tmp_path / "vaultc" / "config.toml"
    own.parent.mkdir()
    own.write_text(_TEXT, "utf-8")
    flags = {"models.giant.gpu_layers": 12}
    config = load_settings(None, flags, {"XDG_CONFIG_HOME": str(tmp_path)}).config
    assert config.models["giant"].gpu_layers == 12
    assert config.models["giant"].kv_type == "q8_0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[models.giant]\nkv_typ = 'f16'", "models.giant.kv_type"),
        ("[roles.codr]\nmodel = 'x'", "roles.coder.model"),
        ("[models]\ngiant = 3", "models.giant"),
        ("[models.giant]\ngpu_layers = 'many'", "models.giant.gpu_layers"),
        ("[network]\nallow_hosts = 'a'\nallow_host = []", "network.allow_hosts"),
    ],
)
def test_what_is_no_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "config.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path, {}, {"XDG_CONFIG_HOME": str(tmp_path / "none")})
    assert said in f"{caught.value.message} {caught.value.hint}"


def test_a_vault_cannot_allow_a_host(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[network]\nallow_hosts = ["evil.example.org"]\n')

    with pytest.raises(UsageError, match="came from elsewhere"):
        load_settings(tmp_path, {}, {"XDG_CONFIG_HOME": str(tmp_path / "mine")})
