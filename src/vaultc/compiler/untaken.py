"""What was read near an idea and did not become a duty of the product, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

# Not under TYPE_CHECKING: pydantic reads these annotations when a cached unit is loaded.
from vaultc.core.source import Quote, VaultPath  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kept(StrEnum):
    """Why a statement is no duty of the product."""

    CONTEXT = "context"
    QUESTION = "question"
    ERRAND = "errand"
    PAST = "past"
    REPORTED = "somebody else's"
    SUPPOSED = "supposed"
    OPINION = "opinion"
    REASON = "reason"
    WAIVED = "not needed"
    POINTER = "pointer"
    EXAMPLE = "example"
    RISK = "risk"
    OTHER = "other thing"
    PROPOSAL = "proposal"
    ANSWER = "answer"
    REPLACED = "replaced"
    DONE = "done"
    CHOICE = "decision"
    FACT = "fact"
    IGNORED = "told to be ignored"
    DOUBTFUL = "the note is not plainly an idea"


QUIET = frozenset({Kept.CONTEXT, Kept.QUESTION, Kept.CHOICE, Kept.FACT})
"""What is taken otherwise, or says nothing that could bind: no list tells of it line by line."""


@dataclass(frozen=True, slots=True)
class Untaken:
    """A statement that does not bind: the name of the rule that decided, and why not."""

    quote: Quote
    rule: str
    why: Kept


@dataclass(frozen=True, slots=True)
class Excluded:
    """A note near the idea that was not read for what binds it, and why."""

    path: VaultPath
    reason: str


def by_reason(untaken: Iterable[Untaken]) -> dict[Kept, list[Untaken]]:
    """Give what a person should know was not taken, by its reason, the most frequent first."""
    told = [item for item in untaken if item.why not in QUIET]
    counts = Counter(item.why for item in told)
    return {why: [item for item in told if item.why is why] for why, _ in counts.most_common()}
