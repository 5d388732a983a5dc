"""`vaultc model`: which models are there and what a GGUF says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vaultc.cli import model_check, model_launch, model_plan, model_pull, options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.app.models.listing import ListedModel

app = typer.Typer(help="Models: what is there, and what a GGUF says of itself.", no_args_is_help=True)
app.command("plan")(model_plan.plan)
model_check.register(app)
model_pull.register(app)
model_launch.register(app)


@app.command("list")
def list_models(vault: options.Vault = None, as_json: options.Json = False) -> None:
    """List the models that are configured or installed; the first is the one that would run.

    Example: vaultc model list
    """
    from vaultc.app.models.listing import known_models

    _print(known_models(vault), as_json=as_json)


@app.command("show")
def show(
    path: Annotated[str, typer.Argument(help="A GGUF file.")],
    as_json: options.Json = False,
) -> None:
    """Print what the header of a GGUF says: architecture, parameters, context.

    Example: vaultc model show model.gguf
    """
    from vaultc.app.models.listing import read_model

    _print([read_model(path)], as_json=as_json)


def _print(models: Sequence[ListedModel], *, as_json: bool) -> None:
    from vaultc.cli.render import note, print_json, table

    if as_json:
        print_json({"models": [model.as_json() for model in models]})
    elif models:
        columns = ("model", "architecture", "parameters", "context", "file", "from")
        table(columns, [model.row() for model in models], right=("parameters", "context"))
    else:
        note("no model: install vaultc[starter], or name a GGUF with --model or VAULTC_MODEL")
