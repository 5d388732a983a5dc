"""A statement as the rules of verdicts ask it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.unit import Modality
from vaultc.language.reading import Basis, Force, Reading, read

if TYPE_CHECKING:
    from vaultc.compiler.extract.product import Product
    from vaultc.compiler.extract.statements import Statement


@dataclass(frozen=True)
class Case:
    """A statement with what a rule may ask of it."""

    statement: Statement
    product: Product
    topic: Topic
    reading: Reading
    is_idea: bool = True
    is_opening: bool = False

    @property
    def is_item(self) -> bool:
        """Tell whether it is the head of a list item."""
        return self.statement.item is not None and self.statement.is_head

    @property
    def is_task(self) -> bool:
        """Tell whether it is a task with a box."""
        return self.statement.item is not None and self.statement.item.task is not None and self.statement.is_head


PLACES = frozenset({Topic.REQUIREMENTS, Topic.FEATURES, Topic.QUALITY, Topic.CONSTRAINTS, Topic.OPTIONAL, Topic.USAGE})
MODALITIES = {
    Force.MUST: Modality.MUST, Force.SHOULD: Modality.SHOULD, Force.MAY: Modality.MAY,
    Force.MUST_NOT: Modality.MUST_NOT, Force.SHOULD_NOT: Modality.SHOULD_NOT,
}  # fmt: skip
SUBJECT_WORDS = 4
MIN_WORDS = 2
STRONG = frozenset({Basis.WORD, Basis.DECISION})


def case_of(statement: Statement, product: Product, *, is_idea: bool = True, is_opening: bool = False) -> Case:
    """Give a statement as the rules ask it."""
    topic, reading = topic_of_path(statement.headings), read(statement.masked, statement.shown)
    return Case(statement, product, topic, reading, is_idea, is_opening)
