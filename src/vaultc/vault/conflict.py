"""Names of the copies that sync services lay beside a file when two devices changed it.

Known by their names alone, which all of these services keep to: Syncthing, Dropbox, Nextcloud and ownCloud, Obsidian
Sync, LiveSync. iCloud's `Note 2.md` is no such name: people number notes the same way.
"""

from __future__ import annotations

import re

# `Note.sync-conflict-20260301-101500-ABCDEFG.md`
_SYNCTHING = re.compile(r"\.sync-conflict-\d[^/]*?(?=\.[^./]*\Z|\Z)")
# `Note (Anna's conflicted copy 2026-03-01).md`, `Note (conflicted copy 2026-03-01 101500).md`,
# `Note (Conflicted copy laptop 202603011015).md`, `Note (conflict 2026-03-01).md`; the words alone may be a title.
_BRACKETS = re.compile(r" ?\(([^()/]{0,120})\)(?=\.[^./]*\Z|\Z)")
_WORDS = re.compile(
    r"(?:\A|.*\s)(?:case )?conflicted copy(?:\s|\Z)|\Acase conflict(?: \d+)?\Z|\Aconflict\b.*\d{4}", re.IGNORECASE
)
_MIGHT = re.compile(r"conflict", re.IGNORECASE)


def conflict_of(path: str) -> str | None:
    """Give the path of the file that the file at `path` is a conflicting copy of, or None where it is none."""
    if _MIGHT.search(path) is None:
        return None
    folder, slash, name = path.rpartition("/")
    match = _SYNCTHING.search(name)
    if match is None:
        match = _BRACKETS.search(name)
        if match is None or _WORDS.match(match.group(1)) is None:
            return None
    original = name[: match.start()] + name[match.end() :]
    return None if match.start() == 0 else folder + slash + original
