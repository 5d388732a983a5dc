"""A run that is broken off, by Ctrl-C or by a kill, leaves nothing that the next run cannot finish."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.conftest import copy_of, new_workspace
from acceptance.tool import Done, files_of, leftovers

if TYPE_CHECKING:
    from collections.abc import Callable

    from acceptance.conftest import Workspace
    from cli.conftest import Done as Run

IDEA = "Идеи/Полив теплицы.md"
CTRL_C = {130, -signal.SIGINT}
"""A process that ends by the signal itself is 130 to a shell too."""

# Sends itself the signal just before its n-th file is put into place; says on stderr how many there were.
_AT_A_WRITE = """
import os, signal, sys
at, number = int(sys.argv[1]), int(sys.argv[2])
del sys.argv[1:3]
seen, put = 0, os.replace
def replace(*args, **named):
    global seen
    seen += 1
    if seen == at:
        os.kill(os.getpid(), number)
    return put(*args, **named)
os.replace = replace
from vaultc.cli.app import main
try:
    main()
finally:
    print("placed", seen, file=sys.stderr)
"""


def heed_ctrl_c() -> None:
    """Undo what a shell does to its background jobs."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def compile_until(workspace: Workspace, at: int, number: int) -> Done:
    arguments = ("compile", IDEA, "--out", workspace.tool.cwd / "code", "--vault", workspace.vault, "--no-run-tests")
    done = subprocess.run(
        [sys.executable, "-c", _AT_A_WRITE, str(at), str(number), *map(str, arguments)],
        cwd=workspace.tool.cwd,
        env=workspace.tool.environment(),
        capture_output=True,
        encoding="utf-8",
        preexec_fn=heed_ctrl_c,
        timeout=120,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def is_calm(done: Done, number: int) -> bool:
    """Tell whether the run ended as it should: Ctrl-C with its code and a word to the person."""
    if number == signal.SIGKILL:
        return done.code == -signal.SIGKILL
    return done.code in CTRL_C and "interrupted" in done.err and "Traceback" not in done.err


@pytest.fixture(scope="module")
def warm(pristine: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A vault whose passes are known, so that a compile comes to its writes at once."""
    workspace = copy_of(pristine, tmp_path_factory.mktemp("warm"))
    done = workspace.tool("compile", IDEA, "--vault", workspace.vault, "--dry-run", "--no-run-tests")
    assert done.code == 0, done.err
    return workspace


@pytest.fixture(scope="module")
def whole(warm: Workspace, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], int]:
    """What a compile that nobody interrupted leaves, and in how many writes."""
    workspace = copy_of(warm, tmp_path_factory.mktemp("whole"))
    done = compile_until(workspace, 0, 0)
    assert done.code == 0, done.err
    return files_of(workspace.tool.cwd), int(done.err.rpartition("placed ")[2])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.98])
def test_a_compile_that_is_broken_off_while_it_writes_is_finished_by_the_next(
    run: Callable[..., Run],
    warm: Workspace,
    whole: tuple[dict[str, bytes], int],
    tmp_path: Path,
    share: float,
    number: int,
) -> None:
    files, writes = whole
    workspace = copy_of(warm, tmp_path)
    at = 1 + int(share * (writes - 1))

    broken = compile_until(workspace, at, number)

    assert is_calm(broken, number), broken
    if number == signal.SIGINT:
        assert leftovers(tmp_path) == []
    for path, data in files_of(tmp_path).items():
        assert path.endswith(".tmp") or files[path] == data, f"{path} is cut short"

    done = run("compile", IDEA, "--out", tmp_path / "code", "--vault", workspace.vault, "--no-run-tests", "--json")

    assert done.code == 0, done.err
    assert {write["action"] for write in done.json["writes"]} <= {"created", "updated", "unchanged"}
    assert files_of(tmp_path) == files
    assert leftovers(tmp_path) == []

    again = run("compile", IDEA, "--out", tmp_path / "code", "--vault", workspace.vault, "--no-run-tests", "--json")

    assert {write["action"] for write in again.json["writes"]} == {"unchanged"}


def broken_index(workspace: Workspace, after_s: float, number: int) -> Done:
    with workspace.tool.start("index", workspace.vault, preexec=heed_ctrl_c) as process:
        time.sleep(after_s)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        out, err = process.communicate(timeout=120)
    return Done(process.returncode, out, err)


def known(run: Callable[..., Run], vault: Path) -> dict[str, Any]:
    """Give what is known of a vault: what stands in the index, and what a search finds in it."""
    status = run("status", "--vault", vault, "--json").json
    passages = run("search", "насос и датчики", "--vault", vault, "--json").json["passages"]
    return {key: status[key] for key in ("notes", "chunks", "links", "failed")} | {"found": passages}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
def test_an_index_that_is_broken_off_is_finished_by_the_next(
    run: Callable[..., Run], pristine: Workspace, tmp_path: Path, number: int
) -> None:
    (tmp_path / "pristine").mkdir()
    expected = known(run, copy_of(pristine, tmp_path / "pristine").vault)
    started = time.monotonic()
    (tmp_path / "timed").mkdir()
    timed = new_workspace(tmp_path / "timed")
    assert timed.tool("index", timed.vault).code == 0
    whole_s = time.monotonic() - started

    for share in (0.45, 0.65, 0.85):
        folder = tmp_path / str(share)
        folder.mkdir()
        workspace = new_workspace(folder)

        broken = broken_index(workspace, share * whole_s, number)

        came_late = bool(broken.out) and broken.code in CTRL_C | {0} and "Traceback" not in broken.err
        assert came_late or is_calm(broken, number), broken
        done = run("index", workspace.vault, "--json")
        assert done.code == 0, done.err
        assert run("index", workspace.vault, "--verify").code == 0
        assert known(run, workspace.vault) == expected
        assert leftovers(folder) == []


def processes_naming(words: str) -> list[str]:
    """Give the command lines of running processes that name `words`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            cwd = str((folder / "cwd").readlink())
            if words in line or words in cwd:
                found.append(f"{folder.name} {cwd}: {line}")
    return found


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
def test_generated_tests_do_not_run_on_when_their_compile_is_broken_off(
    warm: Workspace, tmp_path: Path, number: int
) -> None:
    workspace = copy_of(warm, tmp_path)
    shutil.rmtree(workspace.vault / ".vaultc" / "cache")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    tool = workspace.tool.using(TMPDIR=str(temporary))

    with tool.start(
        "compile", IDEA, "--out", tmp_path / "code", "--vault", workspace.vault, preexec=heed_ctrl_c
    ) as process:
        deadline = time.monotonic() + 60
        while not (any(temporary.iterdir()) and len(processes_naming(str(temporary))) > 0):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(process.pid, number)
        out, err = process.communicate(timeout=60)

    assert is_calm(Done(process.returncode, out, err), number), err
    deadline = time.monotonic() + 5
    while processes_naming(str(temporary)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_naming(str(temporary)) == []
    if number == signal.SIGINT:
        assert list(temporary.iterdir()) == []
    assert not (tmp_path / "code").exists()
