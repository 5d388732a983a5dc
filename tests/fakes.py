"""Builders of one line for tests: a parsed note, a vault in memory, a vault on disk."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from vaultc.core.source import Source, VaultPath, vault_path
from vaultc.syntax.parse import parse_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from vaultc.core.digest import Digest
    from vaultc.core.note import Note
    from vaultc.core.source import Span


class KeptInMemory:
    """A cache of what analyses read, that lives as long as it does."""

    def __init__(self) -> None:
        self._kept: dict[Digest, Any] = {}

    def get(self, digest: Digest) -> Any | None:
        """Give the value kept under `digest`, or None."""
        return self._kept.get(digest)

    def put(self, digest: Digest, value: Any) -> None:
        """Keep a JSON value under `digest`."""
        self._kept[digest] = value


def source(text: str, path: str = "note.md") -> Source:
    """Give `text` as the source of the file `path`."""
    return Source(vault_path(path), text)


def note(text: str, path: str = "note.md") -> Note:
    """Parse `text` as the note `path`."""
    return parse_note(source(text, path))[0]


def vault(files: Mapping[str, str]) -> dict[VaultPath, Note]:
    """Parse several notes: `vault({"a.md": "…"})`."""
    return {vault_path(path): note(text, path) for path, text in files.items()}


def write_vault(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write `files` below `root` byte for byte and give `root`."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


@contextlib.contextmanager
def deep_note(root: Path, depth: int, name: str, text: bytes) -> Iterator[None]:
    """Write the note `name` below `depth` folders inside each other, and take them away again behind the block.

    What made it could not take it away: shutil gives up on so deep a tree.
    """
    at = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("inner", dir_fd=at)
        at = _step(at, "inner")
    file = os.open(name, os.O_WRONLY | os.O_CREAT, dir_fd=at)
    os.write(file, text)
    os.close(file)
    yield
    os.unlink(name, dir_fd=at)
    for _ in range(depth):
        at = _step(at, "..")
        os.rmdir("inner", dir_fd=at)
    os.close(at)


def _step(at: int, name: str) -> int:
    inner = os.open(name, os.O_RDONLY, dir_fd=at)
    os.close(at)
    return inner


def written(text: str, span: Span) -> str:
    """Give what stands at `span` of `text`."""
    return text[span.start : span.end]
