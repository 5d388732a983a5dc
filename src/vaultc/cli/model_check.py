"""`vaultc model check`: how long a prompt a model reads reliably."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vaultc.cli import options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vaultc.app.models.context_check import ContextCheckOptions
    from vaultc.app.models.context_outcome import ContextCheckOutcome


def register(app: typer.Typer) -> None:
    """Add the command to `vaultc model`."""
    app.command("check")(check)


def check(
    vault: options.Vault = None,
    model: options.Model = None,
    longest: Annotated[
        int, typer.Option("--max", metavar="TOKENS", help="Longest prompt. Default: the context of the settings.")
    ] = 0,
    shortest: Annotated[int, typer.Option("--min", metavar="TOKENS", help="Shortest prompt. Default: 4096.")] = 0,
    tasks: Annotated[
        str, typer.Option("--tasks", metavar="NAMES", help="Only these tasks, with commas between: single,twins,….")
    ] = "",
    lang: Annotated[str, typer.Option("--lang", metavar="NAMES", help="Only these languages: en, ru or en,ru.")] = "",
    samples: Annotated[int, typer.Option("--samples", metavar="N", help="Questions in each cell. Default: 10.")] = 0,
    depths: Annotated[int, typer.Option("--depths", metavar="N", help="Depths from 0 to 100 %. Default: 11.")] = 0,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="What is drawn depends on it alone.")] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="4 questions at 5 depths: a first look.")] = False,
    until_failure: Annotated[
        bool, typer.Option("--until-failure", help="Stop at the first length that fails.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Forget what was measured of this model before.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Where context.png and context.json go.")
    ] = None,
    n_gpu_layers: options.GpuLayers = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Hide facts in text of this vault, at every depth of longer and longer prompts, and see what the model finds.

    The longest prompt that it reads reliably becomes its working window, which `ask` and `compile` keep to.
    What was measured is kept: an interrupted check goes on where it was.

    Example: vaultc model check --max 32768 --quick
    """
    from vaultc.app.models.context_check import ContextCheckOptions

    wanted = ContextCheckOptions(
        longest=longest,
        shortest=shortest,
        samples=samples,
        depths=depths,
        seed=seed,
        tasks=_names(tasks),
        languages=_names(lang),
        is_quick=quick,
        starts_anew=again,
        stops_at_failure=until_failure,
        out=out,
    )
    flags = {"model.path": model, "model.n_gpu_layers": n_gpu_layers}
    outcome, is_whole = _run(vault, flags, wanted, quiet=quiet or as_json)
    if outcome.measured.results or is_whole:
        _show(outcome, as_json=as_json)
    if not is_whole:
        raise KeyboardInterrupt


def _run(
    vault: Path | None, flags: Mapping[str, object], wanted: ContextCheckOptions, *, quiet: bool
) -> tuple[ContextCheckOutcome, bool]:
    """Give what was measured, and whether it is all: an interrupt leaves a part."""
    from vaultc.app.models.context_check import OpenedCheck
    from vaultc.cli.render import progress

    with progress(quiet=quiet) as report:
        opened = OpenedCheck.open(vault, flags, wanted, report)
        with opened as check:
            try:
                return check.run(report), True
            except KeyboardInterrupt:
                return check.outcome(), False


def _show(outcome: ContextCheckOutcome, *, as_json: bool) -> None:
    from vaultc.cli.model_check_view import print_check
    from vaultc.cli.render import print_json

    if as_json:
        print_json(outcome.as_json())
    else:
        print_check(outcome)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
