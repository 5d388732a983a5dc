"""Change detection: what the files of a vault were, and what has changed since."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.digest import Digest
from vaultc.core.source import VaultPath
from vaultc.vault.files import FoundFile, read_source

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was: size in bytes, time of change, digest of its bytes."""

    size: int
    mtime_ns: int
    digest: Digest


Snapshot = Mapping[VaultPath, Seen]
"""The notes of a vault as they were."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed: each file is in exactly one of the lists, in order of paths.

    `moved` are pairs of the old path and the new file; their bytes are the same.
    """

    added: tuple[FoundFile, ...] = ()
    modified: tuple[FoundFile, ...] = ()
    removed: tuple[VaultPath, ...] = ()
    unchanged: tuple[FoundFile, ...] = ()
    moved: tuple[tuple[VaultPath, FoundFile], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing has changed."""
        return not (self.added or self.modified or self.removed or self.moved)


def look_of(files: Iterable[FoundFile]) -> bytes:
    """Give a value that is the same while no file came, went, was renamed, got another size or time, or counts less."""
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        digest.update(b"%b\0%d %d %d\n" % (file.disk, file.size, file.mtime_ns, file.is_note))
    return digest.digest()


DigestOf = Callable[[FoundFile], Digest | None]
"""Gives the digest of a file's bytes, None where it cannot be read."""


def digests(root: Path) -> DigestOf:
    """Give a function that reads files below `root`, each once."""

    @functools.cache
    def digest_of(file: FoundFile) -> Digest | None:
        return read_source(root, file).digest

    return digest_of


def diff(old: Snapshot, found: Iterable[FoundFile], digest_of: DigestOf = lambda _: None) -> Changes:
    """Compare `found` with `old`; content decides.

    Equal size and time of change: unchanged, and the file is not read. Else the digest decides; `digest_of` reads a
    file and gives None where that fails (then it counts as changed). A file that is gone and a new one with the
    same digest are one that moved.
    """
    added: list[FoundFile] = []
    modified: list[FoundFile] = []
    unchanged: list[FoundFile] = []
    paths: set[VaultPath] = set()
    for file in found:
        paths.add(file.path)
        seen = old.get(file.path)
        if seen is None:
            added.append(file)
        elif (seen.size, seen.mtime_ns) == (file.size, file.mtime_ns) or (
            seen.size == file.size and digest_of(file) == seen.digest
        ):
            unchanged.append(file)
        else:
            modified.append(file)
    removed = sorted(path for path in old if path not in paths)
    moved = _moved(old, removed, added, digest_of)
    gone = {path for path, _ in moved}
    came = {file.path for _, file in moved}
    return Changes(
        tuple(file for file in added if file.path not in came),
        tuple(modified),
        tuple(path for path in removed if path not in gone),
        tuple(unchanged),
        tuple(moved),
    )


def _moved(
    old: Snapshot, removed: list[VaultPath], added: list[FoundFile], digest_of: DigestOf
) -> list[tuple[VaultPath, FoundFile]]:
    """Pair what is gone with what is new by digest, in order of paths; empty files tell nothing."""
    waiting: dict[Digest, list[VaultPath]] = {}
    for path in reversed(removed):
        waiting.setdefault(old[path].digest, []).append(path)
    sizes = {old[path].size for path in removed}
    pairs: list[tuple[VaultPath, FoundFile]] = []
    for file in added:
        if file.size == 0 or file.size not in sizes:
            continue
        digest = digest_of(file)
        if digest is not None and waiting.get(digest):
            pairs.append((waiting[digest].pop(), file))
    return pairs
