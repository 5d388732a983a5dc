"""A vault that cannot be written, an output folder that cannot be written, a disk that is full."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from acceptance.conftest import copy_of
from acceptance.tool import files_of, leftovers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acceptance.conftest import Workspace
    from acceptance.tool import Done

IDEA = "Идеи/Полив теплицы.md"
_MOUNT = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def read_only(folder: Path) -> tuple[str, ...]:
    """Give the start of a command line in which `folder` cannot be written, whoever runs it."""
    user = () if os.geteuid() == 0 else ("-r",)
    return ("unshare", *user, "-m", "sh", "-c", _MOUNT, "sh", str(folder))


def can_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    command = [*read_only(folder), "sh", "-c", f'! touch "{folder}/x" 2>/dev/null']
    return subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture
def mounts(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where this user may not mount a folder read-only for itself."""
    if not can_mount(tmp_path_factory.mktemp("mount")):
        pytest.skip("needs a mount namespace")


def is_told(done: Done, *words: str) -> bool:
    """Tell whether the run failed with a message and a hint, not with a traceback."""
    whole = " ".join(done.err.split())
    return done.code == 3 and "Traceback" not in done.err and "help:" in whole and all(word in whole for word in words)


@pytest.mark.usefixtures("mounts")
def test_a_read_only_vault_says_where_its_state_can_go(fresh: Workspace) -> None:
    before = files_of(fresh.vault, state=True)

    done = fresh.tool.within(*read_only(fresh.vault))("index", fresh.vault)

    assert is_told(done, "read-only", "VAULTC_STATE_DIR"), done
    assert files_of(fresh.vault, state=True) == before


@pytest.mark.usefixtures("mounts")
def test_a_read_only_vault_is_read_with_its_state_elsewhere(fresh: Workspace, pristine: Workspace) -> None:
    state = fresh.tool.cwd / "state"
    tool = fresh.tool.within(*read_only(fresh.vault)).using(VAULTC_STATE_DIR=str(state))
    before = files_of(fresh.vault, state=True)

    indexed = tool("index", fresh.vault, "--json")
    found = tool("search", "насос", "--vault", fresh.vault, "--json")
    looked = tool("compile", IDEA, "--vault", fresh.vault, "--until", "extract", "--show-ir", "--json")

    assert indexed.code == 0, indexed.err
    assert indexed.json["stats"]["added"] >= 30
    assert found.json == pristine.tool("search", "насос", "--vault", pristine.vault, "--json").json
    assert looked.code == 0, looked.err
    assert looked.json["requirements"]
    assert (state / "catalog.db").is_file()
    assert files_of(fresh.vault, state=True) == before


@pytest.mark.usefixtures("mounts")
def test_an_idea_in_a_read_only_vault_cannot_be_compiled_and_says_why(copied: Workspace) -> None:
    state = copied.tool.cwd / "state"
    shutil.copytree(copied.vault / ".vaultc", state)
    before = files_of(copied.vault, state=True)
    tool = copied.tool.within(*read_only(copied.vault)).using(VAULTC_STATE_DIR=str(state))

    done = tool("compile", IDEA, "--vault", copied.vault, "--out", copied.tool.cwd / "code", "--no-run-tests")

    assert is_told(done, "read-only"), done
    assert files_of(copied.vault, state=True) == before


@pytest.mark.usefixtures("mounts")
def test_an_output_folder_that_is_read_only_says_so_and_the_next_run_goes_on(copied: Workspace) -> None:
    locked = copied.tool.cwd / "locked"
    locked.mkdir()
    tool = copied.tool.within(*read_only(locked))

    done = tool("compile", IDEA, "--vault", copied.vault, "--out", locked / "code", "--no-run-tests")

    assert is_told(done, "read-only", "locked"), done
    assert leftovers(copied.tool.cwd) == []

    again = copied.tool("compile", IDEA, "--vault", copied.vault, "--out", locked / "code", "--no-run-tests", "--json")

    assert again.code == 0, again.err
    assert {write["action"] for write in again.json["writes"]} <= {"created", "unchanged"}


def no_file_over(limit: int) -> Callable[[], None]:
    """Give what makes every write beyond `limit` bytes of a file fail, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


@pytest.mark.parametrize("limit", [4_000, 300_000])
def test_an_index_on_a_full_disk_says_so_and_works_once_there_is_room(
    fresh: Workspace, pristine: Workspace, limit: int
) -> None:
    done = fresh.tool("index", fresh.vault, preexec=no_file_over(limit))

    assert is_told(done), done

    again = fresh.tool("index", fresh.vault, "--json")

    assert again.code == 0, again.err
    assert again.json["stats"]["notes"] >= 30
    found = fresh.tool("search", "насос", "--vault", fresh.vault, "--json")
    assert found.json == pristine.tool("search", "насос", "--vault", pristine.vault, "--json").json


@pytest.fixture(scope="module")
def whole(pristine: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a compile leaves where there is room."""
    workspace = copy_of(pristine, tmp_path_factory.mktemp("whole"))
    out = workspace.tool.cwd / "code"
    done = workspace.tool("compile", IDEA, "--vault", workspace.vault, "--out", out, "--no-run-tests")
    assert done.code == 0, done.err
    return files_of(workspace.tool.cwd)


@pytest.mark.parametrize("limit", [3_000, 100_000])
def test_a_compile_on_a_full_disk_says_so_and_works_once_there_is_room(
    copied: Workspace, whole: dict[str, bytes], limit: int
) -> None:
    arguments = ("compile", IDEA, "--vault", copied.vault, "--out", copied.tool.cwd / "code", "--no-run-tests")

    done = copied.tool(*arguments, preexec=no_file_over(limit))

    assert is_told(done), done
    assert leftovers(copied.tool.cwd) == []
    for path, data in files_of(copied.tool.cwd).items():
        assert whole[path] == data, f"{path} is cut short"

    again = copied.tool(*arguments)

    assert again.code == 0, again.err
    assert files_of(copied.tool.cwd) == whole
