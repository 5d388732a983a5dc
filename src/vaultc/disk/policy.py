"""Which paths vaultc may read and write by name: one rule for notes, artifacts, generated code and state.

A path that passes names something below its root and nothing else, on every system the folder may be
synchronised to.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from vaultc.core.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_PART_MAX_BYTES = 255  # NAME_MAX of ext4, APFS and NTFS alike, give or take the unit
_PATH_MAX_BYTES = 4000  # PATH_MAX is 4096, less the room for a temporary name
# Names that are devices on Windows, whatever suffix they carry.
RESERVED_NAMES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]
)
# Letters that turn the direction of what follows: a name that reads otherwise than it is.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Root:
    """A folder below which vaultc writes.

    `allow_hidden` permits dot-files and dot-folders (the state folder), `suffixes` are the only endings a
    file may have (None: any, written with the dot, lower case), `create` makes the folder when it is missing.
    """

    path: Path
    allow_hidden: bool = False
    suffixes: frozenset[str] | None = None
    create: bool = True

    def check(self, relative: str) -> tuple[str, ...]:
        """Give the parts of `relative` if it may be touched below this root; raise UsageError otherwise."""
        checked = check_relative(relative, allow_hidden=self.allow_hidden)
        suffix = PurePosixPath(checked).suffix.lower()
        if self.suffixes is not None and suffix not in self.suffixes:
            wanted = ", ".join(sorted(self.suffixes))
            raise UsageError(f"refused to write {relative!r}: files here end in {wanted}")
        return tuple(checked.split("/"))


def expanded(path: Path) -> Path:
    """Give `path` with the home folder in place of its `~`; that of a user who is not there stays as it is."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def check_relative(path: str, *, allow_hidden: bool = False) -> str:
    """Give `path` unchanged if it is a plain relative path; raise UsageError saying what is wrong where.

    Args:
        path: parts joined by `/`, relative to some root.
        allow_hidden: whether a part may start with a dot.
    """
    if not path:
        raise UsageError("refused an empty path")
    if path.startswith("/"):
        raise _refused(path, "it is absolute")
    try:
        if len(os.fsencode(path)) > _PATH_MAX_BYTES:
            raise _refused(path[:80] + "…", f"it is longer than {_PATH_MAX_BYTES} bytes")
    except UnicodeEncodeError:
        raise _refused(path, "it cannot be a file name on this system") from None
    for part in path.split("/"):
        reason = _fault(part, allow_hidden=allow_hidden)
        if reason is not None:
            raise _refused(path, reason)
    return path


def _refused(path: str, reason: str) -> UsageError:
    return UsageError(
        f"refused the path {path!r}: {reason}", hint="give a plain path below the folder, without links or dot-folders"
    )


def _fault(part: str, *, allow_hidden: bool) -> str | None:
    """Say what is wrong with one part of a path, or None."""
    if part in {"", ".", ".."}:
        return f"its part {part!r} does not name anything below the folder"
    if part.startswith(".") and not allow_hidden:
        return f"{part!r} is hidden"
    return _bad_letter(part) or _bad_name(part)


def _bad_letter(part: str) -> str | None:
    for letter in part:
        if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} or letter in _BIDI:
            return f"{part!r} contains the control character U+{ord(letter):04X}"
        if letter in "\\:":
            return f"{part!r} contains {letter!r}"
    return None


def _bad_name(part: str) -> str | None:
    if part[-1] in ". ":
        return f"{part!r} ends with a dot or a blank"
    if part.split(".", 1)[0].rstrip().casefold() in RESERVED_NAMES:
        return f"{part!r} is a reserved name"
    if len(os.fsencode(part)) > _PART_MAX_BYTES:
        return f"its part {part[:40] + '…'!r} is longer than {_PART_MAX_BYTES} bytes"
    return None
