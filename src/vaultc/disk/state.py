"""The state folder of a vault: `<vault>/.vaultc/`, or a folder elsewhere when the vault is read-only."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from vaultc.core.errors import StoreError, UsageError, VaultError
from vaultc.disk.policy import Root
from vaultc.disk.write import read_bytes, write_atomic

STATE_NAME = ".vaultc"
_HINT = "set `state_dir` (or VAULTC_STATE_DIR) to a folder that can be written"
_OWNER = "vault"  # names the vault that a folder elsewhere belongs to


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
    return vault_root / STATE_NAME if override is None else override.expanduser()


def open_state(vault_root: Path, override: Path | None = None) -> StateDir:
    """Give the state folder of a vault, made with mode 0700 and its own `.gitignore` where it is missing.

    Args:
        vault_root: the folder of the vault.
        override: a folder elsewhere, for a vault that is read-only.

    Raises:
        StoreError: the folder cannot be made or is a link.
        UsageError: `override` holds the state of another vault.
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
        if read_bytes(state.root, ".gitignore") is None:
            write_atomic(state.root, ".gitignore", b"*\n")
        if override is not None:
            _claim(state, vault_root)
    except VaultError as error:
        raise StoreError(error.message, hint=_HINT) from error
    return state


def _claim(state: StateDir, vault_root: Path) -> None:
    """Record whose state this is; two vaults in one folder would undo each other's index."""
    own = os.fsencode(vault_root.resolve())
    old = read_bytes(state.root, _OWNER)
    if old == own:
        return
    if old is not None and Path(os.fsdecode(old)).is_dir():
        raise UsageError(
            f'the state folder "{state.path}" belongs to the vault "{os.fsdecode(old)}"',
            hint="set `state_dir` to another folder for this vault",
        )
    write_atomic(state.root, _OWNER, own, mode=0o600)
