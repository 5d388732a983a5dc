"""Only regular files are read, without waiting and within a bound."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli.test_odd_files import KINDS, SPECIAL, bounded

from vaultc.core.errors import VaultError
from vaultc.disk.policy import Root
from vaultc.disk.read import MAX_FILE_BYTES, opened, read_file
from vaultc.disk.write import read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable


__all__ = ["bounded"]


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_file_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    KINDS[kind](tmp_path / "a")

    with pytest.raises(OSError, match=r"not a file|larger than"):
        read_file(tmp_path / "a")
    with pytest.raises(VaultError, match=r"not a file|larger than"):
        read_bytes(Root(tmp_path), "a")


@pytest.mark.parametrize("kind", [kind for kind in SPECIAL if kind != "sparse"])
def test_what_is_no_file_is_not_opened_to_be_read_in_parts(kind: str, tmp_path: Path) -> None:
    KINDS[kind](tmp_path / "a")

    with pytest.raises(OSError, match="not a file"), opened(tmp_path / "a"):
        pass


def test_of_a_sparse_file_parts_are_read(tmp_path: Path) -> None:
    KINDS["sparse"](tmp_path / "a")

    with opened(tmp_path / "a") as file:
        assert file.read(4) == b"\0\0\0\0"


def test_a_link_is_followed_where_it_may_be(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"words")
    (tmp_path / "link").symlink_to("a")

    assert read_file(tmp_path / "link") == b"words"
    with pytest.raises(OSError, match="a link, not a file"):
        read_file(tmp_path / "link", follows=False)


@pytest.mark.parametrize("path", ["/proc/self/mem", "/proc/self/status", "/sys/kernel/notes"])
def test_files_of_the_system_are_none(path: str) -> None:

    if not Path(path).exists():
        pytest.skip("this system has no such file")
    with pytest.raises(OSError, match="of the system"):
        read_file(Path(path))


def test_a_file_of_the_bound_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345678")

    assert read_file(tmp_path / "a", most=8) == b"12345678"
    with pytest.raises(OSError, match="larger than 7 bytes"):
        read_file(tmp_path / "a", most=7)
    assert MAX_FILE_BYTES >= 1 << 26


def test_a_file_that_grows_while_it_is_read_is_read_to_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1234")
    read = os.read

    def growing(descriptor: int, size: int) -> bytes:
        with path.open("ab") as file:
            file.write(b"more")
        return read(descriptor, size)

    monkeypatch.setattr(os, "read", growing)

    with pytest.raises(OSError, match="larger than 20 bytes"):
        read_file(path, most=20)


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    reads: list[Callable[[], object]] = [lambda: read_file(tmp_path / "a"), lambda: opened(tmp_path / "a").__enter__()]
    for read in reads:
        with pytest.raises(FileNotFoundError):
            read()
    assert read_bytes(Root(tmp_path), "a") is None
