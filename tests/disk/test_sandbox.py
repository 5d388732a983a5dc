"""The box of this system, tried by programs. Skipped as a whole where the system offers none."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vaultc.core.errors import VaultError
from vaultc.disk import sandbox
from vaultc.disk.box import landlock_abi
from vaultc.disk.sandbox import Found, available, python_paths, run_boxed

if TYPE_CHECKING:
    from vaultc.disk.confine import Box, BoxResult

pytestmark = pytest.mark.native
needs_box = pytest.mark.skipif(available() is None, reason=str(sandbox.examine_sandbox()))


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


@needs_box
def test_a_program_runs_and_writes_in_its_folder(tmp_path: Path) -> None:
    result = run("open('made.txt', 'w').write('да'); print('готово')", tmp_path)

    assert (result.returncode, result.stdout, result.stopped) == (0, "готово\n", None)
    assert (tmp_path / "made.txt").read_text(encoding="utf-8") == "да"


@needs_box
def test_a_link_out_of_the_folder_leads_nowhere(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_text("secret", encoding="ascii")
    (inside / "link").symlink_to(tmp_path / "secret")

    result = run("print(open('link').read())", inside)

    assert result.returncode != 0
    assert result.stdout == ""


@needs_box
def test_the_interpreter_cannot_be_changed(tmp_path: Path) -> None:
    target = Path(sys.prefix) / "lib" / "vaultc-box-test"

    result = run(f"open({str(target)!r}, 'w')", tmp_path)

    assert result.returncode != 0
    assert not target.exists()


def test_an_environment_in_a_vault_opens_its_own_parts_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bin", "lib", "Notes"):
        (tmp_path / name).mkdir()
    (tmp_path / "note.md").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    of_vault = {path for path in python_paths() if path.is_relative_to(tmp_path)}

    assert of_vault == {tmp_path / "bin", tmp_path / "lib"}


@needs_box
def test_a_program_that_does_not_end_is_killed_with_all_it_started(tmp_path: Path) -> None:
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    while True: open('child', 'a').write('x'); time.sleep(0.05)\n"
        "while True: time.sleep(0.1)\n"
    )

    result = run(code, tmp_path, timeout_s=1)

    assert result.stopped == "it ran longer than 1 s"
    written = (tmp_path / "child").stat().st_size
    time.sleep(0.2)
    assert (tmp_path / "child").stat().st_size == written > 0


@needs_box
def test_what_a_program_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    code = "import os, time\nif os.fork() == 0: time.sleep(60)\nelse: print('done')\n"
    started = time.monotonic()

    result = run(code, tmp_path)

    assert (result.returncode, result.stdout) == (0, "done\n")
    assert time.monotonic() - started < 15


@needs_box
def test_memory_is_bounded(tmp_path: Path) -> None:
    result = run("x = bytearray(2 << 30); print(len(x))", tmp_path, memory_bytes=512 << 20)

    assert result.returncode != 0
    assert "MemoryError" in result.stderr


@needs_box
def test_output_is_cut_but_read_to_its_end(tmp_path: Path) -> None:
    result = run("print('x' * 5_000_000); print('end', file=__import__('sys').stderr)", tmp_path, output=1000)

    assert result.returncode == 0
    assert result.stdout == "x" * 1000
    assert result.stderr == "end\n"


@needs_box
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


@needs_box
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
    monkeypatch.setattr(sandbox, "examine_sandbox", lambda: Found(None, ("landlock: the kernel has no Landlock",)))

    with pytest.raises(VaultError, match="no sandbox holds here: landlock: the kernel has no Landlock"):
        run("open('made', 'w')", tmp_path)

    assert not (tmp_path / "made").exists()


def test_a_kernel_on_which_a_promise_does_not_hold_gets_no_box(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(box: Box, _: object) -> tuple[str, ...]:
        if box.kind == "landlock":
            return ("change the mode of a file", "send a signal to a process")
        raise VaultError("the sandbox cannot be made: not granted")

    monkeypatch.setattr(sandbox, "ways_out", fails)
    monkeypatch.setattr("shutil.which", lambda _: None)
    found = sandbox.examine_sandbox.__wrapped__()

    assert found.box is None
    assert str(found) == (
        "no sandbox holds here: bubblewrap: not installed; namespaces: the sandbox cannot be made: not granted; "
        "landlock: a program in it could still change the mode of a file, send a signal to a process"
    )


def test_a_machine_whose_system_calls_are_not_known_gets_no_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")

    found = sandbox.examine_sandbox.__wrapped__()

    assert found.box is None
    assert "landlock: the numbers of the system calls of riscv64 are not known" in found.passed_over


@pytest.mark.skipif(landlock_abi() == 0, reason="the kernel has no Landlock")
def test_where_the_kernel_has_landlock_a_box_holds() -> None:
    assert available() is not None, str(sandbox.examine_sandbox())


def test_the_box_is_tried_out_once() -> None:
    assert sandbox.examine_sandbox() is sandbox.examine_sandbox()
