"""The files of a vault as values, and reading one: open, decode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.digest import Digest, digest_bytes
from vaultc.core.rules import ODD_ENCODING, UNREADABLE_NOTE
from vaultc.core.source import Source, Span, VaultPath
from vaultc.syntax.parse import NOTE_SUFFIXES
from vaultc.vault.opening import read_stable, stamp

if TYPE_CHECKING:
    from pathlib import Path

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))
# Bytes that are valid UTF-8 are hardly ever binary: a note with a pasted piece of a program is still a note.
_MAX_CONTROLS_IN_UTF8 = 0.1
_MAX_CONTROLS_IN_GUESS = 0.001


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file of the vault.

    `disk` is its path below the root as the file system spells it. An excluded file is a target of links and
    not read as a note. One that is linked stands behind a link of the file system.
    """

    path: VaultPath
    disk: bytes
    size: int
    mtime_ns: int
    is_note: bool
    is_excluded: bool = False
    is_linked: bool = False

    def stamp(self, root: Path) -> tuple[int, int]:
        """Give size and time of change as they are now. Raises OSError."""
        return stamp(root, self.disk, follows=self.is_linked)


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A file as read; `source` and `digest` are None where it could not be read as text."""

    source: Source | None
    digest: Digest | None
    diagnostics: tuple[Diagnostic, ...] = ()


def is_note_path(path: str) -> bool:
    """Tell whether the file at `path` is a note by its ending."""
    return path.lower().endswith(NOTE_SUFFIXES)


def read_source(root: Path, file: FoundFile) -> ReadResult:
    """Read `file` below `root` and decode it; what cannot be read as text is a diagnostic (V110)."""
    try:
        data = read_stable(root, file.disk, follows=file.is_linked)
    except OSError as error:
        return _unreadable(file.path, f"the file cannot be read: {error.strerror}")
    if data is None:
        return _unreadable(file.path, "the file kept changing while it was read", "run again when it is saved")
    return decoded(file.path, data)


def _unreadable(path: VaultPath, message: str, help_text: str | None = None) -> ReadResult:
    return ReadResult(None, None, (Diagnostic(UNREADABLE_NOTE, message, Span(path, 0, 0), help=help_text),))


def decoded(path: VaultPath, data: bytes) -> ReadResult:
    """Decode `data`: UTF-8, UTF-16 by its mark, else code page 1251 as a guess (V111); binary is refused (V110).

    A byte order mark stays in the text as U+FEFF, so that offsets count what the file holds.
    """
    digest = digest_bytes(data)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        codec = "utf-16-le" if data.startswith(b"\xff\xfe") else "utf-16-be"
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            return _unreadable(path, "the file starts like UTF-16 and is not")
        return ReadResult(Source(path, text), digest, (_odd(path, text, "UTF-16"),))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(path, data, digest)
    if _is_binary(data, _MAX_CONTROLS_IN_UTF8):
        return _unreadable(path, "the file is binary, not text")
    return ReadResult(Source(path, text), digest)


def _guessed(path: VaultPath, data: bytes, digest: Digest) -> ReadResult:
    if _is_binary(data, _MAX_CONTROLS_IN_GUESS):
        return _unreadable(path, "the file is binary, not text")
    text = data.decode("cp1251", "replace")
    return ReadResult(Source(path, text), digest, (_odd(path, text, "code page 1251 (a guess)"),))


def _is_binary(data: bytes, most: float) -> bool:
    """Tell whether more than one byte, and more than the share `most`, are control characters."""
    controls = len(data) - len(data.translate(None, _CONTROLS))
    return controls > 1 and controls > most * len(data)


def _odd(path: VaultPath, text: str, read_as: str) -> Diagnostic:
    end = min(len(text), next((at for at, letter in enumerate(text[:200]) if letter in "\r\n"), 200))
    message = f"the file is not UTF-8 and was read as {read_as}"
    return Diagnostic(ODD_ENCODING, message, Span(path, 0, end), help="save it as UTF-8")
