"""`vaultc status` and `vaultc doctor`: what is indexed and compiled, and what this machine has."""

from __future__ import annotations

import typer

from vaultc.cli import options


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("status")(status)
    app.command("doctor")(doctor)


def status(vault: options.Vault = None, as_json: options.Json = False) -> None:
    """Say what is indexed and compiled, and what changed since.

    Example: vaultc status
    """
    from vaultc.app.standing import vault_status
    from vaultc.cli.render import print_json, table

    outcome = vault_status(vault)
    if as_json:
        print_json(outcome.as_json())
        return
    table(("", ""), outcome.rows())
    if outcome.units:
        table(("idea", "code", "files"), outcome.unit_rows(), right=("files",))


def doctor(vault: options.Vault = None, as_json: options.Json = False) -> None:
    """Say what is installed, which model would run, and whether generated code can be boxed.

    Example: vaultc doctor
    """
    from vaultc.app.standing import examine
    from vaultc.cli.render import print_json, table

    checks = examine(vault)
    if as_json:
        print_json({"checks": [check.as_json() for check in checks]})
    else:
        table(("", "what", "state"), [("ok" if c.ok else "--", c.name, c.detail) for c in checks])
