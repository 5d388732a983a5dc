"""The files of a vault: walk and read.

Links of the file system are never followed, only regular files are opened, and each is opened part by part below
the root, so that nothing outside the vault is read even when somebody swaps a folder for a link.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.errors import VaultError
from vaultc.core.rules import UNSAFE_PATH
from vaultc.core.source import Span, VaultPath
from vaultc.syntax.parse import NOTE_SUFFIXES
from vaultc.vault.decode import ReadResult, decoded, unreadable
from vaultc.vault.kinds import is_read_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vaultc.vault.ignore import Ignore

MAX_FILE_BYTES = 64 * 1024 * 1024
_ATTEMPTS = 3
_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file of the vault.

    `disk` is its path below the root as the file system spells it. `is_note` is true of all files that are read
    and searched, canvases and bases too. An excluded file is a target of links and not read.
    """

    path: VaultPath
    disk: bytes
    size: int
    mtime_ns: int
    is_note: bool
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """All files of a vault in order of their paths' parts, and what was left out and why."""

    files: tuple[FoundFile, ...]
    diagnostics: tuple[Diagnostic, ...]


def is_note_path(path: str) -> bool:
    """Tell whether the file at `path` is a note by its ending."""
    return path.lower().endswith(NOTE_SUFFIXES)


def walk(root: Path, *, ignore: Ignore) -> Walk:
    """Find the files below `root`.

    Raises:
        VaultError: `root` is not there, is no folder, or cannot be listed.
    """
    found: dict[VaultPath, FoundFile] = {}
    diagnostics: list[Diagnostic] = []
    folders: list[tuple[bytes, str]] = [(b"", "")]
    base = os.fsencode(root)
    while folders:
        disk, path = folders.pop()
        for entry in _entries(base, disk, path, diagnostics):
            child = _child(entry, path, diagnostics)
            if child is None:
                continue
            _take(entry, disk, child, ignore, found, folders, diagnostics)
    files = sorted(found.values(), key=lambda file: file.path.split("/"))
    diagnostics.sort(key=lambda diagnostic: diagnostic.span.path)
    return Walk(tuple(files), tuple(diagnostics))


def _entries(base: bytes, disk: bytes, path: str, diagnostics: list[Diagnostic]) -> list[os.DirEntry[bytes]]:
    try:
        with os.scandir(base + b"/" + disk if disk else base) as entries:
            return list(entries)
    except OSError as error:
        if not disk:
            raise VaultError(
                f"cannot read the vault {os.fsdecode(base)}: {error.strerror}", hint="give the folder of a vault"
            ) from error
        diagnostics.append(_unsafe(path, f"the folder cannot be read: {error.strerror}"))
        return []


def _unsafe(path: str, message: str, help_text: str | None = None) -> Diagnostic:
    return Diagnostic(UNSAFE_PATH, message, Span(VaultPath(path), 0, 0), help=help_text)


def _child(entry: os.DirEntry[bytes], folder: str, diagnostics: list[Diagnostic]) -> str | None:
    """Give the vault path of `entry`, or None for what is hidden or cannot be named."""
    if entry.name.startswith(b"."):
        return None
    try:
        name = unicodedata.normalize("NFC", entry.name.decode("utf-8"))
    except UnicodeDecodeError:
        shown = entry.name.decode("utf-8", "backslashreplace")
        diagnostics.append(_unsafe(f"{folder}/{shown}".lstrip("/"), "the file's name is not UTF-8", "rename the file"))
        return None
    return f"{folder}/{name}" if folder else name


def _take(
    entry: os.DirEntry[bytes],
    disk: bytes,
    path: str,
    ignore: Ignore,
    found: dict[VaultPath, FoundFile],
    folders: list[tuple[bytes, str]],
    diagnostics: list[Diagnostic],
) -> None:
    child_disk = disk + b"/" + entry.name if disk else entry.name
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        diagnostics.append(_unsafe(path, f"the file cannot be looked at: {error.strerror}"))
        return
    is_folder = stat.S_ISDIR(status.st_mode)
    if ignore.leaves_out(path, is_folder=is_folder):
        return
    if is_folder:
        folders.append((child_disk, path))
    elif stat.S_ISLNK(status.st_mode):
        diagnostics.append(_unsafe(path, "a link of the file system is not followed", "copy what it points to"))
    elif not stat.S_ISREG(status.st_mode):
        diagnostics.append(_unsafe(path, "this is no regular file"))
    else:
        is_excluded = ignore.excludes(path)
        is_note = is_read_path(path) and not is_excluded
        file = FoundFile(VaultPath(path), child_disk, status.st_size, status.st_mtime_ns, is_note, is_excluded)
        _keep(file, found, diagnostics)


def _keep(file: FoundFile, found: dict[VaultPath, FoundFile], diagnostics: list[Diagnostic]) -> None:
    """Keep `file`; of two that differ only in how letters are composed, the one whose name is composed."""
    twin = found.get(file.path)
    if twin is not None:
        kept, dropped = (file, twin) if file.disk == file.path.encode("utf-8", "surrogatepass") else (twin, file)
        shown = dropped.disk.decode("utf-8", "backslashreplace").encode("unicode_escape").decode("ascii")
        diagnostics.append(
            _unsafe(file.path, f"two files have this name; left out: {shown}", "rename one of the two files")
        )
        file = kept
    found[file.path] = file


def read_source(root: Path, file: FoundFile) -> ReadResult:
    """Read `file` below `root` and decode it; what cannot be read as text is a diagnostic (V110)."""
    try:
        data = _read_stable(root, file.disk)
    except OSError as error:
        return unreadable(file.path, f"the file cannot be read: {error.strerror}")
    if data is None:
        return unreadable(file.path, "the file kept changing while it was read", "run again when it is saved")
    return decoded(file.path, data)


def _read_stable(root: Path, disk: bytes) -> bytes | None:
    """Give the bytes of a file that was the same before and after; None where it never was."""
    for _ in range(_ATTEMPTS):
        with _opened(root, disk) as descriptor:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise OSError(0, "this is no regular file")
            if before.st_size > MAX_FILE_BYTES:
                raise OSError(0, f"it is larger than {MAX_FILE_BYTES} bytes")
            data = b"".join(_chunks(descriptor))
            after = os.fstat(descriptor)
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == after.st_size:
            return data
    return None


def _chunks(descriptor: int) -> Iterator[bytes]:
    left = MAX_FILE_BYTES + 1
    while left > 0 and (chunk := os.read(descriptor, min(left, 1 << 20))):
        left -= len(chunk)
        yield chunk


class _opened:  # noqa: N801 - used as a function: `with _opened(...)`
    """Opens a file below a root, part by part, following no link."""

    def __init__(self, root: Path, disk: bytes) -> None:
        self.root, self.disk = root, disk
        self.descriptor = -1

    def __enter__(self) -> int:
        *folders, name = self.disk.split(b"/")
        if not name or b".." in (name, *folders):
            raise OSError(0, "this is no path of the vault")
        at = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for folder in folders:
                inner = os.open(folder, _FOLDER_FLAGS, dir_fd=at)
                os.close(at)
                at = inner
            self.descriptor = os.open(name, _READ_FLAGS, dir_fd=at)
        finally:
            os.close(at)
        return self.descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)
