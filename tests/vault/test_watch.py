"""Watching a vault: events are hints, batches are calls."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import write_vault

from vaultc.core.errors import VaultError
from vaultc.vault.watch import is_change, watch

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path("/v")


@pytest.mark.parametrize(
    ("kind", "path", "moved_to", "is_folder", "counts"),
    [
        ("created", "/v/a.md", "", False, True),
        ("modified", "/v/a.md", "", False, True),
        ("closed", "/v/a.md", "", False, True),
        ("deleted", "/v/a.md", "", False, True),
        ("moved", "/v/.tmp", "/v/a.md", False, True),
        ("moved", "/v/a.md", "/v/.trash/a.md", False, True),
        ("deleted", "/v/folder", "", True, True),
        ("opened", "/v/a.md", "", False, False),
        ("closed_no_write", "/v/a.md", "", False, False),
        ("modified", "/v/folder", "", True, False),
        ("modified", "/v/.vaultc/catalog.db", "", False, False),
        ("created", "/v/.obsidian/workspace.json", "", False, False),
        ("modified", "/v/.vaultcignore", "", False, True),
        ("moved", "/v/.a", "/v/.b", False, False),
        ("created", "/elsewhere/a.md", "", False, False),
    ],
)
def test_what_counts_as_a_change(kind: str, path: str, moved_to: str, is_folder: bool, counts: bool) -> None:
    assert is_change(ROOT, kind, path, moved_to, is_folder) is counts


class Watched:
    """A watch in a thread, and the calls it made."""

    def __init__(self, root: Path, rescan_s: float) -> None:
        self.calls = 0
        self.called = threading.Event()
        self.stop = threading.Event()
        self.thread = threading.Thread(
            target=watch,
            args=(root, self._on_batch),
            kwargs={"debounce_s": 0.1, "rescan_s": rescan_s, "stop": self.stop},
        )

    def _on_batch(self) -> None:
        self.calls += 1
        self.called.set()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(tmp_path, rescan_s=30)
    found.thread.start()
    time.sleep(0.5)  # until the system watches
    yield found
    found.stop.set()
    found.thread.join(timeout=10)
    assert not found.thread.is_alive()


def test_a_burst_of_changes_is_one_call(watched: Watched, tmp_path: Path) -> None:
    write_vault(tmp_path, {f"{number}.md": "x" for number in range(50)})

    assert watched.called.wait(10)
    time.sleep(0.5)

    assert watched.calls == 1


def test_reading_and_our_own_state_are_no_change(watched: Watched, tmp_path: Path) -> None:
    write_vault(tmp_path, {".vaultc/state": "x"})

    (tmp_path / ".vaultc" / "state").read_text()
    time.sleep(0.6)

    assert watched.calls == 0


def test_without_changes_the_vault_is_looked_at_now_and_then(tmp_path: Path) -> None:
    watched = Watched(tmp_path, rescan_s=0.2)

    watched.thread.start()
    called = watched.called.wait(10)
    watched.stop.set()
    watched.thread.join(timeout=10)

    assert called
    assert not watched.thread.is_alive()


def test_what_is_no_folder_cannot_be_watched(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="cannot watch"):
        watch(tmp_path / "gone", lambda: None, stop=threading.Event())
