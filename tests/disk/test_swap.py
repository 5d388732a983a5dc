from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING, Any

import pytest

from vaultc.core.errors import UsageError, VaultError
from vaultc.disk import swap
from vaultc.disk.policy import Root
from vaultc.disk.swap import KEPT, put_expected, remove_expected, settle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD, NEW, MINE, LATER = b"old\n", b"new\n", b"what I wrote\n", b"what I wrote later\n"


@pytest.fixture(params=["exchange", "rename"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Root:
    """A folder on a file system that can exchange two files, and on one that cannot."""
    if request.param == "rename":
        monkeypatch.setattr(swap, "_renameat2", lambda: None)
    return Root(tmp_path)


def tree(root: Root) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.path.iterdir()}


def test_what_is_expected_is_replaced_and_keeps_its_mode(root: Root) -> None:
    (root.path / "a.md").write_bytes(OLD)
    (root.path / "a.md").chmod(0o640)

    assert put_expected(root, "a.md", NEW, OLD)

    assert tree(root) == {"a.md": NEW}
    assert (root.path / "a.md").stat().st_mode & 0o777 == 0o640


def test_where_nothing_is_expected_a_file_is_made(root: Root) -> None:
    assert put_expected(root, "Идеи/a.md", NEW, None)

    assert (root.path / "Идеи/a.md").read_bytes() == NEW


@pytest.mark.parametrize("expected", [OLD, None])
def test_what_a_person_wrote_stays(root: Root, expected: bytes | None) -> None:
    (root.path / "a.md").write_bytes(MINE)

    assert not put_expected(root, "a.md", NEW, expected)
    assert not remove_expected(root, "a.md", OLD)

    assert tree(root) == {"a.md": MINE}


def test_what_is_gone_is_not_made_again(root: Root) -> None:
    assert not put_expected(root, "a.md", NEW, OLD)
    assert not remove_expected(root, "a.md", OLD)
    assert not remove_expected(root, "no/a.md", OLD)

    assert tree(root) == {}


def test_what_is_expected_is_removed(root: Root) -> None:
    (root.path / "a.md").write_bytes(OLD)

    assert remove_expected(root, "a.md", OLD)

    assert tree(root) == {}


def between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None], *, before: int) -> None:
    """Act right before the rename of that number, as an editor does that saves."""
    real: Any = swap._rename
    count = 0

    def late(folder: int, name: str, to: str, flag: int) -> bool:
        nonlocal count
        count += 1
        if count == before:
            act()
        return bool(real(folder, name, to, flag))

    monkeypatch.setattr(swap, "_rename", late)


def saver(path: Path, data: bytes, *, in_place: bool) -> Callable[[], None]:
    def save() -> None:
        if in_place:
            path.write_bytes(data)
        else:
            path.with_name("editor").write_bytes(data)
            path.with_name("editor").rename(path)

    return save


@pytest.mark.parametrize("in_place", [True, False])
def test_a_save_right_before_the_exchange_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_place: bool
) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(OLD)
    between(monkeypatch, saver(path, MINE, in_place=in_place), before=2)

    assert not put_expected(Root(tmp_path), "a.md", NEW, OLD)

    assert tree(Root(tmp_path)) == {"a.md": MINE}


def test_of_saves_before_and_after_the_exchange_both_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, root = tmp_path / "a.md", Root(tmp_path)
    path.write_bytes(OLD)
    between(monkeypatch, saver(path, MINE, in_place=True), before=2)
    between(monkeypatch, saver(path, LATER, in_place=True), before=3)

    assert not put_expected(root, "a.md", NEW, OLD)
    kept = settle(root, "a.md", lambda data: data in (OLD, NEW))

    assert kept == "a.md" + KEPT
    assert tree(root) == {"a.md": MINE, "a.md" + KEPT: LATER}


@pytest.mark.parametrize("in_place", [True, False])
def test_a_save_right_before_a_removal_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_place: bool
) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(OLD)
    between(monkeypatch, saver(path, MINE, in_place=in_place), before=1)

    assert not remove_expected(Root(tmp_path), "a.md", OLD)

    assert tree(Root(tmp_path)) == {"a.md": MINE}


def test_a_file_that_is_made_meanwhile_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.md"
    between(monkeypatch, saver(path, MINE, in_place=True), before=1)

    assert not put_expected(Root(tmp_path), "a.md", NEW, None)

    assert tree(Root(tmp_path)) == {"a.md": MINE}


def test_a_file_that_an_editor_holds_open_for_writing_is_left(tmp_path: Path) -> None:
    path, root = tmp_path / "a.md", Root(tmp_path)
    path.write_bytes(OLD)

    with path.open("r+b") as editor:
        assert not put_expected(root, "a.md", NEW, OLD)
        assert not remove_expected(root, "a.md", OLD)
        editor.write(MINE)

    assert tree(root) == {"a.md": MINE}


@pytest.mark.parametrize("at", range(1, 5))
@pytest.mark.parametrize("saves", [True, False])
def test_a_run_that_is_killed_anywhere_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, saves: bool
) -> None:
    path, root = tmp_path / "a.md", Root(tmp_path)
    path.write_bytes(OLD)
    real, count = swap._content, 0

    def killed(folder: int, name: str) -> bytes | None:
        raise KeyboardInterrupt

    def step() -> None:
        nonlocal count
        count += 1
        if count == 2 and saves:
            path.write_bytes(MINE)
        if count == at:
            monkeypatch.setattr(swap, "_content", killed)
            monkeypatch.setattr(swap, "_is_settled", lambda *_: killed(0, ""))

    for number in range(1, 4):
        between(monkeypatch, step, before=number)
    with contextlib.suppress(KeyboardInterrupt):
        put_expected(root, "a.md", NEW, OLD)
    monkeypatch.setattr(swap, "_content", real)
    settle(root, "a.md", lambda data: data in (OLD, NEW))

    found = tree(root)
    assert set(found) <= {"a.md", "a.md" + KEPT}
    assert not saves or count < 2 or MINE in found.values()
    assert found["a.md"] in (OLD, NEW, MINE)


def test_a_path_or_a_link_that_may_not_be_written_is_refused(root: Root) -> None:
    (root.path / "link").symlink_to("a.md")

    with pytest.raises(UsageError):
        put_expected(root, "../a.md", NEW, None)
    with pytest.raises(VaultError, match="is a link"):
        put_expected(root, "link", NEW, None)
    with pytest.raises(VaultError, match="is a link"):
        remove_expected(root, "link", OLD)
    assert str((root.path / "link").readlink()) == "a.md"


def test_an_editor_that_opens_the_file_at_the_last_moment_is_seen_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "note.md"
    path.write_text("old", "utf-8")
    real, seen = fcntl.fcntl, []

    def late(file: int, command: int, argument: int = 0) -> int:
        done = real(file, command, argument)
        if command == fcntl.F_SETLEASE and argument == fcntl.F_RDLCK:
            with pytest.raises(BlockingIOError):  # it would wait for the lease to be let go
                os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            seen.append(command)
        return done

    monkeypatch.setattr("vaultc.disk.swap.fcntl.fcntl", late)
    file = os.open(path, os.O_RDONLY)
    try:
        is_open = swap._is_open_for_writing(file)
    finally:
        os.close(file)

    assert seen == [fcntl.F_SETLEASE]
    assert is_open
