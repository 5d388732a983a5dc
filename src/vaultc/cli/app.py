"""The Typer application and `main()`: exit codes, and the one place that turns a crash into a message."""

from __future__ import annotations

import gc
import os
import sys

import typer

from vaultc import __version__
from vaultc.cli import (
    ask,
    check,
    compile,
    index,
    links,
    mcp,
    model,
    prime,
    search,
    serve,
    settings,
    status,
    trace,
    watch,
)
from vaultc.core.errors import VaultcError

app = typer.Typer(
    name="vaultc",
    help="Compile an Obsidian vault: index it, ask it, and lower idea notes to architecture, pseudocode and code. "
    "Nothing leaves this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"vaultc {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    del version


for module in (index, prime, ask, search, compile, trace, check, links, watch, status, serve, mcp):
    module.register(app)
app.add_typer(model.app, name="model")
app.add_typer(settings.app, name="config")


_INTERRUPTED = 130
_COLLECT_AFTER = (50_000, 20, 50)
"""Objects between two looks for circles of garbage. Tens of thousands of files are as many values, and no circles."""


def _print_interrupted() -> None:
    sys.stderr.write("\ninterrupted; what was finished is kept\n")


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 findings, 2 wrong use, 3 could not finish, 130 interrupted."""
    gc.set_threshold(*_COLLECT_AFTER)
    try:
        app()
    except VaultcError as error:
        from vaultc.cli.render import print_error

        print_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _print_interrupted()
        sys.exit(_INTERRUPTED)
    except SystemExit as stop:
        # Typer turns Ctrl-C into this code and says nothing.
        if stop.code == _INTERRUPTED:
            _print_interrupted()
        raise
    except BrokenPipeError:
        # The reader of our output went away (`| head`): not our failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last resort: a crash must say what to report
        from vaultc.cli.render import print_crash

        print_crash(error)
        sys.exit(3)
