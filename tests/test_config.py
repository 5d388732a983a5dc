"""Settings: tables of models and roles, what is no setting, and what the file of a vault may say."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from vaultc.config import (
    Config,
    ModelEntry,
    NetworkConfig,
    RoleEntry,
    Settings,
    VaultMay,
    VaultSettings,
    load_settings,
    parse_settings,
    unknown_variables,
    vault_may,
)
from vaultc.core.errors import UsageError

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
PLACE = Path("/vault/.vaultc/config.toml")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the place of the person's own settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "vaultc" / "config.toml"
    path.parent.mkdir()
    return path


def of_vault(text: str, *, is_trusted: bool = False) -> VaultSettings:
    return VaultSettings(PLACE, parse_settings(text.encode(), PLACE), is_trusted=is_trusted)


def test_models_and_roles_are_tables_by_name(own: Path) -> None:
    own.write_text(_TEXT, "utf-8")

    config = load_settings(None, {}).config

    assert config.models["giant"] == ModelEntry(
        path="/models/giant.gguf", loras=("/models/a.gguf@0.5",), kv_type="q8_0"
    )
    assert config.models["far"].url == "http://big.local:8000/v1"
    assert config.roles["coder"] == RoleEntry(model="giant", thinking=False)
    assert config.network.allow_hosts == ("big.local:8000",)


def test_settings_of_tables_are_listed_with_their_origin(own: Path) -> None:
    own.write_text(_TEXT, "utf-8")

    rows = {row.key: row for row in load_settings(None, {}).rows()}

    assert rows["models.giant.kv_type"].value == "q8_0"
    assert rows["models.giant.kv_type"].origin.endswith("config.toml")
    assert rows["models.giant.gpu_layers"].origin == "default"


def test_a_flag_sets_one_entry_of_a_table(own: Path) -> None:
    own.write_text(_TEXT, "utf-8")

    config = load_settings(None, {"models.giant.gpu_layers": 12}).config

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
        ("[model]\npath = 2026-01-01", "model.path"),
        ("[model]\nprefix_gb = nan", "at most"),
        ("[model]\nprefix_gb = inf", "at most"),
        ("[model]\nthreads = 99999999999999999999", "at most"),
        ('[model]\npath = "a\\u0000b"', "NUL"),
        ('[models."a\\u001b[31mb\\n"]\npath = "x"', "'models.a\\x1b[31mb\\n.path'"),
        ('["\\u202eevil"]\nx = 1', "'\\u202eevil.x'"),
        ("[model]\n" + "path = " + "[" * 20_000, "it nests too deep"),
        ("[model]\nthreads = " + "9" * 5000, "cannot read the settings"),
        ("a = '" + "x" * 70_000 + "'", "it is larger than"),
    ],
)
@pytest.mark.parametrize("is_own", [True, False])
def test_what_is_no_setting_is_named(own: Path, text: str, said: str, *, is_own: bool) -> None:
    own.write_text(text if is_own else "", "utf-8")

    with pytest.raises(UsageError) as caught:
        load_settings(None if is_own else of_vault(text), {})

    shown = f"{caught.value.message} {caught.value.hint}"
    assert said in shown
    assert shown.isprintable()
    assert len(shown) < 500


def test_a_file_that_is_no_utf_8_is_said() -> None:
    with pytest.raises(UsageError, match="it is no UTF-8 at byte 2"):
        parse_settings(b"a=\xff", PLACE)


def test_a_vault_cannot_allow_a_host(own: Path) -> None:
    with pytest.raises(UsageError, match="came from elsewhere") as caught:
        load_settings(of_vault('[network]\nallow_hosts = ["evil.example.org"]', is_trusted=True), {})

    assert str(own) in str(caught.value.hint)


def test_each_setting_says_what_a_vault_may() -> None:
    """A new setting must choose; one that reaches out of the vault is the person's."""
    groups = [type(getattr(Config(), item.name)) for item in fields(Config) if item.name not in ("models", "roles")]

    unsaid = [
        f"{kind.__name__}.{item.name}"
        for kind in (*groups, ModelEntry, RoleEntry)
        for item in fields(kind)
        if not isinstance(item.metadata.get("vault may"), VaultMay)
    ]

    assert unsaid == []


def test_what_reaches_out_of_the_vault_is_the_persons() -> None:
    keys = [row.key for row in Settings(Config(), {}).rows()]
    keys += [f"models.any.{item.name}" for item in fields(ModelEntry)]
    keys += [f"roles.brain.{item.name}" for item in fields(RoleEntry)]

    harmless = {key for key in keys if vault_may(key) is VaultMay.ALWAYS}

    assert harmless == {
        "index.embedder",
        "index.chunk_words",
        "index.dimensions",
        "search.limit",
        "search.vector_weight",
        "search.vector_store",
        "model.seed",
        "model.temperature",
        "model.thinking",
        "compile.level",
        "compile.max_repairs",
        "check.ignore",
        "check.site_routes",
    }
    assert {key for key in keys if vault_may(key) is VaultMay.NEVER} == {
        f"network.{item.name}" for item in fields(NetworkConfig)
    }


_STEERING = """
[model]
path = "/evil.gguf"
[vault]
state_dir = "/home/person"
[search]
limit = 3
[models.x]
key_file = "/home/person/.ssh/id_rsa"
"""


def test_what_a_vault_says_of_the_persons_settings_is_left_out_and_kept_to_be_shown(own: Path) -> None:
    own.write_text('[model]\npath = "/mine.gguf"')

    found = load_settings(of_vault(_STEERING), {})

    assert (found.config.model.path, found.config.vault.state_dir, dict(found.config.models)) == ("/mine.gguf", "", {})
    assert (found.config.search.limit, found.origins["search.limit"]) == (3, str(PLACE))
    assert [(item.key, item.value) for item in found.ignored] == [
        ("model.path", "/evil.gguf"),
        ("vault.state_dir", "/home/person"),
        ("models.x.key_file", "/home/person/.ssh/id_rsa"),
    ]


def test_where_the_vault_is_trusted_it_goes_before_the_persons_settings(own: Path) -> None:
    own.write_text('[model]\npath = "/mine.gguf"')

    found = load_settings(of_vault(_STEERING, is_trusted=True), {})

    assert found.config.model.path == "/evil.gguf"
    assert found.ignored == ()


def test_a_variable_that_is_no_setting_is_named_with_the_one_that_may_be_meant(own: Path) -> None:
    environ = {"VAULTC_MODL": "x", "VAULTC_SEARCH_LIMIT": "4", "VAULTC_ACCEPT": "1", "VAULTC_EMPTY": "", "HOME": "/"}

    found = load_settings(None, {}, environ | {"XDG_CONFIG_HOME": str(own.parent.parent)})

    assert unknown_variables(environ) == [("VAULTC_MODL", "VAULTC_MODEL")]
    assert found.config.search.limit == 4
