"""One writer for a vault: a lock that dies with its holder, so there is no stale lock to clear."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from typing import TYPE_CHECKING

from vaultc.core.errors import LockedError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = "lock"
_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_POLL_S = 0.05
_MOVE_AWAY = "it is not a file: move it away, and run again"
_SET_ELSEWHERE = "set `state_dir` (or VAULTC_STATE_DIR) to a folder that can be written"


@contextlib.contextmanager
def vault_lock(state: Path, *, timeout_s: float = 0.0) -> Iterator[None]:
    """Hold the lock of the vault whose state folder is `state`, waiting up to `timeout_s` seconds for it.

    The kernel lets it go when the process ends, however it ends. It is not re-entrant, and a child that is
    started by exec does not inherit it.

    Raises:
        StoreError: another process holds it (named by its pid), or the lock file cannot be opened.
    """
    path = state / _NAME
    try:
        file = os.open(path, _FLAGS | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(
            f'cannot open the lock "{path}": {os.strerror(error.errno or 0).lower()}',
            hint=_MOVE_AWAY if error.errno in (errno.ELOOP, errno.EISDIR) else _SET_ELSEWHERE,
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise StoreError(f'cannot open the lock "{path}": it is not a file', hint=_MOVE_AWAY)
        _acquire(file, path, time.monotonic() + timeout_s)
        try:
            with contextlib.suppress(OSError):  # the pid is a courtesy to others; the lock holds on a full disk too
                os.ftruncate(file, 0)
                os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
            yield
        finally:
            with contextlib.suppress(OSError):  # a full disk must not hide the error that ends the run
                os.ftruncate(file, 0)
            fcntl.flock(file, fcntl.LOCK_UN)
    finally:
        os.close(file)


def _acquire(file: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                break
            time.sleep(_POLL_S)
        except OSError as error:
            raise StoreError(f'cannot lock "{path}": {os.strerror(error.errno or 0).lower()}') from error
        else:
            return
    pid = _pid(file)
    holder = f"process {pid}" if pid is not None else "another process"
    raise LockedError(f'{holder} is writing to "{path.parent}"', hint="wait until it has finished, and run again")


def _pid(file: int) -> int | None:
    try:
        text = os.pread(file, 32, 0).decode("ascii", "replace").strip()
    except OSError:
        return None  # a FIFO that another process holds
    return int(text) if text.isascii() and text.isdigit() else None
