"""What a run finds in its state folder that it did not leave there as it should be."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest
from faults.driver import copy_of, dump, files_of

from vaultc.disk.policy import Root
from vaultc.disk.state import open_state
from vaultc.disk.write import sweep, write_atomic
from vaultc.index.job import IndexJob, IndexOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done

LIGHT = IndexOptions(vector_store=False)


@pytest.fixture
def vault(notes: Path, tmp_path: Path) -> Path:
    return copy_of(notes, tmp_path / "vault")


@pytest.fixture
def indexed(vault: Path) -> Path:
    IndexJob(vault, open_state(vault), options=LIGHT).run()
    return vault


def is_told(done: Done, *words: str) -> bool:
    """Tell whether a command ended with a message and a hint."""
    whole = " ".join(done.err.split())
    return done.code == 3 and "Traceback" not in done.err and "help:" in whole and all(word in whole for word in words)


def test_a_file_swept_away_while_it_is_written_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Root(tmp_path)
    swept: list[str] = []
    real = os.replace

    def late(old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        if not swept:
            swept.extend(sweep(root))
        real(old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "replace", late)
    write_atomic(root, "a.txt", b"whole")

    assert len(swept) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"whole"


def test_what_killed_runs_left_is_swept_by_the_next(indexed: Path) -> None:
    state = indexed / ".vaultc"
    (state / "units").mkdir()
    for place in (".vaultc-0123456789abcdef.tmp", "units/.vaultc-fedcba9876543210.tmp"):
        (state / place).write_text("half a fi")
    mine = state / "units/notes of mine.tmp"
    mine.write_text("kept")

    IndexJob(indexed, open_state(indexed), options=LIGHT).run()

    assert [path.name for path in state.rglob("*.tmp")] == [mine.name]


def test_an_index_of_a_newer_vaultc_is_left_alone_and_said(indexed: Path, run: Callable[..., Done]) -> None:
    catalog = indexed / ".vaultc/catalog.db"
    db = sqlite3.connect(catalog)
    db.execute("INSERT INTO migrations VALUES ('m999_create_more')")
    db.commit()
    db.close()

    for command in (["index", indexed], ["search", "насос", "--vault", indexed], ["check", "--vault", indexed]):
        assert is_told(run(*command), "newer vaultc", "--rebuild")
    assert not list(catalog.parent.glob("*broken*"))


def test_a_state_folder_that_is_a_link_is_refused(indexed: Path, run: Callable[..., Done], tmp_path: Path) -> None:
    (indexed / ".vaultc").rename(tmp_path / "elsewhere")
    (indexed / ".vaultc").symlink_to(tmp_path / "elsewhere")
    before = files_of(tmp_path / "elsewhere")

    assert is_told(run("index", indexed), "is not a folder")
    assert is_told(run("search", "насос", "--vault", indexed), "is not a folder")
    assert files_of(tmp_path / "elsewhere") == before


def test_a_state_folder_that_is_a_file_is_said(vault: Path, run: Callable[..., Done]) -> None:
    (vault / ".vaultc").write_text("a file of mine")

    done = run("index", vault)

    assert (done.code, "Traceback" in done.err, "help:" in done.err) == (3, False, True)
    assert (vault / ".vaultc").read_text() == "a file of mine"


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_lock_that_is_no_file_is_said(kind: str, indexed: Path, run: Callable[..., Done], tmp_path: Path) -> None:
    lock = indexed / ".vaultc/lock"
    lock.unlink()
    if kind == "folder":
        lock.mkdir()
    else:
        (tmp_path / "mine").write_text("mine")
        lock.symlink_to(tmp_path / "mine")

    assert is_told(run("index", indexed), "move it away")
    assert kind == "folder" or (tmp_path / "mine").read_text() == "mine"


@pytest.mark.parametrize("command", ["search", "links", "status", "ask"])
def test_a_command_that_reads_a_broken_index_mends_it_or_says_what_to_do(
    command: str, indexed: Path, run: Callable[..., Done], tmp_path: Path
) -> None:
    db = sqlite3.connect(indexed / ".vaultc/catalog.db")
    db.execute("UPDATE chunks SET headings = 'no list'")
    db.execute("UPDATE links SET kind = 'no kind'")
    db.execute("DROP TABLE aliases")
    db.commit()
    db.close()

    words = {"search": ["насос"], "ask": ["Какая мощность насоса?"], "links": [], "status": []}[command]
    done = run(command, *words, "--vault", indexed)

    assert done.code == 0 or is_told(done, "damaged", "vaultc index")
    assert done.code == 0 or command != "search"
    assert run("index", indexed, "--verify", "--json").code == 0
    IndexJob(indexed, open_state(indexed, tmp_path / "fresh"), options=LIGHT).run()
    assert dump(indexed / ".vaultc/catalog.db") == dump(tmp_path / "fresh/catalog.db")
