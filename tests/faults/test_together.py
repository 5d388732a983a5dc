"""Several processes on one vault, and a vault that changes under the run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from faults.driver import SOURCE, copy_of, dump

from vaultc.app.searching import search_vault
from vaultc.core.errors import LockedError
from vaultc.core.source import VaultPath
from vaultc.disk.lock import vault_lock
from vaultc.disk.state import open_state
from vaultc.index.catalog import open_catalog
from vaultc.index.job import IndexJob, IndexOptions

if TYPE_CHECKING:
    from pathlib import Path

LIGHT = IndexOptions(vector_store=False)
_INDEX = """
import sys
from pathlib import Path
from vaultc.disk.state import open_state
from vaultc.index.job import IndexJob, IndexOptions
root = Path(sys.argv[1])
print("loaded", flush=True)
sys.stdin.readline()
result = IndexJob(root, open_state(root), options=IndexOptions(vector_store=False, batch=1)).run()
print(result.stats.added, result.stats.notes, flush=True)
"""
# Edits two notes again and again, and indexes after each edit.
_EDIT = """
import sys
from pathlib import Path
from vaultc.disk.state import open_state
from vaultc.index.job import IndexJob, IndexOptions
root = Path(sys.argv[1])
for n in range(int(sys.argv[2])):
    for name in ("one", "two"):
        (root / f"{name}.md").write_text(f"# {name}\\n\\n" + f"zebra version {n} of {name}. " * (5 + n % 3) + "\\n")
    IndexJob(root, open_state(root), options=IndexOptions(vector_store=False, batch=1)).run()
"""


def python(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


@pytest.fixture
def vault(notes: Path, tmp_path: Path) -> Path:
    return copy_of(notes, tmp_path / "vault")


def fresh(vault: Path, scratch: Path) -> dict[str, Any]:
    """Give what a first run on the vault as it is now leaves."""
    IndexJob(vault, open_state(vault, scratch), options=LIGHT).run()
    return dump(scratch / "catalog.db")


def test_indexers_started_at_once_all_end_well(vault: Path, tmp_path: Path) -> None:
    runs = [python(_INDEX, vault) for _ in range(3)]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "loaded\n"
    ended = []
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("\n")
        run.stdin.flush()
    for run in runs:
        ended.append(run.communicate(timeout=60))

    assert [run.returncode for run in runs] == [0, 0, 0], ended
    assert sorted(out for out, _ in ended) == ["0 8\n", "0 8\n", "8 8\n"]
    assert dump(vault / ".vaultc/catalog.db") == fresh(vault, tmp_path / "fresh")


def test_an_indexer_that_waits_in_vain_names_the_one_it_waits_for(vault: Path) -> None:
    state = open_state(vault)
    with vault_lock(state.path), pytest.raises(LockedError, match=f"process {os.getpid()} is writing"):
        IndexJob(vault, state, options=IndexOptions(vector_store=False, lock_timeout_s=0.1)).run()


@pytest.mark.parametrize("left", [b"999999\n", b"1\n", b"not a number", b"", b"\xff" * 9000])
def test_a_lock_that_a_dead_process_left_holds_nobody(left: bytes, vault: Path) -> None:
    state = open_state(vault)
    (state.path / "lock").write_bytes(left)

    assert IndexJob(vault, state, options=LIGHT).run().stats.notes == 8


def test_a_catalog_that_several_open_first_is_made_once(tmp_path: Path) -> None:
    for number in range(8):
        path, together, failures = tmp_path / f"{number}.db", threading.Barrier(6), list[Exception]()

        def opens(path: Path = path, together: threading.Barrier = together, failed: Any = failures) -> None:
            together.wait()
            try:
                open_catalog(path).close()
            except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
                failed.append(error)

        threads = [threading.Thread(target=opens) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []


def test_searches_see_whole_notes_while_another_process_indexes(vault: Path) -> None:
    count = 15
    IndexJob(vault, open_state(vault), options=LIGHT).run()
    with python(_EDIT, vault, count) as editor:
        searched = 0
        while editor.poll() is None:
            found = search_vault("zebra", vault).passages
            for placed in found:
                words = placed.passage.chunk.text.split()
                versions = {words[at + 1] for at, word in enumerate(words) if word == "version"}
                assert len(versions) == 1, "a half of one version and a half of another"
                assert len([word for word in words if word == "zebra"]) == 5 + int(versions.pop()) % 3
            searched += 1
        _, err = editor.communicate()

    assert editor.returncode == 0, err
    assert searched > 3
    assert len(search_vault(f"zebra version {count - 1}", vault).passages) == 2


def test_a_note_that_is_rewritten_while_it_is_indexed_is_never_mixed(vault: Path, tmp_path: Path) -> None:
    versions: list[str] = []
    stop = threading.Event()
    note = vault / "busy.md"

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            text = "".join(
                f"## Part {number}.{part}\n\n" + f"word{number} " * (20 + (number * 7 + part) % 30) + "\n\n"
                for part in range(1 + number % 5)
            )
            if number % 2:
                versions.append(text)
                (vault / ".busy.tmp").write_text(text)
                (vault / ".busy.tmp").rename(note)
            else:  # in place, in two halves: each state is really there for a moment
                half = len(text) // 2
                versions.extend(["", text[:half], text])
                with note.open("w") as file:
                    file.write(text[:half])
                    file.flush()
                    time.sleep(0.001)
                    file.write(text[half:])
            time.sleep(0.002)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = set()
        for _ in range(25):
            IndexJob(vault, open_state(vault), options=LIGHT).run()
            with open_catalog(vault / ".vaultc/catalog.db") as catalog:
                chunks = catalog.notes.chunks_of(VaultPath("busy.md"))
                record = catalog.notes.record(VaultPath("busy.md"))
            if record is None:
                continue  # it changed each time it was read, which was said
            whole = [text for text in versions if len(text) == record.length]
            assert any(all(text[c.span.start : c.span.end] == c.text for c in chunks) for text in whole)
            seen.add(record.digest)
    finally:
        stop.set()
        writer.join()

    assert len(seen) > 5
    IndexJob(vault, open_state(vault), options=LIGHT).run()
    assert dump(vault / ".vaultc/catalog.db") == fresh(vault, tmp_path / "fresh")
