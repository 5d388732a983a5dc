"""Stop sequences: ends an answer where one of them begins, also where it comes in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class StopFinder:
    """Holds back as much of the text as might be the beginning of a stop text."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._keep = max((len(stop) for stop in self._stops), default=1) - 1
        self._held = ""
        self.found = False

    def feed(self, text: str) -> str:
        """Take the next piece and give what surely lies before a stop text."""
        self._held += text
        places = [at for at in (self._held.find(stop) for stop in self._stops) if at >= 0]
        if places:
            self.found = True
            ready, self._held = self._held[: min(places)], ""
            return ready
        size = max(0, len(self._held) - self._keep)
        ready, self._held = self._held[:size], self._held[size:]
        return ready

    def close(self) -> str:
        """Give what was held back when the answer ended."""
        held, self._held = self._held, ""
        return held
