"""Options that several commands share, spelled once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vaultc.core.errors import UsageError

Vault = Annotated[
    Path | None,
    typer.Option(
        "--vault",
        metavar="FOLDER",
        help="The vault. Default: the vault around the current folder, else the one indexed last.",
    ),
]
VaultArgument = Annotated[Path | None, typer.Argument(metavar="[VAULT]", help="The folder of the vault, as --vault.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document (docs/json.md) on standard output.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="PATH",
        help="A GGUF file, a folder with an expert script, or `none`. Default: the setting, else the starter model.",
    ),
]
GpuLayers = Annotated[
    int | None,
    typer.Option("--n-gpu-layers", metavar="N", help="Layers to put into VRAM; -1 for all of them."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress.")]


def one_vault(argument: Path | None, option: Path | None) -> Path | None:
    """Give the vault that was named, as an argument or by --vault. Raises UsageError where the two differ."""
    if argument is not None and option is not None and argument.resolve() != option.resolve():
        raise UsageError(f'two vaults are named: "{argument}", and "{option}" by --vault', hint="name one")
    return argument if option is None else option
