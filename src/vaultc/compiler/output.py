"""Where a compile writes: beside the idea, and to an output folder that may hold the code of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.artifacts.architecture import artifact_path
from vaultc.compiler.source_map import MAP_NAME, read_map
from vaultc.core.errors import UsageError
from vaultc.disk.policy import Root
from vaultc.disk.write import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.compiler.unit import Unit


def check_beside(vault: Root, unit: Unit) -> str | None:
    """Raise UsageError where nothing may be written beside the idea; give a name that is not that of the idea."""
    path = artifact_path(unit, ".architecture.md")
    vault.check(path)
    name = path.rpartition("/")[2].removesuffix(".architecture.md")
    return name if name != unit.idea.title else None


def check_out(out: Path, vault: Path, unit: Unit) -> None:
    """Raise UsageError unless `out` is a folder that the code of `unit` may be written to."""
    hint = "choose an empty folder, or the one of an earlier compile of this idea"
    if out.exists() and not out.is_dir():
        raise UsageError(f'"{out}" is a file, not a folder', hint=hint)
    resolved = out.resolve()
    if resolved in (vault.resolve(), *vault.resolve().parents):
        raise UsageError(f'"{out}" holds the vault itself', hint=hint)
    try:
        inside = resolved.relative_to(vault.resolve()).parts
    except ValueError:
        inside = resolved.parts[-1:]
    hidden = next((part for part in (*inside, *resolved.parts) if part in (".git", ".obsidian", ".vaultc")), None)
    hidden = hidden or next((part for part in inside if part.startswith(".")), None)
    if hidden is not None:
        raise UsageError(f'"{out}" lies inside "{hidden}", where no code is written', hint=hint)
    owner = _owner(out)
    if owner is not None and owner != unit.idea.path:
        raise UsageError(f'"{out}" holds the code of "{owner}"', hint=hint)


def name_of_out(out: Path, vault: Path) -> str:
    """Give how an output folder is remembered: from the root of the vault where it lies inside, so that both can move.

    `vault / name` is the folder in either case.
    """
    resolved, root = out.resolve(), vault.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else str(out)


def _owner(out: Path) -> str | None:
    """Give the idea whose code lies in `out`, as the map there says."""
    data = read_bytes(Root(out), MAP_NAME) if out.is_dir() else None
    found = None if data is None else read_map(data)
    return None if found is None else found.unit
