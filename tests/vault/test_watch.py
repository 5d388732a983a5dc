"""Watching a vault: hints say when to look, a look says whether to run."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from typing import TYPE_CHECKING

import pytest
from fakes import write_vault

from vaultc.core.errors import VaultError
from vaultc.vault.ignore import read_ignore
from vaultc.vault.snapshot import look_of
from vaultc.vault.walk import walk
from vaultc.vault.watch import Listening, Pace, Work, is_change, listen_to_system, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

QUICK = Pace(debounce_s=0.1, rescan_s=30, poll_s=0.1, retry_s=0.05, quiet_s=30)
_LIMIT_S = 30.0


@pytest.mark.parametrize(
    ("kind", "path", "moved_to", "is_folder", "counts"),
    [
        ("created", "/v/a.md", "", False, True),
        ("modified", "/v/a.md", "", False, True),
        ("closed", "/v/a.md", "", False, True),
        ("deleted", "/v/a.md", "", False, True),
        ("attrib", "/v/a.md", "", False, True),
        ("moved", "/v/.tmp", "/v/a.md", False, True),
        ("moved", "/v/a.md", "/v/.trash/a.md", False, True),
        ("deleted", "/v/folder", "", True, True),
        ("deleted", "/v", "", True, True),
        ("opened", "/v/a.md", "", False, False),
        ("closed_no_write", "/v/a.md", "", False, False),
        ("modified", "/v/folder", "", True, False),
        ("modified", "/v/.vaultc/catalog.db", "", False, False),
        ("created", "/v/.obsidian/workspace.json", "", False, False),
        ("modified", "/v/.obsidian/app.json", "", False, True),
        ("moved", "/v/.obsidian", "/v/old", True, True),
        ("modified", "/v/.vaultcignore", "", False, True),
        ("modified", "/v/a/.vaultcignore", "", False, False),
        ("moved", "/v/.a", "/v/.b", False, False),
        ("created", "/elsewhere/a.md", "", False, False),
        ("created", "/v2/a.md", "", False, False),
    ],
)
def test_what_counts_as_a_change(kind: str, path: str, moved_to: str, is_folder: bool, counts: bool) -> None:
    assert is_change("/v", kind, path, moved_to, is_folder) is counts


class Silent:
    """A source of hints that never gives one of itself."""

    def __init__(self) -> None:
        self.hint: Callable[[], None] = lambda: None
        self.opened = 0

    def listen(self, _root: Path, on_hint: Callable[[], None]) -> Listening:
        self.hint = on_hint
        self.opened += 1
        return self

    def close(self) -> None:
        self.hint = lambda: None


class Watched:
    """A watch in a thread: what it saw at each run, and what it said."""

    def __init__(
        self,
        root: Path,
        pace: Pace = QUICK,
        listen: Callable[[Path, Callable[[], None]], Listening] = listen_to_system,
    ) -> None:
        self.root, self.pace, self.listen = root, pace, listen
        self.runs: list[list[str]] = []
        self.said: list[str] = []
        self.quiet = 0
        self.looks = 0
        self.fails = 0  # how many runs from now on fail
        self.error: VaultError | None = None
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        work = Work(self._look, self._run, self._be_quiet, self.said.append)
        try:
            watch(self.root, work, stop=self.stop, pace=self.pace, listen=self.listen)
        except VaultError as error:
            self.error = error

    def names(self) -> list[str]:
        return [file.path for file in walk(self.root, ignore=read_ignore(self.root)).files]

    def _look(self) -> bytes:
        self.looks += 1
        return look_of(walk(self.root, ignore=read_ignore(self.root)).files)

    def _run(self) -> bool:
        if self.fails:
            self.fails -= 1
            return False
        self.runs.append(self.names())
        return True

    def _be_quiet(self) -> bool:
        self.quiet += 1
        return True

    def __enter__(self) -> Watched:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(timeout=_LIMIT_S)
        assert not self.thread.is_alive()


def until(is_so: Callable[[], bool]) -> None:
    """Wait until `is_so`; fail after a long time."""
    deadline = time.monotonic() + _LIMIT_S
    while not is_so():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """Give a watch by the system's own events that has made its first run."""
    root = write_vault(tmp_path / "vault", {"first.md": "1"})
    with Watched(root) as found:
        until(lambda: len(found.runs) == 1)
        yield found


def test_the_first_run_needs_no_change(watched: Watched) -> None:
    assert watched.runs == [["first.md"]]


def test_a_burst_of_changes_is_followed_until_all_is_seen_in_few_runs(watched: Watched) -> None:
    write_vault(watched.root, {f"{number:03}.md": "x" for number in range(300)})

    until(lambda: len(watched.runs[-1]) == 301)

    assert len(watched.runs) < 50


def test_reading_and_our_own_state_are_no_change(watched: Watched) -> None:
    looks = watched.looks
    write_vault(watched.root, {".vaultc/state": "x", ".git/index": "y", ".obsidian/workspace.json": "{}"})
    (watched.root / "first.md").read_text()
    (watched.root / ".vaultc" / "state").read_text()

    # What follows is seen; so what came before it was seen too, and led to nothing.
    write_vault(watched.root, {"last.md": ""})
    until(lambda: len(watched.runs) == 2)

    assert watched.runs[-1] == ["first.md", "last.md"]
    assert watched.looks <= looks + 3


def test_after_the_last_change_it_rests(watched: Watched) -> None:
    write_vault(watched.root, {"a.md": ""})
    until(lambda: len(watched.runs) == 2)
    time.sleep(0.5)
    runs, looks = len(watched.runs), watched.looks

    begun = time.process_time()
    time.sleep(1.0)

    assert (len(watched.runs), watched.looks) == (runs, looks)
    assert time.process_time() - begun < 0.2


@pytest.mark.parametrize("manner", ["rename", "from outside", "vim", "in place"])
def test_a_save_of_an_editor_is_seen(watched: Watched, tmp_path: Path, manner: str) -> None:
    note = watched.root / "first.md"
    if manner == "rename":
        (watched.root / ".first.md.tmp").write_text("longer text")
        (watched.root / ".first.md.tmp").replace(note)
    elif manner == "from outside":
        (tmp_path / "outside.md").write_text("longer text")
        (tmp_path / "outside.md").replace(note)
    elif manner == "vim":
        (watched.root / "4913").touch()
        (watched.root / "4913").unlink()
        note.rename(watched.root / "first.md~")
        note.write_text("longer text")
        (watched.root / "first.md~").unlink()
    else:
        note.write_text("longer text")

    until(lambda: len(watched.runs) >= 2 and watched.runs[-1] == ["first.md"])


def test_folders_that_come_move_and_go_are_seen_with_what_is_in_them(watched: Watched, tmp_path: Path) -> None:
    outside = write_vault(tmp_path / "outside", {"a/b/one.md": "1", "a/two.md": "2"})
    outside.rename(watched.root / "in")
    until(lambda: watched.runs[-1] == ["first.md", "in/a/b/one.md", "in/a/two.md"])

    (watched.root / "in" / "a").rename(watched.root / "moved")
    until(lambda: watched.runs[-1] == ["first.md", "moved/b/one.md", "moved/two.md"])

    write_vault(watched.root, {"moved/b/three.md": "3"})
    until(lambda: "moved/b/three.md" in watched.runs[-1])

    shutil.rmtree(watched.root / "moved")
    until(lambda: watched.runs[-1] == ["first.md"])


def test_what_is_left_out_is_read_anew_when_it_changes(watched: Watched) -> None:
    write_vault(watched.root, {"drafts/a.md": ""})
    until(lambda: watched.runs[-1] == ["drafts/a.md", "first.md"])

    (watched.root / ".vaultcignore").write_text("drafts/\n")
    until(lambda: watched.runs[-1] == ["first.md"])
    runs = len(watched.runs)

    (watched.root / ".vaultcignore").unlink()
    write_vault(watched.root, {".obsidian/app.json": '{"userIgnoreFilters": ["drafts/"]}'})
    until(lambda: len(watched.runs) > runs and watched.runs[-1] == ["drafts/a.md", "first.md"])


def test_a_vault_that_is_gone_ends_the_watch(watched: Watched) -> None:
    shutil.rmtree(watched.root)

    watched.thread.join(timeout=_LIMIT_S)

    assert watched.error is not None
    assert "is gone" in watched.error.message


def test_a_folder_in_the_place_of_the_vault_is_watched(watched: Watched, tmp_path: Path) -> None:
    write_vault(tmp_path / "new", {"other.md": ""})
    (watched.root).rename(tmp_path / "old")
    (tmp_path / "new").rename(watched.root)
    until(lambda: "other.md" in watched.runs[-1] or watched.error is not None)

    write_vault(watched.root, {"later.md": ""})

    until(lambda: "later.md" in watched.runs[-1])
    assert watched.error is None


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EMFILE, errno.ENOSYS])
def test_without_events_the_vault_is_polled_and_that_is_said_once(tmp_path: Path, code: int) -> None:
    def refuse(_root: Path, _hint: Callable[[], None]) -> Listening:
        raise OSError(code, os.strerror(code))

    root = write_vault(tmp_path / "vault", {"a.md": ""})
    with Watched(root, listen=refuse) as watched:
        for number in range(3):
            write_vault(root, {f"{number}.md": ""})
            until(lambda number=number: bool(watched.runs) and f"{number}.md" in watched.runs[-1])  # type: ignore[misc]

    assert len(watched.said) == 1
    assert os.strerror(code) in watched.said[0]


def test_a_tree_too_deep_for_the_library_is_polled(tmp_path: Path) -> None:
    def refuse(_root: Path, _hint: Callable[[], None]) -> Listening:
        raise RecursionError

    root = write_vault(tmp_path / "vault", {"a.md": ""})
    with Watched(root, listen=refuse) as watched:
        until(lambda: bool(watched.runs))

    assert "nest too deep" in watched.said[0]


def test_a_change_without_an_event_is_found_by_the_clock_and_ends_trust_in_events(tmp_path: Path) -> None:
    silent = Silent()
    root = write_vault(tmp_path / "vault", {"a.md": ""})
    with Watched(root, Pace(debounce_s=0.05, rescan_s=0.3, poll_s=0.1), silent.listen) as watched:
        until(lambda: len(watched.runs) == 1)
        assert watched.said == []

        write_vault(root, {"b.md": ""})
        until(lambda: watched.runs[-1] == ["a.md", "b.md"])
        write_vault(root, {"c.md": ""})
        until(lambda: "c.md" in watched.runs[-1])

    assert len(watched.said) == 1
    assert "brought no event" in watched.said[0]


def test_a_hint_without_a_change_is_no_run(tmp_path: Path) -> None:
    silent = Silent()
    root = write_vault(tmp_path / "vault", {"a.md": ""})
    with Watched(root, listen=silent.listen) as watched:
        until(lambda: len(watched.runs) == 1)
        for _ in range(3):
            looks = watched.looks
            silent.hint()
            until(lambda looks=looks: watched.looks > looks)  # type: ignore[misc]

    assert len(watched.runs) == 1


def test_a_run_that_fails_is_made_again_without_a_hint(tmp_path: Path) -> None:
    silent = Silent()
    root = write_vault(tmp_path / "vault", {"a.md": ""})
    watched = Watched(root, listen=silent.listen)
    watched.fails = 3
    with watched:
        until(lambda: watched.runs == [["a.md"]])

    assert watched.fails == 0
    assert watched.said == []  # the events are trusted still


def test_changes_while_a_run_goes_on_lead_to_another(tmp_path: Path) -> None:
    silent = Silent()
    root = write_vault(tmp_path / "vault", {"a.md": ""})

    class Slow(Watched):
        def _run(self) -> bool:
            seen = super()._run()
            if len(self.runs) == 1:  # after the files were listed
                write_vault(root, {"during.md": ""})
                silent.hint()
            return seen

    with Slow(root, listen=silent.listen) as watched:
        until(lambda: watched.runs[-1:] == [["a.md", "during.md"]])


def test_when_it_has_been_quiet_for_a_while_that_is_told_once(tmp_path: Path) -> None:
    root = write_vault(tmp_path / "vault", {"a.md": ""})
    with Watched(root, Pace(debounce_s=0.05, rescan_s=0.1, quiet_s=0.1)) as watched:
        until(lambda: watched.quiet == 1)
        looks = watched.looks
        until(lambda: watched.looks > looks + 2)

        assert watched.quiet == 1
        write_vault(root, {"b.md": ""})
        until(lambda: watched.quiet == 2)


def test_what_is_no_folder_cannot_be_watched(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="cannot watch"):
        watch(tmp_path / "gone", Work(lambda: 0, lambda: True), stop=threading.Event())
