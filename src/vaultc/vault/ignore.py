"""Which files of a vault are left out: `.vaultcignore`, Obsidian's excluded files, leftovers of sync and compile.

Copies that a sync service laid beside a note are not read (its words would count twice) but are targets of links,
as Obsidian's excluded files are; `vaultc check` reports them.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vaultc.vault.conflict import conflict_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

IGNORE_FILE = ".vaultcignore"
OWN_PATTERNS = ("*.vaultc-new", "*.vaultc-new-?", "*.vaultc-new.*")
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

    def fits(self, path: str) -> bool:
        """Tell whether `path` is what this line means."""
        if len(self.parts) == 2 and self.parts[0] == "**" != self.parts[1]:
            return fits_name(path[path.rfind("/") + 1 :], self.parts[1])
        return fits_path(path.split("/"), self.parts)


@dataclass(frozen=True, slots=True)
class Ignore:
    """What is left out of a vault.

    What `patterns` name is as if it were not there. What `excluded` (paths that start so) and
    `excluded_regexes` name is not read but still a target of links, as Obsidian's excluded files are.
    `generated` are paths of files that vaultc wrote: they are read, and are no evidence. Links of the file system are
    left out unless `follows_links`.
    """

    patterns: tuple[Pattern, ...] = ()
    excluded: tuple[str, ...] = ()
    excluded_regexes: tuple[re.Pattern[str], ...] = ()
    unread_filters: tuple[str, ...] = ()
    follows_links: bool = False
    generated: frozenset[str] = frozenset()
    _hint: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hint", _hint(self.patterns))

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Tell whether the file or folder at `path` is as if it were not there (the last pattern that fits decides)."""
        if self._hint is not None and self._hint.search(path) is None:
            return False
        left_out = False
        for pattern in self.patterns:
            if pattern.is_negated == left_out and (is_folder or not pattern.only_folders):
                left_out ^= pattern.fits(path)
        return left_out

    def excludes(self, path: str) -> bool:
        """Tell whether the file at `path` is among Obsidian's excluded files, or a copy that a sync service made."""
        if path.startswith(self.excluded) or conflict_of(path) is not None:
            return True
        return any(regex.search(path) is not None for regex in self.excluded_regexes)


def _hint(patterns: Iterable[Pattern]) -> re.Pattern[str] | None:
    """Give what finds a text that each path holds which fits any of `patterns`; None where one has no such text.

    Nearly no file of a vault is left out, so one search spares all comparisons.
    """
    longest = [
        max((text for part in pattern.parts for text in re.split(r"[*?]", part)), key=len) for pattern in patterns
    ]
    return re.compile("|".join(map(re.escape, sorted(set(longest))))) if all(longest) and longest else None


def read_ignore(
    root: Path,
    *,
    follows_links: bool = False,
    own_state: Path | None = None,
    generated: frozenset[str] = frozenset(),
) -> Ignore:
    """Read what the vault at `root` leaves out; files that cannot be read leave nothing out.

    A state folder of ours that was put into the vault is left out whatever its name is: its files change at each run.
    """
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
    if own_state is not None and own_state != root and own_state.is_relative_to(root):
        parts = unicodedata.normalize("NFC", own_state.relative_to(root).as_posix()).split("/")
        patterns = (*patterns, Pattern(tuple(parts), is_negated=False, only_folders=True))
    return Ignore(patterns, tuple(prefixes), tuple(regexes), tuple(unread), follows_links, generated)


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
    """Tell whether `name` fits `pattern` with `*` and `?`: never slower than one letter against another."""
    literals = _literals(pattern)
    if literals is None:
        return _fits_by_letters(name, pattern)
    head, middle, tail = literals
    if not name.startswith(head):
        return False
    if tail is None:
        return len(name) == len(head)
    at, end = len(head), len(name) - len(tail)
    if end < at or not name.endswith(tail):
        return False
    for piece in middle:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


@functools.lru_cache(maxsize=4096)
def _literals(pattern: str) -> tuple[str, tuple[str, ...], str | None] | None:
    """Give what stands before the first `*`, between, and behind the last (None without one); None with a `?`."""
    if "?" in pattern:
        return None
    head, *rest = pattern.split("*")
    if not rest:
        return head, (), None
    return head, tuple(piece for piece in rest[:-1] if piece), rest[-1]


def _fits_by_letters(name: str, pattern: str) -> bool:
    """Compare by two pointers, which go back to the last `*` only."""
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
