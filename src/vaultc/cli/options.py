"""Options that several commands share, spelled once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Vault = Annotated[
    Path | None,
    typer.Option(
        "--vault",
        metavar="FOLDER",
        help="The vault. Default: the vault around the current folder, else the one indexed last.",
    ),
]
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
