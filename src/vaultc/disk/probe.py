"""Tries out a box: a program in it goes every known way to what lies outside, and the bait is looked at afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vaultc.core.errors import VaultError
from vaultc.disk.confine import run_in_box
from vaultc.disk.scratch import scratch_folder
from vaultc.disk.watch import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.disk.confine import Box

_LIMITS = Limits(seconds=20.0, memory_bytes=1 << 30)
_BAIT = b"of the person"


def ways_out(box: Box, readable: Sequence[Path]) -> tuple[str, ...]:
    """Give, in words, what a program in the box could do outside; empty: nothing that it tried.

    Raises:
        VaultError: the box cannot be made, or the program that tries does not run in it.
    """
    with scratch_folder("vaultc-probe-") as outer, contextlib.ExitStack() as stack:
        inside, bait = outer / "inside", outer / "bait"
        inside.mkdir()
        bait.write_bytes(_BAIT)
        before = _seen(outer)
        order = {"folder": str(outer), "bait": str(bait), "process": _process(box), **_listening(stack, outer)}
        argv = [sys.executable, "-I", "-S", "-c", Path(__file__).with_name("escape.py").read_text("utf-8")]
        result = run_in_box(
            box, [*argv, json.dumps(order)], folder=inside, readable=readable, limits=_LIMITS, output_bytes=20_000
        )
        if result.returncode != 0:
            last = (result.stderr.strip().splitlines() or [f"ended with {result.returncode}"])[-1]
            refused = last.startswith("bwrap: ")  # it says so itself; the other kinds are refused before they run
            what = "the sandbox cannot be made" if refused else "Python does not run in it"
            raise VaultError(f"{what}: {result.stopped or last}")
        ways = tuple(json.loads(result.stdout))
        return ways if ways or _seen(outer) == before else ("change files",)


def _process(box: Box) -> int:
    """Give a process outside: this one; 0 where the box has processes of its own under the same number."""
    own = os.getpid()
    return 0 if box.kind == "bubblewrap" and own < 10 else own


def _listening(stack: contextlib.ExitStack, folder: Path) -> dict[str, object]:
    """Listen in each way that a program could connect to."""
    abstract = f"vaultc-probe-{secrets.token_hex(8)}"
    path = folder / "socket"
    found: dict[str, object] = {"abstract": abstract, "socket": str(path)}
    for name, family, kind, address in (
        ("port", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        ("port6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
        ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\0" + abstract),
        ("socket", socket.AF_UNIX, socket.SOCK_DGRAM, str(path)),
    ):
        with contextlib.suppress(OSError):  # not on this machine
            server = stack.enter_context(socket.socket(family, kind))
            server.bind(address)
            if kind == socket.SOCK_STREAM:
                server.listen()
            if name.startswith("port"):
                found[name] = server.getsockname()[1]
    return found


def _seen(folder: Path) -> object:
    """Give what a change of the bait or of its folder would show in."""
    bait = folder / "bait"
    state = bait.stat()
    facts = (state.st_mode, state.st_uid, state.st_gid, state.st_nlink, state.st_mtime_ns, state.st_ctime_ns)
    return bait.read_bytes(), facts, os.getpriority(os.PRIO_PROCESS, 0)
