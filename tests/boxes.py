"""The kinds of box that tests go through, and a way to run a program in one."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from vaultc.core.errors import VaultError
from vaultc.disk.box import landlock_abi
from vaultc.disk.confine import Box, BoxResult, run_in_box
from vaultc.disk.sandbox import python_paths
from vaultc.disk.watch import Limits

if TYPE_CHECKING:
    from pathlib import Path

KINDS = [Box("bubblewrap", landlock_abi()), Box("namespaces", landlock_abi()), Box("landlock", landlock_abi())]
# Older kernels, as this one can play them: what their Landlock did not handle is not handled.
OLDER = [Box("landlock", version) for version in (1, 2, 3, 5) if version < landlock_abi()]
OLDER += [Box("namespaces", version) for version in (1, 5) if version < landlock_abi()]


def name_of(box: Box) -> str:
    return f"{box.kind}-{box.landlock}"


def run(box: Box, code: str, folder: Path, limits: Limits | None = None) -> BoxResult:
    """Run a program in a box; skip the test where that kind cannot be made on this system."""
    if box.kind == "bubblewrap" and shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    try:
        return run_in_box(
            box,
            [sys.executable, "-c", code],
            folder=folder,
            readable=python_paths(),
            limits=limits or Limits(seconds=30, memory_bytes=1 << 30),
            output_bytes=20_000,
        )
    except VaultError as error:
        pytest.skip(f"{name_of(box)}: {error.message}")
