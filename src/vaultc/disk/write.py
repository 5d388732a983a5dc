"""Every byte vaultc writes goes through here: whole or not at all, and never through a link.

A file is written to a temporary file beside it, flushed, and moved into place; folders are walked part by
part from an open folder, so a link swapped in between leads nowhere.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import stat
import unicodedata
from typing import TYPE_CHECKING

from vaultc.core.errors import VaultError
from vaultc.disk.read import content, open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from vaultc.disk.policy import Root

_TEMP_PREFIX, _TEMP_SUFFIX = ".vaultc-", ".tmp"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE_BYTES = 1 << 20
_ATTEMPTS = 4
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


def write_atomic(root: Root, relative: str, data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` as the whole content of `relative` below `root`, creating folders on the way.

    After a kill, a full disk or an error the file has its old content or the new, never a part. An existing
    file keeps its permission bits; a new one gets `mode` less the umask.

    Raises:
        UsageError: the path may not be written.
        VaultError: it could not be written, or a link, folder or device stands there.
    """
    *folders, name = root.check(relative)
    with _failing(root, relative), _folder(root, folders, create=True) as folder:
        name = _present_name(folder, name)
        old = _stat_file(root, relative, folder, name)
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
    temp = f"{_TEMP_PREFIX}{secrets.token_hex(8)}{_TEMP_SUFFIX}"
    with _failing(root, relative), _folder(root, folders, create=True) as folder:
        _stat_file(root, relative, folder, name)
        file = os.open(temp, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=folder)
        try:
            yield root.path.joinpath(*folders, temp)
            if os.stat(temp, dir_fd=folder, follow_symlinks=False).st_ino != os.fstat(file).st_ino:
                raise VaultError(f"{_shown(root, relative)} was replaced while it was written")
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
    with _failing(root, relative):
        try:
            with _folder(root, folders, create=False) as folder:
                file, status = open_regular(_present_name(folder, name), folder=folder, follows=False)
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
    with _failing(root, relative):
        try:
            with _folder(root, folders, create=False) as folder:
                name = _present_name(folder, name)
                if _stat_file(root, relative, folder, name) is None:
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
    with _failing(root, relative), _folder(root, folders, create=True) as folder:
        _stat_file(root, relative, folder, name)
        file = os.open(name, flags, mode, dir_fd=folder)
        try:
            _write_all(file, data)
        finally:
            os.close(file)


class Part:
    """A large file in the making that outlives a run: `relative` appears when it is whole, and not before.

    What there is of it lies beside in `<name>.<mark>.part`, which one run at a time writes. Use it in a `with` block;
    whatever ends that, what was written stays.
    """

    def __init__(self, root: Root, relative: str, mark: str) -> None:
        """Name the file; it is opened by the `with` block. Raises UsageError where it may not be written."""
        *self._folders, self._name = root.check(relative)
        self._part = f"{self._name}.{mark}.part"
        self._root, self._relative = root, relative
        self._stack = contextlib.ExitStack()
        self._folder = self._file = -1

    def __enter__(self) -> Part:
        """Open what there is. Raises VaultError where another run has it, or it cannot be opened."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with _failing(self._root, self._relative), contextlib.ExitStack() as stack:
            self._folder = stack.enter_context(_folder(self._root, self._folders, create=True))
            _stat_file(self._root, self._relative + " (its part)", self._folder, self._part)
            self._file = os.open(self._part, flags, 0o644, dir_fd=self._folder)
            stack.callback(os.close, self._file)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise VaultError(f"another run is writing {_shown(self._root, self._relative)}") from None
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return os.fstat(self._file).st_size

    def pieces(self) -> Iterator[bytes]:
        """Give what there is, from its beginning."""
        at = 0
        with _failing(self._root, self._relative):
            while piece := os.pread(self._file, _PIECE_BYTES, at):
                at += len(piece)
                yield piece

    def append(self, data: bytes) -> None:
        """Write `data` behind what there is. Raises VaultError; a full disk leaves what fitted."""
        with _failing(self._root, self._relative):
            os.lseek(self._file, 0, os.SEEK_END)
            _write_all(self._file, data)

    def clear(self) -> None:
        """Begin anew."""
        with _failing(self._root, self._relative):
            os.ftruncate(self._file, 0)

    def discard(self) -> None:
        """Remove what there is: it is not what was wanted."""
        with _failing(self._root, self._relative):
            os.unlink(self._part, dir_fd=self._folder)

    def finish(self) -> None:
        """Make what there is the file. Raises VaultError where something stands at its place."""
        with _failing(self._root, self._relative):
            if _stat_file(self._root, self._relative, self._folder, self._name) is not None:
                raise VaultError(f"{_shown(self._root, self._relative)} is there already")
            os.fsync(self._file)
            os.rename(self._part, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            os.fsync(self._folder)


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
            with _folder(root, folders, create=False) as folder:
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


def _put_in_place(folder: int, name: str, data: bytes, *, mode: int, old: os.stat_result | None) -> None:
    temp = f"{_TEMP_PREFIX}{secrets.token_hex(8)}{_TEMP_SUFFIX}"
    try:
        _write_temp(folder, temp, data, mode=mode, old=old)
        os.replace(temp, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temp, dir_fd=folder)
        raise


def _write_temp(folder: int, temp: str, data: bytes, *, mode: int, old: os.stat_result | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(temp, flags, mode, dir_fd=folder)
    try:
        if old is not None:
            os.fchmod(file, stat.S_IMODE(old.st_mode))
        _write_all(file, data)
        os.fsync(file)
    finally:
        os.close(file)


def _write_all(file: int, data: bytes) -> None:
    """Write all of `data`: a write may be short without being an error."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


@contextlib.contextmanager
def _folder(root: Root, parts: tuple[str, ...] | list[str], *, create: bool) -> Iterator[int]:
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
    name = _present_name(folder, part)
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    with contextlib.suppress(FileExistsError):  # another run may make it at the same time
        os.mkdir(name, dir_fd=folder)
        os.fsync(folder)
    return os.open(name, _FOLDER, dir_fd=folder)


def _present_name(folder: int, name: str) -> str:
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


def _stat_file(root: Root, relative: str, folder: int, name: str) -> os.stat_result | None:
    """Give the status of the regular file at `name`, None where nothing stands; refuse anything else."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        kind = "a link" if stat.S_ISLNK(status.st_mode) else "a folder" if stat.S_ISDIR(status.st_mode) else "a device"
        raise VaultError(
            f"{_shown(root, relative)} is {kind}, not a file", hint="move it away, or choose another place"
        )
    return status


def _shown(root: Root, relative: str) -> str:
    return f'"{root.path / relative}"'


@contextlib.contextmanager
def _failing(root: Root, relative: str) -> Iterator[None]:
    """Turn an OSError into a VaultError with the path, the reason and what to do."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else error.strerror or str(error)
        raise VaultError(
            f"cannot access {_shown(root, relative)}: {reason}", hint=_HINTS.get(error.errno or 0)
        ) from error
