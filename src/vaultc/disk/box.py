"""The launcher of a box: limits itself by namespaces, Landlock, seccomp and rlimits, then becomes the program.

Run as a script by `sandbox.run_in_box`, with the isolated interpreter; so it imports the standard library alone.
What goes wrong is written to a descriptor that the program never sees, and then nothing is run.

Sources: landlock(7), seccomp(2), user_namespaces(7), mount_setattr(2), move_mount(2), capabilities(7),
linux/landlock.h.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Any, NoReturn

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULESET_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL = 1, 2, 4, 8, 1 << 14, 1 << 15
_MAKE_SPECIAL = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11  # devices, sockets, pipes
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
# Number of file rights by ABI of Landlock, from 1.
_RIGHTS = (13, 14, 15, 15, 16)
_NET_ABI, _SCOPE_ABI = 4, 6

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_FILTER = 2
_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = 0x20000, 0x08000000, 0x10000000, 0x40000000
# The same numbers on every machine.
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_AT_FDCWD, _AT_RECURSIVE, _TREE_CLONE, _FROM_DESCRIPTOR = -100, 0x8000, 1, 4
_READ_ONLY, _PRIVATE = 1, 1 << 18
# CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH stay: root's own program may lie in another's folder; Landlock holds it.
_KEPT_CAPABILITIES = 1 << 1 | 1 << 2
_CAPABILITY_VERSION = 0x20080522
_SPARE_TASKS = 4096
_OPEN_FILES = 1024
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime")


class BoxError(Exception):
    """The box cannot be made; the program is not run."""


def landlock_abi() -> int:
    """Give the version of Landlock that this kernel offers; 0 where it offers none."""
    return max(0, _call(_CREATE_RULESET, None, 0, _RULESET_VERSION))


def main() -> NoReturn:
    """Take the order from the first argument, limit this process, become the program."""
    order: dict[str, Any] = json.loads(sys.argv[1])
    report = int(order["report"])
    os.set_inheritable(report, False)
    argv: list[str] = order["argv"]
    try:
        _leave_guard(int(order["lifeline"]))
        _prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        _limit(order)
        if order["kind"] == "bubblewrap":  # it makes the box, and takes the filter from a descriptor
            argv = [argv[0], "--seccomp", str(_readable_again(_packed(order["filter"]))), *argv[1:]]
        else:
            if order["kind"] == "namespaces":
                enter_namespaces(order["writable"])
            restrict_files(order["readable"], order["writable"], order["abi"])
            _drop_capabilities()
            os.chdir(order["folder"])
            _filter_calls(_packed(order["filter"]))
        os.execve(argv[0], argv, order["environment"])  # noqa: S606 - no shell is wanted
    except (BoxError, OSError, ValueError) as error:
        os.write(report, str(error).encode("utf-8", "replace")[:4000])
    os._exit(125)


def _leave_guard(lifeline: int) -> None:
    """Leave a process behind that ends this group when whoever started it has ended without a word."""
    group = os.getpid()
    if os.fork() == 0:
        if os.fork() == 0:  # no child of the program, which could wait for it
            os.setsid()
            os.closerange(0, lifeline)
            os.closerange(lifeline + 1, os.sysconf("SC_OPEN_MAX"))
            if not os.read(lifeline, 1):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)
        os._exit(0)
    os.wait()
    os.close(lifeline)


def enter_namespaces(writable: list[str]) -> None:
    """Go into namespaces of our own where all mounts but these folders are read-only. Raises BoxError."""
    user, group = os.getuid(), os.getgid()
    wanted = _CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWNET | _CLONE_NEWIPC
    _checked(_libc().unshare(wanted), "namespaces are not granted")
    with contextlib.suppress(OSError):  # not there in old kernels
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    flags = _TREE_CLONE | _AT_RECURSIVE | os.O_CLOEXEC
    kept = [(os.fsencode(path), _call(_OPEN_TREE, _AT_FDCWD, os.fsencode(path), flags)) for path in writable]
    attributes = struct.pack("<4Q", _READ_ONLY, 0, _PRIVATE, 0)
    code = _call(_MOUNT_SETATTR, _AT_FDCWD, b"/", _AT_RECURSIVE, attributes, len(attributes))
    _checked(code, "read-only mounts are not granted")
    for path, tree in kept:
        _checked(_call(_MOVE_MOUNT, tree, b"", _AT_FDCWD, path, _FROM_DESCRIPTOR), "a mount is not granted")
        os.close(tree)


def restrict_files(readable: list[str], writable: list[str], abi: int) -> None:
    """Let this process and its children open no files but these, by this version of Landlock. Raises BoxError."""
    if abi < 1:
        raise BoxError("the kernel has no Landlock")
    handled = (1 << _RIGHTS[min(abi, len(_RIGHTS)) - 1]) - 1
    fields = [handled]
    if abi >= _NET_ABI:
        fields.append(3)  # TCP bind and connect
    if abi >= _SCOPE_ABI:
        fields.append(3)  # abstract sockets and signals of others
    attributes = struct.pack(f"<{len(fields)}Q", *fields)
    ruleset = _call(_CREATE_RULESET, attributes, len(attributes), 0)
    _checked(min(ruleset, 0), "Landlock refuses its rules")
    read = _EXECUTE | _READ_FILE | _READ_DIR
    for path in (*readable, *_SYSTEM_FILES):
        _allow(ruleset, path, read & handled)
    for path in _DEVICES:
        _allow(ruleset, path, (_READ_FILE | _WRITE_FILE) & handled)
    for path in writable:
        _allow(ruleset, path, handled & ~_MAKE_SPECIAL)
    _checked(_prctl(_PR_SET_NO_NEW_PRIVS, 1), "no_new_privs")
    _checked(_call(_RESTRICT_SELF, ruleset, 0), "Landlock")
    os.close(ruleset)


def _packed(program: list[list[Any]]) -> bytes:
    """Give the filter as the kernel takes it, with the number of this process, which the program will have."""
    own = os.getpid()
    lines = ((code, yes, no, own if value == "pid" else value) for code, yes, no, value in program)
    return b"".join(struct.pack("<HBBI", *line) for line in lines)


def _filter_calls(program: bytes) -> None:
    code = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(code)))
    _checked(_prctl(_PR_SET_NO_NEW_PRIVS, 1), "no_new_privs")
    _checked(_prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, ctypes.addressof(header)), "seccomp")


def _readable_again(data: bytes) -> int:
    reading, writing = os.pipe()
    os.write(writing, data)  # less than a pipe holds
    os.close(writing)
    os.set_inheritable(reading, True)
    return reading


def _drop_capabilities() -> None:
    """Give up what root may do beside its own files: to raise limits, to make devices, to load modules."""
    libc = _libc()
    header = struct.pack("<Ii", _CAPABILITY_VERSION, 0)
    sets = ctypes.create_string_buffer(24)
    _checked(libc.capget(header, sets), "capabilities")
    kept = [
        word & (_KEPT_CAPABILITIES if place < 2 else 0) for place, word in enumerate(struct.unpack("<6I", sets.raw))
    ]
    _checked(libc.capset(header, struct.pack("<6I", *kept)), "capabilities")


def _limit(order: dict[str, Any]) -> None:
    # Threads count: on a desktop a person has a thousand.
    _lower(resource.RLIMIT_NPROC, _tasks_of(os.getuid()) + _SPARE_TASKS)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, int(order["cpu_s"]))
    _lower(resource.RLIMIT_FSIZE, int(order["file_bytes"]))
    _lower(resource.RLIMIT_AS, int(order["memory_bytes"]))
    with contextlib.suppress(
        OSError
    ):  # where memory ends all the same, it is the box that goes, not what the person does
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _lower(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (wanted, wanted))


def _tasks_of(user: int) -> int:
    count = 0
    with contextlib.suppress(OSError):
        for entry in os.scandir("/proc"):
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and entry.stat().st_uid == user:
                    count += len(os.listdir(f"/proc/{entry.name}/task"))  # noqa: PTH208 - names are enough
    return count


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this system: nothing to allow
    try:
        if not Path(path).is_dir():
            rights &= _FILE_RIGHTS
        rule = struct.pack("<Qi", rights, descriptor)
        _checked(_call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0), f"Landlock for {path}")
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: int | bytes | None) -> int:
    # Variable arguments are words of the machine; without a type ctypes would pass 32 bits.
    words = (ctypes.c_long(item) if isinstance(item, int) else item for item in arguments)
    return int(_libc().syscall(ctypes.c_long(number), *words))


def _prctl(option: int, value: int, pointer: int = 0) -> int:
    words = (ctypes.c_ulong(number) for number in (value, pointer, 0, 0))
    return int(_libc().prctl(ctypes.c_int(option), *words))


def _checked(code: int, what: str) -> None:
    if code != 0:
        raise BoxError(f"{what}: {os.strerror(ctypes.get_errno())}")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main()
