"""The ways out of a box, for each kind that can be made here and for older kernels."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from boxes import KINDS, OLDER, name_of, run, skipped_where_it_cannot_be_made

from vaultc.disk import confine
from vaultc.disk.calls import Held, filter_program
from vaultc.disk.confine import Box
from vaultc.disk.probe import ways_out
from vaultc.disk.sandbox import python_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.native


def ways(box: Box) -> tuple[str, ...]:
    with skipped_where_it_cannot_be_made(box):
        return ways_out(box, python_paths())


@pytest.mark.parametrize("box", KINDS + OLDER, ids=name_of)
def test_no_way_leads_out(box: Box) -> None:
    assert ways(box) == ()


def test_the_probe_sees_what_landlock_alone_leaves_open(monkeypatch: pytest.MonkeyPatch) -> None:
    allow_all = [(0x06, 0, 0, 0x7FFF0000)]
    monkeypatch.setattr(confine, "filter_program", lambda *_: allow_all)

    found = set(ways(Box("landlock", 1)))

    assert found >= {
        "change the mode of a file",
        "change the times of a file",
        "change the owner of a file",
        "empty a file",
        "send a signal to a process",
        "change the limits of a process",
        "change the priority of a process",
        "move a process to other processors",
        "connect to a port",
        "connect to an abstract socket",
        "send to a socket file",
        "leave the group that is ended with it",
    }
    assert "read a file" not in found
    if Path(os.__file__).stat().st_uid == os.getuid():
        assert "change the mode of the interpreter" in found


def test_the_probe_sees_a_filter_that_trusts_a_kernel_too_old_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    trusting = Held(modes=True, truncate=True, signals=True)
    monkeypatch.setattr(confine, "filter_program", lambda machine, _: filter_program(machine, trusting))

    found = ways(Box("landlock", 2))

    assert {"change the mode of a file", "empty a file", "send a signal to a process"} <= set(found)


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """Give a program of the person that is running."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as program:
        yield program
        program.kill()


@pytest.mark.parametrize("box", KINDS + OLDER, ids=name_of)
def test_notes_keys_and_programs_of_the_person_stay_as_they_are(
    box: Box, tmp_path: Path, bystander: subprocess.Popen[bytes]
) -> None:
    inside, keys, note = tmp_path / "inside", tmp_path / ".ssh", tmp_path / "note.md"
    inside.mkdir()
    keys.mkdir(mode=0o700)
    note.write_text("заметка", encoding="utf-8")
    before = note.stat()
    code = (
        "import os, signal, fcntl\n"
        f"note, keys, pid = {str(note)!r}, {str(keys)!r}, {bystander.pid}\n"
        "def owned():\n"
        "    reading, writing = os.pipe()\n"
        "    fcntl.fcntl(reading, 8, pid)\n"  # F_SETOWN: SIGIO ends a program that does not expect it
        "    fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)\n"
        "    os.write(writing, b'x')\n"
        "for go in (lambda: os.chmod(note, 0), lambda: os.chmod(keys, 0o777), lambda: os.utime(note, (1, 1)),\n"
        "           lambda: os.truncate(note, 0), lambda: os.open(note, 3 | os.O_TRUNC),\n"
        "           lambda: os.unlink(note), lambda: os.rename(note, 'here'), lambda: os.link(note, 'here'),\n"
        "           lambda: os.kill(pid, 9), owned):\n"
        "    try: go()\n"
        "    except OSError as error: print('refused')\n"
    )

    result = run(box, code, inside)

    assert result.stdout.count("refused") == 10, result.stdout + result.stderr
    assert bystander.poll() is None
    after = note.stat()
    assert note.read_text(encoding="utf-8") == "заметка"
    assert (after.st_mode, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_mode,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
