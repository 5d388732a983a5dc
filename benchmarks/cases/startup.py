"""CPU of `vaultc --help` and of a search, as ratios to a bare interpreter."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.record import ROOT, cpu_seconds, record


def run(_: list[str]) -> None:
    """Measure and record."""
    bare = cpu_seconds([sys.executable, "-c", "pass"])
    vaultc = [sys.executable, "-m", "vaultc"]
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder) / "vault"
        shutil.copytree(ROOT / "examples" / "vault", vault)
        cpu_seconds([*vaultc, "index", str(vault)], runs=1)
        ratios = {
            "import_typer": cpu_seconds([sys.executable, "-c", "import typer"]) / bare,
            "help": cpu_seconds([*vaultc, "--help"]) / bare,
            "index_unchanged": cpu_seconds([*vaultc, "index", str(vault)]) / bare,
            "search_lexical": cpu_seconds([*vaultc, "search", "насос", "--lexical", "--vault", str(vault)]) / bare,
            "search": cpu_seconds([*vaultc, "search", "насос", "--vault", str(vault)]) / bare,
        }
    record("startup", {"base": "bare interpreter", "ratios": {key: round(value, 1) for key, value in ratios.items()}})
