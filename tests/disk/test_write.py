from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import threading
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.core.errors import UsageError, VaultError
from vaultc.disk.policy import Root
from vaultc.disk.write import append_line, read_bytes, remove, staged_file, sweep, write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".vaultc-*.tmp")]


def test_folders_are_made_and_the_bytes_are_what_was_given(tmp_path: Path) -> None:
    root = Root(tmp_path / "vault")

    write_atomic(root, "Идеи/часы/а.md", b"\xef\xbb\xbfone\r\n")

    assert (tmp_path / "vault/Идеи/часы/а.md").read_bytes() == b"\xef\xbb\xbfone\r\n"
    assert read_bytes(root, "Идеи/часы/а.md") == b"\xef\xbb\xbfone\r\n"
    assert left_over(tmp_path) == []


@settings(max_examples=25)
@given(data=st.binary(max_size=5000))
def test_reading_gives_what_was_written(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = Root(tmp_path_factory.mktemp("w"))

    write_atomic(root, "a.bin", data)

    assert read_bytes(root, "a.bin") == data


def test_an_existing_file_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("old")
    (tmp_path / "a.md").chmod(0o640)

    write_atomic(Root(tmp_path), "a.md", b"new", mode=0o600)

    assert stat.S_IMODE((tmp_path / "a.md").stat().st_mode) == 0o640
    assert (tmp_path / "a.md").read_text() == "new"


def test_a_new_file_gets_the_mode_asked_for(tmp_path: Path) -> None:
    write_atomic(Root(tmp_path), "a.md", b"", mode=0o600)

    assert stat.S_IMODE((tmp_path / "a.md").stat().st_mode) == 0o600


def test_a_hard_link_elsewhere_keeps_its_old_content(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    (tmp_path / "outside").write_text("old")
    os.link(tmp_path / "outside", tmp_path / "vault/a.md")

    write_atomic(Root(tmp_path / "vault"), "a.md", b"new")

    assert (tmp_path / "outside").read_text() == "old"


def test_a_link_on_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "vault/link").symlink_to(tmp_path / "outside")

    with pytest.raises(VaultError, match=r"link/x\.md") as caught:
        write_atomic(Root(tmp_path / "vault"), "link/x.md", b"x")

    assert "link" in (caught.value.hint or "")
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_what_is_not_a_file_is_neither_replaced_nor_read_nor_removed(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "a.md"
    (tmp_path / "b.md").write_text("b")
    if kind == "link":
        target.symlink_to("b.md")
    elif kind == "fifo":
        os.mkfifo(target)
    else:
        target.mkdir()
    root = Root(tmp_path)

    for act in (
        lambda: write_atomic(root, "a.md", b"x"),
        lambda: read_bytes(root, "a.md"),
        lambda: remove(root, "a.md"),
        lambda: append_line(root, "a.md", "x"),
    ):
        with pytest.raises(VaultError, match=r"a\.md"):
            act()

    assert (tmp_path / "b.md").read_text() == "b"
    assert left_over(tmp_path) == []


def test_a_folder_swapped_for_a_link_while_writing_lets_nothing_out(tmp_path: Path) -> None:
    vault, outside = tmp_path / "vault", tmp_path / "outside"
    vault.mkdir()
    outside.mkdir()
    done = threading.Event()
    swaps: list[int] = []

    def swap() -> None:
        while not done.is_set():
            with contextlib.suppress(OSError):  # the writer may have made the folder in between
                (vault / "a").symlink_to(outside)
                (vault / "a").unlink()
                swaps.append(1)
            shutil.rmtree(vault / "a", ignore_errors=True)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(500):
            try:
                write_atomic(Root(vault), "a/x.md", b"x")
            except VaultError:
                continue
    finally:
        done.set()
        thread.join()

    assert list(outside.iterdir()) == []
    assert swaps


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "open"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_failing_disk_leaves_the_old_content_and_says_why(
    call: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("old")
    real = getattr(os, call)

    def fail(*args: Any, **kwargs: Any) -> Any:
        if call != "open" or (isinstance(args[0], str) and args[0].startswith(".vaultc-")):
            raise OSError(code, os.strerror(code))
        return real(*args, **kwargs)

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(VaultError, match=r"a\.md.*: ") as caught:
        write_atomic(Root(tmp_path), "a.md", b"new")
    monkeypatch.undo()

    assert caught.value.hint
    assert (tmp_path / "a.md").read_text() == "old"
    assert left_over(tmp_path) == []


def test_short_writes_still_write_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:3]))

    write_atomic(Root(tmp_path), "a.md", b"0123456789")

    assert (tmp_path / "a.md").read_bytes() == b"0123456789"


def test_an_interrupt_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_atomic(Root(tmp_path), "a.md", b"x")

    assert list(tmp_path.iterdir()) == []


def test_a_name_that_differs_in_case_only_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Идея.md").write_text("old")

    with pytest.raises(VaultError, match="case"):
        write_atomic(Root(tmp_path), "идея.md", b"new")


def test_the_same_name_in_another_unicode_form_is_the_same_file(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Йод")
    (tmp_path / decomposed).mkdir()
    (tmp_path / decomposed / f"{decomposed}.md").write_text("old")

    write_atomic(Root(tmp_path), "Йод/Йод.md", b"new")

    assert [path.name for path in tmp_path.iterdir()] == [decomposed]
    assert (tmp_path / decomposed / f"{decomposed}.md").read_text() == "new"


def test_a_missing_file_reads_as_none_and_removes_as_false(tmp_path: Path) -> None:
    root = Root(tmp_path)

    assert read_bytes(root, "no/such.md") is None
    assert remove(root, "no/such.md") is False
    assert read_bytes(root, "such.md") is None


def test_remove_takes_the_file_away(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")

    assert remove(Root(tmp_path), "a.md") is True
    assert list(tmp_path.iterdir()) == []


def test_lines_are_appended_to_a_private_file(tmp_path: Path) -> None:
    root = Root(tmp_path, allow_hidden=True)

    append_line(root, "runs/1/events.jsonl", '{"a": "ё"}')
    append_line(root, "runs/1/events.jsonl", "{}")

    assert (tmp_path / "runs/1/events.jsonl").read_text("utf-8") == '{"a": "ё"}\n{}\n'
    assert stat.S_IMODE((tmp_path / "runs/1/events.jsonl").stat().st_mode) == 0o600


def test_sweep_takes_only_left_over_temporary_files(tmp_path: Path) -> None:
    temp = ".vaultc-0123456789abcdef.tmp"
    for folder in ("a/b", ".hidden"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / temp).touch()
    for name in (".vaultc-notes.tmp", "a/x.tmp", "a/.vaultc-0123.tmp"):
        (tmp_path / name).touch()
    (tmp_path / "a/link").symlink_to(tmp_path / ".hidden")

    assert sweep(Root(tmp_path)) == (f"a/b/{temp}",)
    assert sweep(Root(tmp_path, allow_hidden=True)) == (f".hidden/{temp}",)
    assert (tmp_path / ".vaultc-notes.tmp").exists()
    assert (tmp_path / "a/.vaultc-0123.tmp").exists()


def test_a_missing_root_that_may_not_be_made_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="no such file"):
        write_atomic(Root(tmp_path / "gone", create=False), "a.md", b"x")


def test_the_policy_is_asked_first(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write_atomic(Root(tmp_path), "../x.md", b"x")


def stage(root: Root, fill: Callable[[Path], None]) -> None:
    with staged_file(root, "state") as path:
        fill(path)


def test_a_file_that_another_program_fills_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    root = Root(tmp_path, allow_hidden=True)

    with staged_file(root, "a/state") as path:
        path.write_bytes(b"x" * 5000)
        assert not (tmp_path / "a/state").exists()

    assert (tmp_path / "a/state").read_bytes() == b"x" * 5000
    assert (tmp_path / "a/state").stat().st_mode & 0o777 == 0o600
    assert left_over(tmp_path) == []


def test_nothing_is_left_where_the_other_program_failed(tmp_path: Path) -> None:
    root = Root(tmp_path, allow_hidden=True)
    write_atomic(root, "state", b"old")

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stage(root, fail)

    assert read_bytes(root, "state") == b"old"
    assert left_over(tmp_path) == []


def test_a_killed_run_leaves_a_file_that_is_swept(tmp_path: Path) -> None:
    root = Root(tmp_path, allow_hidden=True)

    def sweep_it(path: Path) -> None:
        path.write_bytes(b"half")
        assert sweep(root) == (path.name,)

    with pytest.raises(VaultError, match="no such file"):
        stage(root, sweep_it)

    assert list(tmp_path.iterdir()) == []


def test_a_file_put_in_the_place_of_the_staged_one_is_not_taken(tmp_path: Path) -> None:
    def replace(path: Path) -> None:
        (tmp_path / "other").write_bytes(b"not ours")
        (tmp_path / "other").rename(path)

    with pytest.raises(VaultError, match="was replaced"):
        stage(Root(tmp_path), replace)

    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_place_of_a_staged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"mine")
    (tmp_path / "state").symlink_to(tmp_path / "outside")

    with pytest.raises(VaultError, match="is a link"):
        stage(Root(tmp_path), lambda path: None)

    assert (tmp_path / "outside").read_bytes() == b"mine"
