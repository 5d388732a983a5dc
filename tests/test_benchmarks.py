"""What is said of measurements is what was measured."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_tables_of_the_benchmarks_are_those_of_their_results() -> None:
    done = run("benchmarks.table", "--check")

    assert (done.returncode, done.stderr) == (0, "")


def test_the_same_seed_makes_the_same_vault(tmp_path: Path) -> None:
    for name in ("first", "second"):
        assert run("benchmarks.make_vault", str(tmp_path / name), "--notes", "40").returncode == 0

    first, second = (files(tmp_path / name) for name in ("first", "second"))
    assert first == second
    assert sum(path.endswith(".md") for path in first) == 40


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
