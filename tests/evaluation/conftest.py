"""The indexed example vault, and the command line for the tests of `vaultc model check`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from cli.conftest import run

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run"]


@pytest.fixture
def vault(tmp_path: Path, example_index: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, with the current folder beside it."""
    copy = tmp_path / "vault"
    shutil.copytree(example_index, copy)
    monkeypatch.chdir(tmp_path)
    return copy
