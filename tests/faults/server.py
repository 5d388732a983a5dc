"""Runs `vaultc` in forked children, one for each order on standard input, with a fault planned by the shim.

Starting Python and importing everything costs a second; a fork costs a few milliseconds. So a sweep over hundreds of
places where a run may break off is a matter of seconds. Chroma's child is forked in the same way.
"""

from __future__ import annotations

import ctypes
import functools
import json
import mmap
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import vaultc.app.indexing
import vaultc.index.child as child
import vaultc.index.vectors as vectors
from vaultc.cli.app import main

KINDS = 200_000
TIME_LIMIT_S = 60.0


class Plan(ctypes.Structure):
    """The orders to the shim, as shim.c has them."""

    _fields_ = (
        ("count", ctypes.c_long),
        ("at", ctypes.c_long),
        ("mode", ctypes.c_int),
        ("armed", ctypes.c_int),
        ("root", ctypes.c_char * 2048),
        ("kinds", ctypes.c_char * KINDS),
    )


def make_plan(path: Path) -> None:
    """Make the file that the shim maps."""
    path.write_bytes(bytes(ctypes.sizeof(Plan)))


class Forked:
    """What `Child` wants of `subprocess.Popen`, without the seconds that loading Chroma anew takes."""

    def __init__(self, *_: object, cwd: Path, **__: object) -> None:
        asked, answered = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.dup2(asked[0], 0)
                os.dup2(answered[1], 1)
                for end in (*asked, *answered):
                    os.close(end)
                os.chdir(cwd)
                sys.stdin = os.fdopen(0)
                vectors.serve()
            finally:
                os._exit(0)
        os.close(asked[0])
        os.close(answered[1])
        self.stdin: IO[bytes] = os.fdopen(asked[1], "wb")
        self.stdout: IO[bytes] = os.fdopen(answered[0], "rb")
        self._code: int | None = None

    def kill(self) -> None:
        """End the child."""
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float = 60.0) -> int:
        """Wait for the child's end; it always gets a minute, for it is not started but forked."""
        del timeout
        if self._code is None:
            self._code = end_of(self.pid)
        return self._code


def end_of(pid: int) -> int:
    """Give how a child ended, as `subprocess` does; one that does not end in a minute is killed."""
    deadline = time.monotonic() + TIME_LIMIT_S
    while (ended := os.waitpid(pid, os.WNOHANG))[0] == 0:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)
    return os.waitstatus_to_exitcode(ended[1])


def run(order: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Run one command with one fault; give its code, what it said and the calls that were counted."""
    said = Path(order["said"])
    plan.count, plan.at, plan.mode, plan.root = 0, order["at"], order["mode"], os.fsencode(order["counted"])
    pid = os.fork()
    if pid == 0:
        command(order, said, plan)
    code = end_of(pid)
    plan.armed = 0
    kinds = bytes(plan.kinds[: plan.count]).decode() if order["mode"] == 0 else ""
    return {"code": code, "count": plan.count, "kinds": kinds, "said": said.read_text("utf-8", "replace")}


def command(order: dict[str, Any], said: Path, plan: Plan) -> None:
    """Become the command; never returns. The fault may kill its whole group, which is one of its own."""
    code = 70
    try:
        os.setpgid(0, 0)
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.argv = ["vaultc", *order["arguments"]]
        os.environ.update(order["environment"])
        if not order["chroma"]:
            vaultc.app.indexing.update = functools.partial(vaultc.app.indexing.update, stores_vectors=False)
        plan.armed = 1
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        plan.armed = 0
        os._exit(code)


def _flush_early() -> None:
    """Load Chroma before the forks, and make it write its graph to the disk after a few vectors, not a thousand."""
    from chromadb.api.client import Client

    plain = Client.get_or_create_collection

    def early(self: Client, name: str, **named: Any) -> Any:
        named["configuration"]["hnsw"] |= {"batch_size": 2, "sync_threshold": 4}
        return plain(self, name, **named)

    vars_of: Any = Client
    vars_of.get_or_create_collection = early


def serve() -> None:
    """Answer orders, one JSON document a line, until standard input ends."""
    import vaultc.cli.render
    import vaultc.index.embed  # noqa: F401 - loaded before the forks

    if os.environ.get("FAULT_CHROMA"):
        _flush_early()
        calls = {"PIPE": 0, "DEVNULL": 0, "Popen": Forked, "TimeoutExpired": subprocess.TimeoutExpired}
        vars(child)["subprocess"] = type("Forking", (), calls)
    with Path(os.environ["FAULT_PLAN"]).open("r+b") as file:
        plan = Plan.from_buffer(mmap.mmap(file.fileno(), 0))
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line), plan)), flush=True)  # noqa: T201


if __name__ == "__main__":
    serve()
