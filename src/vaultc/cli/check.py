"""`vaultc check` and `vaultc findings`: what is wrong in the vault, in the manner of a compiler."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vaultc.cli import options
from vaultc.cli.words import WordsCommand

if TYPE_CHECKING:
    from vaultc.app.checking import CheckOutcome


class Format(StrEnum):
    """How findings are printed."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


class FindingsKind(StrEnum):
    """Which analysis."""

    CONTRADICTIONS = "contradictions"
    LINKS = "links"


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("check", cls=WordsCommand)(check)
    app.command("findings")(findings)


def check(
    path: Annotated[str | None, typer.Argument(help="A note or folder of the vault. Default: all of it.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How findings are printed.")] = Format.FULL,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="RULE", help="Look for this rule alone, by code or name.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="RULE", help="Leave this rule out, by code or name.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="In full: blocks of one rule; 0 for all.")] = 20,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="Known findings. Default: baseline.json in the state folder."),
    ] = None,
    no_baseline: Annotated[bool, typer.Option("--no-baseline", help="Print known findings too.")] = False,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Make all findings of now known ones, and print none.")
    ] = False,
    vault: options.Vault = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Print broken and ambiguous links, contradictions, missing links and unreadable notes, each with its place.

    Example: vaultc check --format concise
    """
    from vaultc.app.checking import CheckOptions, check_vault
    from vaultc.cli.render import progress

    wanted = CheckOptions(
        path, _split(only), _split(ignore), baseline, uses_baseline=not no_baseline, writes_baseline=write_baseline
    )
    form = Format.JSON if as_json else form
    with progress(quiet=quiet or form in (Format.JSON, Format.SARIF)) as report:
        outcome = check_vault(wanted, vault, report)
    _print(outcome, form, limit)
    raise typer.Exit(outcome.exit_code)


def _split(rules: list[str] | None) -> tuple[str, ...]:
    """Take `--only V101,V102` and `--only V101 --only V102` alike."""
    return tuple(rule for text in rules or () for rule in text.split(",") if rule.strip())


def _print(outcome: CheckOutcome, form: Format, limit: int) -> None:
    from vaultc.cli import check_view
    from vaultc.cli.github import commands
    from vaultc.cli.render import print_json, stream
    from vaultc.cli.sarif import sarif

    match form:
        case Format.JSON:
            print_json(outcome.as_json())
        case Format.SARIF:
            print_json(sarif(outcome))
        case Format.GITHUB:
            stream(["".join(f"{command}\n" for command in commands(outcome, Path.cwd()))])
        case Format.CONCISE:
            check_view.print_concise(outcome)
        case Format.FULL:
            check_view.print_full(outcome, limit)
    if form in (Format.FULL, Format.CONCISE):
        check_view.print_summary(outcome)


def findings(
    kind: Annotated[FindingsKind, typer.Argument(help="Which analysis.")],
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
