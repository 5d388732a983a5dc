"""What the fault tests share: the command line, and a vault that is indexed already."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from cli.conftest import run
from fakes import write_vault
from faults.driver import NOTES, compile_shim

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run"]

IS_FULL = os.environ.get("VAULTC_FAULTS") == "full"
"""Whether every place is tried, not one in some: minutes, not seconds. What it found: docs/design/007-faults.md."""


def some(count: int, step: int, start: int = 0) -> list[int]:
    """Give the places of `count` to try: each, or every `step`-th from `start`."""
    return list(range(count)) if IS_FULL else list(range(start, count, step))


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled shim."""
    compiled = compile_shim(tmp_path_factory.mktemp("shim"))
    if compiled is None:
        pytest.skip("needs Linux and a C compiler")
    return compiled


@pytest.fixture(scope="session")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small vault, never indexed."""
    return write_vault(tmp_path_factory.mktemp("notes") / "vault", NOTES)
