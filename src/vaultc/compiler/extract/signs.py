"""Whether a note is an idea of something to build: the signs that it gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.extract.topics import Topic, topic_of
from vaultc.compiler.unit import Derivation, Question
from vaultc.core.digest import short_id
from vaultc.language.reading import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.extract.product import Product
    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement

_WISH = re.compile(
    r"\b(?:i|we)(?:'d)? (?:want|would like|need|wish for|am building|are building)\b|"
    r"\b(?:a|an|this is an?|one)\s(?:\w{1,20}\s){0,3}(?:program|app|tool|script|service|timer|tracker|planner|bot|"
    r"library|plugin|extension|board|box|website|site|game)\b|\b(?:must|should) not (?:know|do)\b|"
    r"(?<!\w)(?:хочу|хочется|хотим|нужен|нужна|нужно что-то|пусть)\s|"
    r"(?<!\w)(?:программ|приложени|расширени|сервис|утилит|скрипт|журнал|бот|сайт|плагин|систем)\w{0,3},?\s(?:котор|чтобы|для)",
    re.IGNORECASE,
)
_STRONG = frozenset(
    {Topic.REQUIREMENTS, Topic.FEATURES, Topic.EXCLUDED, Topic.GOAL, Topic.PROBLEM, Topic.OPTIONAL, Topic.USAGE}
)
_STATED = frozenset({Topic.REQUIREMENTS, Topic.EXCLUDED})
_TAGS = frozenset({"idea", "идея", "идеи", "ideas", "project/software"})
_FOLDERS = frozenset({"ideas", "идеи"})
_SUFFIXES = (".idea", ".pseudo")
_ENOUGH = 2
_SPEAKS_CODE = 3  # statements that name code: what a program is made of
_LONG = 120
_SMALL = 12
_SUBJECT_WORDS = 5
_ASKED = {
    "en": "Is this note an idea of something to build? It names no program and no goal, so only the plainest "
    "statements were taken.",
    "ru": "Эта заметка — замысел программы? В ней нет ни названной программы, ни цели, поэтому взято только "
    "самое явное.",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """How much a note looks like an idea. `is_idea`: enough; `is_doubtful`: too little for its length."""

    count: int
    is_idea: bool
    is_doubtful: bool


def signs_of(regions: Sequence[Region], said: Sequence[Statement], product: Product) -> Signs:
    """Count the signs of an idea: its place and tags, headings, wishes, commands, statements about the product."""
    idea = regions[0]
    path = str(idea.source.path).lower()
    own = [statement for statement in said if statement.role == "idea"]
    count = 3 if path.endswith(_SUFFIXES) or _FOLDERS.intersection(path.split("/")[:-1]) else 0
    if any(_TAGS.intersection(_heads(tag.name.lower().strip("#"))) for tag in idea.note.tags):
        count += 3
    topics = {topic_of(part) for statement in own for part in statement.headings[-2:]}
    count += 2 if topics & _STRONG else 0
    count += 2 if product.commands or sum(item.shown != item.masked for item in own) >= _SPEAKS_CODE else 0
    count += 2 if any(_WISH.search(statement.text) for statement in own[:_SMALL]) else 0
    count += min(3, sum(1 for statement in own if _is_about(statement, product)))
    is_stated = bool(topics & _STATED) or any("shall" in statement.masked for statement in own)
    is_idea = count >= _ENOUGH + (len(own) > _LONG and not is_stated)
    return Signs(count, is_idea, not is_idea and len(own) > _SMALL)


def _heads(tag: str) -> set[str]:
    """Give a tag and the tags above it: `project/software/cli` stands under `project/software`."""
    parts = tag.split("/")
    return {"/".join(parts[:count]) for count in range(1, len(parts) + 1)}


def _is_about(statement: Statement, product: Product) -> bool:
    """Tell whether a statement says of the product by name that it must, should or may."""
    modal = read(statement.masked, statement.shown).modal
    if not modal:
        return False
    before = " ".join(statement.masked[: modal[0].start].split()[-_SUBJECT_WORDS:])
    return product.is_named(before)


def doubt(regions: Sequence[Region], said: Sequence[Statement], language: str) -> Question | None:
    """Give the question whether the note is an idea at all, leaning on its first statement."""
    first = next((statement for statement in said if statement.role == "idea"), None)
    if first is None:
        return None
    text = _ASKED["ru" if language == "ru" else "en"]
    reason = "no heading, wish or statement about a program was found"
    return Question(short_id("Q", ("question", "is-idea")), text, 1, (), derived=Derivation(reason, (first.quote,)))
