"""The shim sees what it claims to see: its count is that of the kernel."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from faults.driver import HERE, SOURCE, copy_of
from faults.server import make_plan

if TYPE_CHECKING:
    from pathlib import Path

_KINDS = {
    **dict.fromkeys(("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "copy_file_range"), "w"),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), "u"),
    **dict.fromkeys(("mkdir", "mkdirat"), "m"),
    **dict.fromkeys(("rename", "renameat", "renameat2"), "r"),
    **dict.fromkeys(("fsync", "fdatasync"), "s"),
    **dict.fromkeys(("link", "linkat", "symlink", "symlinkat"), "l"),
    "ftruncate": "t",
    "fallocate": "a",
    "open": "o",
    "openat": "o",
    "creat": "o",
}


def traced(trace: Path, below: Path) -> Counter[str]:
    """Count the calls of a trace that change files below a folder."""
    found: Counter[str] = Counter()
    for line in trace.read_text("utf-8", "replace").splitlines():
        call = re.match(r"\d+ +(\w+)\(", line)
        if call is None or str(below) not in re.sub("AT_FDCWD<[^>]*>", "", line.partition("(")[2]):
            continue
        if call[1] in {"open", "openat"} and not re.search("O_CREAT|O_TRUNC", line):
            continue
        found[_KINDS[call[1]]] += 1
    return found


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize("chroma", [False, True], ids=["plain", "chroma"])
def test_the_shim_counts_what_the_kernel_is_asked(shim: Path, notes: Path, tmp_path: Path, *, chroma: bool) -> None:
    area, plan, trace = tmp_path / "area", tmp_path / "plan", tmp_path / "trace"
    vault = copy_of(notes, area / "vault")
    make_plan(plan)
    order = {
        "arguments": ["index", str(vault)],
        "counted": str(area),
        "mode": 0,
        "at": 0,
        "chroma": chroma,
        "said": str(tmp_path / "said"),
        "environment": {"HOME": str(area / "home")},
    }
    environment = os.environ | {
        "LD_PRELOAD": str(shim),
        "FAULT_PLAN": str(plan),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": f"{SOURCE}{os.pathsep}{HERE.parent}",
        **({"FAULT_CHROMA": "1"} if chroma else {}),
    }
    done = subprocess.run(
        ["strace", "-f", "-y", "-o", trace, "-e", "trace=" + ",".join(_KINDS), sys.executable, "-m", "faults.server"],
        input=json.dumps(order) + "\n",
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
    )
    if "Operation not permitted" in done.stderr:
        pytest.skip("strace is not permitted here")
    counted = Counter(json.loads(done.stdout)["kinds"])
    seen = traced(trace, area)

    if chroma:  # its graph is written by streams: the shim counts what is handed to them, and their ends
        for kind in "ws":
            assert counted.pop(kind) >= seen.pop(kind)
    assert counted == seen
    assert sum(counted.values()) > 20
