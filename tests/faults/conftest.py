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

DENSITY = int(os.environ.get("FAULT_DENSITY", "1"))
"""How many times as many places are tried as usual; 1000 is every place (docs/design/007-faults.md)."""


def some(count: int, step: int) -> list[int]:
    """Give the places of `count` to try: every `step`-th, or more of them where more is asked for."""
    step = max(1, step // DENSITY)
    return list(range(step // 2, count, step))


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
