"""`vaultc links`: every link and what it names."""

from __future__ import annotations

from typing import Annotated

import typer

from vaultc.cli import options
from vaultc.cli.words import WordsCommand


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("links", cls=WordsCommand)(links)


def links(
    note: Annotated[str | None, typer.Argument(help="A note: path or name. Default: every note.")] = None,
    vault: options.Vault = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """List links with what each resolves to, and for one note what links to it.

    Example: vaultc links "Tide clock"
    """
    from vaultc.app.linking import list_links
    from vaultc.cli.render import location, print_json, progress, say, table

    with progress(quiet=quiet or as_json) as report:
        outcome = list_links(note, vault, report)
    if as_json:
        print_json(outcome.as_json())
        return
    rows = [(location(row.place), row.place.text, row.names()) for row in outcome.links]
    table(("where", "link", "names"), rows)
    if outcome.backlinks:
        say()
        table(("linked from", "link"), [(location(row.place), row.place.text) for row in outcome.backlinks])
