"""A vault, its settings and its state, opened for one command."""

from __future__ import annotations

import json
import os
import shlex
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from vaultc.app.places import Placer
from vaultc.app.trust import PROMPTS, TrustStore, settings_of_vault
from vaultc.compiler.manifest import has_units, load_manifests
from vaultc.config import Settings, load_settings
from vaultc.core.endings import is_read_path
from vaultc.core.errors import StoreError, UsageError, VaultcError, VaultError
from vaultc.core.event import Report, silent, warn
from vaultc.core.strict_json import NotJsonError, parse_json
from vaultc.disk.lock import vault_lock
from vaultc.disk.policy import Root, expanded
from vaultc.disk.read import read_file
from vaultc.disk.seal import machine_seal
from vaultc.disk.state import STATE_NAME, StateDir, open_state, state_path
from vaultc.disk.write import write_atomic
from vaultc.index.catalog import open_catalog
from vaultc.index.database import is_writable
from vaultc.vault.files import FoundFile, read_source
from vaultc.vault.ignore import Ignore, read_ignore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vaultc.core.source import Source, VaultPath
    from vaultc.disk.seal import Seal
    from vaultc.vault.reader import VaultReader

_RECENT = "recent.json"
_RECENT_COUNT = 20
_SHOWN_KEYS = 8
_WAIT_FOR_INDEX_S = 10.0


def state_home(environ: Mapping[str, str]) -> Path:
    """Give the folder where vaultc remembers which vaults it indexed."""
    base = environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "vaultc"


def cache_home(environ: Mapping[str, str]) -> Path:
    """Give the folder for what is the same for all vaults and can be made again: it holds nothing of notes."""
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "vaultc"


def recent_vaults() -> list[Path]:
    """Give the vaults indexed before, the last one first; an unreadable list is empty."""
    try:
        data = parse_json(read_file(state_home(os.environ) / _RECENT))
    except (OSError, NotJsonError):
        return []
    return [Path(item) for item in data if isinstance(item, str)] if isinstance(data, list) else []


def remember(root: Path) -> None:
    """Put `root` at the head of the vaults indexed before; a home that cannot be written is no error."""
    paths = [root, *(path for path in recent_vaults() if path != root)][:_RECENT_COUNT]
    home = state_home(os.environ)
    data = json.dumps([str(path) for path in paths]).encode("utf-8", "surrogatepass")
    try:
        home.mkdir(parents=True, exist_ok=True)
        write_atomic(Root(home), _RECENT, data, mode=0o600)
    except (OSError, VaultError):
        return


def find_vault(given: Path | None, flags: Mapping[str, object] | None = None) -> Path:
    """Give the vault that a command means.

    In this order: the one given, the setting `vault.path`, the nearest folder above the current one that has
    a `.vaultc` or `.obsidian`, the one indexed last.

    Raises:
        UsageError: there is no such folder, or no vault is known.
    """
    if given is not None:
        return _folder(given)
    configured = load_settings(None, flags or {}).config.vault.path
    if configured:
        return _folder(Path(configured))
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / STATE_NAME).is_dir() or (folder / ".obsidian").is_dir():
            return folder
    return _indexed_last()


def _indexed_last() -> Path:
    """Give the vault indexed last. Where it is gone no other is taken for it: an answer would come from other notes."""
    recent = recent_vaults()
    if not recent:
        hint = "index one first: `vaultc index FOLDER`, or give --vault FOLDER"
        raise UsageError("no vault is known here", hint=hint)
    if recent[0].is_dir():
        return recent[0]
    other = next((f'"{folder}"' for folder in recent if folder.is_dir()), "FOLDER")
    raise UsageError(
        f'the vault indexed last, "{recent[0]}", is not there any more',
        hint=f"where it was moved, index its new place: `vaultc index FOLDER`; for another one give --vault {other}",
    )


def _folder(path: Path) -> Path:
    path = expanded(path)
    try:
        if path.is_dir():
            return path.resolve()
        if path.exists():
            raise UsageError(f'"{path}" is not a folder', hint="give the folder that holds the notes")
    except OSError as error:
        raise VaultError(f'cannot read "{path}": {os.strerror(error.errno or 0).lower()}') from error
    raise UsageError(f'there is no folder "{path}"', hint="check the path of the vault")


def settings_for(vault: Path | None, flags: Mapping[str, object] | None = None) -> Settings:
    """Give the settings in force, with those of the vault where one is known."""
    try:
        root = find_vault(vault, flags)
    except UsageError:
        if vault is not None:
            raise
        return load_settings(None, flags or {})
    try:
        return _settings_in(root, flags)
    except VaultcError as error:
        if vault is not None:
            raise
        # Of a vault that was not named only its settings would count; what is asked for may have nothing to do with it.
        warn(f'the settings of the vault "{root}" are left out: {error.message}')
        return load_settings(None, flags or {})


def trust_store() -> TrustStore:
    """Give where it is written down which vaults the person trusts."""
    return TrustStore(state_home(os.environ))


def _settings_in(root: Path, flags: Mapping[str, object] | None) -> Settings:
    """Give the settings in force for a vault, and tell the person what of it does not count."""
    settings = load_settings(settings_of_vault(root, trust_store()), flags or {})
    keys = [setting.key for setting in settings.ignored]
    if keys:
        more = f" and {len(keys) - _SHOWN_KEYS} more" if len(keys) > _SHOWN_KEYS else ""
        warn(
            f'what came with the vault "{root}" does not count, for it could lead out of it: '
            f"{', '.join(keys[:_SHOWN_KEYS])}{more}; `vaultc config show` shows it, and where it is yours, "
            f"`vaultc trust {shlex.quote(str(root))}` lets it count"
        )
    return settings


@dataclass
class Session:
    """One command on one vault. `notes` is what a person may want to know beside the result."""

    root: Path
    settings: Settings
    report: Report = silent
    notes: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, vault: Path | None, flags: Mapping[str, object] | None = None, report: Report = silent) -> Session:
        """Find the vault and read its settings. Raises UsageError."""
        root = find_vault(vault, flags)
        return cls(root, _settings_in(root, flags), report)

    @cached_property
    def state(self) -> StateDir:
        """The vault's state folder, made if it is missing. Raises StoreError."""
        if self.is_read_only:
            return self._state_if_any
        return open_state(self.root, self._override)

    @cached_property
    def seal(self) -> Seal:
        """What tells what this machine wrote into the state from what came with the vault."""
        home = state_home(os.environ)
        seal = machine_seal(home)
        if not seal.is_kept:
            self.notes.append(
                f'no key can be kept in "{home}": the index is compared with the notes in each run, and nothing '
                "that was generated is known; set XDG_STATE_HOME to a folder that can be written"
            )
        return seal

    @property
    def is_read_only(self) -> bool:
        """Whether there is an index that can be read, but not written: a vault on a read-only disk."""
        catalog = self._state_if_any.catalog
        return catalog.is_file() and not is_writable(catalog)

    @property
    def prompts(self) -> Path | None:
        """The folder with prompts that take the place of ours; None where there is none, or it does not count."""
        state = self._state_if_any.path
        came_along = self._override is None or state.resolve().is_relative_to(self.root)
        counts = self.settings.trusts_vault or not came_along
        return state / PROMPTS if counts and (state / PROMPTS).is_dir() else None

    @property
    def _state_if_any(self) -> StateDir:
        return StateDir(state_path(self.root, self._override))

    @property
    def _override(self) -> Path | None:
        folder = self.settings.config.vault.state_dir
        return Path(folder) if folder else None

    @cached_property
    def reader(self) -> VaultReader:
        """Reads notes as they are on disk now."""
        from vaultc.vault.reader import VaultReader  # brings the parser of notes, which a search does without

        return VaultReader(self.root, self.ignore, aliases=self._aliases)

    @property
    def ignore(self) -> Ignore:
        """What is left out of the vault, as its files and the settings say now."""
        return read_ignore(
            self.root,
            follows_links=self.settings.config.vault.follow_links,
            own_state=state_path(self.root, self._override),
            generated=self.generated,
        )

    @cached_property
    def generated(self) -> frozenset[str]:
        """Files of the vault that are read and that vaultc wrote, or is about to write, as its records here say."""
        state = self._state_if_any.root
        if not has_units(state):
            return frozenset()
        paths = (path for manifest in load_manifests(state, self.seal) for path in manifest.vault_paths())
        return frozenset(path for path in paths if is_read_path(path))

    @cached_property
    def placer(self) -> Placer:
        """Turns spans of notes into places."""
        return Placer(self._source)

    def _source(self, path: VaultPath) -> Source:
        """Give the text of a file; the vault is walked only where the file is not found by its path as it stands."""
        if "reader" not in self.__dict__ and not self.settings.config.vault.follow_links:
            file = FoundFile(path, path.encode("utf-8", "surrogateescape"), 0, 0, is_note=True)
            source = read_source(self.root, file).source
            if source is not None:
                return source
        return self.reader.source(path)

    def _aliases(self) -> dict[VaultPath, tuple[str, ...]]:
        """Give the aliases of the indexed notes: a link that names nothing may mean one of them."""
        if not self._state_if_any.catalog.is_file():  # looked for, not made
            return {}
        with open_catalog(self.state.catalog) as catalog:
            return {path: found for path in catalog.notes.paths() if (found := catalog.notes.aliases_of(path))}

    def relative(self, path: Path) -> str:
        """Give `path`, a file of the vault, relative to it. Raises UsageError for one outside."""
        try:
            return path.resolve().relative_to(self.root).as_posix()
        except ValueError:
            raise UsageError(
                f'"{path}" is not in the vault "{self.root}"',
                hint="give --vault FOLDER, or move the note into the vault",
            ) from None

    def require_index(self) -> None:
        """Raise StoreError where the vault was never indexed. A run that is making its index is waited for a while."""
        state = self._state_if_any  # looked for, not made
        if not os.path.lexists(state.catalog) and state.path.is_dir() and not self.is_read_only:
            with suppress(StoreError), vault_lock(state.path, timeout_s=_WAIT_FOR_INDEX_S):
                pass
        if not os.path.lexists(state.catalog):
            raise StoreError(f'"{self.root}" is not indexed yet', hint=f'run `vaultc index "{self.root}"`')
