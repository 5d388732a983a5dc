"""`vaultc index`: scan, parse, chunk, embed, store."""

from __future__ import annotations

from typing import Annotated

import typer

from vaultc.cli import options

_SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("index")(index)


def index(
    folder: options.VaultArgument = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Throw the index away and read everything again.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare files, catalog and vectors first.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and index again when notes change.")] = False,
    vault: options.Vault = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Read the vault and keep its index current. Only what changed is read again; no note is touched.

    Example: vaultc index ~/notes
    """
    from vaultc.app.indexing import index_vault
    from vaultc.cli.render import note, print_diagnostics, print_json, progress, say, summary_line

    with progress(quiet=quiet or as_json) as report:
        outcome = index_vault(options.one_vault(folder, vault), report, rebuild=rebuild, verify=verify)
    if as_json:
        print_json(outcome.as_json())
    else:
        shown = outcome.gravest(_SHOWN)
        print_diagnostics(shown)
        say(outcome.headline())
        for text in outcome.notes:
            note(text)
        if outcome.diagnostics:
            more = len(outcome.diagnostics) - len(shown)
            note(summary_line(outcome.diagnostics) + (f"; {more} not shown here: `vaultc check`" if more else ""))
    if watch:
        from vaultc.cli.watch import watch_vault

        watch_vault(outcome.root, as_json=as_json)
    raise typer.Exit(outcome.exit_code)
