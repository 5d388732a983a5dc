"""The box, tried by programs that want out. Skipped as a whole where the system offers none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vaultc.core.errors import VaultError
from vaultc.disk import sandbox
from vaultc.disk.sandbox import BoxResult, available, python_paths, run_boxed

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.native, pytest.mark.skipif(available() is None, reason="this system offers no sandbox")]


def run(
    code: str, folder: Path, *, timeout_s: float = 20, memory_bytes: int = 1 << 30, output: int = 20_000
) -> BoxResult:
    return run_boxed(
        [sys.executable, "-c", code],
        folder=folder,
        readable=python_paths(),
        timeout_s=timeout_s,
        memory_bytes=memory_bytes,
        output_bytes=output,
    )


def is_running(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"  # dead, and perhaps not yet reaped


@pytest.fixture
def server() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_program_runs_and_writes_in_its_folder(tmp_path: Path) -> None:
    result = run("open('made.txt', 'w').write('да'); print('готово')", tmp_path)

    assert (result.returncode, result.stdout, result.timed_out) == (0, "готово\n", False)
    assert (tmp_path / "made.txt").read_text(encoding="utf-8") == "да"


def test_a_file_outside_cannot_be_read(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_text("secret", encoding="ascii")

    result = run(f"print(open({str(tmp_path / 'secret')!r}).read())", inside)

    assert result.returncode != 0
    assert "secret\n" not in result.stdout


def test_a_link_out_of_the_folder_leads_nowhere(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_text("secret", encoding="ascii")
    (inside / "link").symlink_to(tmp_path / "secret")

    result = run("print(open('link').read())", inside)

    assert result.returncode != 0
    assert result.stdout == ""


def test_a_file_outside_cannot_be_written(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()

    result = run(f"open({str(tmp_path / 'new')!r}, 'w')", inside)

    assert result.returncode != 0
    assert not (tmp_path / "new").exists()


def test_the_interpreter_cannot_be_changed(tmp_path: Path) -> None:
    target = Path(sys.prefix) / "vaultc-box-test"

    result = run(f"open({str(target)!r}, 'w')", tmp_path)

    assert result.returncode != 0
    assert not target.exists()


def test_a_server_on_loopback_cannot_be_reached(tmp_path: Path, server: int) -> None:
    result = run(f"import socket; socket.create_connection(('127.0.0.1', {server}), 2); print('in')", tmp_path)

    assert result.returncode != 0
    assert "in" not in result.stdout.split()


def test_no_datagram_leaves(tmp_path: Path) -> None:
    result = run(
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "s.sendto(b'x', ('127.0.0.1', 9)); print('sent')",
        tmp_path,
    )

    if result.kind == "landlock":
        assert "sent" not in result.stdout  # bubblewrap has a loopback of its own


def test_a_program_that_does_not_end_is_killed_with_all_it_started(tmp_path: Path) -> None:
    code = (
        "import os, time\nopen('pid', 'w').write(str(os.getpid()))\n"
        "if os.fork() == 0:\n    open('child', 'w').write(str(os.getpid()))\n"
        "while True: time.sleep(0.1)\n"
    )
    started = time.monotonic()

    result = run(code, tmp_path, timeout_s=1.5)

    assert result.timed_out
    assert time.monotonic() - started < 10
    if result.kind == "landlock":
        time.sleep(0.2)
        assert not is_running((tmp_path / "child").read_text(encoding="ascii"))


def test_what_a_program_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n    open('child', 'w').write(str(os.getpid()))\n    time.sleep(60)\n"
        "else:\n    time.sleep(0.5)\n    print('done')\n"
    )
    started = time.monotonic()

    result = run(code, tmp_path)

    assert (result.returncode, result.stdout) == (0, "done\n")
    assert time.monotonic() - started < 15


def test_memory_is_bounded(tmp_path: Path) -> None:
    result = run("x = bytearray(2 << 30); print(len(x))", tmp_path, memory_bytes=512 << 20)

    assert result.returncode != 0
    assert "MemoryError" in result.stderr


def test_output_is_cut_but_read_to_its_end(tmp_path: Path) -> None:
    result = run("print('x' * 5_000_000); print('end', file=__import__('sys').stderr)", tmp_path, output=1000)

    assert result.returncode == 0
    assert result.stdout == "x" * 1000
    assert result.stderr == "end\n"


def test_nothing_of_our_environment_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULTC_SECRET_OF_TEST", "42")

    result = run("import os; print('VAULTC_SECRET_OF_TEST' in os.environ, os.environ['HOME'])", tmp_path)

    assert result.stdout.startswith("False ")
    assert os.environ["HOME"] not in result.stdout


def test_other_processes_cannot_be_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        try:
            result = run(f"import os; os.kill({bystander.pid}, 9)", tmp_path)

            assert result.returncode != 0
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_pytest_runs_inside(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(tmp_path):\n    assert tmp_path.is_dir()\n", encoding="ascii")

    result = run_boxed(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"],
        folder=tmp_path,
        readable=python_paths(),
        timeout_s=60,
        memory_bytes=1 << 30,
        output_bytes=20_000,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout


def test_a_program_that_is_not_there_is_said_and_not_run(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="not run"):
        run_boxed(
            [str(tmp_path / "nothing")],
            folder=tmp_path,
            readable=python_paths(),
            timeout_s=5,
            memory_bytes=1 << 30,
            output_bytes=100,
        )


def test_without_a_box_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "available", lambda: None)

    with pytest.raises(VaultError, match="no sandbox"):
        run("open('made', 'w')", tmp_path)

    assert not (tmp_path / "made").exists()
