"""Findings as workflow commands, which GitHub shows beside the lines of a change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vaultc.cli.render import plain
from vaultc.core.diagnostic import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.app.checking import CheckOutcome
    from vaultc.app.places import PlacedDiagnostic

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def commands(outcome: CheckOutcome, here: Path) -> Iterator[str]:
    """Give one command a finding. Paths count from `here`, the root of the repository, where the vault lies in it."""
    prefix = ""
    if outcome.root != here and outcome.root.is_relative_to(here):
        prefix = outcome.root.relative_to(here).as_posix() + "/"
    for item in outcome.diagnostics:
        yield _command(item, prefix)


def _command(item: PlacedDiagnostic, prefix: str) -> str:
    place, rule = item.place, item.diagnostic.rule
    properties = {"file": prefix + place.path, "title": f"{rule.code} {rule.name}"}
    if place.end:
        properties |= {"line": str(place.line), "endLine": str(place.end_line)}
        if place.line == place.end_line:  # columns of two lines are refused
            properties |= {"col": str(place.col), "endColumn": str(place.end_col)}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    advice = f"\n{item.diagnostic.help}" if item.diagnostic.help else ""
    return f"::{_COMMANDS[rule.severity]} {written}::{_data(plain(item.diagnostic.message + advice, keeps_lines=True))}"


def _data(text: str) -> str:
    """Escape what would end the command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape what would end the property or the command; a terminal may show the log, too."""
    return _data(plain(text)).replace(":", "%3A").replace(",", "%2C")
