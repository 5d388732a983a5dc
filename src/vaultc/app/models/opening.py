"""Opens the models of a run: which file serves which role, how it lies, and which of them are loaded at a time."""

from __future__ import annotations

import datetime
import functools
import os
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vaultc.app.models.placing import Asked, Placed, place, room_of
from vaultc.app.models.remote import open_remote
from vaultc.app.session import state_home
from vaultc.config import ModelEntry, RoleEntry
from vaultc.core.errors import UsageError
from vaultc.model.file.spec import find_model, require_digest
from vaultc.model.fit.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from vaultc.app.runs import Run
    from vaultc.app.session import Session
    from vaultc.config import Settings
    from vaultc.model.file.adapters import Lora
    from vaultc.model.file.pins import PinnedDigests
    from vaultc.model.fit.hardware import Machine
    from vaultc.model.process.host import LlamaHost
    from vaultc.model.process.prefix import PrefixStore
    from vaultc.model.protocols import ChatModel

BRAIN, HAND, RANKER = "brain", "coder", "ranker"
"""Roles of a run: the brain plans and writes prose, the hand writes files, the ranker chooses in the brain's place."""
_PLAIN: Mapping[str, str] = {BRAIN: "model.path", HAND: "model.hand"}


@dataclass
class RunModels:
    """The models of one run, opened when first asked for; none is loaded before its first call.

    Roles that the same file serves share one process, each with its own adapters. Models that do not fit into the
    machine together are loaded in turn. `context_tokens` takes the place of the context that the settings say.
    """

    session: Session
    run: Run | None = None
    roles: tuple[str, ...] = (BRAIN, HAND, RANKER)
    context_tokens: int = 0
    _opened: dict[str, ChatModel | None] = field(default_factory=dict)
    _hosts: dict[Path, LlamaHost] = field(default_factory=dict)
    _placed: dict[str, tuple[Asked, Placed]] | None = None
    _schedule: Schedule | None = None

    def of(self, role: str) -> ChatModel | None:
        """Give the model of a role; None where the settings name none for it.

        Raises:
            UsageError: what is named is not there, or no placement.
            ModelError: it is not a model, not the one that the settings name by its digest, or cannot fit.
        """
        if role not in self._opened:
            model = self.bare(role)
            if model is not None:
                model = windowed(self.session, self._mannered(role, model))
            if model is not None and role == BRAIN and (ranker := self.of(RANKER)) is not None:
                from vaultc.model.ranker import WithRanker

                return self._opened.setdefault(role, WithRanker(self._recorded(model), ranker))
            self._opened[role] = None if model is None else self._recorded(model)
        return self._opened[role]

    @property
    def schedule(self) -> Schedule | None:
        """Who is loaded when; None while no two models share the machine."""
        return self._schedule

    def close(self) -> None:
        """Let all models go."""
        for model in self._opened.values():
            if model is not None:
                model.close()
        for host in self._hosts.values():
            host.close()

    def bare(self, role: str) -> ChatModel | None:
        """Give the model as it is opened: its calls not recorded, its window not looked for. Raises as `of`."""
        named = self._named(role)
        if named is None:
            return None
        entry = named[0]
        if entry.url:
            return self._remote(entry)
        choice = find_model(None, {}, entry.path)
        if choice is None:
            return None
        if choice.kind == "script":
            from vaultc.model.scripted import FolderScript

            return FolderScript(choice.path)
        return self._host(role)

    def _remote(self, entry: ModelEntry) -> ChatModel:
        config = self.session.settings.config
        name = next(name for name, known in config.models.items() if known is entry)  # several may have one address
        if self.context_tokens:
            asked = replace(entry, context_tokens=self.context_tokens)
            config = replace(config, models={**config.models, name: asked})
        return open_remote(config, name, self.session.report)

    def _host(self, role: str) -> LlamaHost:
        asked, placed = self._places()[role]
        path = asked.header.path
        shared = self._hosts.get(path)
        if shared is not None:
            return shared.with_adapters(adapters_of(asked.entry, asked.role))
        host = _opened(self.session, asked, placed, self._schedule)
        if self._schedule is not None and placed.needs is not None:
            self._schedule.enter(host.tenant, placed.needs)
        self._hosts[path] = host
        return host

    def _recorded(self, model: ChatModel) -> ChatModel:
        from vaultc.model.record import Recorder

        return model if self.run is None else Recorder(model, self.run.write, time.time)

    def _mannered(self, role: str, model: ChatModel) -> ChatModel:
        from vaultc.model.manner import Manner, Mannered

        named = self._named(role)
        entry = RoleEntry() if named is None else named[1]
        manner = Manner(entry.temperature if entry.temperature >= 0 else None, entry.thinking)
        return model if manner == Manner() else Mannered(model, manner)

    def _named(self, role: str) -> tuple[ModelEntry, RoleEntry] | None:
        named = entry_for(self.session.settings, role)
        if named is None or not self.context_tokens:
            return named
        return named[0], replace(named[1], context_tokens=self.context_tokens)

    def _places(self) -> dict[str, tuple[Asked, Placed]]:
        """Place the models of all roles together, once: each takes what the others leave."""
        if self._placed is None:
            asked = dict(self._asked())
            distinct = {one.header.path: one for one in reversed(asked.values())}
            machine = functools.cache(_detect)
            placed = dict(zip(distinct, place(tuple(distinct.values()), machine), strict=True))
            if len(distinct) > 1:
                self._schedule = Schedule(room_of(machine()), self.session.notes.append)
            self._placed = {role: (one, placed[one.header.path]) for role, one in asked.items()}
        return self._placed

    def _asked(self) -> Iterable[tuple[str, Asked]]:
        from vaultc.model.file.gguf import read_header

        for role in self.roles:
            named = self._named(role)
            choice = find_model(None, {}, named[0].path) if named is not None and not named[0].url else None
            if named is not None and choice is not None and choice.kind == "gguf":
                yield role, Asked(*named, read_header(choice.path))


def _detect() -> Machine:
    """Look at this machine, only where it matters: nvidia-smi takes a second."""
    from vaultc.model.fit.hardware import detect

    return detect()


def open_model(session: Session, run: Run | None, role: str = BRAIN) -> ChatModel | None:
    """Open the model of one role, its calls recorded in `run` if there is one; None where the settings name none.

    Raises as `RunModels.of`.
    """
    return RunModels(session, run, (role, RANKER) if role == BRAIN else (role,)).of(role)


def open_bare(session: Session, role: str = BRAIN, *, context_tokens: int = 0) -> ChatModel | None:
    """Open the model of one role as it is: its calls not recorded, its window not looked for.

    `context_tokens` takes the place of the context that the settings say. Raises as `RunModels.of`.
    """
    return RunModels(session, None, (role,), context_tokens).bare(role)


def windowed(session: Session, model: ChatModel) -> ChatModel:
    """Give `model` with the window that a check of it has shown; the session's notes tell of one never checked."""
    from vaultc.model.window import Windowed, WindowStore, unchecked_note

    checked = Windowed(model, WindowStore(session.state.root, session.seal).window_of(model.spec))
    told = unchecked_note(checked.spec)
    if told and told not in session.notes:
        session.notes.append(told)
    return checked


def entry_for(settings: Settings, role: str = BRAIN) -> tuple[ModelEntry, RoleEntry] | None:
    """Give the model that the settings name for a role; None where there is none.

    What a flag or a variable names comes first, then the model of the role, then `[model]` of the settings. A name of
    `[models]` may stand in place of a file.
    """
    config = settings.config
    entry = config.roles.get(role, RoleEntry())
    key = _PLAIN.get(role, "")
    origin = settings.origins.get(key, "")
    if entry.model and origin != "flag" and not origin.startswith("VAULTC_"):
        if entry.model not in config.models:
            raise UsageError(f'[roles.{role}] names the model "{entry.model}", which is not in [models]')
        return config.models[entry.model], entry
    if role not in _PLAIN:
        return None
    path = config.model.path if role == BRAIN else config.model.hand
    if role != BRAIN and not path:
        return None
    if path in config.models:
        return config.models[path], RoleEntry()
    plain = ModelEntry(
        path=path,
        placement="given",
        gpu_layers=config.model.n_gpu_layers,
        context_tokens=config.model.context_tokens,
        threads=config.model.threads,
    )
    return plain, RoleEntry()


def open_host(session: Session, path: Path, entry: ModelEntry, role: RoleEntry | None = None) -> LlamaHost:
    """Give the GGUF at `path` as `entry` says, with the adapters of `role` where it has its own.

    Raises:
        UsageError: a setting cannot be.
        ModelError: it is not a model, not the one that is named by its digest, or an adapter is not for it.
    """
    from vaultc.model.file.gguf import read_header

    asked = Asked(entry, role or RoleEntry(), read_header(path))
    (placed,) = place((asked,), _detect)
    return _opened(session, asked, placed, None)


def _opened(session: Session, asked: Asked, placed: Placed, schedule: Schedule | None) -> LlamaHost:
    from vaultc.model.process.host import LlamaHost

    digests = pinned_digests(session.notes.append)
    path = asked.header.path
    if asked.entry.digest:
        require_digest(path, asked.entry.digest, digests)
    return LlamaHost(
        path,
        placed.settings,
        report=session.report,
        digests=digests,
        loras=adapters_of(asked.entry, asked.role),
        prefixes=prefix_store(session),
        on_note=session.notes.append,
        schedule=schedule,
        header=asked.header,
    )


def pinned_digests(on_change: Callable[[str], None]) -> PinnedDigests:
    """Give the digests of this machine's model files; `on_change` is told of one that is another than it was."""
    from vaultc.model.file.pins import PinnedDigests

    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return PinnedDigests(state_home(os.environ), today, on_change)


def prefix_store(session: Session) -> PrefixStore:
    """Give where the vault's states of evaluated prompt beginnings are kept."""
    from vaultc.model.process.prefix import PrefixStore

    return PrefixStore(session.state.root, session.seal, int(session.settings.config.model.prefix_gb * 1e9))


def adapters_of(entry: ModelEntry, role: RoleEntry) -> list[Lora]:
    """Give the adapters of a model in a role: the role's own, else the model's. Raises UsageError for a bad scale."""
    from vaultc.model.file.adapters import parse_lora

    return [parse_lora(text) for text in role.loras or entry.loras]
