"""Findings as values: one type for every finding that vaultc reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.core.source import Span


class Severity(StrEnum):
    """Weight of a finding; only errors change the exit code."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of finding. `code` is never reused; `docs/diagnostics/<code>.md` is its page."""

    code: str
    name: str
    severity: Severity
    summary: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding, at one place, of one rule. `message`: lower-case start, no full stop."""

    rule: Rule
    message: str
    span: Span
    related: tuple[tuple[Span, str], ...] = field(default=())
    help: str | None = None
