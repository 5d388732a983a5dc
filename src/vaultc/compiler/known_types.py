"""What mypy knows of the standard library and pytest, kept between runs: without it each check reads their stubs anew.

It is made from a module of ours, before any generated code is seen, and handed to a check as a copy that goes with the
check: what generated code does to its copy, no later check reads.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from vaultc.core.digest import digest_json
from vaultc.core.errors import UsageError, VaultError
from vaultc.disk.policy import Root
from vaultc.disk.sandbox import python_paths, run_boxed
from vaultc.disk.write import read_bytes, remove, write_atomic

if TYPE_CHECKING:
    from collections.abc import Sequence

# What generated packages and their tests import. A module that is not here is read when it is met.
_SEED = """\
from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

import pytest
"""
_PREFIX, _SUFFIX = "mypy-", ".zip"
_KEPT = 4
_TIMEOUT_S = 180.0
_MEMORY_BYTES = 4 << 30


def lay_out(home: Path, into: Path, options: Sequence[str]) -> bool:
    """Put a copy of what mypy knows into the folder `into`; tell whether there is one.

    Args:
        home: where it is kept; made there, in a box, where it is missing.
        into: the folder for the copy, to be given to mypy as `--cache-dir`.
        options: what mypy is called with: under others it knows other things.
    """
    root, name = Root(home), _name(options)
    try:
        return _unpacked(read_bytes(root, name), into) or _unpacked(_made(root, name, options), into)
    except VaultError:
        return False  # then mypy reads the stubs anew


def _name(options: Sequence[str]) -> str:
    """Give the file for this mypy, this interpreter with what is installed in it, these options."""
    key = digest_json([_version("mypy"), _version("pytest"), sys.version, sys.prefix, list(options), _SEED])
    return f"{_PREFIX}{key.rpartition(':')[2]}{_SUFFIX}"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _unpacked(data: bytes | None, into: Path) -> bool:
    if data is None:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                write_atomic(Root(into, allow_hidden=True), name, archive.read(name))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, UsageError):
        return False  # damaged: made anew
    return True


def _made(root: Root, name: str, options: Sequence[str]) -> bytes | None:
    with tempfile.TemporaryDirectory(prefix="vaultc-types-") as outer:
        folder = Path(outer)
        write_atomic(Root(folder), "seed.py", _SEED.encode())
        result = run_boxed(
            [sys.executable, "-m", "mypy", *options, "--cache-dir=known", "seed.py"],
            folder=folder,
            readable=python_paths(),
            timeout_s=_TIMEOUT_S,
            memory_bytes=_MEMORY_BYTES,
            output_bytes=0,
        )
        if result.returncode not in (0, 1):  # 1: something of the seed is not installed; the rest is known all the same
            return None
        data = _packed(folder / "known")
    with contextlib.suppress(VaultError):  # a home that cannot be written costs time, not the check
        write_atomic(root, name, data, mode=0o600)
        _forget_old(root)
    return data


def _packed(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return packed.getvalue()


def _forget_old(root: Root) -> None:
    """Keep a few: each new mypy or interpreter adds one."""
    with contextlib.suppress(OSError):  # another run forgets too
        found = sorted(root.path.glob(f"{_PREFIX}*{_SUFFIX}"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in found[_KEPT:]:
            remove(root, path.name)
