"""Settings as a value, each with the place it came from.

Order, later wins: defaults, `~/.config/vaultc/config.toml`, `<vault>/.vaultc/config.toml`, `VAULTC_*`, flags.
An unknown key is an error: a misspelt setting must not be ignored.
"""

from __future__ import annotations

import os
import tomllib
import types
import typing
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class VaultConfig:
    """Where the vault and its state are, and whether links of the file system in it are followed."""

    path: str = ""
    state_dir: str = ""
    follow_links: bool = False


@dataclass(frozen=True, slots=True)
class IndexConfig:
    """How notes are cut and embedded. `embedder` is "vault" (fitted on the vault) or "none" (words alone)."""

    embedder: str = "vault"
    chunk_words: int = 100
    dimensions: int = 256


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """How passages are found. `vector_store` is "exact" or "chroma"; `chroma_url` is that of a Chroma server."""

    limit: int = 10
    vector_weight: float = 0.3
    vector_store: str = "exact"
    chroma_url: str = ""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which GGUF runs and how; an empty path means the starter model if it is installed, "none" no model.

    `prefix_gb`: how much of the disk states of evaluated prompt beginnings may take; 0 keeps none.
    `folder` is where models are downloaded to.
    """

    path: str = ""
    hand: str = ""
    n_gpu_layers: int = 0
    context_tokens: int = 0
    threads: int = 0
    seed: int = 0
    temperature: float = 0.0
    thinking: bool = True
    prefix_gb: float = 8.0
    folder: str = ""


@dataclass(frozen=True, slots=True)
class CompileConfig:
    """How far a compile goes. `level` is "auto", "outline", "guided" or "full"."""

    level: str = "auto"
    max_repairs: int = 2
    run_tests: bool = True


@dataclass(frozen=True, slots=True)
class CheckConfig:
    """Which findings are left out: rules by code or name, and links that are routes of a website (`/js/array/`)."""

    ignore: tuple[str, ...] = ()
    site_routes: bool = True


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """`[models.NAME]`: one model, either a GGUF of this machine (`path`) or one that a server holds (`url`).

    `placement` "auto" lets the planner say what lies in VRAM and what in RAM; "given" takes `gpu_layers` (-1 for all)
    and `expert_layers_in_ram` (the last so many) as they stand. 0 stands for what the model or the machine says.
    `kv_type` is a type of ggml ("f16", "q8_0"); without one it is f16, or what the planner takes. `loras` are files of
    adapters, each with a scale behind an `@` where it is not 1. `served_as` is the model's name at the server,
    `key_file` a file that holds its key, `digest` what the file must be. `pooling` and the prefixes are for models that
    embed; "auto" takes what the file, or the model's kind, says.
    """

    path: str = ""
    url: str = ""
    served_as: str = ""
    key_file: str = ""
    digest: str = ""
    placement: str = "auto"
    gpu_layers: int = -1
    expert_layers_in_ram: int = 0
    context_tokens: int = 0
    threads: int = 0
    batch_tokens: int = 0
    kv_type: str = ""
    flash_attn: bool = True
    loras: tuple[str, ...] = ()
    pooling: str = "auto"
    query_prefix: str = "auto"
    passage_prefix: str = "auto"


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """`[roles.NAME]`: which model of `[models]` serves a role, and with what.

    `loras` replace those of the model. A `temperature` below 0 leaves it to the task.
    """

    model: str = ""
    loras: tuple[str, ...] = ()
    temperature: float = -1.0
    thinking: bool = True
    context_tokens: int = 0


ROLES = ("brain", "coder", "ranker", "embedder", "reranker")
"""Roles that a model can have: it plans and writes prose, writes files, chooses, embeds, reorders."""


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Hosts besides this machine that may be connected to, as `host` or `host:port`; not in the settings of a vault."""

    allow_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """All settings, in groups; `models` and `roles` are tables by name."""

    vault: VaultConfig = field(default_factory=VaultConfig)
    index: IndexConfig = field(default_factory=IndexConfig)
    search: SearchConfig = field(default_factory=SearchConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    compile: CompileConfig = field(default_factory=CompileConfig)
    check: CheckConfig = field(default_factory=CheckConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    models: Mapping[str, ModelEntry] = field(default_factory=dict)
    roles: Mapping[str, RoleEntry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as `vaultc config show` prints it; `origin` is "default", a file, a variable or "flag"."""

    key: str
    value: object
    origin: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force, and for each `group.key` that is not a default where it came from."""

    config: Config
    origins: Mapping[str, str]

    def rows(self) -> Iterator[Setting]:
        """Give every setting in the order of the groups."""
        for name, values in _groups(self.config):
            for item in fields(values):
                key = f"{name}.{item.name}"
                yield Setting(key, getattr(values, item.name), self.origins.get(key, "default"))


_OWN_ONLY = "network."
"""What the settings of a vault cannot say."""
_TABLES: Mapping[str, type[ModelEntry] | type[RoleEntry]] = {"models": ModelEntry, "roles": RoleEntry}


def _groups(config: Config) -> Iterator[tuple[str, Any]]:
    for group in fields(config):
        values = getattr(config, group.name)
        if group.name in _TABLES:
            yield from ((f"{group.name}.{name}", entry) for name, entry in values.items())
        else:
            yield group.name, values


# Short names for what is set most often.
_SHORT_VARIABLES = {
    "VAULTC_VAULT": "vault.path",
    "VAULTC_MODEL": "model.path",
    "VAULTC_HAND": "model.hand",
    "VAULTC_STATE_DIR": "vault.state_dir",
    "VAULTC_LEVEL": "compile.level",
}
# Read by vaultc's own tests and build, not settings.
_NOT_SETTINGS = frozenset({"VAULTC_ACCEPT"})


def config_home(environ: Mapping[str, str]) -> Path:
    """Give the folder of the person's settings."""
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "vaultc"


def load_settings(
    state_dir: Path | None,
    flags: Mapping[str, object],
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Give the settings in force.

    Args:
        state_dir: the vault's state folder, whose `config.toml` counts, or None where no vault is known yet.
        flags: `group.key` to value, as given on the command line; None values are left out.
        environ: the environment; by default the process's own.

    Raises:
        UsageError: an unknown key, a value of the wrong type, or a file that is not TOML.
    """
    environ = os.environ if environ is None else environ
    files = [config_home(environ) / "config.toml"]
    if state_dir is not None:
        files.append(state_dir / "config.toml")
    config, origins = Config(), {}
    for path in files:
        for key, value in _read(path):
            if path != files[0] and key.startswith(_OWN_ONLY):
                raise UsageError(
                    f"setting `{key}` in {path} does not count: a vault that came from elsewhere could send notes out",
                    hint=f"put it into {files[0]}",
                )
            config = _with(config, key, value, str(path))
            origins[key] = str(path)
    for name, key, text in _from_environment(environ):
        config = _with(config, key, text, name)
        origins[key] = name
    for key, value in flags.items():
        if value is not None:
            config = _with(config, key, value, "flag")
            origins[key] = "flag"
    return Settings(config, origins)


def _read(path: Path) -> Iterator[tuple[str, object]]:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot read the settings in {path}: {error}", hint="mend or remove the file") from error
    for group, values in data.items():
        if not isinstance(values, dict):
            raise _unknown(group, path)
        for key, value in values.items():
            if group in _TABLES and isinstance(value, dict):
                yield from ((f"{group}.{key}.{name}", item) for name, item in value.items())
            else:
                yield f"{group}.{key}", value


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    known = {f"VAULTC_{key.replace('.', '_').upper()}": key for key in _keys()} | _SHORT_VARIABLES
    for name in sorted(environ):
        if not name.startswith("VAULTC_") or name in _NOT_SETTINGS or environ[name] == "":
            continue
        if name not in known:
            close = _closest(name, known)
            raise UsageError(f"unknown variable `{name}`", hint=f"did you mean `{close}`?" if close else None)
        yield name, known[name], environ[name]


def _keys() -> list[str]:
    return [setting.key for setting in Settings(Config(), {}).rows()]


def _closest(name: str, known: Iterable[str]) -> str | None:
    import difflib  # slow to import, and seldom needed

    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def _unknown(key: str, origin: object) -> UsageError:
    head = key.rpartition(".")[0]
    table = _TABLES.get(key.partition(".")[0])
    known = [f"{head}.{item.name}" for item in fields(table)] if table else []
    known += [f"roles.{role}.{item.name}" for role in ROLES for item in fields(RoleEntry)]
    known += [*_keys(), *(item.name for item in fields(Config))]
    close = _closest(key, (name for name in known if name != key))
    hint = f"did you mean `{close}`?" if close else "`vaultc config show` lists every setting"
    return UsageError(f"unknown setting `{key}` in {origin}", hint=hint)


def _with(config: Config, key: str, value: object, origin: str) -> Config:
    group_name, _, name = key.partition(".")
    if group_name in _TABLES:
        table = getattr(config, group_name)
        entry, _, name = name.rpartition(".")
        if not entry or (group_name == "roles" and entry not in ROLES):
            raise _unknown(key, origin)
        changed = _changed(table.get(entry, _TABLES[group_name]()), name, value, (key, origin))
        tables: dict[str, Any] = {group_name: {**table, entry: changed}}
        return replace(config, **tables)
    group = getattr(config, group_name, None)
    if group is None:
        raise _unknown(key, origin)
    return replace(config, **{group_name: _changed(group, name, value, (key, origin))})


def _changed(group: Any, name: str, value: object, said: tuple[str, object]) -> Any:  # noqa: ANN401 - any of the groups
    key, origin = said
    if name not in {item.name for item in fields(group)}:
        raise _unknown(key, origin)
    try:
        return replace(group, **{name: _convert(value, _hint(type(group), name))})
    except (TypeError, ValueError) as error:
        raise UsageError(f"setting `{key}` in {origin}: {error}") from error


def _hint(group: type, name: str) -> Any:  # noqa: ANN401 - a type hint
    return typing.get_type_hints(group)[name]


def _convert(value: object, wanted: Any) -> object:  # noqa: ANN401 - a type hint
    if wanted is bool:
        return _boolean(value)
    if isinstance(wanted, types.GenericAlias):
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise TypeError("expected a list of texts")
        return tuple(item.strip() for item in items)
    if isinstance(value, bool) or (not isinstance(value, str) and not isinstance(value, wanted | int)):
        raise TypeError(f"expected {wanted.__name__}, got {value!r}")
    if wanted is str and not isinstance(value, str):
        raise TypeError(f"expected a text, got {value!r}")
    return wanted(value)


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in {"1", "true", "yes", "on"}:
        return True
    if str(value).lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"expected true or false, got {value!r}")
