"""`vaultc model plan`: what of a model lies in VRAM and what in RAM, and which models this machine can run."""

from __future__ import annotations

from typing import Annotated

import typer

from vaultc.cli import options


def plan(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]",
            help="A GGUF file, or a known model as NAME or NAME:QUANT. Without one: which models this machine can run.",
        ),
    ] = None,
    vram: Annotated[
        str | None,
        typer.Option(
            "--vram",
            metavar="SIZE",
            help="Free VRAM as 96GB (10^9), 96GiB or 96500MiB; several GPUs as 48GiB,24GiB; 0 for none. "
            "Default: what nvidia-smi says.",
        ),
    ] = None,
    ram: Annotated[
        str | None, typer.Option("--ram", metavar="SIZE", help="RAM of the machine. Default: what is available now.")
    ] = None,
    context: Annotated[
        str | None,
        typer.Option("--context", metavar="TOKENS", help="Length of the context: 32768 or 32k. Default: 32k."),
    ] = None,
    kv: Annotated[
        str,
        typer.Option("--kv", metavar="TYPE", help="Type of the KV cache: auto, f16, q8_0, q4_0."),
    ] = "auto",
    others: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="MODEL", help="A further model that works beside it; may be repeated."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Say what of a model lies in VRAM and what in RAM, how fast it can be, and what would fit if it does not.

    Example: vaultc model plan Qwen3-235B-A22B:Q4_K_M --vram 96GB --ram 132GB
    """
    from vaultc.app.models.planning import PlanRequest
    from vaultc.app.models.planning import plan as make_plan
    from vaultc.cli.plan_view import print_planning
    from vaultc.cli.render import print_json

    planning = make_plan(name, PlanRequest(vram, ram, context, kv, tuple(others or ())))
    if as_json:
        print_json(planning.as_json())
    else:
        print_planning(planning)
    if not planning.fits:
        raise typer.Exit(1)
