"""`vaultc config show`: every setting and where it came from."""

from __future__ import annotations

import typer

from vaultc.cli import options

app = typer.Typer(help="Settings.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Keep `show` a subcommand of its own."""


@app.command("show")
def show(vault: options.Vault = None, as_json: options.Json = False) -> None:
    """Print every setting in force and where it came from.

    Example: vaultc config show
    """
    from vaultc.app.session import settings_for
    from vaultc.cli.render import print_json, table

    rows = list(settings_for(vault).rows())
    if as_json:
        print_json({"settings": [{"key": r.key, "value": r.value, "origin": r.origin} for r in rows]})
    else:
        table(("setting", "value", "from"), [(r.key, str(r.value), r.origin) for r in rows])
