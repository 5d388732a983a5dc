"""What the notes leave open: sentences that ask, items under such headings, `[!question]`, TODO, ???."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.unit import Question
from vaultc.core.digest import short_id
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement
    from vaultc.core.source import Quote

_OPEN = re.compile(
    r"\b(?:TODO|TBD|FIXME|\?\?\?|NEEDS CLARIFICATION|уточнить|выяснить|не решено|не решил|непонятно|to be "
    r"decided|not sure|undecided)\b|\?\?\?"
)
# A task that asks somebody is an open point, not work on the product.
_ASKS = re.compile(
    r"^\W{0,6}(?:ask|find out|decide|check with|clarify|figure out|look up|спросить|узнать|выяснить|"
    r"уточнить|решить|обсудить|понять)\b",
    re.IGNORECASE,
)
# Marks of the Tasks plugin: dates, recurrence, priority; and tags.
_TASK_MARKS = re.compile(
    r"\s{0,3}(?:[📅⏳🛫✅➕❌🔁🏁⛔🆔]\ufe0f?\s{0,2}(?:\d{4}-\d{2}-\d{2}|[\w ,-]{0,30})|[🔺⏫🔼🔽⏬]\ufe0f?)"
    r"|(?<![\w&/])#[^\s#.,;:!?()\[\]{}\"']{1,80}"
)
_MAX_WORDS = 60


def without_task_marks(text: str) -> str:
    """Give a statement without marks of the Tasks plugin and tags."""
    return " ".join(_TASK_MARKS.sub("", text).split())


def is_open_task(text: str) -> bool:
    """Tell whether a task asks something of somebody."""
    return _ASKS.match(text) is not None


def find_questions(regions: Sequence[Region], said: Iterable[Statement]) -> tuple[Question, ...]:
    """Give the open questions of the idea and its embeds, ranked: stated as open first, then asked in passing."""
    found: dict[tuple[str, ...], _Asked] = {}
    for statement in said:
        rank = _rank(statement)
        text = without_task_marks(statement.text)
        if rank and len(text.split()) <= _MAX_WORDS:
            _add(found, text, rank, statement.quote)
    for region in regions:
        if region.role == "link":
            continue
        for callout in region.note.callouts:
            block = region.note.blocks[callout.block]
            if callout.kind not in {"question", "help", "faq"} or not region.holds(block.span):
                continue
            if callout.title and any(char.isalpha() for char in callout.title):
                _add(found, callout.title, 1, region.quote(callout.title_span))
    questions = (
        Question(short_id("Q", ("question", *key)), asked.text, asked.rank, tuple(asked.origins))
        for key, asked in found.items()
    )
    return tuple(sorted(questions, key=lambda question: question.rank))


def _rank(statement: Statement) -> int:
    """Give 1 for what is stated as open, 2 for a question in passing, 3 for something to look up, 0 for none."""
    topic = topic_of_path(statement.headings)
    if statement.role == "link" or topic in {Topic.HISTORY, Topic.REFERENCES, Topic.EXAMPLES} or statement.is_lead:
        return 0
    if statement.item is not None and statement.item.is_done:
        return 0
    is_under = topic is Topic.QUESTIONS or statement.callout in {"question", "help"}
    if statement.is_question:
        return 1 if is_under else 2
    if is_under and statement.item is not None and statement.is_head:
        return 3 if is_open_task(statement.text) else 1
    if statement.item is not None and statement.item.task is not None and is_open_task(statement.text):
        return 3
    return 2 if _OPEN.search(statement.text) else 0


@dataclass
class _Asked:
    """A question, how plainly it was asked, and each place that asks it."""

    text: str
    rank: int
    origins: dict[Quote, None] = field(default_factory=dict)


def _add(found: dict[tuple[str, ...], _Asked], text: str, rank: int, origin: Quote) -> None:
    key = tuple(sorted(set(content_stems(text)))) or (text,)
    asked = found.setdefault(key, _Asked(text, rank))
    asked.rank = min(rank, asked.rank)
    asked.origins[origin] = None
