"""`vaultc config show`: every setting and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from vaultc.cli import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.config import Setting

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

    settings = settings_for(vault)
    rows, ignored = list(settings.rows()), settings.ignored
    if as_json:
        print_json({"settings": _as_json(rows), "ignored": _as_json(ignored)})
        return
    left_out = [(row.key, str(row.value), f"{row.origin}, ignored: `vaultc trust` lets it count") for row in ignored]
    table(("setting", "value", "from"), [*((row.key, str(row.value), row.origin) for row in rows), *left_out])


def _as_json(rows: Sequence[Setting]) -> list[dict[str, object]]:
    return [{"key": row.key, "value": row.value, "origin": row.origin} for row in rows]
