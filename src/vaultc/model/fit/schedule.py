"""Which models are loaded at a time: as many as the machine holds, the small ones for good.

A model that does not fit beside those that are loaded makes the largest of them go first; what is small stays, for it
is what the next call needs. So a run that asks its models one after another, and not in turns, loads each giant once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of VRAM and of RAM: what a machine has for models, or what one of them takes."""

    vram_bytes: int = 0
    ram_bytes: int = 0

    def holds(self, taken: Room) -> bool:
        """Tell whether `taken` fits into it."""
        return taken.vram_bytes <= self.vram_bytes and taken.ram_bytes <= self.ram_bytes

    def __add__(self, other: Room) -> Room:
        """Give what both take together."""
        return Room(self.vram_bytes + other.vram_bytes, self.ram_bytes + other.ram_bytes)


class Tenant(Protocol):
    """A model that can be loaded and let go."""

    @property
    def name(self) -> str:
        """Its name, for a person."""
        ...

    @property
    def is_loaded(self) -> bool:
        """Whether a process holds it now."""
        ...

    def let_go(self) -> None:
        """Free its memory; it is loaded again when it is asked again."""
        ...


def _silent(_: str) -> None:
    """Say nothing."""


class Schedule:
    """The models of one run, which share one machine."""

    def __init__(self, room: Room | None, say: Callable[[str], None] = _silent) -> None:
        """Make a schedule.

        Args:
            room: what there is for models; None where that is not known, and then nothing is ever let go.
            say: is told of each model that is let go for another.
        """
        self._room = room
        self._say = say
        self._tenants: list[tuple[Tenant, Room]] = []
        self.loads: Counter[str] = Counter()
        """How often each model was loaded, by name."""

    def enter(self, tenant: Tenant, needs: Room) -> None:
        """Take a model in; nothing is loaded by that."""
        self._tenants.append((tenant, needs))

    def loaded(self) -> tuple[str, ...]:
        """Give the names of the models that are loaded."""
        return tuple(tenant.name for tenant, _ in self._tenants if tenant.is_loaded)

    def admit(self, tenant: Tenant) -> None:
        """Make room for a model that is about to be loaded, by letting others go, the largest first."""
        self.loads[tenant.name] += 1
        if self._room is None:
            return
        own = next((needs for known, needs in self._tenants if known is tenant), Room())
        others = [(known, needs) for known, needs in self._tenants if known is not tenant and known.is_loaded]
        others.sort(key=lambda pair: (pair[1].vram_bytes + pair[1].ram_bytes, pair[0].name))
        while others and not self._room.holds(sum((needs for _, needs in others), own)):
            largest, _ = others.pop()
            self._say(f"{largest.name} is let go: {tenant.name} needs its room")
            largest.let_go()
