"""`vaultc compile`: an idea note to architecture, pseudocode, code and tests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vaultc.cli import options
from vaultc.cli.words import WordsCommand


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("compile", cls=WordsCommand)(compile_idea)


def compile_idea(
    idea: Annotated[str, typer.Argument(help="The idea note: a path, or its name in the vault.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Where the code goes.")] = None,
    level: Annotated[
        str | None,
        typer.Option("--level", help="outline (no model), guided, full, or auto: by the size of the model."),
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="PASS", help="Stop after this pass.")] = None,
    from_pass: Annotated[str | None, typer.Option("--from", metavar="PASS", help="Run again from this pass.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what would be written.")] = False,
    show_ir: Annotated[bool, typer.Option("--show-ir", help="Print the intermediate representation.")] = False,
    run_tests: Annotated[bool, typer.Option(help="Run the generated tests in a sandbox.")] = True,
    vault: options.Vault = None,
    model: options.Model = None,
    hand: Annotated[
        str | None, typer.Option("--hand", metavar="PATH", help="The model that writes code. Default: --model.")
    ] = None,
    n_gpu_layers: options.GpuLayers = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Lower an idea note to requirements, architecture, pseudocode, code and tests, each traceable to the notes.

    Nothing of yours is overwritten: a file that you changed is kept, and the new version is laid beside it.

    Example: vaultc compile "Ideas/Tide clock.md" --out tide-clock/
    """
    from vaultc.app.compiling import CompileOptions, compile_note
    from vaultc.cli.compile_view import print_compile
    from vaultc.cli.render import note, print_json, progress

    flags = {
        "model.path": model,
        "model.hand": hand,
        "model.n_gpu_layers": n_gpu_layers,
        "compile.level": level,
        "compile.run_tests": None if run_tests else False,
    }
    wanted = CompileOptions(out=out, until=until, from_pass=from_pass, is_dry_run=dry_run, show_ir=show_ir)
    with progress(quiet=quiet or as_json) as report:
        outcome = compile_note(idea, vault, wanted, flags, report)
    for text in outcome.notes:
        note(text)
    if as_json:
        print_json(outcome.as_json())
    else:
        print_compile(outcome)
    raise typer.Exit(outcome.exit_code)
