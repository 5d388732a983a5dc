"""The record of a run: `<state>/runs/<id>/events.jsonl`, one event a line, readable by its owner only."""

from __future__ import annotations

import datetime
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vaultc import __version__
from vaultc.disk.write import append_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vaultc.disk.state import StateDir


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command. Nothing is written before the first event, so a run without one leaves no trace.

    `counts` says how many events of each kind were written.
    """

    state: StateDir
    id: str
    command: str
    about: Mapping[str, Any]
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def start(cls, state: StateDir, command: str, about: Mapping[str, Any]) -> Run:
        """Give a run with a new id: time in UTC, then the process."""
        now = datetime.datetime.now(datetime.UTC)
        return cls(state, f"{now:%Y%m%dT%H%M%S.%fZ}-{os.getpid()}", command, about)

    @property
    def folder(self) -> str:
        """The run's folder, relative to the state."""
        return f"runs/{self.id}"

    def write(self, event: Mapping[str, Any]) -> None:
        """Append one event; the first one is preceded by what the run is about.

        Where the state can only be read, nothing is kept.
        """
        self.counts[str(event.get("event"))] += 1
        if self.state.is_read_only:
            return
        path = f"{self.folder}/events.jsonl"
        if not (self.state.path / path).exists():
            head = {"event": "start", "vaultc": __version__, "command": self.command, **self.about}
            append_line(self.state.root, path, json.dumps(head, ensure_ascii=False))
        append_line(self.state.root, path, json.dumps(event, ensure_ascii=False))
