"""What a compile writes, as values: files, artifacts, and the segments that say what their lines lean on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# Not under TYPE_CHECKING: pydantic reads these annotations when a cached unit is loaded.
from vaultc.core.source import Quote, VaultPath  # noqa: TC001


class By(StrEnum):
    """Who wrote an element."""

    RULE = "rule"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Derivation:
    """Why an element is there that no note states: a reason, and the quotations it leans on."""

    reason: str
    leans_on: tuple[Quote, ...] = ()


class SegmentKind(StrEnum):
    """What a range of lines of an artifact is."""

    HEADER = "header"
    SECTION = "section"
    CONSTANT = "constant"
    TYPE = "type"
    FUNCTION = "function"
    TEST = "test"
    DATA = "data"
    VERBATIM = "verbatim"


@dataclass(frozen=True, slots=True)
class Segment:
    """Lines `[start_line, end_line]` (from 1, inclusive) of an artifact and what they lean on.

    `name` is the function, class or heading; `ids` the elements it implements or shows.
    """

    kind: SegmentKind
    name: str
    start_line: int
    end_line: int
    ids: tuple[str, ...]
    origins: tuple[Quote, ...]
    by: By = By.RULE
    derived: Derivation | None = None


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A file under `--out`, relative to it; the segments cover every function and class."""

    path: str
    language: str
    text: str
    segments: tuple[Segment, ...]
    by: By = By.RULE


@dataclass(frozen=True, slots=True)
class Artifact:
    """A note or canvas that a compile writes, relative to the vault; the segments cover every section."""

    path: VaultPath
    text: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What a check of the generated package found; `status` is passed, failed or skipped."""

    name: str
    status: str
    detail: str = ""
    passed: int = 0
    failed: int = 0
    xfailed: int = 0
