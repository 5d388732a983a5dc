"""Where results go, and what each carries."""

from __future__ import annotations

import datetime
import json
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
ROOT = Path(__file__).resolve().parents[1]


def record(case: str, result: dict[str, Any]) -> None:
    """Append one result with commit, Python and machine, and print it."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    line = {
        "case": case,
        "date": datetime.date.today().isoformat(),
        "commit": commit,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        **result,
    }
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{case}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    json.dump(line, sys.stdout, ensure_ascii=False, indent=1)
    print()


def cpu_seconds(argv: list[str], *, runs: int = 5, **kwargs: Any) -> float:
    """Median CPU seconds (user + system, children too) of `argv` as a whole process."""
    times = []
    for _ in range(runs + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kwargs)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return sorted(times[1:])[runs // 2]
