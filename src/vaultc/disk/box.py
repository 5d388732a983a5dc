"""The launcher of a box: limits itself by Landlock, seccomp and rlimits, then becomes the program.

Run as a script by `sandbox.run_boxed`, with the isolated interpreter; so it imports the standard library alone.
What goes wrong is written to a descriptor that the program never sees, and then nothing is run.

Sources: landlock(7), seccomp(2), user_namespaces(7), linux/landlock.h, linux/filter.h.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
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
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
# Number of file rights by ABI of Landlock, from 1.
_RIGHTS = (13, 14, 15, 15, 16)
_NET_ABI, _SCOPE_ABI = 4, 6

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_FILTER = 2
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_LOAD, _EQUALS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _DENY = 0x7FFF0000, 0x80000000, 0x00050000 | 13  # EACCES
_X32 = 0x40000000
# By machine: its audit number, and the numbers of socket, io_uring_setup, setsid, setpgid, ptrace.
# Without setsid and setpgid all that the program starts stays in one group, which can be killed.
_CALLS = {
    "x86_64": (0xC000003E, (41, 425, 112, 109, 101)),
    "aarch64": (0xC00000B7, (198, 425, 157, 154, 117)),
}
_MORE_PROCESSES = 128
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime")


class BoxError(Exception):
    """The box cannot be made; the program is not run."""


def landlock_abi() -> int:
    """Give the version of Landlock that this kernel offers; 0 where it offers none."""
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_RULESET_VERSION))))


def main() -> NoReturn:
    """Take the order from the first argument, limit this process, become the program."""
    order: dict[str, Any] = json.loads(sys.argv[1])
    report = int(order["report"])
    os.set_inheritable(report, False)
    try:
        _prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if order["kind"] == "landlock":
            has_network = not _leave_network()
            restrict_files(order["readable"], order["writable"])
            if not deny_calls() and has_network:
                raise BoxError(f"the network cannot be denied on {platform.machine()}")
        _limit(order)
        os.chdir(order["folder"])
        os.execve(order["argv"][0], order["argv"], order["environment"])  # noqa: S606 - no shell is wanted
    except (BoxError, OSError, ValueError) as error:
        os.write(report, str(error).encode("utf-8", "replace")[:4000])
    os._exit(125)


def restrict_files(readable: list[str], writable: list[str]) -> None:
    """Let this process and its children reach no files but these. Raises BoxError."""
    abi = landlock_abi()
    if abi < 1:
        raise BoxError("the kernel has no Landlock")
    handled = (1 << _RIGHTS[min(abi, len(_RIGHTS)) - 1]) - 1
    fields = [handled]
    if abi >= _NET_ABI:
        fields.append(3)  # TCP bind and connect
    if abi >= _SCOPE_ABI:
        fields.append(3)  # abstract sockets and signals of others
    attributes = struct.pack(f"<{len(fields)}Q", *fields)
    ruleset = int(_libc().syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0)))
    if ruleset < 0:
        raise BoxError(f"Landlock refuses its rules: {os.strerror(ctypes.get_errno())}")
    read = _EXECUTE | _READ_FILE | _READ_DIR
    for path in (*readable, *_SYSTEM_FILES):
        _allow(ruleset, path, read & handled)
    for path in _DEVICES:
        _allow(ruleset, path, (_READ_FILE | _WRITE_FILE) & handled)
    for path in writable:
        _allow(ruleset, path, handled)
    _checked(_prctl(_PR_SET_NO_NEW_PRIVS, 1), "no_new_privs")
    _checked(_libc().syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0)), "Landlock")
    os.close(ruleset)


def deny_calls() -> bool:
    """Deny sockets, new sessions and groups, io_uring and ptrace; False where their numbers are not known."""
    known = _CALLS.get(platform.machine())
    if known is None:
        return False
    machine, calls = known
    program = [(_LOAD, 0, 0, 4), (_EQUALS, 1, 0, machine), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    program.append((_AT_LEAST, len(calls) + 1, 0, _X32))
    program += [(_EQUALS, len(calls) - number, 0, call) for number, call in enumerate(calls)]
    program += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _DENY)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *line) for line in program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    _checked(_prctl(_PR_SET_NO_NEW_PRIVS, 1), "no_new_privs")
    _checked(_prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, ctypes.addressof(header)), "seccomp")
    return True


def _leave_network() -> bool:
    """Go into an empty network of our own, where an ordinary user may; tell whether it worked."""
    user, group = os.getuid(), os.getgid()
    if _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) != 0:
        return False
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    return True


def _limit(order: dict[str, Any]) -> None:
    user = os.getuid()
    _lower(resource.RLIMIT_NPROC, _processes_of(user) + _MORE_PROCESSES)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, int(order["cpu_s"]))
    _lower(resource.RLIMIT_FSIZE, int(order["file_bytes"]))
    _lower(resource.RLIMIT_AS, int(order["memory_bytes"]))


def _lower(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (wanted, wanted))


def _processes_of(user: int) -> int:
    count = 0
    with contextlib.suppress(OSError):
        for entry in os.scandir("/proc"):
            with contextlib.suppress(OSError):
                count += entry.name.isdigit() and entry.stat().st_uid == user
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
        _checked(
            _libc().syscall(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0)),
            f"Landlock for {path}",
        )
    finally:
        os.close(descriptor)


def _prctl(option: int, value: int, pointer: int = 0) -> int:
    # Variable arguments are words of the machine; without a type ctypes would pass 32 bits.
    words = (ctypes.c_ulong(number) for number in (value, pointer, 0, 0))
    return int(_libc().prctl(ctypes.c_int(option), *words))


def _checked(code: int, what: str) -> None:
    if code != 0:
        raise BoxError(f"{what}: {os.strerror(ctypes.get_errno())}")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main()
