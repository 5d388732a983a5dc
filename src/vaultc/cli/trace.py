"""`vaultc trace`: from generated lines to notes, and from a note line to all that leans on it."""

from __future__ import annotations

from typing import Annotated

import typer

from vaultc.cli import options
from vaultc.cli.words import WordsCommand


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("trace", cls=WordsCommand)(trace)


def trace(
    place: Annotated[str, typer.Argument(metavar="PLACE", help="`path:line`, of code, an artifact or a note.")],
    vault: options.Vault = None,
    as_json: options.Json = False,
) -> None:
    """Say which words of the notes a line leans on, or what leans on a line of a note.

    Example: vaultc trace tide-clock/tide_clock/model.py:40
    """
    from vaultc.app.tracing import trace_place
    from vaultc.cli.render import print_json
    from vaultc.cli.trace_view import print_trace

    outcome = trace_place(place, vault)
    if as_json:
        print_json(outcome.as_json())
    else:
        print_trace(outcome)
