"""`vaultc prime`: prepare the model for a vault."""

from __future__ import annotations

import typer

from vaultc.cli import options


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("prime")(prime)


def prime(
    folder: options.VaultArgument = None,
    vault: options.Vault = None,
    model: options.Model = None,
    n_gpu_layers: options.GpuLayers = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Prepare the model: read once what its prompts begin with, and keep that on disk for later commands.

    An index that is not current is brought up to date first. For models from a billion parameters on, a brief of the
    vault is made, with which every question begins from then on; run it again when the vault has changed much.

    Example: vaultc prime ~/notes
    """
    from vaultc.app.models.priming import prime_vault
    from vaultc.cli.render import note, print_json, progress, say, table

    flags = {"model.path": model, "model.n_gpu_layers": n_gpu_layers}
    with progress(quiet=quiet or as_json) as report:
        outcome = prime_vault(options.one_vault(folder, vault), flags, report)
    for text in outcome.notes:
        note(text)
    if as_json:
        print_json(outcome.as_json())
        return
    rows = [(state.task, f"{state.tokens:,}", f"{state.bytes / 1e6:.1f}") for state in outcome.states]
    table(("prompt", "tokens", "MB"), rows, right=("tokens", "MB"))
    say(outcome.headline())
