"""Which model a command uses, and what a GGUF says of itself."""

from __future__ import annotations

import datetime
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.app.session import settings_for, state_home
from vaultc.config import ModelEntry, RoleEntry
from vaultc.core.errors import UsageError
from vaultc.model.spec import find_model, require_digest, starter_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.app.runs import Run
    from vaultc.app.session import Session
    from vaultc.config import Settings
    from vaultc.model.gguf import Header
    from vaultc.model.host import LlamaHost
    from vaultc.model.pins import PinnedDigests
    from vaultc.model.prefix import PrefixStore
    from vaultc.model.protocols import ChatModel


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that could run."""

    name: str
    path: str
    architecture: str
    parameters: int
    file_bytes: int
    context_tokens: int
    source: str

    def as_json(self) -> dict[str, Any]:
        """Give the model in the form of docs/json.md."""
        return {
            "name": self.name,
            "path": self.path,
            "architecture": self.architecture,
            "parameters": self.parameters,
            "file_bytes": self.file_bytes,
            "context_tokens": self.context_tokens,
            "source": self.source,
        }

    def row(self) -> tuple[str, ...]:
        """Give the cells of a table."""
        size = f"{self.parameters / 1e9:.2f} B" if self.parameters >= 10**9 else f"{self.parameters / 1e6:.0f} M"
        return (self.name, self.architecture, size, f"{self.context_tokens:,}", self.path, self.source)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a model lies: its layers on the graphics card (None: as many as can be), and what stays in RAM."""

    gpu_layers: int | None
    in_ram: tuple[str, ...] = ()


def place_model(entry: ModelEntry, header: Header) -> Placement:
    """Give where the model of `entry` lies: as its settings say, or for "auto" as this machine lets it.

    Today "auto" takes all layers where this build of llama.cpp can use a graphics card, and none elsewhere. This is
    the one place that asks how a file fits.
    """
    from vaultc.model.llama_settings import experts_in_ram

    del header
    if entry.placement == "given":
        return Placement(entry.gpu_layers, experts_in_ram(entry.expert_layers_in_ram))
    if entry.placement != "auto":
        raise UsageError(f'there is no placement "{entry.placement}"', hint='write "auto" or "given"')
    return Placement(None)


def open_model(session: Session, run: Run, *, hand: bool = False) -> ChatModel | None:
    """Open the model that the settings name, its calls recorded in `run`; None where there is none.

    Nothing is loaded before the first call. With `hand`, the model for code, or None where none is set.

    Raises:
        UsageError: the path named is not there.
        ModelError: it is not a model, or not the one that the settings name by its digest.
    """
    from vaultc.model.record import Recorder

    model = open_unrecorded(session, hand=hand)
    return Recorder(model, run.write, time.time) if model is not None else None


def open_unrecorded(session: Session, *, hand: bool = False) -> ChatModel | None:
    """Open the model as `open_model` does, its calls not recorded."""
    named = entry_for(session.settings, hand=hand)
    if named is None:
        return None
    entry, role = named
    if entry.url:
        raise UsageError(f"the model at {entry.url} cannot be opened: only files of this machine can")
    choice = find_model(None, {}, entry.path)
    if choice is None:
        return None
    if choice.kind == "script":
        from vaultc.model.scripted import FolderScript

        return FolderScript(choice.path)
    return open_host(session, choice.path, entry, role)


def entry_for(settings: Settings, *, hand: bool = False) -> tuple[ModelEntry, RoleEntry] | None:
    """Give the model that the settings name for the brain, or with `hand` for the hand; None for no hand of its own.

    What a flag or a variable names comes first, then the model of the role, then `[model]` of the settings.
    """
    config = settings.config
    name, key = ("coder", "model.hand") if hand else ("brain", "model.path")
    role = config.roles.get(name, RoleEntry())
    origin = settings.origins.get(key, "")
    if role.model and origin != "flag" and not origin.startswith("VAULTC_"):
        if role.model not in config.models:
            raise UsageError(f'[roles.{name}] names the model "{role.model}", which is not in [models]')
        return config.models[role.model], role
    path = config.model.hand if hand else config.model.path
    if hand and not path:
        return None
    plain = ModelEntry(
        path=path,
        placement="given",
        gpu_layers=config.model.n_gpu_layers,
        context_tokens=config.model.context_tokens,
        threads=config.model.threads,
    )
    return plain, RoleEntry()


def open_host(session: Session, path: Path, entry: ModelEntry, role: RoleEntry | None = None) -> LlamaHost:
    """Give the GGUF at `path` as `entry` says, with the adapters and the context of `role` where it has its own.

    Raises:
        UsageError: a setting cannot be.
        ModelError: it is not a model, not the one that is named by its digest, or an adapter is not for it.
    """
    from vaultc.model.adapters import parse_lora
    from vaultc.model.gguf import read_header
    from vaultc.model.host import LlamaHost
    from vaultc.model.llama_settings import LlamaSettings

    role = role or RoleEntry()
    placement = place_model(entry, read_header(path))
    batch = {"batch_tokens": entry.batch_tokens, "ubatch_tokens": entry.batch_tokens} if entry.batch_tokens else {}
    settings = LlamaSettings(
        gpu_layers=placement.gpu_layers,
        in_ram=placement.in_ram,
        context_tokens=role.context_tokens or entry.context_tokens or None,
        threads=entry.threads or None,
        type_k=entry.kv_type,
        type_v=entry.kv_type,
        flash_attn=None if entry.flash_attn else False,
        use_mmap=not placement.in_ram,  # llama.cpp itself advises against mapping where tensors are put elsewhere
        **batch,
    )
    digests = pinned_digests(session.notes.append)
    if entry.digest:
        require_digest(path, entry.digest, digests)
    return LlamaHost(
        path,
        settings,
        report=session.report,
        digests=digests,
        loras=[parse_lora(text) for text in role.loras or entry.loras],
        prefixes=prefix_store(session),
        on_note=session.notes.append,
    )


def pinned_digests(on_change: Callable[[str], None]) -> PinnedDigests:
    """Give the digests of this machine's model files; `on_change` is told of one that is another than it was."""
    from vaultc.model.pins import PinnedDigests

    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return PinnedDigests(state_home(os.environ), today, on_change)


def prefix_store(session: Session) -> PrefixStore:
    """Give where the vault's states of evaluated prompt beginnings are kept."""
    from vaultc.model.prefix import PrefixStore

    return PrefixStore(session.state.root, int(session.settings.config.model.prefix_gb * 1e9))


def known_models(vault: Path | None) -> list[KnownModel]:
    """Give the models that are configured or installed, the one that would run first."""
    config = settings_for(vault).config.model
    found: list[KnownModel] = []
    for text in (config.path, config.hand):
        choice = find_model(None, {}, text) if text else None
        if choice is not None and choice.kind == "gguf":
            found.append(read_model(choice.path, "setting"))
    starter = starter_model()
    if starter is not None and all(Path(model.path) != starter for model in found):
        found.append(read_model(starter, "starter"))
    return found


def read_model(path: str | Path, source: str = "file") -> KnownModel:
    """Give what the header of the GGUF at `path` says. Raises UsageError or ModelError."""
    from vaultc.model.gguf import read_header

    choice = find_model(str(path), {}, None)
    if choice is None or choice.kind != "gguf":
        raise UsageError(f'"{path}" is not a GGUF file')
    header = read_header(choice.path)
    return KnownModel(
        header.name or choice.path.stem,
        str(choice.path),
        header.architecture,
        header.parameters,
        choice.path.stat().st_size,
        header.context_length,
        source,
    )
