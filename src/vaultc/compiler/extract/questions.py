"""What the notes leave open: sentences that ask, items under such headings, `[!question]`, TODO, ???."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.unit import Question
from vaultc.core.digest import short_id
from vaultc.language.lexicon import phrases
from vaultc.language.reading import Stance, read
from vaultc.language.stems import content_stems, fold, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement
    from vaultc.core.source import Quote

_OPEN = re.compile(r"\b(?:TODO|TBD|FIXME|NEEDS CLARIFICATION)\b|\?\?\?")
# Marks of the Tasks plugin: dates, recurrence, priority; and tags.
_TASK_MARKS = re.compile(
    r"\s{0,3}(?:[📅⏳🛫✅➕❌🔁🏁⛔🆔]\ufe0f?\s{0,2}(?:\d{4}-\d{2}-\d{2}|[\w ,-]{0,30})|[🔺⏫🔼🔽⏬]\ufe0f?)"
    r"|(?<![\w&/])#[^\s#.,;:!?()\[\]{}\"']{1,80}"
)
_MAX_WORDS = 60
_MOST_VERB = 2


def without_task_marks(text: str) -> str:
    """Give a statement without marks of the Tasks plugin and tags."""
    return " ".join(_TASK_MARKS.sub("", text).split())


def is_open_task(text: str) -> bool:
    """Tell whether a task asks something of somebody."""
    first = [fold(word.text) for word in islice(words(text), _MOST_VERB)]
    return any(" ".join(first[:count]) in phrases("questions", "tasks") for count in range(1, len(first) + 1))


def find_questions(regions: Sequence[Region], said: Iterable[Statement]) -> tuple[Question, ...]:
    """Give the open questions of the idea and its embeds, ranked: stated as open first, then asked in passing."""
    found: dict[tuple[str, ...], _Asked] = {}
    every = list(said)
    for number, statement in enumerate(every):
        rank = 0 if _is_answered(every, number) else _rank(statement)
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


def _is_answered(every: Sequence[Statement], number: int) -> bool:
    """Tell whether the item goes on with what is so: "And when it rains? The roof closes."."""
    statement = every[number]
    if statement.item is None or not statement.is_question or number + 1 == len(every):
        return False
    after = every[number + 1]
    is_same = after.item is statement.item and not after.is_head and after.quote.span.path == statement.quote.span.path
    return is_same and not after.is_question and Stance.ASKED not in read(after.text).stances


def _rank(statement: Statement) -> int:
    """Give 1 for what is stated as open, 2 for a question in passing, 3 for something to look up, 0 for none."""
    topic = topic_of_path(statement.headings)
    if topic in {Topic.HISTORY, Topic.REFERENCES} or statement.is_lead:
        return 0
    if statement.role == "link" and not (statement.is_question and statement.item is not None):
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
    if _OPEN.search(statement.text):
        return 2
    return 2 if topic is not Topic.EXAMPLES and Stance.ASKED in read(statement.text).stances else 0


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
