"""Settings as a value, each with the place it came from.

Order, later wins: defaults, `~/.config/vaultc/config.toml`, `<vault>/.vaultc/config.toml`, `VAULTC_*`, flags.
An unknown key is an error: a misspelt setting must not be ignored. The file of a vault may have come with it from
somebody else, so each setting says what that file may do (`VaultMay`).
"""

from __future__ import annotations

import os
import typing
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.core.errors import UsageError
from vaultc.core.strict_toml import MOST_TOML_BYTES, NotTomlError, parse_toml
from vaultc.core.typed import as_type, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class VaultMay(Enum):
    """What the settings file of a vault may say of a setting."""

    ALWAYS = "always"
    """How this vault is cut, searched and checked: it touches nothing else."""
    IF_TRUSTED = "if trusted"
    """A path, an address, a model, what is run, what of the machine is used: only where the person trusts the vault."""
    NEVER = "never"
    """It stands in the person's own settings or nowhere."""


_KEY = "vault may"
_FREE, _TRUSTED, _NEVER = ({_KEY: may} for may in VaultMay)


@dataclass(frozen=True, slots=True)
class VaultConfig:
    """Where the vault and its state are, and whether links of the file system in it are followed."""

    path: str = field(default="", metadata=_TRUSTED)
    state_dir: str = field(default="", metadata=_TRUSTED)
    follow_links: bool = field(default=False, metadata=_TRUSTED)


@dataclass(frozen=True, slots=True)
class IndexConfig:
    """How notes are cut and embedded. `embedder` is "vault" (fitted on the vault) or "none" (words alone)."""

    embedder: str = field(default="vault", metadata=_FREE)
    chunk_words: int = field(default=100, metadata=_FREE)
    dimensions: int = field(default=256, metadata=_FREE)


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """How passages are found. `vector_store` is "exact" or "chroma"; `chroma_url` is that of a Chroma server."""

    limit: int = field(default=10, metadata=_FREE)
    vector_weight: float = field(default=0.3, metadata=_FREE)
    vector_store: str = field(default="exact", metadata=_FREE)
    chroma_url: str = field(default="", metadata=_TRUSTED)


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which GGUF runs and how; an empty path means the starter model if it is installed, "none" no model.

    `prefix_gb`: how much of the disk states of evaluated prompt beginnings may take; 0 keeps none.
    `folder` is where models are downloaded to.
    """

    path: str = field(default="", metadata=_TRUSTED)
    hand: str = field(default="", metadata=_TRUSTED)
    n_gpu_layers: int = field(default=0, metadata=_TRUSTED)
    context_tokens: int = field(default=0, metadata=_TRUSTED)
    threads: int = field(default=0, metadata=_TRUSTED)
    seed: int = field(default=0, metadata=_FREE)
    temperature: float = field(default=0.0, metadata=_FREE)
    thinking: bool = field(default=True, metadata=_FREE)
    prefix_gb: float = field(default=8.0, metadata=_TRUSTED)
    folder: str = field(default="", metadata=_TRUSTED)


@dataclass(frozen=True, slots=True)
class CompileConfig:
    """How far a compile goes. `level` is "auto", "outline", "guided" or "full"."""

    level: str = field(default="auto", metadata=_FREE)
    max_repairs: int = field(default=2, metadata=_FREE)
    run_tests: bool = field(default=True, metadata=_TRUSTED)


@dataclass(frozen=True, slots=True)
class CheckConfig:
    """Which findings are left out: rules by code or name, and links that are routes of a website (`/js/array/`)."""

    ignore: tuple[str, ...] = field(default=(), metadata=_FREE)
    site_routes: bool = field(default=True, metadata=_FREE)


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

    path: str = field(default="", metadata=_TRUSTED)
    url: str = field(default="", metadata=_TRUSTED)
    served_as: str = field(default="", metadata=_TRUSTED)
    key_file: str = field(default="", metadata=_TRUSTED)
    digest: str = field(default="", metadata=_TRUSTED)
    placement: str = field(default="auto", metadata=_TRUSTED)
    gpu_layers: int = field(default=-1, metadata=_TRUSTED)
    expert_layers_in_ram: int = field(default=0, metadata=_TRUSTED)
    context_tokens: int = field(default=0, metadata=_TRUSTED)
    threads: int = field(default=0, metadata=_TRUSTED)
    batch_tokens: int = field(default=0, metadata=_TRUSTED)
    kv_type: str = field(default="", metadata=_TRUSTED)
    flash_attn: bool = field(default=True, metadata=_TRUSTED)
    loras: tuple[str, ...] = field(default=(), metadata=_TRUSTED)
    pooling: str = field(default="auto", metadata=_TRUSTED)
    query_prefix: str = field(default="auto", metadata=_TRUSTED)
    passage_prefix: str = field(default="auto", metadata=_TRUSTED)


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """`[roles.NAME]`: which model of `[models]` serves a role, and with what.

    `loras` replace those of the model. A `temperature` below 0 leaves it to the task.
    """

    model: str = field(default="", metadata=_TRUSTED)
    loras: tuple[str, ...] = field(default=(), metadata=_TRUSTED)
    temperature: float = field(default=-1.0, metadata=_TRUSTED)
    thinking: bool = field(default=True, metadata=_TRUSTED)
    context_tokens: int = field(default=0, metadata=_TRUSTED)


ROLES = ("brain", "coder", "ranker", "embedder", "reranker")
"""Roles that a model can have: it plans and writes prose, writes files, chooses, embeds, reorders."""


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Hosts besides this machine that may be connected to, as `host` or `host:port`; not in the settings of a vault."""

    allow_hosts: tuple[str, ...] = field(default=(), metadata=_NEVER)


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
class VaultSettings:
    """What came with a vault and could steer: what its file says by key, its prompts, and whether the person trusts it.

    `prompts` are files that would take the place of ours, by their name in the state folder, each with its digest.
    """

    path: Path
    values: Mapping[str, object] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)
    is_trusted: bool = False

    def claims(self) -> dict[str, object]:
        """Give what counts only in a trusted vault."""
        said = {key: value for key, value in self.values.items() if vault_may(key) is VaultMay.IF_TRUSTED}
        return said | dict(self.prompts)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force, and for each `group.key` that is not a default where it came from.

    `ignored` is what the vault brought and does not count, for the person does not trust the vault.
    """

    config: Config
    origins: Mapping[str, str]
    ignored: tuple[Setting, ...] = ()
    trusts_vault: bool = False

    def rows(self) -> Iterator[Setting]:
        """Give every setting in the order of the groups."""
        for name, values in _groups(self.config):
            for item in fields(values):
                key = f"{name}.{item.name}"
                yield Setting(key, getattr(values, item.name), self.origins.get(key, "default"))


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
_MOST_KEY_CHARS = 120


def config_home(environ: Mapping[str, str]) -> Path:
    """Give the folder of the person's settings."""
    base = environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "vaultc"


def load_settings(
    vault: VaultSettings | None,
    flags: Mapping[str, object],
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Give the settings in force.

    Args:
        vault: what came with the vault, or None where no vault is known yet.
        flags: `group.key` to value, as given on the command line; None values are left out.
        environ: the environment; by default the process's own. Variables that are no settings are left to
            `unknown_variables`.

    Raises:
        UsageError: the person's own file is wrong, a value is of the wrong type, or the vault says what no vault may.
    """
    environ = os.environ if environ is None else environ
    own = config_home(environ) / "config.toml"
    vault = vault or VaultSettings(Path())
    for key in vault.values:
        if vault_may(key) is VaultMay.NEVER:
            raise UsageError(
                f"setting `{key}` in {vault.path} is refused: a vault that came from elsewhere could send notes out",
                hint=f"put it into {own}",
            )
    ignored = {} if vault.is_trusted else vault.claims()
    said = [(key, value, str(own)) for key, value in _own(own).items()]
    said += [(key, value, str(vault.path)) for key, value in vault.values.items() if key not in ignored]
    said += [(key, text, name) for name, key, text in _from_environment(environ)]
    said += [(key, value, "flag") for key, value in flags.items() if value is not None]
    config, origins = Config(), {}
    for key, value, origin in said:
        config = _with(config, key, value, origin)
        origins[key] = origin
    left_out = tuple(Setting(key, value, str(vault.path)) for key, value in ignored.items())
    return Settings(config, origins, left_out, vault.is_trusted)


def parse_settings(data: bytes, path: Path) -> dict[str, object]:
    """Give what a settings file says, by key. Raises UsageError for what is not TOML, no setting, or no such value."""
    try:
        tables = parse_toml(data)
    except NotTomlError as error:
        raise UsageError(f"cannot read the settings in {path}: {error}", hint="mend or remove the file") from error
    said, config = dict(_flat(tables, path)), Config()
    for key, value in said.items():
        config = _with(config, key, value, str(path))
    return said


def _own(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:  # the person's own: it may be a link, or written by a program
            data = file.read(MOST_TOML_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"cannot read the settings in {path}: {error}", hint="mend or remove the file") from error
    return parse_settings(data, path)


def _flat(tables: Mapping[str, object], path: Path) -> Iterator[tuple[str, object]]:
    for group, values in tables.items():
        if not isinstance(values, dict):
            raise _unknown(group, path)
        for key, value in values.items():
            if group in _TABLES and isinstance(value, dict):
                yield from ((f"{group}.{key}.{name}", item) for name, item in value.items())
            else:
                yield f"{group}.{key}", value


def vault_may(key: str) -> VaultMay:
    """Give what the settings file of a vault may say of `group.key`."""
    head, _, name = key.rpartition(".")
    table = _TABLES.get(head.partition(".")[0])
    group = table or type(getattr(Config(), head))
    may = group.__dataclass_fields__[name].metadata.get(_KEY, VaultMay.NEVER)
    return VaultMay(may)


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    known = _variables()
    yield from ((name, known[name], environ[name]) for name in sorted(environ) if name in known and environ[name])


def unknown_variables(environ: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Give the variables `VAULTC_…` that are no settings, each with the one that may be meant."""
    known = _variables()
    names = (name for name in sorted(environ) if name.startswith("VAULTC_") and environ[name])
    return [(name, _closest(name, known)) for name in names if name not in known and name not in _NOT_SETTINGS]


def _variables() -> dict[str, str]:
    return {f"VAULTC_{key.replace('.', '_').upper()}": key for key in _keys()} | _SHORT_VARIABLES


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
    close = _closest(key[:_MOST_KEY_CHARS], (name for name in known if name != key))
    hint = f"did you mean {_named(close)}?" if close else "`vaultc config show` lists every setting"
    return UsageError(f"unknown setting {_named(key)} in {origin}", hint=hint)


def _named(key: str) -> str:
    """Give a key for a message: what a vault brings may hold control characters."""
    return f"`{key}`" if key.isprintable() and len(key) <= _MOST_KEY_CHARS else shown(key)


def _with(config: Config, key: str, value: object, origin: str) -> Config:
    group_name, _, name = key.partition(".")
    if group_name in _TABLES:
        table = getattr(config, group_name)
        entry, _, name = name.rpartition(".")
        if not entry.isprintable() or not entry or (group_name == "roles" and entry not in ROLES):
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
        return replace(group, **{name: as_type(value, typing.get_type_hints(type(group))[name])})
    except (TypeError, ValueError) as error:
        raise UsageError(f"setting {_named(key)} in {origin}: {error}") from error
