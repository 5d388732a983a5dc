"""Which files of a vault are left out: `.vaultcignore`, Obsidian's excluded files, leftovers of sync and compile.

Copies that a sync service laid beside a note are not read (its words would count twice) but are targets of links,
as Obsidian's excluded files are; `vaultc check` reports them.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.vault.conflict import conflict_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

IGNORE_FILE = ".vaultcignore"
OWN_PATTERNS = ("*.vaultc-new", "*.vaultc-new.*")
_MAX_SETTINGS_BYTES = 1_000_000
# A quantifier behind a group may take for ever; Obsidian's filters hardly ever have one.
_RISKY_REGEX = re.compile(r"\)[*+{?]|\\[1-9]|\(\?")
_MAX_QUANTIFIERS = 4


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of an ignore file: the parts of its path with wildcards, and what it applies to."""

    parts: tuple[str, ...]
    is_negated: bool
    only_folders: bool


@dataclass(frozen=True, slots=True)
class Ignore:
    """What is left out of a vault.

    What `patterns` name is as if it were not there. What `excluded` (paths that start so) and
    `excluded_regexes` name is not read but still a target of links, as Obsidian's excluded files are.
    """

    patterns: tuple[Pattern, ...] = ()
    excluded: tuple[str, ...] = ()
    excluded_regexes: tuple[re.Pattern[str], ...] = ()
    unread_filters: tuple[str, ...] = ()

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Tell whether the file or folder at `path` is as if it were not there (the last pattern that fits decides)."""
        parts = path.split("/")
        left_out = False
        for pattern in self.patterns:
            if pattern.is_negated == left_out and (is_folder or not pattern.only_folders):
                left_out ^= fits_path(parts, pattern.parts)
        return left_out

    def excludes(self, path: str) -> bool:
        """Tell whether the file at `path` is among Obsidian's excluded files, or a copy that a sync service made."""
        if conflict_of(path) is not None:
            return True
        return any(path == prefix or path.startswith(prefix) for prefix in self.excluded) or any(
            regex.search(path) is not None for regex in self.excluded_regexes
        )


def read_ignore(root: Path) -> Ignore:
    """Read what the vault at `root` leaves out; files that cannot be read leave nothing out."""
    filters = _obsidian_filters(_text(root / ".obsidian" / "app.json"))
    prefixes, regexes, unread = [], [], []
    for written in filters:
        if len(written) > 1 and written.startswith("/") and written.endswith("/"):
            regex = _regex(written[1:-1])
            if regex is None:
                unread.append(written)
            else:
                regexes.append(regex)
        elif written:
            prefixes.append(unicodedata.normalize("NFC", written))
    patterns = (*ignore_patterns(OWN_PATTERNS), *ignore_patterns(_text(root / IGNORE_FILE).splitlines()))
    return Ignore(patterns, tuple(prefixes), tuple(regexes), tuple(unread))


def ignore_patterns(lines: Iterable[str]) -> tuple[Pattern, ...]:
    """Read lines of an ignore file: gitignore's syntax without character classes.

    `#` starts a comment, `!` takes back, `/` at the end means folders, a `/` elsewhere ties to the vault's root;
    `*` and `?` stay inside a name, `**` spans folders.
    """
    found: list[Pattern] = []
    for line in lines:
        text = unicodedata.normalize("NFC", line.strip())
        if not text or text.startswith("#"):
            continue
        is_negated = text.startswith("!")
        text = text.removeprefix("!").removeprefix("\\")
        only_folders = text.endswith("/")
        text = text.rstrip("/")
        parts = tuple(part for part in text.split("/") if part)
        if not parts:
            continue
        if "/" not in text:
            parts = ("**", *parts)
        found.append(Pattern(parts, is_negated, only_folders))
    return tuple(found)


def fits_path(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether the folders and the name `parts` fit `pattern`; at most len(parts) x len(pattern) comparisons."""
    at, wanted, star, mark = 0, 0, -1, 0
    while at < len(parts):
        if wanted < len(pattern) and pattern[wanted] == "**":
            star, mark = wanted, at
            wanted += 1
        elif wanted < len(pattern) and fits_name(parts[at], pattern[wanted]):
            at, wanted = at + 1, wanted + 1
        elif star >= 0:
            mark += 1
            at, wanted = mark, star + 1
        else:
            return False
    return all(rest == "**" for rest in pattern[wanted:])


def fits_name(name: str, pattern: str) -> bool:
    """Tell whether `name` fits `pattern` with `*` and `?`, by two pointers instead of a regular expression."""
    at, wanted, star, mark = 0, 0, -1, 0
    while at < len(name):
        if wanted < len(pattern) and pattern[wanted] == "*":
            star, mark = wanted, at
            wanted += 1
        elif wanted < len(pattern) and pattern[wanted] in ("?", name[at]):
            at, wanted = at + 1, wanted + 1
        elif star >= 0:
            mark += 1
            at, wanted = mark, star + 1
        else:
            return False
    return not pattern[wanted:].strip("*")


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MAX_SETTINGS_BYTES:
            return ""
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""


def _obsidian_filters(text: str) -> list[str]:
    try:
        settings = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return []
    filters = settings.get("userIgnoreFilters") if isinstance(settings, dict) else None
    return [item for item in filters if isinstance(item, str)] if isinstance(filters, list) else []


def _regex(written: str) -> re.Pattern[str] | None:
    """Compile a filter, or give None for one that could hang or that Python does not know."""
    if _RISKY_REGEX.search(written) or sum(map(written.count, "*+{")) > _MAX_QUANTIFIERS:
        return None
    try:
        return re.compile(written)
    except (re.error, RecursionError, OverflowError):
        return None
