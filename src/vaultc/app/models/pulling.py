"""Download a model, when told to: the only thing in vaultc that reaches out of this machine by itself."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.app.models.remote import read_key
from vaultc.core.errors import UsageError, VaultError
from vaultc.core.event import Progress, Report, silent
from vaultc.disk.policy import Root
from vaultc.disk.read import opened
from vaultc.model.remote.endpoint import allowed_endpoint
from vaultc.model.remote.hub import HUB, find_model_files, size_text, wanted_model
from vaultc.model.remote.pull import PATIENCE, Puller, part_mark
from vaultc.model.remote.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vaultc.config import Config
    from vaultc.model.remote.endpoint import Endpoint
    from vaultc.model.remote.hub import Found, HubFile, Wanted

_SPARE_BYTES = 256 << 20
_MIB = 1 << 20
_SUFFIXES = frozenset({".gguf"})


@dataclass(frozen=True, slots=True)
class PullTask:
    """What is to be pulled, from where and to where. Nothing has been connected to."""

    wanted: Wanted
    hub: Endpoint
    folder: Path
    token_file: Path | None = None

    def announcement(self) -> str:
        """Say what would be connected to, for the person to agree."""
        token = f"; the token in {self.token_file} is shown to it alone" if self.token_file else ""
        return (
            f"This connects to {self.hub} and asks it for {self.wanted.repo}@{self.wanted.revision}{token}.\n"
            "A file lies in a storage that the hub then names. It is followed there by https only, and what comes is "
            "taken only if it has the digest (SHA-256) that the hub names. Nothing of your notes is sent."
        )


@dataclass(frozen=True, slots=True)
class PulledFile:
    """A file of the model: where it will lie, and how much of it is there."""

    file: HubFile
    path: Path
    present_bytes: int

    @property
    def is_there(self) -> bool:
        """Whether a file of that size stands at its place."""
        return self.path.is_file() and self.present_bytes == self.file.size


@dataclass(frozen=True, slots=True)
class PullPlan:
    """What the hub has, and what is left to fetch."""

    task: PullTask
    found: Found
    files: tuple[PulledFile, ...]
    free_bytes: int

    @property
    def missing_bytes(self) -> int:
        """How much is left to fetch."""
        return sum(item.file.size - item.present_bytes for item in self.files)

    def announcement(self) -> str:
        """Say how large it is and where it goes, for the person to agree."""
        lines = [f"{item.path}  {size_text(item.file.size)}{_present(item)}" for item in self.files]
        left = f"{size_text(self.missing_bytes)} to fetch, {size_text(self.free_bytes)} free there"
        return "\n".join([*lines, left])

    def as_json(self) -> dict[str, Any]:
        """Give what was pulled in the form of docs/json.md."""
        return {
            "repo": self.found.repo,
            "commit": self.found.commit,
            "hub": str(self.task.hub),
            "files": [
                {"path": str(item.path), "bytes": item.file.size, "sha256": item.file.sha256} for item in self.files
            ],
        }


def models_folder(config: Config, environ: Mapping[str, str]) -> Path:
    """Give the folder for models: the setting `model.folder`, else that of the person's data."""
    if config.model.folder:
        return Path(config.model.folder).expanduser()
    base = environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "vaultc" / "models"


def pull_task(
    config: Config,
    name: str,
    *,
    file: str = "",
    folder: Path | None = None,
    token_file: Path | None = None,
    hub: str = "",
) -> PullTask:
    """Give what is to be pulled; nothing is connected to.

    Another `hub` than Hugging Face's must be on this machine or in `network.allow_hosts`. Raises UsageError.
    """
    wanted = wanted_model(name, file)
    # Hugging Face is allowed for this command alone: by being named here, and nowhere in the settings.
    hosts = config.network.allow_hosts if hub else ("huggingface.co:443",)
    endpoint = allowed_endpoint(hub or HUB, hosts, setting="--hub" if hub else "vaultc model pull")
    where = folder or models_folder(config, os.environ)
    return PullTask(wanted, endpoint, where.absolute(), token_file)


def plan_pull(task: PullTask) -> PullPlan:
    """Ask the hub, and look at what is there.

    Raises:
        ModelError: the hub does not give it.
        UsageError: several models fit, or a file of another content stands at the place.
        VaultError: there is not enough room.
    """
    with _wire(task) as wire:
        found = find_model_files(wire, task.wanted)
    root = _root(task)
    files = tuple(_present_file(root, found, file) for file in found.files)
    plan = PullPlan(task, found, files, _free(task.folder))
    if plan.missing_bytes and plan.missing_bytes + _SPARE_BYTES > plan.free_bytes:
        raise VaultError(
            f"not enough room in {task.folder}: {size_text(plan.missing_bytes)} are to be fetched, "
            f"{size_text(plan.free_bytes)} are free",
            hint="free some space, or name another folder by --to or the setting `model.folder`",
        )
    return plan


def pull(plan: PullPlan, report: Report = silent) -> tuple[Path, ...]:
    """Fetch what is missing and check all of it; give the files, the first of a split model first.

    An interrupt keeps what was fetched; the next run goes on from there.

    Raises:
        ModelError: it cannot be fetched, or comes with another content.
        VaultError: it cannot be written, or a file of another content stands at the place.
    """
    root = _root(plan.task)
    with _wire(plan.task) as wire:
        puller = Puller(wire, plan.found, report=report)
        for item in plan.files:
            if item.is_there:
                _require_content(item, report)
            else:
                puller.fetch(item.file, root, _relative(plan.found, item.file))
    return tuple(item.path for item in plan.files)


@contextlib.contextmanager
def _wire(task: PullTask) -> Iterator[Wire]:
    token = read_key(task.token_file, "--token-file") if task.token_file else ""
    wire = Wire(task.hub, key=token, patience=PATIENCE)
    try:
        yield wire
    finally:
        wire.close()


def _root(task: PullTask) -> Root:
    return Root(task.folder, suffixes=_SUFFIXES)


def _relative(found: Found, file: HubFile) -> str:
    return f"{found.repo}/{file.path}"


def _present_file(root: Root, found: Found, file: HubFile) -> PulledFile:
    relative = _relative(found, file)
    root.check(relative)  # the hub's name for a file is a text from outside
    path = root.path / relative
    if path.is_symlink() or (path.exists() and (not path.is_file() or path.stat().st_size != file.size)):
        raise UsageError(
            f'"{path}" is there and is not what the hub names', hint="move it away, or name another folder by --to"
        )
    if path.is_file():
        return PulledFile(file, path, file.size)
    part = path.with_name(f"{path.name}.{part_mark(file)}.part")
    return PulledFile(file, path, min(part.stat().st_size, file.size) if part.is_file() else 0)


def _require_content(item: PulledFile, report: Report) -> None:
    state, done = hashlib.sha256(), 0
    with opened(item.path) as file:
        while piece := file.read(_MIB):
            state.update(piece)
            done += 1
            report(Progress("check what is there", done, item.file.size // _MIB, item.path.name))
    if state.hexdigest() != item.file.sha256:
        raise VaultError(
            f'"{item.path}" is there with another content than the hub names',
            hint="move it away, and run the same again",
        )


def _free(folder: Path) -> int:
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def _present(item: PulledFile) -> str:
    if item.is_there:
        return ", there already"
    return f", {size_text(item.present_bytes)} of it there already" if item.present_bytes else ""
