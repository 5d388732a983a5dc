"""The kinds of box that tests go through, and a way to run a program in one."""

from __future__ import annotations

import contextlib
import functools
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from vaultc.core.errors import VaultError
from vaultc.disk.box import landlock_abi
from vaultc.disk.confine import Box, BoxResult, run_in_box
from vaultc.disk.probe import ways_out
from vaultc.disk.sandbox import python_paths
from vaultc.disk.watch import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KINDS = [Box("bubblewrap", landlock_abi()), Box("namespaces", landlock_abi()), Box("landlock", landlock_abi())]
# Older kernels, as this one can play them: what their Landlock did not handle is not handled.
OLDER = [Box("landlock", version) for version in (1, 2, 3, 5) if version < landlock_abi()]
OLDER += [Box("namespaces", version) for version in (1, 5) if version < landlock_abi()]


def name_of(box: Box) -> str:
    return f"{box.kind}-{box.landlock}"


@contextlib.contextmanager
def skipped_where_it_cannot_be_made(box: Box) -> Iterator[None]:
    """Skip a test of a kind of box that this system refuses to make; one that is made and does not work fails."""
    if box.kind == "bubblewrap" and shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    try:
        if box.kind == "bubblewrap":
            _try_out(box)
        yield
    except VaultError as error:
        if not error.message.startswith("the sandbox cannot be made"):
            raise
        pytest.skip(f"{name_of(box)}: {error.message}")


@functools.cache
def _try_out(box: Box) -> None:
    ways_out(box, python_paths())


def run(box: Box, code: str, folder: Path, limits: Limits | None = None) -> BoxResult:
    """Run a program in a box."""
    with skipped_where_it_cannot_be_made(box):
        return run_in_box(
            box,
            [sys.executable, "-c", code],
            folder=folder,
            readable=python_paths(),
            limits=limits or Limits(seconds=30, memory_bytes=1 << 30),
            output_bytes=20_000,
        )
