"""Generated packages on disk, and their own checks run as a person would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.units import Notes, tools

from vaultc.compiler.check_package import check_package
from vaultc.compiler.passes.code import code
from vaultc.compiler.passes.design import design
from vaultc.compiler.passes.pseudocode import pseudocode
from vaultc.compiler.passes.trace import trace

if TYPE_CHECKING:
    from vaultc.compiler.unit import Check, CodeFile, Unit


def lowered(unit: Unit, notes: Notes) -> Unit:
    """Give the unit lowered without a model."""
    given = tools(notes)
    return trace(code(pseudocode(design(unit, given), given), given), given)


def written(unit: Unit, folder: Path) -> Path:
    """Write the package of `unit` below `folder`."""
    for file in unit.code:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    return folder


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the interpreter in `folder`."""
    return subprocess.run([sys.executable, *args], cwd=folder, capture_output=True, text=True, check=False)


def checked(files: tuple[CodeFile, ...], package: str) -> tuple[Check, ...]:
    """Check as `vaultc compile` does, with what mypy knows kept for all tests."""
    return check_package(files, package, Path(os.environ["XDG_CACHE_HOME"]) / "vaultc")
