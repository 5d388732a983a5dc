"""Where generated code runs: in a box without network that sees its own folder and the interpreter, or not at all.

The first kind that keeps every promise when a program in it tries to get out; where none does, `available` gives None
and no generated code may be run.
"""

from __future__ import annotations

import functools
import platform
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vaultc.core.errors import VaultError
from vaultc.disk.box import landlock_abi
from vaultc.disk.confine import Box, BoxResult, refused_in, run_in_box
from vaultc.disk.probe import ways_out
from vaultc.disk.watch import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

HINT = "install bubblewrap, or use Linux 5.13 or newer with Landlock; without a sandbox nothing generated is run"


@dataclass(frozen=True, slots=True)
class Found:
    """The box that holds here, if any, and why the kinds that would come before it do not."""

    box: Box | None
    passed_over: tuple[str, ...]

    def __str__(self) -> str:
        """In a line for a person."""
        if self.box is None:
            return "no sandbox holds here: " + "; ".join(self.passed_over)
        return f"{self.box.kind}; it refuses {refused_in(self.box)}"


@functools.cache
def examine_sandbox() -> Found:
    """Find the box that holds on this system, tried out once by a program that tries to get out."""
    if not sys.platform.startswith("linux"):
        return Found(None, (f"{platform.system()} offers none that vaultc knows",))
    passed_over: list[str] = []
    version = landlock_abi()
    for box in (Box("bubblewrap", version), Box("namespaces", version), Box("landlock", version)):
        why = _fault_of(box)
        if why is None:
            return Found(box, tuple(passed_over))
        passed_over.append(f"{box.kind}: {why}")
    return Found(None, tuple(passed_over))


def available() -> Box | None:
    """Give the box that holds here; None: there is none."""
    return examine_sandbox().box


def _fault_of(box: Box) -> str | None:
    """Say why a box does not hold here; None: it does."""
    if box.kind == "bubblewrap" and shutil.which("bwrap") is None:
        return "not installed"
    try:
        ways = ways_out(box, python_paths())
    except (VaultError, OSError) as error:
        return error.message if isinstance(error, VaultError) else str(error)
    return "a program in it could still " + ", ".join(ways) if ways else None


def python_paths() -> tuple[Path, ...]:
    """Give what this interpreter needs to run: of its environment, its base and the system.

    Only their own parts: an environment may lie in a home folder or a vault, or be one.
    """
    inside = [
        Path(prefix) / name
        for prefix in (sys.prefix, sys.base_prefix)
        for name in ("bin", "lib", "lib64", "share/zoneinfo", "pyvenv.cfg")
    ]
    base = Path(sysconfig.get_path("stdlib"))
    executable = Path(sys.executable).resolve()
    system = (Path("/usr"), Path("/bin"), Path("/lib"), Path("/lib64"))
    return tuple(dict.fromkeys(path for path in (*inside, base, executable, *system) if path.exists()))


def run_boxed(
    argv: Sequence[str],
    *,
    folder: Path,
    readable: Sequence[Path],
    timeout_s: float,
    memory_bytes: int,
    output_bytes: int,
) -> BoxResult:
    """Run a program in the box of this system and wait for its end; whatever it has started ends with it.

    Args:
        argv: the program, by its absolute path, and its arguments.
        folder: where it runs, the only place where it can write beside a temporary folder of its own.
        readable: what else it can read and execute; see `python_paths`.
        timeout_s: after so many seconds it is killed.
        memory_bytes: memory of all its processes, and address space of each.
        output_bytes: how much of each output stream is kept.

    Raises:
        VaultError: there is no box here, or it could not be made. Then nothing was run.
    """
    box = available()
    if box is None:
        raise VaultError(f"generated code is not run: {examine_sandbox()}", hint=HINT)
    if not Path(argv[0]).is_file():
        raise VaultError(f"generated code is not run: there is no program {argv[0]}")
    limits = Limits(timeout_s, memory_bytes)
    return run_in_box(box, argv, folder=folder, readable=readable, limits=limits, output_bytes=output_bytes)
