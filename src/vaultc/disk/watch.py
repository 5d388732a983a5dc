"""Watches what runs in a box from outside, and says when all of it together is over a limit.

The kernel limits each process of an ordinary user; what a box may use in all is looked at by samples. Between two of
them (a tenth of a second, more where looking takes long) it can start, write and fill as much as the machine manages
in that time; then it is ended as a whole.

Sources: proc_pid_stat(5), pidfd_open(2), statvfs(3).
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_INTERVAL_S = 0.1
_DEATH_S = 10.0
_SHARE_OF_TIME = 20  # looking takes at most one part of so many
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SPARE_BYTES = 512 << 20
# What goes away meanwhile, or is closed to its owner, cannot be looked at.
_PASSED_OVER = (FileNotFoundError, NotADirectoryError, PermissionError)


@dataclass(frozen=True, slots=True)
class Limits:
    """What all processes of a box may use together.

    seconds: time on the clock.
    memory_bytes: memory in use, pages that processes share counted for each.
    tasks: processes and threads at a time.
    files, file_bytes: files and folders in the folders it may write, and their size on the disk.
    """

    seconds: float
    memory_bytes: int
    tasks: int = 256
    files: int = 20_000
    file_bytes: int = 1 << 30


def wait_within(pid: int, folders: Sequence[Path], limits: Limits) -> str | None:
    """Wait for the end of a process that leads a group, without reaping it.

    Returns:
        None when it has ended; else, in words, the limit that it and what it has started are over.
    """
    deadline = time.monotonic() + limits.seconds
    spare = {folder: min(_SPARE_BYTES, _free(folder) // 2) for folder in folders}
    pause = _INTERVAL_S
    descriptor = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            if poll.poll(min(left, pause) * 1000):
                return None
            started = time.monotonic()
            over = _over_of_processes(pid, limits) or _over_of_files(spare, limits)
            if over is not None:
                return over
            pause = max(_INTERVAL_S, (time.monotonic() - started) * _SHARE_OF_TIME)
        return f"it ran longer than {limits.seconds:g} s"
    finally:
        os.close(descriptor)


def wait_for_group(group: int) -> None:
    """Wait until no process of a group that was killed is running; one that a disk holds is not waited for long."""
    deadline = time.monotonic() + _DEATH_S
    while time.monotonic() < deadline and any(True for _ in _members(group)):
        time.sleep(0.01)


def _over_of_processes(group: int, limits: Limits) -> str | None:
    tasks = pages = 0
    for fields in _members(group):
        tasks += int(fields[17])
        pages += int(fields[21])
    if tasks > limits.tasks:
        return f"it had more than {limits.tasks} processes and threads at a time"
    if pages * _PAGE > limits.memory_bytes:
        return f"its processes used more than {_size(limits.memory_bytes)} of memory"
    return None


def _members(group: int) -> Iterator[list[bytes]]:
    """Give what the kernel says of each process of a group that has not ended, from its state on."""
    for name in os.listdir("/proc"):  # noqa: PTH208 - names are enough
        if name.isdigit() and (fields := _fields(f"/proc/{name}/stat")) and int(fields[2]) == group:
            if fields[0] in b"ZX" and int(fields[17]) > 1:  # its first thread has ended, and with it what it shows
                tasks = Path(f"/proc/{name}/task").glob("*/stat")
                fields = next((found for task in tasks if (found := _fields(task)) and found[0] not in b"ZX"), fields)
            if fields[0] not in b"ZX":
                yield fields


def _fields(path: str | Path) -> list[bytes]:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - many, often
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []  # it has ended


def _over_of_files(spare: dict[Path, int], limits: Limits) -> str | None:
    for folder, left in spare.items():
        if _free(folder) < left:  # a file that was removed and is still open is seen here alone
            return f"less than {_size(left)} is free on the disk of {folder}"
    count = size = 0
    try:
        for entry in _entries(spare):
            count += 1
            with contextlib.suppress(*_PASSED_OVER):
                size += entry.stat(follow_symlinks=False).st_blocks * 512
            if count > limits.files:
                return f"it made more than {limits.files} files and folders"
            if size > limits.file_bytes:
                return f"its files took more than {_size(limits.file_bytes)} of the disk"
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return "it made folders nested too deep to be looked at"
        raise
    return None


def _entries(folders: Iterable[Path]) -> Iterator[os.DirEntry[str]]:
    waiting = [str(folder) for folder in folders]
    while waiting:
        with (
            contextlib.suppress(*_PASSED_OVER),
            os.scandir(waiting.pop()) as entries,
        ):
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _size(count: int) -> str:
    return f"{count >> 30} GiB" if count >= 1 << 30 else f"{count >> 20} MiB"
