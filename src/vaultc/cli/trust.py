"""`vaultc trust`: whether what came with a vault may choose models, paths and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vaultc.cli import options

if TYPE_CHECKING:
    from vaultc.app.trusting import TrustedVault


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("trust")(trust)


def trust(
    folder: options.VaultArgument = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take it back: it counts no more.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Show the vaults that were trusted.")] = False,
    vault: options.Vault = None,
    as_json: options.Json = False,
) -> None:
    """Let the settings of a vault choose models, paths and addresses, and its prompts take the place of vaultc's.

    A vault that was cloned, synchronised or unpacked brings `.vaultc/` along. What it says there counts only where you
    trust it, as it is now: when it changes, it must be trusted anew.

    Example: vaultc trust ~/notes
    """
    from vaultc.app.trusting import revoke_trust, trust_vault, trusted_vaults
    from vaultc.cli.render import print_json, table
    from vaultc.core.errors import UsageError

    if listed and (revoke or folder is not None or vault is not None):
        raise UsageError("--list shows all vaults that were trusted", hint="give it alone")
    if listed:
        found = trusted_vaults()
        if as_json:
            print_json({"vaults": [item.as_json() for item in found]})
        else:
            table(("vault", "state", "settings"), [(str(i.root), i.state, ", ".join(i.claims)) for i in found])
        return
    root = options.one_vault(folder, vault)
    done = revoke_trust(root) if revoke else trust_vault(root)
    if as_json:
        print_json(done.as_json())
    else:
        _print(done)


def _print(done: TrustedVault) -> None:
    from vaultc.cli.render import say, table

    say(f"{done.root}: {done.state}")
    if done.claims:
        table(("", ""), [(key, str(value)) for key, value in done.claims.items()])
