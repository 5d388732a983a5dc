"""Which of two statements holds where a later one takes an earlier one back: by what the later one says, or not at all.

A later date alone settles nothing: two statements that differ and do not speak of each other are a contradiction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vaultc.language.lexicon import phrases
from vaultc.language.numerals import numerals
from vaultc.language.stems import content_stems, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.core.note import Note
    from vaultc.core.source import Quote

_DATE = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_SUBJECT = "superseded"
_SHARED = 2  # words besides the value that two statements on one thing have in common
_NEAR = 3  # characters between a word of replacement and the value that it replaces
_ALIKE = 1  # the same, where the later one says that it replaces something


class Rule(StrEnum):
    """Why a statement does not hold any more."""

    NAMES_OLD = "the later statement names the value that it replaces"
    IS_OUT = "a later statement says that it is out"
    CHANGED = "the later statement says that it is so from now on"


@dataclass(frozen=True, slots=True)
class Dated:
    """A statement with the day it is of ("2024-05-02", empty where none is known); `text` as people read it."""

    quote: Quote
    text: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class Superseded:
    """`old` does not hold, because `new` says so, by `rule`; `value` is what is dead in it, empty for all of it."""

    old: Dated
    new: Dated
    rule: Rule
    value: str = ""


def day_of(note: Note) -> str:
    """Give the day a note is of, by its name or properties; empty where neither says. A file's time never counts."""
    keys = sorted(phrases(_SUBJECT, "day"))
    values = [note.path.rsplit("/", 1)[-1], *(str(note.value_of(key) or "") for key in keys)]
    found = next((match for value in values if (match := _DATE.search(value))), None)
    return found.group() if found is not None else ""


def superseded(statements: Sequence[Dated]) -> tuple[Superseded, ...]:
    """Give what is taken back by what.

    A statement is later than one of an earlier day, or than one above it in the same note. Only statements that say
    that they replace something take anything back, and only where both speak of the same thing.
    """
    words = [frozenset(content_stems(item.text)) for item in statements]
    found: list[Superseded] = []
    for at, new in enumerate(statements):
        signs = _signs(new.text)
        if not signs:
            continue
        for before, old in enumerate(statements):
            if before == at or not _is_later(new, old):
                continue
            verdict = _verdict(new, old, words[at] & words[before], signs)
            if verdict is not None:
                found.append(verdict)
    return tuple(found)


def _signs(text: str) -> dict[str, list[int]]:
    """Give the ends of the phrases of replacement in `text`, by category."""
    folded = fold(text)
    found: dict[str, list[int]] = {}
    for category in ("replaced", "out", "now"):
        for phrase in phrases(_SUBJECT, category):
            ends = [match.end() for match in re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", folded)]
            found.setdefault(category, []).extend(ends)
    return {category: sorted(ends) for category, ends in found.items() if ends}


def _is_later(new: Dated, old: Dated) -> bool:
    if new.quote.span.path == old.quote.span.path:
        return new.quote.span.start > old.quote.span.start
    return bool(new.day and old.day) and new.day > old.day


def _verdict(new: Dated, old: Dated, shared: frozenset[str], signs: dict[str, list[int]]) -> Superseded | None:
    fresh, stale = _values(new.text), _values(old.text)
    named = [value for value, start in fresh if any(0 <= start - end <= _NEAR for end in signs.get("replaced", ()))]
    dead = next((value for value, _ in stale if value in named), None)
    others = {word for word in shared if not word.isdigit()}
    if dead is not None and len(fresh) > 1 and len(others) >= _ALIKE:
        return Superseded(old, new, Rule.NAMES_OLD, dead)
    if "out" in signs:
        head = fold(new.text)[: signs["out"][0]]
        gone = {word.casefold() for word in re.findall(r"\b[A-ZА-Я]{2,}[0-9]*\b", old.text)}
        word = next((name for name in sorted(gone) if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", head)), "")
        if word:
            return Superseded(old, new, Rule.IS_OUT, word)
    if (
        "now" in signs
        and len(others) >= _SHARED
        and stale
        and fresh
        and not {v for v, _ in fresh} & {v for v, _ in stale}
    ):
        return Superseded(old, new, Rule.CHANGED, stale[0][0])
    return None


def _values(text: str) -> list[tuple[str, int]]:
    return [(f"{found.value:g}", found.start) for found in numerals(text)]
