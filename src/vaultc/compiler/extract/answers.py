"""What a strong model answers when it is asked what the rules missed: plain values, read from JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class FoundQuote:
    """A quotation: the note's path, the words as they stand there."""

    path: str
    text: str


@dataclass(frozen=True)
class FoundRequirement:
    """A requirement. `derived` is empty for what the notes state; else why it follows from the quotes."""

    text: str
    modality: Literal["must", "should", "may", "must_not", "should_not"]
    kind: Literal["function", "limit", "interface", "data", "quality", "task"]
    quotes: list[FoundQuote]
    condition: str = ""
    priority: Literal[1, 2, 3] = 2
    derived: str = ""


@dataclass(frozen=True)
class FoundConstraint:
    """A condition from outside: platform, language, licence, budget."""

    text: str
    quotes: list[FoundQuote]


@dataclass(frozen=True)
class FoundDecision:
    """Something settled."""

    title: str
    chosen: str
    quotes: list[FoundQuote]
    alternatives: list[str] = field(default_factory=list)
    reason: str = ""
    derived: str = ""


@dataclass(frozen=True)
class FoundRequirements:
    """The answer about requirements."""

    requirements: list[FoundRequirement] = field(default_factory=list)
    constraints: list[FoundConstraint] = field(default_factory=list)
    decisions: list[FoundDecision] = field(default_factory=list)


@dataclass(frozen=True)
class FoundField:
    """A field of a record; `type` is a Python annotation, `default` Python source or empty."""

    name: str
    type: str
    required: bool = True
    default: str = ""
    note: str = ""


@dataclass(frozen=True)
class FoundTransition:
    """A step of a state machine; `[*]` stands for start and end."""

    source: str
    target: str
    event: str = ""


@dataclass(frozen=True)
class FoundEntity:
    """A record, an enumeration or a state machine."""

    name: str
    kind: Literal["record", "enum", "states"]
    quotes: list[FoundQuote]
    fields: list[FoundField] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    transitions: list[FoundTransition] = field(default_factory=list)
    derived: str = ""


@dataclass(frozen=True)
class FoundConstant:
    """A named value; `value` is Python source."""

    name: str
    type: Literal["int", "float", "str", "bool"]
    value: str
    quotes: list[FoundQuote]
    unit: str = ""


@dataclass(frozen=True)
class FoundExample:
    """A stated case: a Python call and its result."""

    call: str
    expected: str
    quotes: list[FoundQuote]


@dataclass(frozen=True)
class FoundEntities:
    """The answer about data."""

    entities: list[FoundEntity] = field(default_factory=list)
    constants: list[FoundConstant] = field(default_factory=list)
    examples: list[FoundExample] = field(default_factory=list)


@dataclass(frozen=True)
class FoundStep:
    """A step of a flow; `quote` is its place in the notes, if it has one of its own."""

    text: str
    quote: FoundQuote | None = None


@dataclass(frozen=True)
class FoundFlow:
    """An ordered sequence of steps that the notes describe."""

    name: str
    steps: list[FoundStep]
    quotes: list[FoundQuote]


@dataclass(frozen=True)
class FoundQuestion:
    """Something the notes leave open and that must be known to build it; rank 1 matters most."""

    text: str
    quotes: list[FoundQuote]
    rank: Literal[1, 2, 3] = 2
    derived: str = ""


@dataclass(frozen=True)
class FoundQuestions:
    """The answer about flows and open questions."""

    flows: list[FoundFlow] = field(default_factory=list)
    questions: list[FoundQuestion] = field(default_factory=list)
