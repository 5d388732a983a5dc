"""Disks that are full, read-only or limited: what can be read is read, the rest is said in a line, and mends itself."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from faults.driver import SOURCE, copy_of, dump, files_of

from vaultc.disk.state import open_state
from vaultc.index.job import IndexJob, IndexOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

LIGHT = IndexOptions(vector_store=False)

# Runs several commands in one process, and prints for each its code and what it said.
_COMMANDS = """
import contextlib, io, json, os, sys
from vaultc.cli.app import main
done = []
for line in json.loads(sys.argv[1]):
    if line[0] == "!":
        done.append([os.system(line[1]), "", ""])
        continue
    sys.argv = ["vaultc", *line]
    out, err = io.StringIO(), io.StringIO()
    import vaultc.cli.render as render
    render.err.file = err
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code
    done.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(done))
"""


def commands(
    lines: Sequence[Sequence[object]],
    *,
    within: Sequence[object] = (),
    preexec: Callable[[], None] | None = None,
    state: Path | None = None,
) -> list[tuple[int, str, str]]:
    """Run commands one after the other; `!` is a line for the shell."""
    done = subprocess.run(
        [
            *map(str, within),
            sys.executable,
            "-c",
            _COMMANDS,
            json.dumps([[str(word) for word in line] for line in lines]),
        ],
        env=os.environ
        | {"PYTHONPATH": str(SOURCE), "VAULTC_MODEL": "none"}
        | ({"VAULTC_STATE_DIR": str(state)} if state else {}),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        preexec_fn=preexec,
    )
    assert done.returncode == 0, done.stderr
    return [(code, out, err) for code, out, err in json.loads(done.stdout.splitlines()[-1])]


def mounting(*lines: str) -> tuple[str, ...]:
    """Give the start of a command line that runs in a mount namespace of its own, after these shell lines."""
    user = () if os.geteuid() == 0 else ("-r",)
    return ("unshare", *user, "-m", "sh", "-c", " && ".join([*lines, 'exec "$@"']), "sh")


def read_only(folder: Path) -> tuple[str, ...]:
    return mounting(f'mount --bind "{folder}" "{folder}"', f'mount -o remount,ro,bind "{folder}"')


@pytest.fixture(scope="session")
def can_mount(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where this user may not mount."""
    folder = tmp_path_factory.mktemp("mount")
    words = [*read_only(folder), "sh", "-c", f'! touch "{folder}/x" 2>/dev/null']
    if shutil.which("unshare") is None or subprocess.run(words, capture_output=True).returncode != 0:
        pytest.skip("needs a mount namespace")


def is_told(done: tuple[int, str, str], *words: str) -> bool:
    """Tell whether a command ended with one line and a hint."""
    code, _, err = done
    whole = " ".join(err.split())
    return code == 3 and "Traceback" not in err and "help:" in whole and all(word in whole for word in words)


@pytest.fixture
def vault(notes: Path, tmp_path: Path) -> Path:
    return copy_of(notes, tmp_path / "vault")


def whole_state(vault: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted((vault / ".vaultc").rglob("*")) if path.is_file()}


READERS = (
    ("search", "насос", "--json"),
    ("ask", "Какая мощность насоса?", "--json"),
    ("links", "Garden", "--json"),
    ("check", "--json"),
    ("status", "--json"),
)


@pytest.mark.usefixtures("can_mount")
@pytest.mark.parametrize("is_killed", [False, True], ids=["closed", "killed"])
def test_an_index_on_a_read_only_disk_answers(vault: Path, *, is_killed: bool) -> None:
    lines = [[*line, "--vault", vault] for line in READERS]
    if is_killed:
        index_and_die(vault)
        assert (vault / ".vaultc/catalog.db-wal").stat().st_size > 0
    else:
        IndexJob(vault, open_state(vault), options=LIGHT).run()
    before = whole_state(vault)

    locked = commands(lines, within=read_only(vault))
    assert whole_state(vault) == before
    free = commands(lines)

    assert [(code, said(out)) for code, out, _ in locked] == [(code, said(out)) for code, out, _ in free]
    assert [code for code, _, _ in locked] == [0] * len(lines)
    assert "400 Вт" in locked[1][1]


def said(out: str) -> Any:
    """Give a document without its times."""
    document = json.loads(out)
    document.pop("seconds", None)
    return document


def index_and_die(vault: Path) -> None:
    """Index, and leave the write-ahead log as a killed run does."""
    program = (
        "import os, sys; from pathlib import Path\n"
        "from vaultc.disk.state import open_state; from vaultc.index.job import *\n"
        "import vaultc.index.database as database\n"
        "database.Database.close = lambda self: os.kill(os.getpid(), 9)\n"
        "vault, options = Path(sys.argv[1]), IndexOptions(vector_store=False)\n"
        "IndexJob(vault, open_state(vault), options=options).run()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, vault], env=os.environ | {"PYTHONPATH": str(SOURCE)})
    assert done.returncode == -9


@pytest.mark.usefixtures("can_mount")
def test_a_read_only_vault_that_was_never_indexed_says_what_to_set(vault: Path, tmp_path: Path) -> None:
    index, check, search = commands(
        [["index", vault], ["check", "--vault", vault], ["search", "насос", "--vault", vault]], within=read_only(vault)
    )

    assert is_told(index, "read-only", "VAULTC_STATE_DIR")
    assert is_told(check, "read-only", "VAULTC_STATE_DIR")
    assert is_told(search, "not indexed yet")

    done = commands(
        [["index", vault], ["search", "насос", "--vault", vault]], within=read_only(vault), state=tmp_path / "state"
    )

    assert [code for code, _, _ in done] == [0, 0]
    assert not (vault / ".vaultc").exists()


@pytest.mark.usefixtures("can_mount")
def test_an_index_on_a_read_only_disk_says_that_it_cannot_be_renewed(vault: Path) -> None:
    IndexJob(vault, open_state(vault), options=LIGHT).run()

    (index,) = commands([["index", vault]], within=read_only(vault))

    assert is_told(index, "read-only", "VAULTC_STATE_DIR")


@pytest.mark.usefixtures("can_mount")
@pytest.mark.parametrize("room", ["100k", "400k"])
def test_a_full_disk_is_said_and_forgotten_once_there_is_room(vault: Path, tmp_path: Path, room: str) -> None:
    state, fresh = tmp_path / "state", tmp_path / "fresh"
    state.mkdir()
    IndexJob(vault, open_state(vault, fresh), options=LIGHT).run()
    good, before = dump(fresh / "catalog.db"), files_of(vault)
    kept = tmp_path / "kept"
    lines: list[list[object]] = [
        ["index", vault],
        ["!", f'mount -o remount,size=64m "{state}"'],
        ["index", vault],
        ["index", vault, "--verify"],
        ["!", f'cp -r "{state}" "{kept}"'],
    ]

    first, _, second, verified, _ = commands(
        lines, within=mounting(f'mount -t tmpfs -o size={room} tmpfs "{state}"'), state=state
    )

    assert "Traceback" not in first[2]
    assert is_told(first, "disk") or (first[0] == 0 and "V202" in first[2]), first
    assert (second[0], verified[0]) == (0, 0), second[2] + verified[2]
    assert "V20" not in verified[2]
    assert dump(kept / "catalog.db") == good
    assert files_of(vault) == before


@pytest.mark.parametrize("limit", [50_000])
def test_a_limit_on_the_size_of_files_is_said_and_forgotten_once_it_is_gone(
    vault: Path, tmp_path: Path, limit: int
) -> None:
    IndexJob(vault, open_state(vault, tmp_path / "fresh"), options=LIGHT).run()

    (limited,) = commands([["index", vault]], preexec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    after, verified = commands([["index", vault], ["index", vault, "--verify"]])

    assert is_told(limited) or (limited[0] == 0 and "V202" in limited[2]), limited
    assert (after[0], verified[0]) == (0, 0), after[2] + verified[2]
    assert "V20" not in verified[2]
    assert dump(vault / ".vaultc/catalog.db") == dump(tmp_path / "fresh/catalog.db")
