"""The filter of system calls, decided by a small machine like the kernel's, for both processors."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from vaultc.disk.calls import ALL_CALLS, Held, filter_program, numbers_of

NONE_HELD = Held(modes=False, truncate=False, signals=False)
ALL_HELD = Held(modes=True, truncate=True, signals=True)
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOWED, KILLED = "allowed", "killed"
OWN = 4242


def decide(machine: str, name: str | int, *arguments: int, held: Held = NONE_HELD, audit: int | None = None) -> object:
    """Give what the kernel would do with a call: allowed, killed, or the number of the error."""
    column = list(MACHINES).index(machine)
    number = name if isinstance(name, int) else numbers_of(ALL_CALLS)[name][column]
    data = {0: number, 4: audit or MACHINES[machine]}
    data |= {16 + 8 * place: value for place, value in enumerate(arguments)}
    program = filter_program(machine, held)
    assert program is not None
    word, at = 0, 0
    while True:
        code, yes, no, value = program[at]
        operand = OWN if value == "pid" else int(value)
        at += 1
        if code == 0x20:
            word = data.get(operand, 0) or 0
        elif code == 0x54:
            word &= operand
        elif code == 0x06:
            return {0x7FFF0000: ALLOWED, 0x80000000: KILLED}.get(operand, operand & 0xFFFF)
        else:
            holds = {0x15: word == operand, 0x35: word >= operand, 0x45: bool(word & operand)}[code]
            at += yes if holds else no


each_machine = pytest.mark.parametrize("machine", list(MACHINES))


@each_machine
def test_calls_that_nobody_named_are_refused(machine: str) -> None:
    known = {numbers[list(MACHINES).index(machine)] for numbers in numbers_of(ALL_CALLS).values()}

    found = {decide(machine, number) for number in range(424) if number not in known}
    newer = {decide(machine, number) for number in range(424, 600) if number not in known}

    assert found == {errno.EPERM}
    assert newer == {errno.ENOSYS}  # libraries fall back on older ones


@each_machine
def test_calls_of_another_architecture_end_the_program(machine: str) -> None:
    assert decide(machine, "read", audit=0x40000003) == KILLED
    assert decide(machine, 0x40000000) == errno.ENOSYS  # x32


@each_machine
@pytest.mark.parametrize("name", ["fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat", "utimensat", "truncate"])
def test_what_the_kernel_does_not_hold_is_refused(machine: str, name: str) -> None:
    assert decide(machine, name) == (errno.ENOSYS if name == "fchmodat2" else errno.EPERM)
    assert decide(machine, name, held=ALL_HELD) == ALLOWED


@each_machine
def test_no_file_is_emptied_by_opening_it_to_read(machine: str) -> None:
    reading, writing, truncating, nothing = 0, 1, 0x200, 3

    assert decide(machine, "openat", 0, 0, reading) == ALLOWED
    assert decide(machine, "openat", 0, 0, writing | truncating) == ALLOWED
    assert decide(machine, "openat", 0, 0, reading | truncating) == errno.EACCES
    assert decide(machine, "openat", 0, 0, nothing) == errno.EACCES
    assert decide(machine, "openat", 0, 0, nothing | truncating) == errno.EACCES


@each_machine
def test_signals_reach_the_program_itself_where_the_kernel_does_not_hold_them(machine: str) -> None:
    assert decide(machine, "kill", OWN) == ALLOWED
    assert decide(machine, "tgkill", OWN) == ALLOWED
    assert decide(machine, "kill", 0) == ALLOWED  # its own group
    assert decide(machine, "kill", OWN + 1) == errno.EPERM
    assert decide(machine, "kill", 0xFFFFFFFF) == errno.EPERM
    assert decide(machine, "kill", OWN + 1, held=ALL_HELD) == ALLOWED


@each_machine
@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("clone", (0x003D0F00,), (0x10000000,)),  # a thread; a namespace of users
        ("clone", (0x11,), (0x8011,)),  # a child; a child of the parent
        ("ioctl", (0, 0x5401), (0, 0x5412)),  # TCGETS; TIOCSTI
        ("ioctl", (0, 0x5421), (0, 0x40086602)),  # FIONBIO; FS_IOC_SETFLAGS
        ("fcntl", (0, 1030), (0, 8)),  # F_DUPFD_CLOEXEC; F_SETOWN
        ("fcntl", (0, 4), (0, 1024)),  # F_SETFL; F_SETLEASE
        ("prctl", (15,), (8,)),
        ("prlimit64", (0,), (1,)),
        ("socketpair", (1, 0x80001), (1, 2)),  # a stream; datagrams
        ("socketpair", (1, 1), (2, 1)),
    ],
)
def test_what_a_call_is_given_decides(machine: str, name: str, good: tuple[int, ...], bad: tuple[int, ...]) -> None:
    assert decide(machine, name, *good, held=ALL_HELD) == ALLOWED
    assert isinstance(decide(machine, name, *bad, held=ALL_HELD), int)


@each_machine
def test_attributes_are_said_not_to_be_kept(machine: str) -> None:
    assert decide(machine, "setxattr", held=ALL_HELD) == errno.ENOTSUP
    assert decide(machine, "listxattr", held=ALL_HELD) == errno.ENOTSUP


def test_a_machine_whose_numbers_are_not_known_has_no_filter() -> None:
    assert filter_program("riscv64", ALL_HELD) is None


@pytest.mark.parametrize(
    ("column", "headers"),
    [
        (0, ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h")),
        (1, ("/usr/include/asm-generic/unistd.h",)),
    ],
)
def test_the_numbers_are_those_of_the_headers(column: int, headers: tuple[str, ...]) -> None:
    header = next((Path(path) for path in headers if Path(path).is_file()), None)
    if header is None:
        pytest.skip("the headers of Linux are not installed")
    found = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text(encoding="utf-8")))
    if column == 1:
        found["newfstatat"] = found["fstatat"]

    for name, numbers in numbers_of(ALL_CALLS).items():
        if numbers[column] is not None and name in found:  # a call may be newer than the headers
            assert numbers[column] == int(found[name]), name
