"""`vaultc watch`: keep the index fresh while notes change."""

from __future__ import annotations

from pathlib import Path

import typer

from vaultc.cli import options


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("watch")(watch)


def watch(
    folder: options.VaultArgument = None,
    vault: options.Vault = None,
    as_json: options.Json = False,
) -> None:
    """Index, then index again whenever notes change, until Ctrl-C.

    Example: vaultc watch ~/notes
    """
    from vaultc.app.indexing import index_vault
    from vaultc.cli.render import print_json, progress, say

    with progress(quiet=as_json) as report:
        outcome = index_vault(options.one_vault(folder, vault), report)
    if as_json:
        print_json(outcome.as_json())
    else:
        say(outcome.headline())
    watch_vault(outcome.root, as_json=as_json)


def watch_vault(root: Path, *, as_json: bool) -> None:
    """Watch `root` until the person interrupts, printing a line for each change of the index."""
    from vaultc.app.indexing import IndexOutcome, keep_fresh
    from vaultc.cli.render import note, print_json_line, say

    def show(outcome: IndexOutcome) -> None:
        if not outcome.has_changes:
            return
        if as_json:
            print_json_line(outcome.as_json())
        else:
            say(outcome.headline())

    if not as_json:
        note("watching; Ctrl-C ends it")
    keep_fresh(root, show, note)
