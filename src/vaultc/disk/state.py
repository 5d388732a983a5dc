"""The state folder of a vault: `<vault>/.vaultc/`, or a folder elsewhere when the vault is read-only."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from vaultc.core.errors import StoreError, UsageError, VaultError
from vaultc.core.event import warn
from vaultc.disk.policy import Root, expanded
from vaultc.disk.write import is_temporary, read_bytes, write_atomic

STATE_NAME = ".vaultc"
_HINT = "set `state_dir` (or VAULTC_STATE_DIR) to a folder that can be written"
_OWNER = "vault"  # names the vault that a folder elsewhere belongs to
_IGNORE, _IGNORED = ".gitignore", b"*\n"


@dataclass(frozen=True, slots=True)
class StateDir:
    """Where everything derived from a vault is kept. Deleting it costs time, never a note."""

    path: Path

    @property
    def root(self) -> Root:
        """The folder as a root for `vaultc.disk.write`."""
        return Root(self.path, allow_hidden=True)

    @property
    def is_read_only(self) -> bool:
        """Whether the folder is there, and nothing can be written in it."""
        return self.path.is_dir() and not os.access(self.path, os.W_OK | os.X_OK)

    @property
    def catalog(self) -> Path:
        """The SQLite file."""
        return self.path / "catalog.db"

    @property
    def vectors(self) -> Path:
        """The folder of the vector store."""
        return self.path / "vectors"

    @property
    def runs(self) -> Path:
        """The folder with one folder a run."""
        return self.path / "runs"


def state_path(vault_root: Path, override: Path | None = None) -> Path:
    """Give the path of the state folder, whether it is there or not."""
    return vault_root / STATE_NAME if override is None else expanded(override)


def open_state(vault_root: Path, override: Path | None = None) -> StateDir:
    """Give the state folder of a vault, made with mode 0700 and its own `.gitignore` where it is missing.

    Args:
        vault_root: the folder of the vault.
        override: a folder elsewhere, for a vault that is read-only.

    Raises:
        StoreError: the folder cannot be made or is a link.
        UsageError: `override` holds the state of another vault, or files that are not ours.
    """
    path = state_path(vault_root, override)
    try:
        path.mkdir(mode=0o700, parents=override is not None, exist_ok=True)
        status = os.lstat(path)
    except OSError as error:
        reason = os.strerror(error.errno or errno.EIO).lower()
        raise StoreError(f'cannot make the state folder "{path}": {reason}', hint=_HINT) from error
    if override is None and not stat.S_ISDIR(status.st_mode):
        # A link inside a vault that came from elsewhere would send our writes outside of it.
        raise StoreError(f'the state folder "{path}" is not a folder', hint=f"move it away, or {_HINT}")
    state = StateDir(path)
    try:
        if override is not None:
            _require_ours(state)
        if read_bytes(state.root, _IGNORE) is None:
            write_atomic(state.root, _IGNORE, _IGNORED)
        if override is not None:
            _claim(state, vault_root)
    except VaultError as error:
        raise StoreError(error.message, hint=_HINT) from error
    return state


def _require_ours(state: StateDir) -> None:
    """Raise UsageError where files of the person stand in the folder: in a git checkout they would all be ignored.

    Ours is an empty folder, one that was just begun, and one with two of the three marks that an index run leaves.
    """
    try:
        names = {path.name for path in state.path.iterdir() if not is_temporary(path.name)}
    except OSError as error:
        reason = os.strerror(error.errno or errno.EIO).lower()
        raise StoreError(f'cannot read the state folder "{state.path}": {reason}', hint=_HINT) from error
    is_ignored = _IGNORE in names and read_bytes(state.root, _IGNORE) == _IGNORED
    if not names or (is_ignored and len(names) == 1):
        return
    if is_ignored + _is_owned(state, names) + state.catalog.is_file() < 2:
        raise UsageError(
            f'"{state.path}" is not empty, and no state folder of vaultc',
            hint=f'set `state_dir` (or VAULTC_STATE_DIR) to a folder of its own, such as "{state.path / "vaultc"}"',
        )


def _is_owned(state: StateDir, names: set[str]) -> bool:
    owner = read_bytes(state.root, _OWNER) if _OWNER in names and (state.path / _OWNER).is_file() else None
    return owner is not None and owner.startswith(b"/") and b"\n" not in owner


def _claim(state: StateDir, vault_root: Path) -> None:
    """Record whose state this is; two vaults in one folder would undo each other's index."""
    own = os.fsencode(vault_root.resolve())
    old = read_bytes(state.root, _OWNER)
    if old == own:
        return
    was = None if old is None else Path(os.fsdecode(old))
    if was is not None and was.is_dir():
        raise UsageError(
            f'the state folder "{state.path}" belongs to the vault "{was}"',
            hint="set `state_dir` to another folder for this vault",
        )
    if was is not None:
        warn(
            f'"{state.path}", the state of the vault "{was}" that is not there any more, is now that of "{vault_root}"'
        )
    write_atomic(state.root, _OWNER, own, mode=0o600)
