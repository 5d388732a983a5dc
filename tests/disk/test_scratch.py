"""A folder for a while is gone afterwards, whatever was left in it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from vaultc.core.errors import VaultError
from vaultc.disk.scratch import scratch_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_folders_deeper_than_a_path_can_name_are_removed() -> None:
    with scratch_folder("vaultc-test-") as folder:
        here = os.open(folder, os.O_RDONLY)
        for _ in range(20):
            os.mkdir("d" * 250, dir_fd=here)
            deeper = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = deeper
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        os.close(here)

    assert not folder.exists()


def test_closed_folders_are_removed_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("заметка", encoding="utf-8")

    with scratch_folder("vaultc-test-") as folder:
        (folder / "closed").mkdir()
        (folder / "closed" / "link").symlink_to(tmp_path)
        (folder / "link").symlink_to(tmp_path / "note.md")
        (folder / "closed").chmod(0)
        folder.chmod(0)

    assert not folder.exists()
    assert (tmp_path / "note.md").read_text(encoding="utf-8") == "заметка"
    assert tmp_path.stat().st_mode & 0o777 != 0


def test_what_cannot_be_removed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)

    with pytest.raises(VaultError, match="cannot be removed"), scratch_folder("vaultc-test-") as folder:
        pass

    folder.rmdir()
