"""`vaultc check` and `vaultc findings`: what is wrong in the vault, in the manner of a compiler."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from vaultc.cli import options


class Format(StrEnum):
    """How findings are printed."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"


class Kind(StrEnum):
    """Which analysis."""

    CONTRADICTIONS = "contradictions"
    LINKS = "links"


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("check")(check)
    app.command("findings")(findings)


def check(
    path: Annotated[str | None, typer.Argument(help="A note or folder of the vault. Default: all of it.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How findings are printed.")] = Format.FULL,
    vault: options.Vault = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Print broken and ambiguous links, contradictions, missing links and unreadable notes, each with its place.

    Example: vaultc check --format concise
    """
    from vaultc.app.checking import check_vault
    from vaultc.cli.render import out, print_concise, print_diagnostics, print_json, progress, summary_line

    with progress(quiet=quiet or as_json) as report:
        outcome = check_vault(path, vault, report)
    if as_json or form is Format.JSON:
        print_json(outcome.as_json())
    elif form is Format.CONCISE:
        print_concise(outcome.diagnostics)
    else:
        print_diagnostics(outcome.diagnostics, console=out)
    if not as_json and form is not Format.JSON:
        typer.echo(summary_line(outcome.diagnostics) or "nothing found", err=True)
    raise typer.Exit(outcome.exit_code)


def findings(
    kind: Annotated[Kind, typer.Argument(help="Which analysis.")],
    vault: options.Vault = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Print what an analysis of the whole vault found, as a list with both quotations.

    Example: vaultc findings contradictions --json
    """
    from vaultc.app.checking import find
    from vaultc.cli.ask_view import print_findings
    from vaultc.cli.render import print_json, progress

    with progress(quiet=quiet or as_json) as report:
        outcome = find(kind.value, vault, report)
    if as_json:
        print_json(outcome.as_json())
    else:
        print_findings(outcome)
