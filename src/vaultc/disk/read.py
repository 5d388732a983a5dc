"""Every file that is opened to be read is opened here: regular files alone, without waiting, within a bound.

At the place of any file, in a state folder as in a vault that came from elsewhere, something else may stand. A FIFO
would make us wait for ever, a device or a file of `/proc` would never end, a sparse one would fill the memory.
"""

from __future__ import annotations

import contextlib
import functools
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

MAX_FILE_BYTES = 64 * 1024 * 1024
"""The most that is read of a file that is held in memory."""
# Without O_NONBLOCK the call waits for a writer to come to a FIFO; to a regular file it is all the same.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_PIECE_BYTES = 1 << 20
_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
_SYSTEM_FOLDERS = ("/proc", "/sys", "/dev")


def open_regular(
    path: Path | str | bytes, *, folder: int | None = None, follows: bool = True
) -> tuple[int, os.stat_result]:
    """Open the regular file at `path`; give its descriptor, which the caller closes, and its status.

    Args:
        path: where it lies; below the open `folder` where one is given.
        folder: the descriptor of a folder.
        follows: whether a link at the end of `path` is followed. What it leads to in `/proc`, `/sys` or `/dev` is no
            file, whatever it looks like.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    _refuse_special(os.stat(path, dir_fd=folder, follow_symlinks=follows), follows)  # to open a device may set it off
    descriptor = os.open(path, _FLAGS if follows else _FLAGS | os.O_NOFOLLOW, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        _refuse_special(status, follows)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor, status


@contextlib.contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """Open the regular file at `path`, one that is read in parts; close it at the end. Raises OSError."""
    descriptor, _ = open_regular(path)
    with os.fdopen(descriptor, "rb") as file:
        yield file


def read_file(path: Path, *, most: int = MAX_FILE_BYTES, follows: bool = True) -> bytes:
    """Give what the regular file at `path` holds.

    Raises:
        OSError: it cannot be read, is no regular file, or holds more than `most` bytes.
    """
    descriptor, status = open_regular(path, follows=follows)
    try:
        return content(descriptor, status.st_size, most=most)
    finally:
        os.close(descriptor)


def content(descriptor: int, size: int, *, most: int = MAX_FILE_BYTES) -> bytes:
    """Give what an open file holds that had `size` bytes, in one call where it still has: one byte more is asked for.

    Raises:
        OSError: it cannot be read, or holds more than `most` bytes.
    """
    if size > most:
        raise _too_large(most)
    data = os.read(descriptor, size + 1)
    if len(data) == size:
        return data
    pieces, left = [data], most + 1 - len(data)
    while left > 0 and (piece := os.read(descriptor, min(left, _PIECE_BYTES))):
        left -= len(piece)
        pieces.append(piece)
    if left <= 0:
        raise _too_large(most)
    return b"".join(pieces)


def is_of_the_system(status: os.stat_result) -> bool:
    """Tell whether a file lies in `/proc`, `/sys` or `/dev`: some there look regular, and are none."""
    return status.st_dev in _system_devices()


def _refuse_special(status: os.stat_result, follows: bool) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, f"it is {_KINDS.get(stat.S_IFMT(status.st_mode), 'a device')}, not a file")
    if follows and is_of_the_system(status):
        raise OSError(0, "it is of the system, not a file")


def _too_large(most: int) -> OSError:
    return OSError(0, f"it is larger than {most} bytes")


@functools.cache
def _system_devices() -> frozenset[int]:
    found = {os.lstat(folder).st_dev for folder in _SYSTEM_FOLDERS if Path(folder).is_dir()}
    return frozenset(found - {os.lstat("/").st_dev})
