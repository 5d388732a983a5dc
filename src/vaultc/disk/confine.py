"""Runs a program in a box of a given kind, and ends all that it has started.

Which kind holds on this system says `sandbox`; here nothing is chosen and nothing is given up quietly.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, cast

from vaultc.core.errors import VaultError
from vaultc.disk.calls import Held, filter_program
from vaultc.disk.scratch import scratch_folder
from vaultc.disk.watch import Limits, wait_for_group, wait_within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Kind = Literal["bubblewrap", "namespaces", "landlock"]

_FILE_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Box:
    """A kind of box: what makes it, and the version of Landlock that it may use (an older one than the kernel's, too).

    bubblewrap: a root of its own, made by that program. namespaces: mounts of its own, read-only, and Landlock.
    landlock: that alone. Each has the filter of system calls, which refuses what the rest does not hold.
    """

    kind: Kind
    landlock: int

    @property
    def held(self) -> Held:
        """What holds without the filter."""
        mounts = self.kind != "landlock"
        scoped = self.kind == "bubblewrap" or self.landlock >= 6
        return Held(modes=mounts, truncate=mounts or self.landlock >= 3, signals=scoped)


@dataclass(frozen=True, slots=True)
class BoxResult:
    """How a boxed program ended. A negative `returncode` is the signal that ended it.

    stopped: in words, the limit for which it was ended from outside; None: it ended by itself.
    refused: in words, what this box refuses that programs do with good reason.
    """

    returncode: int
    stdout: str
    stderr: str
    stopped: str | None
    refused: str


def refused_in(box: Box) -> str:
    """Say what a box refuses that programs do with good reason."""
    held = box.held
    wanted = [
        "network",
        "semaphores between processes",
        *([] if held.modes else ["changing modes, owners and times of files"]),
        *([] if held.signals else ["signals to processes that a program has started"]),
        "new sessions",
    ]
    return ", ".join(wanted[:-1]) + " and " + wanted[-1]


def run_in_box(
    box: Box,
    argv: Sequence[str],
    *,
    folder: Path,
    readable: Sequence[Path],
    limits: Limits,
    output_bytes: int,
) -> BoxResult:
    """Run a program in a box and wait for its end; whatever it has started ends with it.

    Args:
        box: the kind of box.
        argv: the program, by its absolute path, and its arguments.
        folder: where it runs, the only place where it can write beside a temporary folder of its own.
        readable: what else it can read and execute.
        limits: what it may use, with all that it starts; the memory is also the address space of each process.
        output_bytes: how much of each output stream is kept.

    Raises:
        VaultError: the box could not be made. Then nothing was run.
    """
    program = filter_program(platform.machine(), box.held)
    if program is None:
        raise VaultError(f"the numbers of the system calls of {platform.machine()} are not known")
    with scratch_folder("vaultc-box-") as scratch:
        places = (folder.resolve(), scratch)
        environment = _environment(scratch)
        order = {
            "kind": box.kind,
            "abi": box.landlock,
            "argv": _bubblewrap(argv, places, readable, environment) if box.kind == "bubblewrap" else list(argv),
            "folder": str(places[0]),
            "readable": [str(path.resolve()) for path in readable],
            "writable": [str(path) for path in places],
            "environment": environment,
            "filter": program,
            # Of each process with all its threads, if nobody is left to watch it.
            "cpu_s": (int(limits.seconds) + 2) * (os.cpu_count() or 1),
            "file_bytes": max(_FILE_BYTES, output_bytes),
            "memory_bytes": limits.memory_bytes,
        }
        returncode, stopped, stdout, stderr = _launch(order, places, limits, output_bytes)
        return BoxResult(returncode, stdout, stderr, stopped, refused_in(box))


def _launch(
    order: Mapping[str, object], folders: Sequence[Path], limits: Limits, output_bytes: int
) -> tuple[int, str | None, str, str]:
    launcher = str(Path(__file__).with_name("box.py"))
    report, told = os.pipe()
    lifeline, held = os.pipe()
    try:
        process = subprocess.Popen(  # noqa: S603 - the launcher limits itself before it becomes the program
            [sys.executable, "-I", "-S", launcher, json.dumps({**order, "report": told, "lifeline": lifeline})],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(told, lifeline),
            start_new_session=True,
        )
    except OSError as error:
        os.close(report)
        os.close(held)
        raise VaultError(f"the sandbox cannot be started: {error}") from error
    finally:
        os.close(told)
        os.close(lifeline)
    streams = [_Kept(cast("IO[bytes]", stream), output_bytes) for stream in (process.stdout, process.stderr)]
    try:
        with open(report, "rb") as file:  # noqa: PTH123 - a descriptor
            failure = file.read().decode("utf-8", "replace")  # ends when the launcher becomes the program
        stopped = wait_within(process.pid, folders, limits)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # before the leader is reaped: the number is still ours
        wait_for_group(process.pid)
        with contextlib.suppress(BrokenPipeError), open(held, "wb", buffering=0) as guard:  # noqa: PTH123
            guard.write(b".")  # it need not end what has ended
        process.wait()
    stdout, stderr = (stream.text() for stream in streams)
    if failure:
        raise VaultError(f"the sandbox cannot be made: {failure}")
    return process.returncode, stopped, stdout, stderr


class _Kept:
    """Reads a stream to its end and keeps its first bytes."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._data = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        self._thread.join()
        return self._data.decode("utf-8", "replace")

    def _read(self) -> None:
        with self._stream:
            while block := self._stream.read1(65_536):  # type: ignore[attr-defined]  # a BufferedReader
                self._data += block[: max(0, self._limit - len(self._data))]


def _environment(scratch: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "USER": "box",
        "LOGNAME": "box",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _bubblewrap(
    argv: Sequence[str], writable: Sequence[Path], readable: Sequence[Path], environment: Mapping[str, str]
) -> list[str]:
    # No session of its own: it has no terminal already, and all of it stays in the group that is counted and ended.
    command = [shutil.which("bwrap") or "bwrap", "--unshare-all", "--die-with-parent", "--clearenv"]
    for name, value in environment.items():
        command += ["--setenv", name, value]
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - the box's own
    for path in (*map(str, readable), "/etc/ld.so.cache", "/etc/localtime"):
        command += ["--ro-bind-try", path, path]
    for path in map(str, writable):
        command += ["--bind", path, path]
    # Memory that files in them would take is counted for no process.
    sealed = [part for path in ("/dev", "/tmp", "/") for part in ("--remount-ro", path)]  # noqa: S108 - the box's own
    return [*command, *sealed, "--chdir", str(writable[0]), "--", *argv]
