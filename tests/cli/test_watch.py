"""`vaultc watch`: after quiescence the index is what a fresh one would be, whatever happened."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vaultc.app.indexing import IndexOutcome, keep_fresh
from vaultc.core.errors import VaultcError
from vaultc.disk.lock import vault_lock
from vaultc.disk.state import open_state
from vaultc.index.catalog import open_catalog
from vaultc.index.job import IndexJob, IndexOptions
from vaultc.vault.watch import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SRC = Path(__file__).resolve().parents[2] / "src"
QUICK = Pace(debounce_s=0.2, rescan_s=3600, retry_s=0.1, quiet_s=3600)
_LIMIT_S = 60.0
NOTES = {
    "Гавань.md": "---\naliases: [порт]\n---\n# Гавань\n\nПрилив высок. ^tide\n",
    "Tide.md": "# Tide\n\n[[Гавань#^tide]] [[порт]] [[Later]]\n",
    "in/Deep.md": "# Deep\n\n#tag [[Tide]]\n",
}


def write(root: Path, notes: dict[str, str]) -> None:
    for name, text in notes.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def until(is_so: Callable[[], bool], limit_s: float = _LIMIT_S) -> None:
    """Wait until `is_so`; fail after a long time."""
    deadline = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def contents(state: Path) -> dict[str, Any]:
    """Give what the catalog in the state folder says of notes, links and chunks."""
    with open_catalog(state / "catalog.db") as catalog:
        return {
            "files": [(file.path, file.size, file.is_note, file.digest) for file in catalog.files().values()],
            "notes": catalog.notes.records(),
            "links": catalog.links.all(),
            "tags": catalog.notes.tags(),
            "chunks": [catalog.notes.chunks_of(path) for path in catalog.notes.paths()],
            "diagnostics": catalog.diagnostics(),
        }


def fresh(root: Path, scratch: Path) -> dict[str, Any]:
    """Give what a first run over the vault as it is now would leave."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    IndexJob(root, open_state(root, scratch), options=IndexOptions(vector_store=False)).run()
    return contents(scratch)


class Kept:
    """A vault that `keep_fresh` watches in a thread, what it showed and said."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root, self.scratch = root, scratch
        self.shown: list[IndexOutcome] = []
        self.said: list[str] = []
        self.error: VaultcError | None = None
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._keep)

    def _keep(self) -> None:
        try:
            keep_fresh(self.root, self.shown.append, self.said.append, self.stop, QUICK)
        except VaultcError as error:
            self.error = error

    def settle(self) -> None:
        """Wait until the index is what a fresh one is; the last comparison shows what differs."""
        expected = fresh(self.root, self.scratch)
        deadline = time.monotonic() + _LIMIT_S
        while contents(self.root / ".vaultc") != expected and time.monotonic() < deadline:
            time.sleep(0.2)
        assert contents(self.root / ".vaultc") == expected


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """Give a small vault under watch whose first run is done."""
    root = tmp_path / "vault"
    root.mkdir()
    write(root, NOTES)
    found = Kept(root, tmp_path / "scratch")
    found.thread.start()
    until(lambda: bool(found.shown))
    yield found
    found.stop.set()
    found.thread.join(timeout=_LIMIT_S)
    assert not found.thread.is_alive()


def test_a_storm_of_new_notes_in_new_folders_ends_in_the_index_of_a_fresh_run(kept: Kept) -> None:
    for number in range(400):
        write(kept.root, {f"storm/{number % 20}/{number}.md": f"# Note {number}\n\n[[{number - 1}]] #t{number % 3}\n"})

    kept.settle()


def test_another_branch_in_place_of_the_first_ends_in_the_index_of_a_fresh_run(kept: Kept, tmp_path: Path) -> None:
    write(kept.root, {f"old/{number}.md": f"[[Tide]] {number}" for number in range(40)})
    kept.settle()
    other = tmp_path / "other"
    write(other, {"Tide.md": "# Tide\n\nother words\n", "new/Later.md": "[[Tide]]", "old": "now a file"})

    # As a checkout does it: remove, write beside, rename.
    shutil.rmtree(kept.root / "old")
    (kept.root / "Гавань.md").unlink()
    for path in sorted(other.rglob("*")):
        target = kept.root / path.relative_to(other)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            path.replace(target)

    kept.settle()


def test_moved_folders_and_atomic_saves_end_in_the_index_of_a_fresh_run(kept: Kept, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    write(tree, {"x/one.md": "[[Deep]]", "two.md": "# Two"})
    tree.rename(kept.root / "brought")
    (kept.root / "in").rename(kept.root / "elsewhere")
    (kept.root / "Tide.md.tmp").write_text("# Tide\n\nsaved anew [[two]]\n")
    (kept.root / "Tide.md.tmp").replace(kept.root / "Tide.md")
    kept.settle()

    (kept.root / "brought").rename(tmp_path / "away")
    kept.settle()


def test_a_run_that_cannot_be_made_is_reported_once_and_made_later(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    options = IndexOptions.__init__
    monkeypatch.setattr(
        IndexOptions, "__init__", lambda self, **named: options(self, **{**named, "lock_timeout_s": 0.0})
    )
    with vault_lock(kept.root / ".vaultc"):
        write(kept.root, {"Later.md": "# Later"})
        until(lambda: bool(kept.said))
        time.sleep(0.5)

    kept.settle()
    assert len(kept.said) == 1
    assert "is writing" in kept.said[0]


def test_one_bad_note_is_reported_and_the_others_are_kept_fresh(kept: Kept) -> None:
    write(kept.root, {"Later.md": "# Later"})
    (kept.root / "bad.md").write_bytes(b"\0\1\2\3" * 50)
    kept.settle()
    until(lambda: kept.shown[-1].stats.notes == len(NOTES) + 1)  # the index is right a moment before it is told

    assert kept.shown[-1].stats.failed == 1
    assert kept.shown[-1].exit_code == 1


def test_after_quiescence_nothing_runs_although_we_wrote_and_read(kept: Kept) -> None:
    write(kept.root, {"Later.md": "# Later"})
    kept.settle()
    until(lambda: kept.shown[-1].stats.notes == len(NOTES) + 1)
    shown = len(kept.shown)

    time.sleep(1.5)

    assert len(kept.shown) == shown


def test_a_vault_that_is_deleted_ends_the_watch_with_a_clear_word(kept: Kept) -> None:
    shutil.rmtree(kept.root, ignore_errors=True)
    shutil.rmtree(kept.root, ignore_errors=True)

    kept.thread.join(timeout=_LIMIT_S)

    assert kept.error is not None
    assert "is gone" in kept.error.message
    assert not kept.root.exists()


def test_a_state_folder_inside_the_vault_does_not_wake_the_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "vault"
    root.mkdir()
    write(root, NOTES)
    monkeypatch.setenv("VAULTC_STATE_DIR", str(root / "state"))
    kept = Kept(root, tmp_path / "scratch")
    kept.thread.start()
    until(lambda: bool(kept.shown))

    time.sleep(1.5)
    kept.stop.set()
    kept.thread.join(timeout=_LIMIT_S)

    assert len(kept.shown) == 1
    assert [file[0] for file in contents(root / "state")["files"]] == ["Tide.md", "in/Deep.md", "Гавань.md"]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `vaultc watch` as a process; it is ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(root: Path, *arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(SRC), "VAULTC_MODEL": "none", "PYTHONUNBUFFERED": "1"}
        child = subprocess.Popen(
            [sys.executable, "-c", "from vaultc.cli.app import main; main()", "watch", str(root), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=environment,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        if child.poll() is None:
            child.kill()
        child.communicate()


def test_ctrl_c_ends_a_watch_that_waits(tmp_path: Path, process: Callable[..., subprocess.Popen[str]]) -> None:
    root = tmp_path / "vault"
    root.mkdir()
    write(root, NOTES)
    child = process(root, "--json")
    assert child.stdout is not None
    first = []
    for line in child.stdout:
        first.append(line)
        if line == "}\n":
            break
    assert json.loads("".join(first))["stats"]["notes"] == 3
    time.sleep(0.5)
    write(root, {"Later.md": "# Later"})
    assert json.loads(child.stdout.readline())["stats"]["added"] == 1

    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=_LIMIT_S)

    assert child.returncode == 130
    assert err.strip().splitlines()[-1].startswith("interrupted")
    assert "Traceback" not in err


@pytest.mark.parametrize("after_s", [0.2, 0.6, 1.1, 1.9])
def test_ctrl_c_at_any_moment_leaves_an_index_that_the_next_run_completes(
    tmp_path: Path, process: Callable[..., subprocess.Popen[str]], after_s: float
) -> None:
    root = tmp_path / "vault"
    root.mkdir()
    write(root, {f"{number}.md": f"# N{number}\n\n[[{number + 1}]]\n" for number in range(200)})
    child = process(root)
    time.sleep(after_s)

    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=_LIMIT_S)

    # Before Python runs our code, the signal ends the process itself.
    assert child.returncode in (130, -signal.SIGINT, 1)
    if child.returncode == 130:
        assert "Traceback" not in err
    IndexJob(root, open_state(root), options=IndexOptions(vector_store=False)).run()
    assert contents(root / ".vaultc") == fresh(root, tmp_path / "scratch")
