"""The IR: one idea and all that is lowered from it, as frozen values that carry their evidence.

Laws, held by the gates of the passes:
- every element leads to notes: `origins` are verbatim quotations of notes, or `derived` says why and on
  which quotations it leans;
- ids are stable: made from kind and content (core.digest.short_id), not from order;
- `by` is RULE for what was computed, MODEL for what a model wrote (and a gate let through).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

# Not under TYPE_CHECKING: pydantic reads these annotations when a cached unit is loaded.
from vaultc.compiler.named_value import Constant as Constant  # noqa: TC001
from vaultc.compiler.named_value import Replaced as Replaced
from vaultc.compiler.untaken import Excluded as Excluded  # noqa: TC001
from vaultc.compiler.untaken import Untaken as Untaken  # noqa: TC001
from vaultc.compiler.written import Artifact as Artifact
from vaultc.compiler.written import By as By
from vaultc.compiler.written import Check as Check
from vaultc.compiler.written import CodeFile as CodeFile
from vaultc.compiler.written import Derivation as Derivation
from vaultc.compiler.written import Segment as Segment
from vaultc.compiler.written import SegmentKind as SegmentKind
from vaultc.core.digest import Digest  # noqa: TC001
from vaultc.core.source import Quote, VaultPath  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Iterator


class Modality(StrEnum):
    """How binding a requirement is."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
    MUST_NOT = "must_not"
    SHOULD_NOT = "should_not"


class RequirementKind(StrEnum):
    """What a requirement speaks of."""

    FUNCTION = "function"
    LIMIT = "limit"
    INTERFACE = "interface"
    DATA = "data"
    QUALITY = "quality"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Limit:
    """A stated bound: `subject` comparator `value` `unit`. Value is in the unit as written; unit normalised.

    comparator: one of "<=", "<", ">=", ">", "==", "!=". A range is two limits.
    """

    subject: str
    comparator: str
    value: float
    unit: str
    quote: Quote


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that the product must, should, may or must not do. `text` is the statement in its own words.

    `priority` 1 (highest) .. 3. `condition` is the EARS trigger ("when ...", «когда ...») or empty.
    `rule` is the name of the rule by which its statement binds.
    """

    id: str
    kind: RequirementKind
    modality: Modality
    text: str
    origins: tuple[Quote, ...]
    by: By = By.RULE
    priority: int = 2
    condition: str = ""
    limits: tuple[Limit, ...] = ()
    is_done: bool = False
    derived: Derivation | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Something settled, with what was not chosen and why."""

    id: str
    title: str
    chosen: str
    alternatives: tuple[str, ...]
    reason: str
    origins: tuple[Quote, ...]
    by: By = By.RULE
    derived: Derivation | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """A condition from outside (platform, language, licence, budget) that binds the design."""

    id: str
    text: str
    origins: tuple[Quote, ...]
    limits: tuple[Limit, ...] = ()
    by: By = By.RULE


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record, or a parameter or return value. `type` is a Python annotation, ASCII.

    `default` is Python source or None where there is none. `key` is its name in the files of the notes, where it
    is known and another than `code_name`.
    """

    name: str
    code_name: str
    type: str
    is_required: bool = True
    default: str | None = None
    note: str = ""
    limits: tuple[Limit, ...] = ()
    origins: tuple[Quote, ...] = ()
    key: str = ""


class EntityKind(StrEnum):
    """What kind of thing an entity is."""

    RECORD = "record"
    ENUM = "enum"
    STATES = "states"


@dataclass(frozen=True, slots=True)
class Transition:
    """A step of a state machine; the states are values of the entity, in its own words."""

    source: str
    target: str
    event: str
    origins: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that the idea keeps data about: a record with fields, an enumeration, or a state machine.

    `is_open`: there are more values than the notes name. `rows` are the cells of a table of data, by field. `sample` is
    the path of a file of the notes that holds such a record; `is_lone`: such a file holds one, no list.
    """

    id: str
    kind: EntityKind
    name: str
    code_name: str
    origins: tuple[Quote, ...]
    fields: tuple[Field, ...] = ()
    values: tuple[str, ...] = ()
    transitions: tuple[Transition, ...] = ()
    by: By = By.RULE
    derived: Derivation | None = None
    sample: str = ""
    is_lone: bool = False
    is_open: bool = False
    rows: tuple[tuple[str, ...], ...] = ()


class InterfaceKind(StrEnum):
    """How an operation is reached."""

    FUNCTION = "function"
    COMMAND = "command"
    HTTP = "http"


@dataclass(frozen=True, slots=True)
class Interface:
    """An operation of a component, with its signature and the requirements it satisfies.

    `answers` and `errors` of a route are what it gives where all is well and where not, each with its status.
    """

    id: str
    component: str
    kind: InterfaceKind
    name: str
    code_name: str
    summary: str
    params: tuple[Field, ...]
    returns: str
    serves: tuple[str, ...]
    origins: tuple[Quote, ...]
    by: By = By.RULE
    derived: Derivation | None = None
    usage: str = ""
    answers: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the design: its duty, the requirements it serves, the components it uses (ids).

    `holds` are the ids of the entities and constants that its module declares.
    """

    id: str
    name: str
    code_name: str
    duty: str
    serves: tuple[str, ...]
    uses: tuple[str, ...]
    origins: tuple[Quote, ...]
    by: By = By.RULE
    derived: Derivation | None = None
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow or a procedure, in words; `depth` is its indentation."""

    text: str
    origins: tuple[Quote, ...] = ()
    depth: int = 0
    serves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """An ordered sequence of steps that the notes describe."""

    id: str
    name: str
    steps: tuple[Step, ...]
    origins: tuple[Quote, ...]
    by: By = By.RULE


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the notes leave open; `rank` 1 matters most."""

    id: str
    text: str
    rank: int
    origins: tuple[Quote, ...]
    by: By = By.RULE
    derived: Derivation | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two quotations that cannot both hold."""

    id: str
    reason: str
    a: Quote
    b: Quote


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Fenced code that the notes give a file name: taken over as it is."""

    path: str
    language: str
    text: str
    origin: Quote


@dataclass(frozen=True, slots=True)
class Example:
    """A stated case: given input, expected result, both as Python source. Becomes a real test."""

    id: str
    call: str
    expected: str
    origins: tuple[Quote, ...]
    serves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Procedure:
    """Pseudocode of one interface: steps in order, each with what it leans on."""

    id: str
    interface: str
    name: str
    steps: tuple[Step, ...]
    serves: tuple[str, ...]
    origins: tuple[Quote, ...]
    by: By = By.RULE
    derived: Derivation | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of a model that failed its gate: which pass and target, and why."""

    task: str
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class ContextPassage:
    """A passage that was gathered: where it stands, its heading path, and why it was taken.

    `role` is "idea" (the note itself), "embed", "link" or "retrieved"; `score` is 1 for the first three.
    `reach` is how a passage of another note that may bind the idea was reached, empty where it may not.
    """

    quote: Quote
    headings: tuple[str, ...]
    role: str
    reason: str
    score: float = 1.0
    reach: str = ""


@dataclass(frozen=True, slots=True)
class Idea:
    """The idea note: its path, title, language ("ru" or "en"), package name, digest of its text."""

    path: VaultPath
    title: str
    language: str
    package: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Unit:
    """A compilation unit: one idea and all lowered from it, in the order of lowering."""

    idea: Idea
    context: tuple[ContextPassage, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    decisions: tuple[Decision, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    entities: tuple[Entity, ...] = ()
    constants: tuple[Constant, ...] = ()
    flows: tuple[Flow, ...] = ()
    questions: tuple[Question, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    verbatim: tuple[Verbatim, ...] = ()
    examples: tuple[Example, ...] = ()
    summary: str = ""
    summary_origins: tuple[Quote, ...] = ()
    components: tuple[Component, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    code: tuple[CodeFile, ...] = ()
    checks: tuple[Check, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    untaken: tuple[Untaken, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def with_refusal(self, task: str, target: str, reason: str) -> Unit:
        """Give the unit with one more refused answer."""
        return replace(self, refusals=(*self.refusals, Refusal(task, target, reason)))

    @property
    def declared(self) -> tuple[Constant, ...]:
        """The constants that code declares: not those in dispute, nor bounds that the class of a record holds."""
        return tuple(item for item in self.constants if not item.is_disputed and not item.scope)

    def quotes(self) -> Iterator[Quote]:
        """Give every quotation that the elements lean on, in order, repeated as they repeat."""
        for group in (
            self.requirements,
            self.decisions,
            self.constraints,
            self.entities,
            self.constants,
            self.flows,
            self.questions,
            self.components,
            self.interfaces,
            self.procedures,
        ):
            for element in group:
                yield from element.origins
