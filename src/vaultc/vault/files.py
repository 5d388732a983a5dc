"""The files of a vault as values, and reading one: open, decode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.quick import quick
from vaultc.vault.decode import ReadResult, decoded, unreadable
from vaultc.vault.opening import read_stable, stamp

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.core.source import VaultPath


@quick
@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file of the vault.

    `disk` is its path below the root as the file system spells it. `is_note` is true of all files that are read
    and searched, canvases and bases too. An excluded file is a target of links and not read. One that is linked
    stands behind a link of the file system. A generated file was written by vaultc, as its own records say.
    """

    path: VaultPath
    disk: bytes
    size: int
    mtime_ns: int
    is_note: bool
    is_excluded: bool = False
    is_linked: bool = False
    is_generated: bool = False

    def stamp(self, root: Path) -> tuple[int, int]:
        """Give size and time of change as they are now. Raises OSError."""
        return stamp(root, self.disk, follows=self.is_linked)


def read_source(root: Path, file: FoundFile) -> ReadResult:
    """Read `file` below `root` and decode it; what cannot be read as text is a diagnostic (V110)."""
    try:
        data = read_stable(root, file.disk, follows=file.is_linked)
    except OSError as error:
        return unreadable(file.path, f"the file cannot be read: {error.strerror}")
    if data is None:
        return unreadable(file.path, "the file kept changing while it was read", "run again when it is saved")
    return decoded(file.path, data)
