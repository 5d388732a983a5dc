"""Every byte vaultc writes goes through here: whole or not at all, and never through a link.

A file is written to a temporary file beside it, flushed, and moved into place; folders are walked part by
part from an open folder, so a link swapped in between leads nowhere.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from typing import TYPE_CHECKING

from vaultc.core.errors import VaultError
from vaultc.disk.folders import failing, opened_folder, present_name, shown, stat_file, write_all
from vaultc.disk.read import content, open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vaultc.disk.policy import Root

_TEMP_PREFIX, _TEMP_SUFFIX = ".vaultc-", ".tmp"
_ATTEMPTS = 4


def write_atomic(root: Root, relative: str, data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` as the whole content of `relative` below `root`, creating folders on the way.

    After a kill, a full disk or an error the file has its old content or the new, never a part. An existing
    file keeps its permission bits; a new one gets `mode` less the umask.

    Raises:
        UsageError: the path may not be written.
        VaultError: it could not be written, or a link, folder or device stands there.
    """
    *folders, name = root.check(relative)
    with failing(root, relative), opened_folder(root, folders, create=True) as folder:
        name = present_name(folder, name)
        old = stat_file(root, relative, folder, name)
        for attempt in range(_ATTEMPTS):
            try:
                _put_in_place(folder, name, data, mode=mode, old=old)
            except FileNotFoundError:
                # A run that began meanwhile swept the file in the making away; the next one it does not see.
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                break
        os.fsync(folder)


@contextlib.contextmanager
def staged_file(root: Root, relative: str, *, mode: int = 0o600) -> Iterator[Path]:
    """Give an empty file that another program may fill; when the block ends well it is moved to `relative`.

    For what is too large to be held in memory. Where the block raises, nothing is left of it.

    Raises:
        UsageError: the path may not be written.
        VaultError: it could not be written, or the file that was given is not the one that was filled.
    """
    *folders, name = root.check(relative)
    temp = temporary_name()
    with failing(root, relative), opened_folder(root, folders, create=True) as folder:
        stat_file(root, relative, folder, name)
        file = os.open(temp, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=folder)
        try:
            yield root.path.joinpath(*folders, temp)
            if os.stat(temp, dir_fd=folder, follow_symlinks=False).st_ino != os.fstat(file).st_ino:
                raise VaultError(f"{shown(root, relative)} was replaced while it was written")
            os.fsync(file)
            os.replace(temp, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temp, dir_fd=folder)
            raise
        finally:
            os.close(file)


def read_bytes(root: Root, relative: str) -> bytes | None:
    """Give the content of the regular file `relative` below `root`, or None where nothing stands there.

    No link is followed. Raises UsageError for a path that may not be touched, VaultError where it cannot be read,
    is something else than a file, or larger than `disk.read.MAX_FILE_BYTES`.
    """
    *folders, name = root.check(relative)
    with failing(root, relative):
        try:
            with opened_folder(root, folders, create=False) as folder:
                file, status = open_regular(present_name(folder, name), folder=folder, follows=False)
        except FileNotFoundError:
            return None
        try:
            return content(file, status.st_size)
        finally:
            os.close(file)


def remove(root: Root, relative: str) -> bool:
    """Remove the regular file `relative` below `root`; tell whether there was one.

    Raises UsageError for a path that may not be touched, VaultError for a link, a folder or a failure.
    """
    *folders, name = root.check(relative)
    with failing(root, relative):
        try:
            with opened_folder(root, folders, create=False) as folder:
                name = present_name(folder, name)
                if stat_file(root, relative, folder, name) is None:
                    return False
                os.unlink(name, dir_fd=folder)
                os.fsync(folder)
        except FileNotFoundError:
            return False
    return True


def append_line(root: Root, relative: str, text: str, *, mode: int = 0o600) -> None:
    """Append `text` and a line end to `relative` below `root`, creating it with `mode` (for logs and traces).

    The line is handed over in one write, so lines of two processes do not mix. Raises as `write_atomic`.
    """
    *folders, name = root.check(relative)
    data = (text + "\n").encode("utf-8", "surrogatepass")
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with failing(root, relative), opened_folder(root, folders, create=True) as folder:
        stat_file(root, relative, folder, name)
        file = os.open(name, flags, mode, dir_fd=folder)
        try:
            write_all(file, data)
        finally:
            os.close(file)


def sweep(root: Root) -> tuple[str, ...]:
    """Remove temporary files that a killed run left below `root`; give their paths.

    Call it while holding the lock of the vault: another run's file in the making looks the same. Hidden
    folders are entered only where the root allows them; links never. What cannot be opened is passed over.
    """
    swept: list[str] = []
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        folders = waiting.pop()
        try:
            with opened_folder(root, folders, create=False) as folder:
                for name, is_folder in _entries(folder):
                    if is_folder and (root.allow_hidden or not name.startswith(".")):
                        waiting.append((*folders, name))
                    elif not is_folder and is_temporary(name):
                        os.unlink(name, dir_fd=folder)
                        swept.append("/".join((*folders, name)))
        except OSError:
            continue
    return tuple(sorted(swept))


def _entries(folder: int) -> list[tuple[str, bool]]:
    """Give the names of files and folders in an open folder; links and devices are left out."""
    with os.scandir(folder) as entries:
        return [
            (entry.name, entry.is_dir(follow_symlinks=False))
            for entry in entries
            if entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False)
        ]


def is_temporary(name: str) -> bool:
    """Tell whether a file of that name is one of ours in the making."""
    middle = name[len(_TEMP_PREFIX) : -len(_TEMP_SUFFIX)]
    fits = name.startswith(_TEMP_PREFIX) and name.endswith(_TEMP_SUFFIX) and len(middle) == 16
    return fits and all(letter in "0123456789abcdef" for letter in middle)


def temporary_name() -> str:
    """Give a name for a file in the making, which no other file has and which `sweep` knows."""
    return f"{_TEMP_PREFIX}{secrets.token_hex(8)}{_TEMP_SUFFIX}"


def _put_in_place(folder: int, name: str, data: bytes, *, mode: int, old: os.stat_result | None) -> None:
    temp = temporary_name()
    try:
        write_temporary(folder, temp, data, mode=mode, old=old)
        os.replace(temp, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temp, dir_fd=folder)
        raise


def write_temporary(folder: int, temp: str, data: bytes, *, mode: int, old: os.stat_result | None) -> None:
    """Write `data` to the new file `temp` in an open folder, down to the disk, with the permission bits of `old`."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(temp, flags, mode, dir_fd=folder)
    try:
        if old is not None:
            os.fchmod(file, stat.S_IMODE(old.st_mode))
        write_all(file, data)
        os.fsync(file)
    finally:
        os.close(file)
