"""What the idea is, in its own words: the sentences that may stand as its summary, best first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.extract.topics import Topic, topic_of_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.extract.statements import Statement

_MIN_WORDS = 6
_MAX_CANDIDATES = 6
_ABSTRACTS = frozenset({"abstract", "summary", "tldr", "info", "goal", "кратко", "цель"})
_LEADING = frozenset({Topic.GOAL, Topic.PROBLEM, Topic.OTHER})


def summary_candidates(said: Sequence[Statement]) -> list[tuple[Statement, ...]]:
    """Give up to six groups of statements, best first: abstract, lead paragraph, goal, first feature."""
    own = [
        statement
        for statement in said
        if statement.role == "idea" and not statement.is_lead and not statement.is_question
    ]
    groups: list[tuple[Statement, ...]] = []
    groups += [(statement,) for statement in own if statement.callout in _ABSTRACTS][:2]
    groups += _lead(own)
    goals = [statement for statement in own if topic_of_path(statement.headings) in {Topic.GOAL, Topic.PROBLEM}]
    groups += [(statement,) for statement in goals if statement.item is None and _is_full(statement)][:2]
    items = tuple(statement for statement in goals if statement.item is not None)
    groups += [items[:3]] if items else []
    features = [
        statement for statement in own if topic_of_path(statement.headings) in {Topic.FEATURES, Topic.REQUIREMENTS}
    ]
    groups += [(statement,) for statement in features][:1]
    groups += [(statement,) for statement in own][:1]
    unique: dict[tuple[Statement, ...], None] = dict.fromkeys(group for group in groups if group)
    return list(unique)[:_MAX_CANDIDATES]


def _is_full(statement: Statement) -> bool:
    return len(statement.text.split()) >= _MIN_WORDS and not statement.text.startswith(("(", "["))


def _lead(own: Sequence[Statement]) -> list[tuple[Statement, ...]]:
    """Give the first full sentence before the first list and the second heading."""
    for statement in own:
        topic = topic_of_path(statement.headings)
        if statement.item is not None or len(statement.headings) > 1 or topic not in _LEADING:
            break
        if _is_full(statement):
            return [(statement,)]
    return []


def summary_text(group: Sequence[Statement]) -> str:
    """Give the words of a group as one text."""
    parts = [statement.text.rstrip(" ;,") for statement in group]
    return " ".join(part if part.endswith((".", "!", "…")) else f"{part}." for part in parts)
