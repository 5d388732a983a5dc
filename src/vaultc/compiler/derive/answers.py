"""What a strong model answers when it designs: plain values, read from JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

# Not under TYPE_CHECKING: pydantic reads these annotations.
from vaultc.compiler.extract.answers import (  # noqa: TC001
    FoundConstant,
    FoundDecision,
    FoundEntity,
    FoundQuestion,
    FoundQuote,
)


@dataclass(frozen=True)
class FoundComponent:
    """A part of the design. `code_name` is its module; `uses` are modules, `holds` names of classes and constants."""

    name: str
    code_name: str
    duty: str
    serves: list[str] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    quotes: list[FoundQuote] = field(default_factory=list)
    derived: str = ""


@dataclass(frozen=True)
class FoundInterface:
    """An operation: `component` is its module, `signature` Python: `(start: datetime, count: int = 4) -> str`."""

    component: str
    code_name: str
    signature: str
    summary: str
    serves: list[str] = field(default_factory=list)
    quotes: list[FoundQuote] = field(default_factory=list)
    derived: str = ""
    kind: Literal["function", "command"] = "function"
    command: str = ""


@dataclass(frozen=True)
class FoundDesign:
    """The answer about the design."""

    components: list[FoundComponent] = field(default_factory=list)
    interfaces: list[FoundInterface] = field(default_factory=list)
    entities: list[FoundEntity] = field(default_factory=list)
    constants: list[FoundConstant] = field(default_factory=list)
    decisions: list[FoundDecision] = field(default_factory=list)
    questions: list[FoundQuestion] = field(default_factory=list)


@dataclass(frozen=True)
class FoundStep:
    """A step of a procedure; `depth` is its indentation."""

    text: str
    depth: int = 0
    serves: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FoundProcedure:
    """The steps of one operation, by the name of its function."""

    operation: str
    steps: list[FoundStep]


@dataclass(frozen=True)
class FoundProcedures:
    """The answer about pseudocode."""

    procedures: list[FoundProcedure] = field(default_factory=list)
