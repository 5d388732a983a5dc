"""Progress and warnings as values: whoever works says how far it is, whoever shows it decides how."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` units of `task` (total None: unknown); `detail` names what is at hand."""

    task: str
    done: int
    total: int | None = None
    detail: str = ""


Report = Callable[[Progress], None]
"""Receives progress; must be cheap and never raise."""


def silent(_: Progress) -> None:
    """Ignore progress."""


class PersonWarning(UserWarning):
    """What the person should know whatever command runs; a command shows each text once, on standard error."""


def warn(message: str) -> None:
    """Tell the person. The one who calls need not know who shows it."""
    warnings.warn(message, PersonWarning, stacklevel=2)
