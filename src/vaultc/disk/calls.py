"""Which system calls a boxed program may make, as a program of the kernel's filter.

A list of what is allowed, not of what is denied: a call that is added to Linux, or that nobody thought of, is refused.
What stands here is what Python, pytest, mypy, SQLite, asyncio, subprocess and multiprocessing were seen to ask for.

Sources: seccomp(2), linux/filter.h, asm/unistd_64.h (x86-64), asm-generic/unistd.h (AArch64), the page of each call.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Final, TypeAlias

# An instruction: code, jump if true, jump if false, value. The value "pid" is the number of the process itself.
Instruction: TypeAlias = tuple[int, int, int, int | str]

OWN_PID: Final = "pid"
_LOAD, _AND, _EQUALS, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16
_X32 = 0x40000000
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h
# From here on a call has one number on every machine, and libraries fall back on an older one where there is none.
_FIRST_COMMON = 424

# Each with its number on x86-64 and on AArch64.
_ALLOWED = """
read 0 63 | write 1 64 | pread64 17 67 | pwrite64 18 68 | readv 19 65 | writev 20 66 | preadv 295 69 | pwritev 296 70
preadv2 327 286 | pwritev2 328 287 | lseek 8 62 | close 3 57 | close_range 436 436 | dup 32 23 | dup2 33 - | dup3 292 24
pipe 22 - | pipe2 293 59 | sendfile 40 71 | copy_file_range 326 285 | fsync 74 82 | fdatasync 75 83 | flock 73 32
fadvise64 221 223 | readahead 187 213 | ftruncate 77 46 | fallocate 285 47

creat 85 - | mkdir 83 - | mkdirat 258 34 | rmdir 84 - | unlink 87 - | unlinkat 263 35 | rename 82 - | renameat 264 38
renameat2 316 276 | link 86 - | linkat 265 37 | symlink 88 - | symlinkat 266 36 | umask 95 166

stat 4 - | fstat 5 80 | lstat 6 - | newfstatat 262 79 | statx 332 291 | statfs 137 43 | fstatfs 138 44 | access 21 -
faccessat 269 48 | faccessat2 439 439 | readlink 89 - | readlinkat 267 78 | getdents 78 - | getdents64 217 61
getcwd 79 17 | chdir 80 49 | fchdir 81 50

mmap 9 222 | munmap 11 215 | mremap 25 216 | mprotect 10 226 | madvise 28 233 | msync 26 227 | brk 12 214
membarrier 324 283 | getrandom 318 278

poll 7 - | ppoll 271 73 | select 23 - | pselect6 270 72 | epoll_create 213 - | epoll_create1 291 20 | epoll_ctl 233 21
epoll_wait 232 - | epoll_pwait 281 22 | epoll_pwait2 441 441 | eventfd 284 - | eventfd2 290 19 | signalfd 282 -
signalfd4 289 74 | timerfd_create 283 85 | timerfd_settime 286 86 | timerfd_gettime 287 87

sendto 44 206 | sendmsg 46 211 | recvfrom 45 207 | recvmsg 47 212 | shutdown 48 210 | getsockname 51 204
getpeername 52 205 | getsockopt 55 209

fork 57 - | vfork 58 - | execve 59 221 | execveat 322 281 | exit 60 93 | exit_group 231 94 | wait4 61 260
waitid 247 95 | set_tid_address 218 96 | set_robust_list 273 99 | rseq 334 293 | futex 202 98 | arch_prctl 158 -
restart_syscall 219 128

rt_sigaction 13 134 | rt_sigprocmask 14 135 | rt_sigreturn 15 139 | rt_sigpending 127 136 | rt_sigtimedwait 128 137
rt_sigsuspend 130 133 | sigaltstack 131 132 | pause 34 - | alarm 37 - | setitimer 38 103 | getitimer 36 102

time 201 - | gettimeofday 96 169 | clock_gettime 228 113 | clock_getres 229 114 | clock_nanosleep 230 115
nanosleep 35 101 | times 100 153 | timer_create 222 107 | timer_settime 223 110 | timer_gettime 224 108
timer_getoverrun 225 109 | timer_delete 226 111

getpid 39 172 | getppid 110 173 | gettid 186 178 | getpgid 121 155 | getpgrp 111 - | getsid 124 156 | getuid 102 174
geteuid 107 175 | getgid 104 176 | getegid 108 177 | getresuid 118 148 | getresgid 120 150 | getgroups 115 158

getrlimit 97 163 | setrlimit 160 164 | getrusage 98 165 | getpriority 140 141 | sched_yield 24 124
sched_getaffinity 204 123 | sched_getparam 143 121 | sched_getscheduler 145 120 | sched_get_priority_max 146 125
sched_get_priority_min 147 126 | getcpu 309 168 | uname 63 160 | sysinfo 99 179
"""
_MODES = """
chmod 90 - | fchmod 91 52 | fchmodat 268 53 | fchmodat2 452 452 | chown 92 - | fchown 93 55 | lchown 94 -
fchownat 260 54 | utime 132 - | utimes 235 - | futimesat 261 - | utimensat 280 88
"""
_TRUNCATE = "truncate 76 45"
_SIGNALS = "kill 62 129 | tkill 200 130 | tgkill 234 131"
_LOOKED_INTO = """
open 2 - | openat 257 56 | clone 56 220 | ioctl 16 29 | fcntl 72 25 | prctl 157 167 | prlimit64 302 261
socketpair 53 199
"""
# "This file system keeps none": what copies a file takes that for an answer.
_ATTRIBUTES = """
setxattr 188 5 | lsetxattr 189 6 | fsetxattr 190 7 | getxattr 191 8 | lgetxattr 192 9 | fgetxattr 193 10
listxattr 194 11 | llistxattr 195 12 | flistxattr 196 13 | removexattr 197 14 | lremovexattr 198 15
fremovexattr 199 16
"""
# Its memory is counted for no process.
_UNCOUNTED = "memfd_create 319 279"
ALL_CALLS: Final = "|".join((_ALLOWED, _MODES, _TRUNCATE, _SIGNALS, _LOOKED_INTO, _ATTRIBUTES, _UNCOUNTED))

# O_RDONLY with O_TRUNC empties a file that may only be read; the access mode 3 asks Landlock for nothing.
_ACCESS_MODE, _O_TRUNC = 3, 0x200
# CLONE_NEW*, CLONE_PARENT, CLONE_PTRACE: no new namespace, no child of whoever waits for the box.
_CLONE_REFUSED = 0x7E020000 | 0x8000 | 0x2000
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: not FS_IOC_SETFLAGS (chattr), not TIOCSTI.
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# Copies, flags and locks; not F_SETOWN and F_SETSIG (signals), F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ.
_FCNTLS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)
_PRCTLS = (1, 15, 16)  # PR_SET_PDEATHSIG, PR_SET_NAME, PR_GET_NAME
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE = 1, 1, 0xF


@dataclass(frozen=True, slots=True)
class Held:
    """What holds without this filter, so that the calls that it is about may be made.

    modes: modes, owners and times of files outside cannot be changed (the mounts are read-only).
    truncate: a file outside cannot be cut by its path (Landlock from ABI 3, or read-only mounts).
    signals: no process outside can be sent a signal (Landlock from ABI 6, or a namespace of processes).
    """

    modes: bool
    truncate: bool
    signals: bool


def filter_program(machine: str, held: Held) -> list[Instruction] | None:
    """Give the filter for this machine as `platform.machine` names it; None where its numbers are not known."""
    if machine not in _MACHINES:
        return None
    column = list(_MACHINES).index(machine)
    program: list[Instruction] = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUALS, 1, 0, _MACHINES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, 0, 1, _X32),
        _refuse(errno.ENOSYS),
    ]
    bodies = _looked_into(held)
    for names, body in (
        (_LOOKED_INTO + (" | " + _SIGNALS if not held.signals else ""), None),
        (_ALLOWED, [_allow()]),
        (_SIGNALS if held.signals else "", [_allow()]),
        (_MODES if held.modes else "", [_allow()]),
        (_TRUNCATE if held.truncate else "", [_allow()]),
        (_ATTRIBUTES, [_refuse(errno.ENOTSUP)]),
        (_UNCOUNTED, [_refuse(errno.ENOSYS)]),
    ):
        for name, numbers in numbers_of(names).items():
            if (number := numbers[column]) is not None:
                block = body if body is not None else bodies[name]
                program += [(_EQUALS, 0, len(block), number), *block]
    return [*program, (_AT_LEAST, 0, 1, _FIRST_COMMON), _refuse(errno.ENOSYS), _refuse(errno.EPERM)]


def numbers_of(table: str) -> dict[str, tuple[int | None, int | None]]:
    """Give the numbers of the calls of a table: on x86-64, on AArch64; None where there is none."""
    rows = (entry.split() for line in table.splitlines() for entry in line.split("|"))
    return {row[0]: (_number(row[1]), _number(row[2])) for row in rows if row}


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)


def _looked_into(held: Held) -> dict[str, list[Instruction]]:
    """Give, for each call that depends on what it is given, the instructions that decide."""
    opened = (_ACCESS_MODE, _ACCESS_MODE | _O_TRUNC, _O_TRUNC)
    bodies = {
        "open": _unless(1, opened, errno.EACCES, _ACCESS_MODE | _O_TRUNC),
        "openat": _unless(2, opened, errno.EACCES, _ACCESS_MODE | _O_TRUNC),
        "clone": [_argument(0), (_ANY_BIT, 0, 1, _CLONE_REFUSED), _refuse(errno.EPERM), _allow()],
        "ioctl": _only(1, _IOCTLS, errno.ENOTTY),
        "fcntl": _only(1, _FCNTLS, errno.EINVAL),
        "prctl": _only(0, _PRCTLS, errno.EINVAL),
        "prlimit64": _only(0, (0,), errno.EPERM),
        # A pair of datagrams could send to any socket by its path.
        "socketpair": [
            _argument(0), (_EQUALS, 1, 0, _AF_UNIX), _refuse(errno.EPERM),
            _argument(1), (_AND, 0, 0, _SOCK_TYPE), (_EQUALS, 1, 0, _SOCK_STREAM), _refuse(errno.EPERM), _allow(),
        ],
    }  # fmt: skip
    if not held.signals:
        # The program itself, and its group, out of which nothing that it starts can get.
        bodies |= {name: _only(0, (0, OWN_PID), errno.EPERM) for name in ("kill", "tkill", "tgkill")}
    return bodies


def _only(argument: int, values: tuple[int | str, ...], refused: int) -> list[Instruction]:
    count = len(values)
    compared = [(_EQUALS, count - place, 0, value) for place, value in enumerate(values)]
    return [_argument(argument), *compared, _refuse(refused), _allow()]


def _unless(argument: int, values: tuple[int, ...], refused: int, mask: int) -> list[Instruction]:
    count = len(values)
    compared = [(_EQUALS, count - place, 0, value) for place, value in enumerate(values)]
    return [_argument(argument), (_AND, 0, 0, mask), *compared, _allow(), _refuse(refused)]


def _argument(number: int) -> Instruction:
    # The lower word: each of these arguments is an int or cut to one by the kernel, on machines with the lower first.
    return (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * number)


def _allow() -> Instruction:
    return (_RETURN, 0, 0, _ALLOW)


def _refuse(number: int) -> Instruction:
    return (_RETURN, 0, 0, _ERROR | number)
