"""`vaultc model launch`: how a model is started without vaultc."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vaultc.cli import options


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("launch")(launch)


def launch(
    model: Annotated[
        str, typer.Argument(help="A GGUF, or the name of an entry of [models]. Default: the one that would run.")
    ] = "",
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the script is written.")] = Path(
        "launch.py"
    ),
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    vault: options.Vault = None,
    as_json: options.Json = False,
) -> None:
    """Write a commented launch.py that starts a model as vaultc does, and print the equal llama-server command.

    Example: vaultc model launch giant --out ~/bin/giant.py
    """
    from vaultc.app.models.launching import launch_of, write_launch
    from vaultc.app.session import settings_for
    from vaultc.cli.render import note, print_json, say

    settings = settings_for(vault, {"model.path": model or None})
    launched = write_launch(launch_of(settings), out.expanduser(), replaces=force)
    if as_json:
        print_json(launched.as_json())
        return
    say(launched.command_line)
    note(f"written: {launched.path}")
