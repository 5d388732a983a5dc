"""Replace or remove a file only while it holds what it is believed to hold: what was saved meanwhile is not lost.

To look and then to rename leaves a moment in which an editor may save. So the two files are exchanged in one step
(`renameat2`, see rename(2)), and then what came out is looked at, where nobody finds it by a name he knows: if it is
not what was expected, they are exchanged back. A file that an editor holds open for writing is not expected either.
Where a file system cannot exchange, it is looked at right before the rename, and that moment remains.

What stands aside has a name that follows from the file's own. A run that is killed there leaves it, and `settle`
decides: bytes of ours go, others are given a name that a person sees.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import functools
import hashlib
import os
import signal
from typing import TYPE_CHECKING

from vaultc.core.errors import VaultError
from vaultc.disk.folders import failing, opened_folder, present_name, shown, stat_file
from vaultc.disk.read import content, open_regular
from vaultc.disk.write import temporary_name, write_temporary

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.disk.policy import Root

KEPT = ".vaultc-kept"
"""Ending of a version that was saved while it was being replaced, and could not be put back."""
_NOREPLACE, _EXCHANGE = 1, 2  # of linux/fs.h
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM})
_MOST_KEPT = 99


def put_expected(root: Root, relative: str, data: bytes, expected: bytes | None, *, mode: int = 0o644) -> bool:
    """Make `data` the content of `relative` if that holds exactly `expected` (None: nothing stands there).

    Tells whether it was; if not, what stands there is as it was. Folders are made on the way. After a kill the file has
    the old content or the new; `settle` clears what is left aside.

    Raises:
        UsageError: the path may not be written.
        VaultError: it could not be written, or a link, folder or device stands there.
    """
    *folders, name = root.check(relative)
    with failing(root, relative), opened_folder(root, folders, create=True) as folder:
        name = present_name(folder, name)
        old = stat_file(root, relative, folder, name)
        if (old is None) != (expected is None):
            return False
        temp = temporary_name()
        try:
            write_temporary(folder, temp, data, mode=mode, old=old)
            if expected is None:
                is_done = _move(folder, temp, name)
            else:
                is_done = _exchange_expected(folder, temp, name, data, expected)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temp, dir_fd=folder)
        os.fsync(folder)
        return is_done


def remove_expected(root: Root, relative: str, expected: bytes) -> bool:
    """Remove `relative` if it holds exactly `expected`; tell whether it did. Raises as `put_expected`."""
    *folders, name = root.check(relative)
    with failing(root, relative):
        try:
            with opened_folder(root, folders, create=False) as folder:
                name = present_name(folder, name)
                if stat_file(root, relative, folder, name) is None or _content(folder, name) != expected:
                    return False
                aside = _aside(name)
                if not _move(folder, name, aside):
                    raise VaultError(f'"{aside}" stands beside {shown(root, relative)}', hint="run again")
                is_done = _is_settled(folder, aside, expected)
                if is_done:
                    os.unlink(aside, dir_fd=folder)
                else:
                    _move(folder, aside, name)  # where somebody saved there again, `settle` keeps this one too
                os.fsync(folder)
                return is_done
        except FileNotFoundError:
            return False


def settle(root: Root, relative: str, is_ours: Callable[[bytes], bool]) -> str | None:
    """Clear what a killed run left aside of `relative`; give the path under which words of a person are kept.

    Bytes that `is_ours` knows are removed. Raises as `put_expected`.
    """
    *folders, name = root.check(relative)
    with failing(root, relative):
        try:
            with opened_folder(root, folders, create=False) as folder:
                name = present_name(folder, name)
                aside = _aside(name)
                data = _content(folder, aside)
                if data is None:
                    return None
                if is_ours(data) or data == _content(folder, name):
                    os.unlink(aside, dir_fd=folder)
                    return None
                for number in range(1, _MOST_KEPT + 1):
                    shown_name = name + KEPT + (f"-{number}" if number > 1 else "")
                    if _move(folder, aside, shown_name):
                        os.fsync(folder)
                        return "/".join((*folders, shown_name))
                raise VaultError(f"there are {_MOST_KEPT} kept versions of {shown(root, relative)}", hint="move them")
        except FileNotFoundError:
            return None


def _exchange_expected(folder: int, temp: str, name: str, data: bytes, expected: bytes) -> bool:
    if _content(folder, name) != expected:
        return False
    aside = _aside(name)
    if not _move(folder, temp, aside):  # a sweep passes it by: from now on it may be what a person saved
        raise FileExistsError(errno.EEXIST, f'"{aside}" stands in the way')
    try:
        if not _rename(folder, aside, name, _EXCHANGE):
            os.rename(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
            return True
    except FileNotFoundError:  # removed just now: that is a change too
        os.unlink(aside, dir_fd=folder)
        return False
    is_done = _is_settled(folder, aside, expected)
    if not is_done:
        _rename(folder, aside, name, _EXCHANGE)
    if is_done or _content(folder, aside) == data:  # else it was saved at both times, and `settle` keeps this one
        os.unlink(aside, dir_fd=folder)
    return is_done


def _is_settled(folder: int, name: str, expected: bytes) -> bool:
    """Tell whether a file that nobody finds by its name any more is what was expected, and stays so."""
    try:
        file, status = open_regular(name, folder=folder, follows=False)
    except OSError:
        return False
    try:
        return not _is_open_for_writing(file) and content(file, status.st_size) == expected
    finally:
        os.close(file)


def _is_open_for_writing(file: int) -> bool:
    """Tell whether anybody writes in the open file, or is about to: then no lease for reading holds (fcntl(2))."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    # Whoever breaks the lease sends a signal: that of the kernel's choice would end us, this one is ignored. An open
    # that found the file by its name, before that was taken away, may come even now.
    fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN  # other errors: this file system gives no leases
    is_broken = fcntl.fcntl(file, fcntl.F_GETLEASE) != fcntl.F_RDLCK
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return is_broken


def _content(folder: int, name: str) -> bytes | None:
    """Give the bytes of a regular file; None where there is none."""
    try:
        file, status = open_regular(name, folder=folder, follows=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if not error.errno:  # it is something else than a file
            return None
        raise
    try:
        return content(file, status.st_size)
    finally:
        os.close(file)


def _aside(name: str) -> str:
    digest = hashlib.blake2b(os.fsencode(name), digest_size=8).hexdigest()
    return f".vaultc-{digest}.old"


def _move(folder: int, name: str, to: str) -> bool:
    """Rename `name` where nothing stands at `to`; tell whether it was done."""
    try:
        if _rename(folder, name, to, _NOREPLACE):
            return True
        os.link(name, to, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        try:  # a file system without hard links: a moment remains between looking and moving
            os.lstat(to, dir_fd=folder)
        except FileNotFoundError:
            os.rename(name, to, src_dir_fd=folder, dst_dir_fd=folder)
            return True
        return False
    os.unlink(name, dir_fd=folder)
    return True


def _rename(folder: int, name: str, to: str, flag: int) -> bool:
    """Rename by `renameat2`; tell whether this system and file system know how. Raises OSError where it failed."""
    call = _renameat2()
    if call is None:
        return False
    if call(folder, os.fsencode(name), folder, os.fsencode(to), flag) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), name)


@functools.cache
def _renameat2() -> Callable[..., int] | None:
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return None  # no Linux, or a libc without it
    call.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    call.restype = ctypes.c_int
    found: Callable[..., int] = call
    return found
