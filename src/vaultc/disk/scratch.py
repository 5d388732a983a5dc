"""A folder for a while, which can be removed whatever a program that ran in it has left there."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from vaultc.core.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """Make a folder that only this user can enter, and remove it with all in it at the end.

    Raises:
        VaultError: it cannot be removed.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    try:
        yield folder
    finally:
        try:
            _remove(folder)
        except OSError as error:
            raise VaultError(f"{folder}: cannot be removed: {error}", hint="remove it by hand") from error


def _remove(top: Path) -> None:
    """Remove a tree of any depth, with folders closed to their owner.

    Step by step down and up: a path could be longer than the system takes, and Python's own calls nest less deep.
    """
    names: list[str] = []
    here = _open(str(top), None)
    try:
        while (name := _clear(here)) is not None or names:
            if name is not None:
                following = _open(name, here)
                names.append(name)
            else:
                following = _open("..", here)
                os.rmdir(names.pop(), dir_fd=following)
            os.close(here)
            here = following
    finally:
        os.close(here)
    top.rmdir()


def _open(name: str, parent: int | None) -> int:
    """Open a folder, also one that is closed to its owner."""
    if os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode & stat.S_IRWXU != stat.S_IRWXU:
        os.chmod(name, stat.S_IRWXU, dir_fd=parent)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)


def _clear(folder: int) -> str | None:
    """Remove the files of an open folder; give a folder in it, if there is one."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                return entry.name
            os.unlink(entry.name, dir_fd=folder)
    return None
