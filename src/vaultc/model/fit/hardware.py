"""What this machine has: GPUs, RAM that may be used, cores. Or what the person says it has."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from vaultc.core.errors import UsageError

GPU_BANDWIDTH = 1.79e12
RAM_BANDWIDTH = 85e9
_KEPT_OF_RAM = 0.10  # for the system, Obsidian and the index
_SIZE = re.compile(r"^([0-9]+(?:[.,][0-9]+)?) *([kmgt]?)(i?)b?$", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_MAX_BYTES = 1 << 50
_QUERY_SECONDS = 10

# Bytes a second, from the makers' data sheets; matched in the name that the driver gives.
_BANDWIDTHS = (
    ("RTX PRO 6000", 1.792e12), ("RTX 5090", 1.792e12), ("RTX 4090", 1.008e12), ("RTX 3090", 0.936e12),
    ("RTX 6000 Ada", 0.960e12), ("RTX A6000", 0.768e12), ("H200", 4.8e12), ("H100 PCIe", 2.0e12), ("H100", 3.35e12),
    ("A100", 1.935e12), ("L40S", 0.864e12),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU: what is free on it, and how many bytes a second it reads."""

    name: str
    free_bytes: int
    bandwidth: float = GPU_BANDWIDTH


@dataclass(frozen=True, slots=True)
class Machine:
    """What a plan may use. `ram_bytes` is what models may take of the RAM; `said` tells how each figure was found."""

    gpus: tuple[Gpu, ...]
    ram_bytes: int
    cores: int
    ram_bandwidth: float = RAM_BANDWIDTH
    ram_total: int = 0
    said: tuple[str, ...] = ()

    @property
    def vram_bytes(self) -> int:
        """Bytes free on all GPUs together."""
        return sum(gpu.free_bytes for gpu in self.gpus)


def parse_size(text: str, what: str) -> int:
    """Give the bytes that `96GB` (10^9), `96GiB` (2^30) or `96500 MiB` say; a bare number is in GB.

    Raises:
        UsageError: it is not a size, or larger than any machine.
    """
    found = _SIZE.match(text.strip())
    if found is None:
        raise UsageError(f'"{text}" is no size for {what}', hint="write it as 96GB, 96GiB or 98304MiB; 0 for none")
    number, unit, binary = float(found[1].replace(",", ".")), found[2].lower() or "g", found[3]
    size = number * (1024 if binary else 1000) ** _POWERS[unit]
    if not math.isfinite(size) or size > _MAX_BYTES:
        raise UsageError(f'"{text}" is more than any machine has', hint="write it as 96GB or 96GiB")
    return int(size)


def parse_gpus(text: str) -> tuple[Gpu, ...]:
    """Give the GPUs that `96GB` or `48GB,24GB` say; none for 0. Raises UsageError."""
    sizes = [parse_size(part, "--vram") for part in re.split(r"[,;+](?=\s*\d)", text)]
    return tuple(Gpu(f"GPU {index}", size) for index, size in enumerate(size for size in sizes if size))


def machine_of(vram: str | None, ram: str | None, root: Path = Path("/")) -> Machine:
    """Give the machine as the person says it is; what they do not say is looked up. Raises UsageError."""
    found = detect(root) if vram is None or ram is None else Machine((), 0, _cores(root))
    if vram is not None:
        gpus = parse_gpus(vram)
        found = replace(found, gpus=gpus, said=(*_others(found, "VRAM"), "VRAM: as given"))
    if ram is not None:
        total = parse_size(ram, "--ram")
        kept = f"RAM: as given, less {_KEPT_OF_RAM:.0%} for the system"
        usable = int(total * (1 - _KEPT_OF_RAM))
        found = replace(found, ram_bytes=usable, ram_total=total, said=(*_others(found, "RAM"), kept))
    return found


def _others(machine: Machine, what: str) -> tuple[str, ...]:
    return tuple(line for line in machine.said if not line.startswith(what + ":"))


def detect(root: Path = Path("/")) -> Machine:
    """Look at this machine: nvidia-smi for GPUs, /proc and the control group for RAM and cores."""
    gpus, how = _gpus()
    total, available = _memory(root / "proc/meminfo")
    said = [how, "RAM: what /proc/meminfo calls available"]
    limit, used = _group_limit(root)
    if 0 < limit < total:
        total, available = limit, min(available, max(0, limit - used))
        said[1] = "RAM: what the control group of this process leaves"
    usable = min(available, int(total * (1 - _KEPT_OF_RAM)))
    return Machine(gpus, usable, _cores(root), ram_total=total, said=tuple(said))


def has_amx(root: Path = Path("/")) -> bool:
    """Tell whether the processor has Intel's matrix units, for which llama.cpp lays weights out anew."""
    try:
        return "amx_int8" in (root / "proc/cpuinfo").read_text("ascii", "replace")
    except OSError:
        return False


def _gpus() -> tuple[tuple[Gpu, ...], str]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return (), "VRAM: no nvidia-smi, so no GPU"
    asked = [program, "--query-gpu=name,memory.free", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            asked, capture_output=True, text=True, errors="replace", timeout=_QUERY_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return (), "VRAM: nvidia-smi gave no answer, so no GPU is counted on"
    return gpus_of(done.stdout), "VRAM: what nvidia-smi calls free"


def gpus_of(text: str) -> tuple[Gpu, ...]:
    """Give the GPUs in nvidia-smi's answer, one a line as `name, free MiB`; a line that says less is left out."""
    found = []
    for line in text.splitlines():
        name, _, free = (part.strip() for part in line.rpartition(","))
        if name and free.isascii() and free.isdigit():
            bandwidth = next((value for part, value in _BANDWIDTHS if part in name), GPU_BANDWIDTH)
            found.append(Gpu(name, int(free) << 20, bandwidth))
    return tuple(found)


def _memory(path: Path) -> tuple[int, int]:
    """Give total and available bytes."""
    values = {}
    for line in _read(path).splitlines():
        name, _, rest = line.partition(":")
        number = rest.split()[:1]
        if number and number[0].isdigit():
            values[name] = int(number[0]) * 1024
    total = values.get("MemTotal", 0)
    return total, values.get("MemAvailable", values.get("MemFree", total))


def _group_limit(root: Path) -> tuple[int, int]:
    """Give limit and use of memory of the control group (v2, then v1); 0 where there is no limit."""
    best = (0, 0)
    for folder, limit_name, used_name in _group_files(root):
        limit, used = _number(folder / limit_name), _number(folder / used_name)
        if 0 < limit < _MAX_BYTES and (best[0] == 0 or limit < best[0]):
            best = (limit, used)
    return best


def _group_files(root: Path) -> list[tuple[Path, str, str]]:
    """Give the folders of this process's groups up to the top: a limit of any of them holds."""
    found = []
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, place = rest.partition(":")
        parts = [part for part in place.split("/") if part not in ("", "..")]
        if not controllers:
            base, names = root / "sys/fs/cgroup", ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            base, names = root / "sys/fs/cgroup/memory", ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        found += [(base.joinpath(*parts[:depth]), *names) for depth in range(len(parts) + 1)]
    return found


def _cores(root: Path) -> int:
    """Give the cores this process may use: its affinity, and the quota of its control group."""
    try:
        cores = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        cores = os.cpu_count() or 1
    quota = _read(root / "sys/fs/cgroup/cpu.max").split()
    if len(quota) == 2 and all(part.isdigit() for part in quota) and int(quota[1]) > 0:
        cores = min(cores, max(1, int(quota[0]) // int(quota[1])))
    return cores


def _number(path: Path) -> int:
    text = _read(path).strip()
    return int(text) if text.isascii() and text.isdigit() else 0


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
