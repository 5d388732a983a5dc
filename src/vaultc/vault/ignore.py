"""Which files of a vault are left out: `.vaultcignore`, Obsidian's excluded files, leftovers of sync and compile.

Copies that a sync service laid beside a note are not read (its words would count twice) but are targets of links,
as Obsidian's excluded files are; `vaultc check` reports them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vaultc.core.endings import BESIDE
from vaultc.core.strict_json import NotJsonError, parse_object
from vaultc.disk.read import read_file
from vaultc.vault.conflict import conflict_of
from vaultc.vault.gitignore import Pattern, folder_pattern, ignore_patterns

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

IGNORE_FILE = ".vaultcignore"
OWN_PATTERNS = (f"*{BESIDE}", f"*{BESIDE}-?", f"*{BESIDE}.*")
_MAX_SETTINGS_BYTES = 1_000_000
# A quantifier behind a group may take for ever; Obsidian's filters hardly ever have one.
_RISKY_REGEX = re.compile(r"\)[*+{?]|\\[1-9]|\(\?")
_MAX_QUANTIFIERS = 4


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
    longest = [pattern.literal for pattern in patterns]
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
    patterns = (*ignore_patterns(OWN_PATTERNS), *ignore_patterns(_text(root / IGNORE_FILE).split("\n")))
    if own_state is not None and own_state != root and own_state.is_relative_to(root):
        patterns = (*patterns, folder_pattern(own_state.relative_to(root).as_posix()))
    return Ignore(patterns, tuple(prefixes), tuple(regexes), tuple(unread), follows_links, generated)


def _text(path: Path) -> str:
    try:
        return read_file(path, most=_MAX_SETTINGS_BYTES, follows=False).decode("utf-8-sig", "replace")
    except OSError:
        return ""


def _obsidian_filters(text: str) -> list[str]:
    try:
        settings = parse_object(text or "{}")
    except NotJsonError:
        return []
    filters = settings.get("userIgnoreFilters")
    return [item for item in filters if isinstance(item, str)] if isinstance(filters, list) else []


def _regex(written: str) -> re.Pattern[str] | None:
    """Compile a filter, or give None for one that could hang or that Python does not know."""
    if _RISKY_REGEX.search(written) or sum(map(written.count, "*+{")) > _MAX_QUANTIFIERS:
        return None
    try:
        return re.compile(written)
    except (re.error, RecursionError, OverflowError):
        return None
