"""A set of values as written: an enumeration, or the states of a machine with its transitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.compiler.unit import Transition
    from vaultc.core.source import Quote


@dataclass(frozen=True, slots=True)
class ValuesDraft:
    """Values as written; `is_states` where the notes call them so, `is_open` where there are more than those said.

    Without `is_sure` it counts only where a record has a field of its name: "the lamp is red or green" may tell of two
    lamps.
    """

    name: str
    values: tuple[str, ...]
    transitions: tuple[Transition, ...]
    origins: tuple[Quote, ...]
    is_states: bool = False
    is_open: bool = False
    is_sure: bool = True
