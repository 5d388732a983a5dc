"""Write how a model is started without vaultc."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vaultc.app.models.opening import adapters_of, entry_for
from vaultc.app.models.placing import Asked, place
from vaultc.config import ModelEntry, RoleEntry
from vaultc.core.errors import UsageError
from vaultc.disk.policy import Root
from vaultc.disk.write import read_bytes, write_atomic
from vaultc.model.file.spec import find_model
from vaultc.model.fit.hardware import detect, has_amx
from vaultc.model.fit.launch import Launch, launch_script, server_command

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.config import Settings
    from vaultc.model.fit.llama_settings import LlamaSettings

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


def launch_of(settings: Settings) -> Launch:
    """Give how the model is started that a command with these settings would use.

    What the settings leave to the planner (`placement = "auto"`) is started as it plans for this machine.

    Raises:
        UsageError: there is no such model, or a server holds it.
        ModelError: it is not a GGUF, or cannot fit.
    """
    named = entry_for(settings)
    entry, role = named if named is not None else (ModelEntry(), RoleEntry())
    if entry.url:
        raise UsageError(f"the model is held by a server at {entry.url}", hint="it is started there")
    choice = find_model(None, {}, entry.path or None)
    if choice is None or choice.kind != "gguf":
        raise UsageError("there is no GGUF to launch", hint="name one: `vaultc model launch FILE`")
    from vaultc.model.file.gguf import read_header

    asked = Asked(entry, role, read_header(choice.path))
    (placed,) = place((asked,), detect)
    return _launch(placed.settings.checked(), asked)


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


def _launch(settings: LlamaSettings, asked: Asked) -> Launch:
    header = asked.header
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
        loras=tuple((str(lora.path), lora.scale) for lora in adapters_of(asked.entry, asked.role)),
        tensor_split=settings.tensor_split,
        op_offload=settings.op_offload,
        repack=not has_amx(),
    )
