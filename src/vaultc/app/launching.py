"""Write how a model is started without vaultc."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vaultc.app.placing import Asked, place
from vaultc.config import ModelEntry, RoleEntry
from vaultc.core.errors import UsageError
from vaultc.disk.policy import Root
from vaultc.disk.write import read_bytes, write_atomic
from vaultc.model.hardware import detect
from vaultc.model.launch import Launch, launch_script, server_command
from vaultc.model.spec import find_model

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.config import Config
    from vaultc.model.gguf import Header
    from vaultc.model.llama_settings import LlamaSettings

_FULL = 8192


@dataclass(frozen=True, slots=True)
class Launched:
    """What was written, and the command that is equal to it."""

    path: Path
    command: tuple[str, ...]
    launch: Launch

    @property
    def command_line(self) -> str:
        """The command as it is typed."""
        return shlex.join(self.command)

    def as_json(self) -> dict[str, Any]:
        """Give it in the form of docs/json.md."""
        return {"path": str(self.path), "command": list(self.command), "model": self.launch.path}


def launch_of(config: Config, model: str = "") -> Launch:
    """Give how a model is started: an entry of `[models]`, a GGUF, or by default the one that a command would use.

    What the settings leave to the planner (`placement = "auto"`) is started as it plans for this machine.

    Raises:
        UsageError: there is no such model, or a server holds it.
        ModelError: it is not a GGUF, or cannot fit.
    """
    role = config.roles.get("brain")
    name = model or config.model.path or (role.model if role is not None else "")
    entry = config.models.get(name)
    if entry is not None and entry.url:
        raise UsageError(f'the model "{name}" is held by a server at {entry.url}', hint="it is started there")
    choice = find_model(entry.path if entry is not None else model or None, {}, config.model.path or None)
    if choice is None or choice.kind != "gguf":
        raise UsageError("there is no GGUF to launch", hint="name one: `vaultc model launch FILE`")
    from vaultc.model.gguf import read_header

    header = read_header(choice.path)
    if entry is None:
        own = config.model
        entry = ModelEntry(
            placement="given", gpu_layers=own.n_gpu_layers, context_tokens=own.context_tokens, threads=own.threads
        )
    (placed,) = place((Asked(entry, RoleEntry(), header),), detect)
    return _launch(placed.settings.checked(), header, entry)


def write_launch(launch: Launch, path: Path, *, replaces: bool = False) -> Launched:
    """Write `launch.py` at `path`; a file that stands there is written over only where it `replaces` it.

    Raises:
        UsageError: a file is there.
        VaultError: it cannot be written.
    """
    root = Root(path.parent.absolute(), allow_hidden=True, suffixes=frozenset({".py"}))
    data = launch_script(launch).encode("utf-8", "surrogateescape")
    there = read_bytes(root, path.name)
    if there is not None and there != data and not replaces:
        raise UsageError(f'"{path}" is there already', hint="name another file by --out, or agree by --force")
    if there != data:
        write_atomic(root, path.name, data)
    return Launched(path, tuple(server_command(launch)), launch)


def _launch(settings: LlamaSettings, header: Header, entry: ModelEntry) -> Launch:
    longest = header.context_length
    return Launch(
        path=str(header.path.absolute()),
        name=header.name or header.path.stem,
        context_tokens=settings.context_tokens or min(longest or _FULL, _FULL),
        gpu_layers=-1 if settings.gpu_layers is None else settings.gpu_layers,
        in_ram=settings.in_ram,
        threads=settings.threads or 0,
        batch_tokens=settings.ubatch_tokens,
        kv_type=settings.type_k,
        flash_attn=settings.flash_attn is not False,
        loras=tuple(_adapter(text) for text in entry.loras),
        tensor_split=settings.tensor_split,
    )


def _adapter(text: str) -> tuple[str, float]:
    """Read `file` or `file@scale`."""
    path, at, scale = text.rpartition("@")
    try:
        return (path, float(scale)) if at else (text, 1.0)
    except ValueError:
        return text, 1.0  # an @ in the name of a file
