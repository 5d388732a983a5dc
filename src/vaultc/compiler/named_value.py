"""Named values of the IR."""

from __future__ import annotations

from dataclasses import dataclass

# Not under TYPE_CHECKING: pydantic reads these annotations when a cached unit is loaded.
from vaultc.core.source import Quote  # noqa: TC001


@dataclass(frozen=True, slots=True)
class Replaced:
    """A value that held before, as Python source; `quote` is None where only the newer statement names it."""

    value: str
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A named value that the notes state. `value` is Python source, empty where the notes dispute it.

    `bound` tells which way it binds: exact, min, max, threshold, interval, rate or default. `values` are those that
    stand against each other, as Python source; `replaced` those that a later word made old, with where they stand.
    `scope` is the field of a record whose bound it is: "Station.name". `is_titled`: the notes give the name, it was not
    made of a sentence.
    """

    id: str
    name: str
    code_name: str
    type: str
    value: str
    unit: str
    origins: tuple[Quote, ...]
    serves: tuple[str, ...] = ()
    bound: str = "exact"
    values: tuple[str, ...] = ()
    replaced: tuple[Replaced, ...] = ()
    scope: str = ""
    is_titled: bool = False

    @property
    def is_disputed(self) -> bool:
        """Tell whether the notes state several values of which none replaces the others."""
        return len(self.values) > 1

    @property
    def shown(self) -> str:
        """The value with its unit for people: all of them where they are disputed, and what they were before."""
        value = f"{' / '.join(self.values) or self.value} {self.unit}".rstrip()
        old = ", ".join(old.value for old in self.replaced)
        return f"{value} (~~{old}~~)" if old else value
