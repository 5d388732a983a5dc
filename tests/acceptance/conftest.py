"""The example vault, indexed and compiled once for all tests that only look at what came out."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from acceptance.tool import EXAMPLE_VAULT, IDEAS, Compiled, Tool
from cli.conftest import run
from conftest import one_machine

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run"]


@dataclass(frozen=True)
class Workspace:
    """A copy of the example vault and the tool that works on it. Shared: no test may change it."""

    vault: Path
    tool: Tool


def new_workspace(folder: Path) -> Workspace:
    """Give a fresh copy of the example vault in `folder`."""
    home, vault = folder / "home", folder / "vault"
    one_machine(home / ".local" / "state")
    shutil.copytree(EXAMPLE_VAULT, vault)
    return Workspace(vault, Tool(home, folder))


@pytest.fixture
def fresh(tmp_path: Path) -> Workspace:
    """A copy of the example vault for one test, not indexed."""
    return new_workspace(tmp_path)


@pytest.fixture(scope="session")
def pristine(example_index: Path) -> Workspace:
    """The example vault, indexed and nothing else: what is copied."""
    return Workspace(example_index, Tool(example_index.parent / "home", example_index.parent))


def copy_of(workspace: Workspace, folder: Path) -> Workspace:
    """Give a copy of a vault with what is known of it, on the same machine."""
    home, vault = folder / "home", folder / "vault"
    shutil.copytree(workspace.tool.home, home)
    shutil.copytree(workspace.vault, vault)
    return Workspace(vault, Tool(home, folder))


@pytest.fixture(scope="session")
def indexed(pristine: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The example vault, indexed."""
    return copy_of(pristine, tmp_path_factory.mktemp("accepted"))


@pytest.fixture(scope="session")
def compiled_all(indexed: Workspace) -> dict[str, Compiled]:
    """The three ideas, compiled without a model."""
    found = {}
    for name, idea in IDEAS.items():
        out = indexed.tool.cwd / name
        done = indexed.tool("compile", idea, "--out", out, "--vault", indexed.vault, "--json")
        assert done.code == 0, done.err
        found[name] = Compiled(name, idea, indexed.vault, out, done.json)
    return found


@pytest.fixture(params=list(IDEAS))
def compiled(request: pytest.FixtureRequest, compiled_all: dict[str, Compiled]) -> Compiled:
    """Each idea in turn."""
    return compiled_all[request.param]


@pytest.fixture
def copied(pristine: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An indexed vault for one test, which may change it; the current folder is beside it."""
    monkeypatch.chdir(tmp_path)
    return copy_of(pristine, tmp_path)
