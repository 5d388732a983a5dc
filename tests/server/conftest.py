"""A vault, and a server on it: one for each test, or one for the tests of a module that leave no trace."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import indexed_once, one_machine
from fakes import write_vault
from server.running import NOTES, Running, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an indexed vault to copy."""
    return indexed_once(tmp_path_factory, "served", lambda folder: write_vault(folder, NOTES))


@pytest.fixture
def vault(tmp_path: Path, indexed: Path) -> Path:
    """Give an indexed vault."""
    return shutil.copytree(indexed, tmp_path / "vault")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, indexed: Path) -> Iterator[Running]:
    """Give a server that the tests of a module share."""
    folder = tmp_path_factory.mktemp("shared")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            patch.setenv(name, str(folder / "home"))  # before the fixture that gives each test a home of its own
        one_machine(folder / "home")
        with running(shutil.copytree(indexed, folder / "vault")) as found:
            yield found
