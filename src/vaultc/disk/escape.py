"""Tries to get out of a box; run in it by `probe.ways_out`, as a text, so it imports the standard library alone.

Each way would do no harm if it were open: the bait is made for it, and a process is only asked what it is already.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import socket
import stat
import sys
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NEW_USER, _SEIZE, _BIND_MOUNT = 0x10000000, 0x4206, 4096
_NO_MODE = 3  # the access mode that asks for neither reading nor writing


def main() -> None:
    """Print the ways that led out, as a list in JSON."""
    order = json.loads(sys.argv[1])
    ways = (*_to_files(order), *_to_processes(order), *_to_network(order))
    led_out = dict.fromkeys(name for name, go in ways if _leads_out(go))
    sys.stdout.write(json.dumps(list(led_out)))


def _leads_out(go: Callable[[], object]) -> bool:
    try:
        return go() is not False
    except (OSError, ValueError):  # the latter for a limit that may not be raised
        return False


def _to_files(order: dict[str, str]) -> Iterator[tuple[str, Callable[[], object]]]:
    bait, folder = order["bait"], order["folder"]
    with open("mine", "w", encoding="ascii") as file:
        file.write("mine")
    yield "read a file", lambda: os.open(bait, os.O_RDONLY)
    yield "list a folder", lambda: os.path.basename(bait) in os.listdir(folder)
    yield "write a file", lambda: os.open(bait, os.O_WRONLY | os.O_APPEND)
    yield "change the mode of a file", lambda: os.chmod(bait, 0o640)
    yield "change the mode of a file", lambda: os.fchmod(os.open(bait, _NO_MODE), 0o640)
    yield "change the mode of the interpreter", _changes_interpreter
    yield "change the owner of a file", lambda: os.chown(bait, os.getuid(), os.getgid())
    yield "change the times of a file", lambda: os.utime(bait, (1, 1))
    yield "change the attributes of a file", lambda: os.setxattr(bait, "user.vaultc", b"1")
    yield "empty a file", lambda: os.open(bait, os.O_RDONLY | os.O_TRUNC)
    yield "empty a file", lambda: os.open(bait, _NO_MODE | os.O_TRUNC)
    yield "empty a file", lambda: os.truncate(bait, 0)
    yield "link to a file", lambda: os.link(bait, "linked")
    yield "make a file", lambda: os.open(f"{folder}/made", os.O_WRONLY | os.O_CREAT, 0o600)
    yield "make a folder", lambda: os.mkdir(f"{folder}/folder")
    yield "make a link", lambda: os.symlink("mine", f"{folder}/link")
    yield "make a pipe", lambda: os.mkfifo(f"{folder}/pipe")
    yield "make a device", lambda: os.mknod("device", stat.S_IFBLK | 0o600, os.makedev(7, 0))
    yield "move a file", lambda: os.rename(bait, f"{folder}/moved")
    yield "replace a file", lambda: os.replace("mine", bait)
    yield "remove a file", lambda: os.unlink(bait)
    yield "reach a terminal", lambda: os.open("/dev/tty", os.O_RDWR)


def _changes_interpreter() -> None:
    descriptor = os.open(os.__file__, os.O_RDONLY)
    os.fchmod(descriptor, os.fstat(descriptor).st_mode)


def _to_processes(order: dict[str, int]) -> Iterator[tuple[str, Callable[[], object]]]:
    libc = ctypes.CDLL(None)
    yield "change mounts", lambda: libc.mount(b"/", b".", None, _BIND_MOUNT, None) == 0
    yield "watch folders", lambda: libc.inotify_init() >= 0
    yield "raise its own limits", lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
    yield "make namespaces", lambda: libc.unshare(_NEW_USER) == 0
    yield "leave the group that is ended with it", _leaves_group
    if process := order["process"]:
        yield "send a signal to a process", lambda: os.kill(process, 0)
        yield "read the environment of a process", lambda: os.open(f"/proc/{process}/environ", os.O_RDONLY)
        yield "read the folder of a process", lambda: os.readlink(f"/proc/{process}/cwd")
        yield "trace a process", lambda: libc.ptrace(_SEIZE, process, None, None) == 0
        yield "read the memory of a process", lambda: libc.process_vm_readv(process, None, 0, None, 0, 0) == 0
        yield "change the limits of a process", lambda: resource.prlimit(process, resource.RLIMIT_CORE)
        yield (
            "change the priority of a process",
            lambda: os.setpriority(os.PRIO_PROCESS, process, os.getpriority(os.PRIO_PROCESS, process)),
        )
        yield "move a process to other processors", lambda: os.sched_setaffinity(process, os.sched_getaffinity(process))


def _leaves_group() -> bool:
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _to_network(order: dict[str, str]) -> Iterator[tuple[str, Callable[[], object]]]:
    def connects(family: socket.AddressFamily, address: object) -> None:
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(2)
            client.connect(address)  # type: ignore[arg-type]  # of the family

    for name, family, host in (("port", socket.AF_INET, "127.0.0.1"), ("port6", socket.AF_INET6, "::1")):
        if name in order:  # where this machine has it
            yield "connect to a port", partial(connects, family, (host, order[name]))
    yield "connect to an abstract socket", lambda: connects(socket.AF_UNIX, "\0" + order["abstract"])
    yield "send to a socket file", lambda: socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b"x", order["socket"])


if __name__ == "__main__":
    signal.alarm(15)
    main()
