"""Find the files of a vault: names, sizes and times, and what is left out and why. Nothing is opened but folders.

Links of the file system are not followed unless the vault's `Ignore` says so; then each folder and file is read
once, so that loops end. No function here calls itself: a tree may be deeper than the interpreter's stack.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.digest import Digest
from vaultc.core.endings import is_read_path
from vaultc.core.errors import VaultError
from vaultc.core.rules import ODD_NAME, UNSAFE_PATH
from vaultc.core.source import Span, VaultPath
from vaultc.disk.read import is_of_the_system
from vaultc.vault.files import FoundFile
from vaultc.vault.opening import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from vaultc.core.diagnostic import Rule
    from vaultc.vault.ignore import Ignore

_FOLDER, _DOT = stat.S_IFDIR, ord(".")
_LONG_PATH = 4_000  # of the system's 4,096; a longer one is opened piece by piece


@dataclass(frozen=True, slots=True)
class Walk:
    """All files of a vault in order of their paths' parts, and what was left out and why."""

    files: tuple[FoundFile, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to be listed: its path as the disk and as the vault spells it."""

    disk: bytes
    path: str
    is_linked: bool = False


_Row = tuple[bytes, int, int, int]
"""Name, mode, size and time of what stands in a folder; of a folder name and mode."""


class _Entry(NamedTuple):
    """What stands in a folder: name and mode; size and time but of a folder; where links are followed, what it is.

    The mode is 0 where it cannot be looked at, and `fault` says why.
    """

    name: bytes
    mode: int
    size: int = 0
    mtime_ns: int = 0
    identity: tuple[int, int] | None = None
    fault: str = ""

    @property
    def is_folder(self) -> bool:
        return self.mode == _FOLDER


@dataclass(frozen=True, slots=True)
class Glance:
    """What stood below a root when all its folders were listed, and a digest of the names, sizes and times."""

    digest: Digest
    listed: Mapping[bytes, Sequence[_Row]]


def walk(root: Path, *, ignore: Ignore, seen: Glance | None = None) -> Walk:
    """Find the files below `root`, in what was just `seen` there if that is given.

    Raises:
        VaultError: `root` is not there, is no folder, or cannot be listed.
    """
    survey = _Survey(os.fsencode(root), ignore, {} if seen is None or ignore.follows_links else seen.listed)
    survey.run()
    # Parts compare one by one: a character that sorts before "/" may stand in a name, one before NUL cannot.
    files = sorted(survey.files, key=lambda file: file.path.replace("/", "\0"))
    diagnostics = sorted(survey.diagnostics, key=lambda found: (found.span.path, found.message))
    return Walk(tuple(files), tuple(diagnostics))


def glance(root: Path) -> Glance | None:
    """List all that is not hidden below `root`; None where that cannot be had.

    Its digest tells in a fraction of a walk that nothing is different. It looks at more than a walk finds: what is left
    out counts too. Links are not followed.
    """
    digest = hashlib.blake2b(digest_size=16)
    base = os.fsencode(root)
    listed: dict[bytes, list[_Row]] = {}
    folders = [b""]
    try:
        while folders:
            folder = folders.pop()
            with os.scandir(base + b"/" + folder if folder else base) as entries:
                # Hundreds of thousands of files are looked at before every search: no more is done than must be.
                rows = listed[folder] = sorted(_row(entry) for entry in entries if entry.name[0] != _DOT)
            names, *numbers = zip(*rows, strict=True) if rows else ((), ())
            digest.update(folder + b"\0\0" + b"\0".join(names))
            for column in numbers:
                digest.update(array("q", column).tobytes())
            if _FOLDER in numbers[0]:
                folders += [folder + b"/" + row[0] if folder else row[0] for row in rows if row[1] == _FOLDER]
    except OSError:
        return None
    return Glance(Digest(digest.hexdigest()), listed)


def _row(entry: os.DirEntry[bytes]) -> _Row:
    if entry.is_dir(follow_symlinks=False):
        return entry.name, _FOLDER, 0, 0
    status = entry.stat(follow_symlinks=False)
    return entry.name, status.st_mode, status.st_size, status.st_mtime_ns


class _Survey:
    """One walk: what has been found, and what waits."""

    def __init__(self, base: bytes, ignore: Ignore, listed: Mapping[bytes, Sequence[_Row]]) -> None:
        self.base, self.ignore = base, ignore
        self._listed = listed
        self.files: list[FoundFile] = []
        self.diagnostics: list[Diagnostic] = []
        self._folders = [_Folder(b"", "")]
        self._links: list[_Folder] = []
        # Where links are followed: what has been read, by device and inode, and its path.
        self._seen: dict[tuple[int, int], str] = {}

    def run(self) -> None:
        """Walk what is really there, then what links lead to, in order of their paths: a real path wins."""
        while self._folders or self._links:
            while self._folders:
                self._list(self._folders.pop())
            links, self._links = sorted(self._links, key=lambda link: link.path.split("/")), []
            for link in links:
                self._follow(link)
                while self._folders:
                    self._list(self._folders.pop())

    def _list(self, folder: _Folder) -> None:
        entries = self._entries(folder)
        parts = parts_of(entry.name for entry in entries)
        files: list[tuple[str, _Entry]] = []
        for entry in entries:
            part = parts[entry.name]
            path = f"{folder.path}/{part}" if folder.path else part
            if not self.ignore.leaves_out(path, is_folder=entry.is_folder):
                if not part.isascii() or part.encode() != entry.name:
                    self._report_name(entry.name, part, path)
                files.append((path, entry))
        for path, entry in files:
            self._take(folder, path, entry)

    def _take(self, folder: _Folder, path: str, entry: _Entry) -> None:
        disk = folder.disk + b"/" + entry.name if folder.disk else entry.name
        mode = entry.mode
        if entry.is_folder:
            if not self.ignore.follows_links or self._is_new(entry.identity, path, folder.is_linked):
                self._folders.append(_Folder(disk, path, folder.is_linked))
        elif not mode:
            self._leave_out(path, f"the file cannot be looked at: {entry.fault}")
        elif stat.S_ISLNK(mode):
            self._link(_Folder(disk, path, is_linked=True))
        elif not stat.S_ISREG(mode):
            self._leave_out(path, "this is no regular file")
        elif not self.ignore.follows_links or self._is_new(entry.identity, path, folder.is_linked):
            self._keep(disk, path, entry.size, entry.mtime_ns, is_linked=folder.is_linked)

    def _link(self, link: _Folder) -> None:
        if self.ignore.follows_links:
            self._links.append(link)
        else:
            self._leave_out(
                link.path, "a link of the file system is not followed", "copy what it points to, or set `follow_links`"
            )

    def _follow(self, link: _Folder) -> None:
        try:
            status = os.stat(self.base + b"/" + link.disk)  # noqa: PTH116 - a path in bytes
        except OSError as error:
            self._leave_out(link.path, f"the link leads nowhere: {error.strerror}")
            return
        is_folder = stat.S_ISDIR(status.st_mode)
        if is_of_the_system(status) or not (is_folder or stat.S_ISREG(status.st_mode)):
            self._leave_out(link.path, "the link leads to no regular file or folder")
        elif is_folder:
            if not self.ignore.leaves_out(link.path, is_folder=True) and self._is_new(
                _identity(status), link.path, True
            ):
                self._folders.append(link)
        elif self._is_new(_identity(status), link.path, True):
            self._keep(link.disk, link.path, status.st_size, status.st_mtime_ns, is_linked=True)

    def _keep(self, disk: bytes, path: str, size: int, mtime_ns: int, *, is_linked: bool) -> None:
        is_excluded = self.ignore.excludes(path)
        self.files.append(
            FoundFile(
                VaultPath(path),
                disk,
                size,
                mtime_ns,
                is_read_path(path) and not is_excluded,
                is_excluded,
                is_linked,
                path in self.ignore.generated,
            )
        )

    def _is_new(self, identity: tuple[int, int] | None, path: str, is_linked: bool) -> bool:
        """Tell whether what `path` names has not been read under another path; only links make that possible."""
        if identity is None:
            return True
        first = self._seen.setdefault(identity, path)
        if first == path or not is_linked:
            return True
        self._leave_out(path, f'the link leads to what is read as "{first or "the vault itself"}"')
        return False

    def _entries(self, folder: _Folder) -> Sequence[_Entry]:
        """List a folder; what cannot be listed is reported, and ends the walk where it is the root."""
        listed = self._listed.get(folder.disk)
        if listed is not None:
            return [_Entry(*row) for row in listed]
        at = self.base + b"/" + folder.disk if folder.disk else self.base
        descriptor = -1
        try:
            if not folder.disk and self.ignore.follows_links:
                self._is_new(_identity(os.stat(at)), "", False)  # noqa: PTH116 - a path in bytes
            if len(at) > _LONG_PATH:
                # Names alone are learnt here; what is read is opened part by part.
                descriptor = open_folder(self.base, folder.disk, follows=True)
            with os.scandir(descriptor if descriptor >= 0 else at) as entries:
                found = [self._entry(entry) for entry in entries if entry.name[:1] not in (b".", ".")]
            # By a descriptor, the system's names come as text.
            return [entry._replace(name=os.fsencode(entry.name)) for entry in found] if descriptor >= 0 else found
        except OSError as error:
            if not folder.disk:
                raise VaultError(
                    f"cannot read the vault {os.fsdecode(self.base)}: {error.strerror}",
                    hint="give the folder of a vault",
                ) from error
            self._leave_out(folder.path, f"the folder cannot be read: {error.strerror}")
            return []
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def _entry(self, entry: os.DirEntry[Any]) -> _Entry:
        try:
            if not self.ignore.follows_links:
                return _Entry(*_row(entry))
            status = entry.stat(follow_symlinks=False)
            mode = _FOLDER if entry.is_dir(follow_symlinks=False) else status.st_mode
            return _Entry(entry.name, mode, status.st_size, status.st_mtime_ns, _identity(status))
        except OSError as error:
            return _Entry(entry.name, 0, fault=error.strerror or "")

    def _report_name(self, name: bytes, part: str, path: str) -> None:
        """Say under which path a file is read whose name is none, or is that of another file."""
        if not unicodedata.is_normalized("NFC", part):
            message = "two names here differ only in how their letters are composed; links mean the other one"
            self._say(ODD_NAME, path, message, "rename one of the two")
        elif part.encode() != name and name != name.decode("utf-8", "replace").encode():
            self._say(ODD_NAME, path, "the name is not UTF-8; it is read under this path", "rename it")

    def _leave_out(self, path: str, message: str, help_text: str | None = None) -> None:
        self._say(UNSAFE_PATH, path, message, help_text)

    def _say(self, rule: Rule, path: str, message: str, help_text: str | None) -> None:
        self.diagnostics.append(Diagnostic(rule, message, Span(VaultPath(path), 0, 0), help=help_text))


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def parts_of(names: Iterable[bytes]) -> dict[bytes, str]:
    """Give for each name in one folder the part of a vault path that stands for it, no two the same.

    A name in UTF-8 is its composed form (NFC). Of two that differ only in how letters are composed, the composed
    one (else the first by bytes) is that, and the other stays as it is written. Bytes that are no UTF-8 are shown as
    U+FFFD, as Obsidian shows them.
    """
    parts: dict[bytes, str] = {}
    odd: list[bytes] = []
    for name in names:
        try:
            text = name.decode()
        except UnicodeDecodeError:
            odd.append(name)
            continue
        if text.isascii() or unicodedata.is_normalized("NFC", text):
            parts[name] = text
        else:
            odd.append(name)
    if odd:
        taken = set(parts.values())
        for name in sorted(odd):
            parts[name] = _free_part(name, taken)
            taken.add(parts[name])
    return parts


def _free_part(name: bytes, taken: set[str]) -> str:
    shown = name.decode("utf-8", "replace")
    escaped = name.decode("utf-8", "backslashreplace")
    for candidate in (unicodedata.normalize("NFC", shown), shown, escaped):
        if candidate not in taken:
            return candidate
    while escaped in taken:
        escaped = "\\" + escaped
    return escaped
