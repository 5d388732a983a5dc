"""`vaultc model pull`: download a model from Hugging Face, after saying what that connects to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from vaultc.cli import options


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("pull")(pull)


def pull(
    name: Annotated[str, typer.Argument(help="owner/repository, a quantisation behind a colon, a revision behind @.")],
    file: Annotated[str, typer.Option("--file", metavar="NAME", help="The GGUF of the repository that is meant.")] = "",
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FOLDER", help="Where it goes. Default: `model.folder`, else your data folder."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", metavar="FILE", help="A file of mode 600 that holds your token for the hub."),
    ] = None,
    hub: Annotated[
        str, typer.Option("--hub", metavar="URL", help="A mirror on this machine, or on a host in network.allow_hosts.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree beforehand to connect and to download.")] = False,
    vault: options.Vault = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Download a model from Hugging Face: resumed where it broke off, checked by its digest.

    Says first what it will connect to, how large the files are and where they go, and asks. No other command of
    vaultc connects to a host that the settings do not name.

    Example: vaultc model pull Qwen/Qwen3-30B-A3B-GGUF:Q8_0
    """
    from vaultc.app.models.pulling import plan_pull, pull_task
    from vaultc.app.models.pulling import pull as fetch
    from vaultc.app.session import settings_for
    from vaultc.cli.render import note, print_json, progress, say

    config = settings_for(vault).config
    task = pull_task(config, name, file=file, folder=to, token_file=token_file, hub=hub)
    note(task.announcement())
    _agree("Connect?", yes=yes)
    plan = plan_pull(task)
    note(plan.announcement())
    if plan.missing_bytes:
        _agree("Download?", yes=yes)
    with progress(quiet=quiet) as report:
        paths = fetch(plan, report)
    if as_json:
        print_json(plan.as_json())
        return
    for path in paths:
        say(str(path))
    note(f'To use it: `[model] path = "{paths[0]}"` in the settings, or --model')


def _agree(question: str, *, yes: bool) -> None:
    """Go on only where the person agrees; without a terminal nobody is asked. Raises UsageError."""
    from vaultc.core.errors import UsageError

    if yes:
        return
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        raise UsageError("nobody can be asked without a terminal, and nothing was done", hint="agree by --yes")
    if not typer.confirm(question, err=True):
        raise typer.Exit(1)
