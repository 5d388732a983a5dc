"""The example vault, indexed once, and the command line for the tests of `vaultc model check`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from cli.conftest import EXAMPLE_VAULT, run
from conftest import one_machine

from vaultc.app.indexing import index_vault

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run"]


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example vault with its index."""
    copy = tmp_path_factory.mktemp("indexed") / "vault"
    shutil.copytree(EXAMPLE_VAULT, copy)
    with pytest.MonkeyPatch.context() as patch:  # made before the home of a test is
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
            patch.setenv(name, str(copy.parent / "home"))
        one_machine(copy.parent / "home")
        index_vault(copy)
    return copy


@pytest.fixture
def vault(tmp_path: Path, indexed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, with the current folder beside it."""
    copy = tmp_path / "vault"
    shutil.copytree(indexed, copy)
    monkeypatch.chdir(tmp_path)
    return copy
