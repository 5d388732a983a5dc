"""What README shows of vaultc is what vaultc prints."""

from __future__ import annotations

import subprocess
import sys

from conftest import ROOT


def test_the_tour_in_readme_is_what_vaultc_prints() -> None:
    command = [sys.executable, "-m", "cogapp", "--check", "--diff", "-I", "docs", "README.md"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, f"run `make docs`:\n{done.stdout}{done.stderr}"
