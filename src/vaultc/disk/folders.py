"""Folders opened part by part from their root, through no link; names in them; errors with path and advice."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import unicodedata
from typing import TYPE_CHECKING

from vaultc.core.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.disk.policy import Root

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_HINTS = {
    errno.ENOSPC: "the disk is full: free some space and run again",
    errno.EDQUOT: "the disk quota is used up: free some space and run again",
    errno.EFBIG: "the file would be larger than this system allows",
    errno.EROFS: "the folder is read-only: choose another output or state folder",
    errno.EACCES: "the folder is not writable for this user",
    errno.EPERM: "the folder is not writable for this user",
    errno.ELOOP: "a part of the path is a link, and links are not followed when writing",
    errno.ENOTDIR: "a part of the path is not a folder, or is a link, and links are not followed when writing",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EIO: "the disk reports an error: check it before running again",
}


@contextlib.contextmanager
def opened_folder(root: Root, parts: tuple[str, ...] | list[str], *, create: bool) -> Iterator[int]:
    """Open the folder `parts` below `root`, following no link below it; close it at the end."""
    if create and root.create:
        root.path.mkdir(parents=True, exist_ok=True)
    folder = os.open(root.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            inner = _enter(folder, part, create=create)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def _enter(folder: int, part: str, *, create: bool) -> int:
    name = present_name(folder, part)
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    with contextlib.suppress(FileExistsError):  # another run may make it at the same time
        os.mkdir(name, dir_fd=folder)
        os.fsync(folder)
    return os.open(name, _FOLDER, dir_fd=folder)


def present_name(folder: int, name: str) -> str:
    """Give the name under which `name` stands in the folder: its own, or the same in another Unicode form.

    Raises VaultError where only a name that differs in case stands there: on the systems a vault is
    synchronised to, the two would be one file.
    """
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        pass
    else:
        return name
    form = unicodedata.normalize("NFC", name)
    for other in os.listdir(folder):
        if unicodedata.normalize("NFC", other) == form:
            return other
        if unicodedata.normalize("NFC", other).casefold() == form.casefold():
            raise VaultError(
                f'"{name}" differs from the present "{other}" in case only', hint="rename one of the two, and run again"
            )
    return name


def stat_file(root: Root, relative: str, folder: int, name: str) -> os.stat_result | None:
    """Give the status of the regular file at `name`, None where nothing stands; refuse anything else."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        kind = "a link" if stat.S_ISLNK(status.st_mode) else "a folder" if stat.S_ISDIR(status.st_mode) else "a device"
        raise VaultError(f"{shown(root, relative)} is {kind}, not a file", hint="move it away, or choose another place")
    return status


def shown(root: Root, relative: str) -> str:
    """Give the path as messages show it."""
    return f'"{root.path / relative}"'


@contextlib.contextmanager
def failing(root: Root, relative: str) -> Iterator[None]:
    """Turn an OSError into a VaultError with the path, the reason and what to do."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else error.strerror or str(error)
        raise VaultError(
            f"cannot access {shown(root, relative)}: {reason}", hint=_HINTS.get(error.errno or 0)
        ) from error


def write_all(file: int, data: bytes) -> None:
    """Write all of `data`: a write may be short without being an error."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
