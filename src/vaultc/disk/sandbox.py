"""Where generated code runs: in a box without network that sees its own folder and the interpreter, or not at all.

bubblewrap where it is installed and works, else Landlock with seccomp, else nothing: then `available` gives None and
no generated code may be run.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, cast

from vaultc.core.errors import VaultError
from vaultc.disk.box import landlock_abi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Kind = Literal["bubblewrap", "landlock"]

_FILE_BYTES = 256 << 20
_PROBE_S = 20.0
_PROBE_MEMORY_BYTES = 1 << 30
_PROBE = """
import socket, sys
reached = []
for act in (lambda: open(sys.argv[1]), lambda: open(sys.argv[2], "w")):
    try: act()
    except OSError: pass
    else: reached.append("file")
try: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 2)
except OSError: pass
else: reached.append("network")
print("reached:" + ",".join(reached))
"""


@dataclass(frozen=True, slots=True)
class BoxResult:
    """How a boxed program ended. A negative `returncode` is the signal that ended it."""

    returncode: int
    stdout: str
    stderr: str
    timed_out: bool
    kind: Kind


def available() -> Kind | None:
    """Give the kind of box that works here, tried out once by a program that tries to get out; None: there is none."""
    return _available()


def python_paths() -> tuple[Path, ...]:
    """Give the folders that this interpreter needs to run: its environment, its base, the system's libraries."""
    base = sysconfig.get_path("stdlib")
    executable = Path(sys.executable).resolve()
    wanted = (
        Path(sys.prefix), Path(sys.base_prefix), Path(base), executable.parent,
        Path("/usr"), Path("/bin"), Path("/lib"), Path("/lib64"),
    )  # fmt: skip
    return tuple(dict.fromkeys(path for path in wanted if path.is_dir() and path != Path("/")))


def run_boxed(
    argv: Sequence[str],
    *,
    folder: Path,
    readable: Sequence[Path],
    timeout_s: float,
    memory_bytes: int,
    output_bytes: int,
) -> BoxResult:
    """Run a program in a box and wait for its end; whatever it has started ends with it.

    Args:
        argv: the program, by its absolute path, and its arguments.
        folder: where it runs, the only place where it can write beside a temporary folder of its own.
        readable: what else it can read and execute; see `python_paths`.
        timeout_s: after so many seconds it is killed.
        memory_bytes: address space of each of its processes.
        output_bytes: how much of each output stream is kept.

    Raises:
        VaultError: there is no box here, or it could not be made. Then nothing was run.
    """
    kind = available()
    if kind is None:
        raise VaultError(
            "generated code is not run: this system offers no sandbox",
            hint="install bubblewrap, or use a kernel with Landlock",
        )
    if not Path(argv[0]).is_file():
        raise VaultError(f"generated code is not run: there is no program {argv[0]}")
    return _run(kind, argv, folder, readable, timeout_s, memory_bytes, output_bytes)


@functools.cache
def _available() -> Kind | None:
    if not sys.platform.startswith("linux"):
        return None
    kinds: list[Kind] = []
    if shutil.which("bwrap"):
        kinds.append("bubblewrap")
    if landlock_abi() > 0:
        kinds.append("landlock")
    return next((kind for kind in kinds if _holds(kind)), None)


def _holds(kind: Kind) -> bool:
    import socket

    with tempfile.TemporaryDirectory(prefix="vaultc-probe-") as outer, socket.socket() as server:
        inside, secret = Path(outer) / "inside", Path(outer) / "secret"
        inside.mkdir()
        secret.write_text("secret", encoding="ascii")
        server.bind(("127.0.0.1", 0))
        server.listen()
        arguments = [str(secret), str(Path(outer) / "written"), str(server.getsockname()[1])]
        argv = [sys.executable, "-I", "-S", "-c", _PROBE, *arguments]
        try:
            result = _run(kind, argv, inside, python_paths(), _PROBE_S, _PROBE_MEMORY_BYTES, 10_000)
        except VaultError:
            return False
        return result.returncode == 0 and result.stdout.strip() == "reached:"


def _run(
    kind: Kind,
    argv: Sequence[str],
    folder: Path,
    readable: Sequence[Path],
    timeout_s: float,
    memory_bytes: int,
    output_bytes: int,
) -> BoxResult:
    with tempfile.TemporaryDirectory(prefix="vaultc-box-") as temporary:
        paths = [str(path.resolve()) for path in readable]
        inside, scratch = str(folder.resolve()), str(Path(temporary).resolve())
        environment = _environment(scratch)
        command = list(argv)
        if kind == "bubblewrap":
            command = _bubblewrap(command, inside, scratch, [str(path) for path in readable], environment)
        order = {
            "kind": kind,
            "argv": command,
            "folder": inside,
            "readable": paths,
            "writable": [inside, scratch],
            "environment": environment,
            "cpu_s": int(timeout_s) + 2,
            "file_bytes": max(_FILE_BYTES, output_bytes),
            "memory_bytes": memory_bytes,
        }
        return _launch(kind, order, timeout_s, output_bytes)


def _launch(kind: Kind, order: Mapping[str, object], timeout_s: float, output_bytes: int) -> BoxResult:
    launcher = str(Path(__file__).with_name("box.py"))
    report, told = os.pipe()
    try:
        process = subprocess.Popen(  # noqa: S603 - the launcher limits itself before it becomes the program
            [sys.executable, "-I", "-S", launcher, json.dumps({**order, "report": told})],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(told,),
            start_new_session=True,
        )
    except OSError as error:
        os.close(report)
        raise VaultError(f"generated code is not run: {error}") from error
    finally:
        os.close(told)
    streams = [_Kept(cast("IO[bytes]", stream), output_bytes) for stream in (process.stdout, process.stderr)]
    try:
        with open(report, "rb") as file:  # noqa: PTH123 - a descriptor
            failure = file.read().decode("utf-8", "replace")  # ends when the launcher becomes the program
        timed_out = not _ended(process.pid, timeout_s)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # before the leader is reaped: the number is still ours
        process.wait()
    stdout, stderr = (stream.text() for stream in streams)
    if failure:
        raise VaultError(f"generated code is not run: the sandbox cannot be made: {failure}")
    return BoxResult(process.returncode, stdout, stderr, timed_out, kind)


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


def _ended(pid: int, timeout_s: float) -> bool:
    """Wait for the process without reaping it; tell whether it ended in time."""
    deadline = time.monotonic() + timeout_s
    descriptor = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            if poll.poll(min(left, 3600.0) * 1000):
                return True
        return False
    finally:
        os.close(descriptor)


def _environment(scratch: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": scratch,
        "TMPDIR": scratch,
        "USER": "box",
        "LOGNAME": "box",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _bubblewrap(
    argv: list[str], folder: str, scratch: str, readable: list[str], environment: dict[str, str]
) -> list[str]:
    command = [shutil.which("bwrap") or "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    for name, value in environment.items():
        command += ["--setenv", name, value]
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - the box's own
    for path in (*readable, "/etc/ld.so.cache", "/etc/localtime"):
        command += ["--ro-bind-try", path, path]
    for path in (folder, scratch):
        command += ["--bind", path, path]
    sealed = [part for path in ("/tmp", "/") for part in ("--remount-ro", path)]  # noqa: S108 - the box's own
    return [*command, *sealed, "--chdir", folder, "--", *argv]
