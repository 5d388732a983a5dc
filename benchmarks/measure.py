"""What a command costs as a whole process: wall time, CPU and memory of it and of every process it started."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NOTE_SUFFIXES = (".md", ".idea", ".pseudo")
_LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process cost.

    Attributes:
        wall: seconds from start to end.
        cpu: user and system seconds, of the process and of all below it that were waited for.
        rss_mb: the most memory that any one process held, as the kernel counted it.
        tree_mb: the most memory that all of them held together, shared pages counted once (PSS), looked at five
            times a second; a shorter peak is missed.
    """

    wall: float
    cpu: float
    rss_mb: float
    tree_mb: float

    def as_json(self) -> dict[str, float]:
        return {key: round(value, 3 if key in {"wall", "cpu"} else 1) for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Done:
    """A process that ended: its cost, exit code and output."""

    cost: Cost
    code: int
    out: str
    err: str


def measured(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    codes: tuple[int, ...] = (0, 1),
) -> Done:
    """Run `argv` to its end and give what it cost. Raises RuntimeError for another exit code than `codes`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen(argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        with _memory_watch(child.pid) as peak:
            _, status, usage = os.wait4(child.pid, 0)
            wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        text, errors = _read(out), _read(err)
    cost = Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, max(peak.mb, 0.0))
    if child.returncode not in codes:
        raise RuntimeError(
            f"{' '.join(argv)[:300]} ended with code {child.returncode}:\n{errors[-3000:]}{text[-2000:]}"
        )
    return Done(cost, child.returncode, text, errors)


def median_cost(costs: Sequence[Cost]) -> Cost:
    """Give the median of each part; of memory the most."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        max(cost.rss_mb for cost in costs),
        max(cost.tree_mb for cost in costs),
    )


def _read(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode("utf-8", "replace"))


class _Peak:
    mb = 0.0


@contextlib.contextmanager
def _memory_watch(pid: int) -> Iterator[_Peak]:
    """Look at the memory of `pid` and all below it until the block ends."""
    peak, ended = _Peak(), threading.Event()

    def look() -> None:
        while True:
            peak.mb = max(peak.mb, sum(_pss_mb(one) for one in _tree(pid)))
            if ended.wait(_LOOK_EVERY_S):
                return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def _tree(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
    return found


def _pss_mb(pid: int) -> float:
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


# folders to measure on


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """Give an empty folder that goes with the block."""
    folder = Path(tempfile.mkdtemp(prefix="vaultc-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy_vault(source: Path, target: Path, *, without: tuple[str, ...] = ()) -> Path:
    """Copy a vault without anybody's state, and without what `without` names; times of files are kept."""
    left_out = shutil.ignore_patterns(".vaultc", ".git", "__pycache__", *without)
    shutil.copytree(source, target, symlinks=True, ignore=left_out)
    return target


def sample_vault(source: Path, target: Path, count: int, seed: int = 1) -> Path:
    """Copy `count` notes of a vault, taken at random, into the same folders."""
    found = [path for path in note_files(source) if path.suffix == ".md"]
    for path in random.Random(seed).sample(found, min(count, len(found))):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place)
    return target


def note_files(root: Path) -> list[Path]:
    """Give the notes of a vault in order; hidden folders are left out."""
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name) for name in files if name.endswith(NOTE_SUFFIXES)]
    return sorted(found)


def forget_pages(*folders: Path) -> None:
    """Ask the kernel to drop the cached pages of all files below `folders`, so that they are read from disk again."""
    for root in folders:
        for folder, _, files in os.walk(root):
            for name in files:
                with contextlib.suppress(OSError):
                    handle = os.open(Path(folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
                    try:
                        os.fdatasync(handle)  # a page that is not written yet cannot be dropped
                        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
                    finally:
                        os.close(handle)


def without_network() -> list[str]:
    """Give what to put before a command so that it has no network, or nothing where the system allows no such thing."""
    prefix = ["unshare", "--map-root-user", "--net", "--"]
    if shutil.which(prefix[0]) and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
        return prefix
    return []
