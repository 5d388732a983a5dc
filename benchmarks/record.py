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
    """Append one result with commit, Python and machine, and print it.

    `load` is the machine's mean load of the last five minutes: where others were at work too, wall times are long,
    and the ratios of CPU times are what counts.
    """
    line = {
        "case": case,
        "date": datetime.date.today().isoformat(),
        "commit": _commit(),
        "python": platform.python_version(),
        "machine": _machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[1], 1),
        **result,
    }
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{case}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    json.dump(line, sys.stdout, ensure_ascii=False)
    print(flush=True)


def last_results(case: str, key: str) -> list[dict[str, Any]]:
    """Give the last recorded result for each value of `key`, in the order in which the values first came."""
    path = RESULTS / f"{case}.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    found: dict[Any, dict[str, Any]] = {}
    for line in lines:
        result = json.loads(line)
        found[result.get(key)] = result
    return list(found.values())


def cpu_seconds(argv: list[str], *, runs: int = 5, **kwargs: Any) -> float:
    """Median CPU seconds (user + system, children too) of `argv` as a whole process."""
    times = []
    for _ in range(runs + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kwargs)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return sorted(times[1:])[runs // 2]


def _commit() -> str:
    """Give the commit, with a plus sign where a file of the program differs from it."""
    text = _git("rev-parse", "--short", "HEAD")
    return f"{text}+" if _git("status", "--porcelain", "--", "src") else text


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _machine() -> str:
    """Give the kind of processor, as the system names it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
