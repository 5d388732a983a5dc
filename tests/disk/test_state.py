from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from vaultc.core.errors import StoreError, UsageError
from vaultc.core.event import PersonWarning
from vaultc.disk.state import open_state

if TYPE_CHECKING:
    from pathlib import Path


def test_the_state_folder_is_private_and_ignored_by_git(tmp_path: Path) -> None:
    state = open_state(tmp_path)

    assert state.path == tmp_path / ".vaultc"
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o700
    assert (state.path / ".gitignore").read_text() == "*\n"
    assert open_state(tmp_path) == state


def test_a_state_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault/.vaultc").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StoreError, match="not a folder"):
        open_state(tmp_path / "vault")

    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_vault_that_cannot_be_written_names_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)

    with pytest.raises(StoreError, match="read-only") as caught:
        open_state(tmp_path)

    assert "state_dir" in (caught.value.hint or "")


def test_two_vaults_do_not_share_a_folder_elsewhere(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    state = open_state(tmp_path / "a", tmp_path / "deep/state")

    with pytest.raises(UsageError, match="belongs to"):
        open_state(tmp_path / "b", tmp_path / "deep/state")

    assert open_state(tmp_path / "a", tmp_path / "deep/state") == state


def test_the_folder_of_a_vault_that_moved_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    state = open_state(tmp_path / "a", tmp_path / "state")
    (tmp_path / "a").rename(tmp_path / "b")

    with pytest.warns(PersonWarning, match='the vault ".*/a" that is not there any more, is now that of ".*/b"'):
        assert open_state(tmp_path / "b", tmp_path / "state") == state

    assert open_state(tmp_path / "b", tmp_path / "state") == state


def test_a_folder_with_files_of_the_person_is_no_state_folder_and_gets_nothing(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    for name, files in {
        "checkout": {"main.c": b"", ".git/HEAD": b"ref: main"},
        "with a file of our name": {"vault": b"\x7fELF not ours", "other": b""},
        "with a path in it": {"vault": b"/srv/vault", "notes.md": b""},
        "ignored already": {".gitignore": b"*\n", "lib/python": b""},
        "ignores something": {".gitignore": b"build/\n"},
    }.items():
        folder = tmp_path / name
        for file, data in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(data)

        with pytest.raises(UsageError, match="is not empty, and no state folder") as caught:
            open_state(tmp_path / "vault", folder)

        assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == set(files)
        assert all((folder / file).read_bytes() == data for file, data in files.items())
        assert f"{folder}/vaultc" in str(caught.value.hint)


@pytest.mark.parametrize("left", [(), (".gitignore",), (".gitignore", "vault"), ("vault", "catalog.db")])
def test_a_state_folder_that_was_begun_or_lost_a_mark_is_still_ours(tmp_path: Path, left: tuple[str, ...]) -> None:
    (tmp_path / "vault").mkdir()
    state = open_state(tmp_path / "vault", tmp_path / "state")
    state.catalog.write_bytes(b"")
    for path in list(state.path.iterdir()):
        if path.name not in left:
            path.unlink()
    (state.path / ".vaultc-0123456789abcdef.tmp").write_bytes(b"")  # of a run that was killed

    assert open_state(tmp_path / "vault", tmp_path / "state") == state
    assert (state.path / ".gitignore").read_text() == "*\n"
