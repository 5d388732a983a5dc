"""Prompt cache on disk: KV states of what many prompts begin with, read by the model once, not in every process.

A state is two files, `<key>.state` as llama.cpp writes it and `<key>.json` with its size and digest. The key is the
digest of all that the state hangs on. A state that this machine did not write, or that is not as it was written, is
thrown away unread: llama.cpp would believe it. The states used longest ago make room for new ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import Digest, canonical_json
from vaultc.core.errors import VaultError
from vaultc.core.strict_json import NotJsonError, parse_object
from vaultc.disk.read import opened
from vaultc.disk.write import read_bytes, remove, staged_file, write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from vaultc.disk.policy import Root
    from vaultc.disk.seal import Seal

FOLDER = "prefix"
DEFAULT_LIMIT_BYTES = 8 << 30
_FREE_SHARE = 0.25
"""All states together never take more than this share of what would be free without them."""
_MODE = 0o600
_VERSION = 1


@dataclass(frozen=True, slots=True)
class KeptState:
    """A state on disk: its key, size and digest, how many tokens it holds, and of which model and task."""

    key: str
    bytes: int
    digest: Digest
    tokens: int
    model: str
    task: str


class PrefixStore:
    """The states kept in one state folder."""

    def __init__(self, root: Root, seal: Seal, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        """Keep states below `root`, at most `limit_bytes` in all; 0 keeps none; `seal` tells which are ours."""
        self._root, self._seal = root, seal
        self._limit_bytes = limit_bytes
        self._checked: set[str] = set()

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self._root.path / FOLDER

    @property
    def is_open(self) -> bool:
        """Whether states may be kept."""
        return self._limit_bytes > 0 and not (self._root.path.is_dir() and not os.access(self._root.path, os.W_OK))

    def find(self, key: str) -> Path | None:
        """Give the file of the state `key`, checked to its last byte once a process; None where there is none."""
        kept = self.read(key)
        if kept is None:
            if (self.folder / f"{key}.state").exists() or (self.folder / f"{key}.json").exists():
                self.discard(key)
            return None
        path = self.folder / f"{key}.state"
        if key not in self._checked:
            if not _is_as_written(path, kept):
                self.discard(key)
                return None
            self._checked.add(key)
        with contextlib.suppress(OSError):
            os.utime(self.folder / f"{key}.json")
        return path

    def fits(self, size_bytes: int) -> bool:
        """Tell whether a state of that size may be kept, and make room for it by removing those used longest ago."""
        if not self.is_open:
            return False
        kept = self.entries()
        used = sum(entry.bytes for entry in kept)
        room = min(self._limit_bytes, int(_FREE_SHARE * (_free_bytes(self._root.path) + used)))
        if size_bytes > room:
            return False
        while kept and used + size_bytes > room:
            oldest = kept.pop()
            self.discard(oldest.key)
            used -= oldest.bytes
        return True

    def keep(self, key: str, tokens: int, model: str, task: str, write: Callable[[Path], object]) -> KeptState:
        """Keep the state that `write` puts into the file it is given. Raises VaultError, and what `write` raises."""
        self._checked.discard(key)
        with staged_file(self._root, f"{FOLDER}/{key}.state", mode=_MODE) as path:
            write(path)
            kept = KeptState(key, path.stat().st_size, _digest(path), tokens, model, task)
        document = {"version": _VERSION, **asdict(kept), "seal": self._seal.mark(_use(key), _bytes(asdict(kept)))}
        write_atomic(self._root, f"{FOLDER}/{key}.json", json.dumps(document).encode(), mode=_MODE)
        self._checked.add(key)
        return kept

    def discard(self, key: str) -> None:
        """Throw the state `key` away; where that cannot be done it is passed over."""
        self._checked.discard(key)
        for name in (f"{key}.json", f"{key}.state"):
            with contextlib.suppress(VaultError):
                remove(self._root, f"{FOLDER}/{name}")

    def entries(self) -> list[KeptState]:
        """Give the states that are kept, the one used last first."""
        found: list[tuple[float, KeptState]] = []
        try:
            files = sorted(self.folder.glob("*.json"))
        except OSError:
            return []
        for file in files:
            with contextlib.suppress(OSError):
                kept = self.read(file.stem)
                if kept is not None:
                    found.append((file.stat().st_mtime, kept))
        return [kept for _, kept in sorted(found, key=lambda item: -item[0])]

    def read(self, key: str) -> KeptState | None:
        """Give what is written about the state `key`; None where there is none, or nothing that can be believed."""
        try:
            data = read_bytes(self._root, f"{FOLDER}/{key}.json")
            document = parse_object(data or b"")
        except (VaultError, NotJsonError):
            return None
        if document.pop("version", None) != _VERSION:
            return None
        seal = str(document.pop("seal", ""))
        wanted = {"key": str, "bytes": int, "digest": str, "tokens": int, "model": str, "task": str}
        if document.get("key") != key or {name: type(value) for name, value in document.items()} != wanted:
            return None
        # The digest of a state is written by whoever made it; that it was we says the seal alone.
        return KeptState(**document) if self._seal.bears(_use(key), _bytes(document), seal) else None


def _use(key: str) -> tuple[str, str]:
    return "prefix", key


def _bytes(document: Mapping[str, Any]) -> bytes:
    return canonical_json(document).encode("utf-8", "surrogatepass")


def _is_as_written(path: Path, kept: KeptState) -> bool:
    try:
        return path.stat().st_size == kept.bytes and _digest(path) == kept.digest
    except OSError:
        return False


def _digest(path: Path) -> Digest:
    with opened(path) as file:
        state = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    return Digest(f"b2:{state.hexdigest()}")


def _free_bytes(folder: Path) -> int:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
