"""Patterns of `.vaultcignore`, as git reads those of `.gitignore`: never slower than one letter against another.

An ignore file may come with a vault that somebody else made. A regular expression made of a pattern such as
`*a*a*a*a*a*b` would hold up a run for minutes; here a star that does not fit goes back no further than to itself.

Source: gitignore(5), and what `git check-ignore` says.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_SPECIAL = re.compile(r"[*?\[\\]")
_SLASH = re.compile(r"(?<!\\)((?:\\\\)*)\\/")
_TRAILING = re.compile(r"(?<!\\)((?:\\\\)*(?:\\ )?) *\Z")
_CLASSES: dict[str, Callable[[str], bool]] = {
    "alnum": str.isalnum, "alpha": str.isalpha, "digit": str.isdigit, "lower": str.islower, "upper": str.isupper,
    "space": str.isspace, "blank": " \t".__contains__, "punct": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".__contains__,
    "xdigit": "0123456789abcdefABCDEF".__contains__,
}  # fmt: skip


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

    @property
    def literal(self) -> str:
        """The longest text that each path holds which fits; empty where there is none."""
        found = ("".join(run) for part in self.parts if part != "**" for run in _runs(_tokens(part) or ()))
        return max(found, key=len, default="")


def ignore_patterns(lines: Iterable[str]) -> tuple[Pattern, ...]:
    """Read lines of an ignore file; one that can fit nothing is left out.

    `#` starts a comment, `!` takes back, `/` at the end means folders, a `/` elsewhere ties to the vault's root;
    `*`, `?` and `[a-z]` stay inside a name, `**` spans folders, a backslash takes the next letter as it is.
    """
    found: list[Pattern] = []
    for line in lines:
        text = unicodedata.normalize("NFC", _TRAILING.sub(r"\1", line.removesuffix("\r"), count=1))
        if not text or text.startswith("#"):
            continue
        is_negated = text.startswith("!")
        text = text.removeprefix("!")
        only_folders = text.endswith("/")
        text = text.removesuffix("/")
        is_tied = "/" in text
        parts = tuple(_SLASH.sub(r"\1/", text.removeprefix("/")).split("/"))
        if any(not part or _tokens(part) is None for part in parts):
            continue
        found.append(Pattern(parts if is_tied else ("**", *parts), is_negated, only_folders))
    return tuple(found)


def folder_pattern(path: str) -> Pattern:
    """Give the pattern that fits the folder `path` and nothing else."""
    parts = _SPECIAL.sub(r"\\\g<0>", unicodedata.normalize("NFC", path)).split("/")
    return Pattern(tuple(parts), is_negated=False, only_folders=True)


def fits_path(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether the folders and the name `parts` fit `pattern`; at most len(parts) x len(pattern) comparisons.

    `**` stands for any number of folders, at the end of a pattern for at least one name.
    """
    at, wanted, star, mark = 0, 0, -1, 0
    while at < len(parts):
        if wanted < len(pattern) and pattern[wanted] == "**":
            star, mark = wanted, at
            wanted += 1
            if wanted == len(pattern):
                return True
        elif wanted < len(pattern) and fits_name(parts[at], pattern[wanted]):
            at, wanted = at + 1, wanted + 1
        elif star >= 0:
            mark += 1
            at, wanted = mark, star + 1
        else:
            return False
    return wanted == len(pattern)


def fits_name(name: str, pattern: str) -> bool:
    """Tell whether `name` fits one part of a pattern."""
    literals = _literals(pattern)
    if literals is None:
        return _fits_by_letters(name, _tokens(pattern) or ())
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
    """Give what stands before the first `*`, between, and behind the last (None without one); None with more signs."""
    if "?" in pattern or "[" in pattern or "\\" in pattern:
        return None
    head, *rest = pattern.split("*")
    if not rest:
        return head, (), None
    return head, tuple(piece for piece in rest[:-1] if piece), rest[-1]


@dataclass(frozen=True, slots=True)
class _Set:
    """Letters in brackets: ranges and classes of letters, or all others."""

    is_negated: bool
    ranges: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]

    def holds(self, letter: str) -> bool:
        inside = any(low <= letter <= high for low, high in self.ranges)
        inside = inside or any(letter.isascii() and _CLASSES[name](letter) for name in self.classes)
        return inside != self.is_negated


_ANY, _STAR = _Set(True, (), ()), _Set(False, (), ())
_Token = str | _Set


@functools.lru_cache(maxsize=4096)
def _tokens(pattern: str) -> tuple[_Token, ...] | None:
    """Give the letters, sets and stars of one part of a pattern; None where it can fit nothing."""
    found: list[_Token] = []
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == "\\":
            if at == len(pattern):
                return None
            found.append(pattern[at])
            at += 1
        elif sign == "[":
            read = _set_at(pattern, at)
            if read is None:
                return None
            found.append(read[0])
            at = read[1]
        else:
            found.append(_STAR if sign == "*" else _ANY if sign == "?" else sign)
    return tuple(found)


_MEMBER = re.compile(r"\[:(?P<name>[a-z]*):\]|(?P<low>\\.|[^\\])(?:-(?P<high>\\.|[^\]\\]))?", re.DOTALL)


def _set_at(pattern: str, at: int) -> tuple[_Set, int] | None:
    """Read the set whose bracket opens before `at`; give it and what follows, or None where it is none."""
    is_negated = pattern.startswith(("!", "^"), at)
    start = at = at + is_negated
    ranges: list[tuple[str, str]] = []
    classes: list[str] = []
    while at == start or not pattern.startswith("]", at):
        member = _MEMBER.match(pattern, at)
        if member is None or member["name"] not in {None, *_CLASSES}:
            return None
        if member["name"] is not None:
            classes.append(member["name"])
        else:
            low = member["low"][-1]
            ranges.append((low, (member["high"] or low)[-1]))
        at = member.end()
    return _Set(is_negated, tuple(ranges), tuple(classes)), at + 1


def _fits_by_letters(name: str, tokens: Sequence[_Token]) -> bool:
    """Compare by two pointers, which go back to the last `*` only."""
    at, wanted, star, mark = 0, 0, -1, 0
    while at < len(name):
        token = tokens[wanted] if wanted < len(tokens) else ""
        if token is _STAR:
            star, mark = wanted, at
            wanted += 1
        elif token == name[at] if isinstance(token, str) else token.holds(name[at]):
            at, wanted = at + 1, wanted + 1
        elif star >= 0:
            mark += 1
            at, wanted = mark, star + 1
        else:
            return False
    return all(token is _STAR for token in tokens[wanted:])


def _runs(tokens: Sequence[_Token]) -> Iterable[list[str]]:
    run: list[str] = []
    for token in (*tokens, _STAR):
        if isinstance(token, str):
            run.append(token)
        else:
            yield run
            run = []
