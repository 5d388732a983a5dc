"""Open and read files of a vault: part by part below the root, only regular files, never blocking.

So nothing outside the vault is read even when somebody swaps a folder for a link; only what was found behind a
link, which the settings must allow, is opened as the links lead.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vaultc.disk.read import content, open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ATTEMPTS = 3
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def read_stable(root: Path, disk: bytes, *, follows: bool = False) -> bytes | None:
    """Give the bytes of the file `disk` below `root` that was the same before and after; None where it never was.

    Raises:
        OSError: it cannot be opened or read, is no regular file, or is larger than `disk.read.MAX_FILE_BYTES`.
    """
    for _ in range(_ATTEMPTS):
        descriptor, before = _opened(root, disk, follows)
        try:
            data = content(descriptor, before.st_size)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == after.st_size:
            return data
    return None


def stamp(root: Path, disk: bytes, *, follows: bool = False) -> tuple[int, int]:
    """Give size and time of change of the file `disk` below `root`, however long its path is.

    Raises:
        OSError: it is not there, or cannot be looked at.
    """
    folder, _, name = disk.rpartition(b"/")
    if len(disk) < _PIECE:
        status = os.stat(os.fsencode(root) + b"/" + disk, follow_symlinks=follows)  # noqa: PTH116 - in bytes
    else:
        descriptor = open_folder(os.fsencode(root), folder, follows=follows)
        try:
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=follows)
        finally:
            os.close(descriptor)
    return status.st_size, status.st_mtime_ns


_PIECE = 2_000  # bytes of a path in one call: with the root's own, below the system's limit of 4,096


def open_folder(base: bytes, disk: bytes, *, follows: bool = False) -> int:
    """Open the folder `disk` below `base`, in as many steps as its length needs; give its descriptor.

    Raises:
        OSError: it cannot be opened.
    """
    at = os.open(base, _FOLDER_FLAGS)
    steps = _steps(disk.split(b"/"), 1 if not follows else _PIECE)
    return _descend(at, steps, _FOLDER_FLAGS if follows else _FOLDER_FLAGS | os.O_NOFOLLOW)


def _steps(parts: list[bytes], longest: int) -> Iterator[bytes]:
    """Join `parts` to paths of at most `longest` bytes, or of one part."""
    step = b""
    for part in parts:
        if step and len(step) + len(part) >= longest:
            yield step
            step = b""
        step = step + b"/" + part if step else part
    if step:
        yield step


def _descend(at: int, steps: Iterator[bytes], flags: int) -> int:
    """Open folder after folder from `at`, which is closed, and give the last one."""
    for step in steps:
        try:
            inner = os.open(step, flags, dir_fd=at)
        finally:
            os.close(at)
        at = inner
    return at


def _opened(root: Path, disk: bytes, follows: bool) -> tuple[int, os.stat_result]:
    folder, _, name = disk.rpartition(b"/")
    if not name or b".." in disk.split(b"/"):
        raise OSError(0, "this is no path of the vault")
    at = open_folder(os.fsencode(root), folder, follows=follows)
    try:
        return open_regular(name, folder=at, follows=follows)
    finally:
        os.close(at)
