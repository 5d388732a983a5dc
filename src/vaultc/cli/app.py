"""The Typer application and `main()`: exit codes, and the one place that turns a crash into a message."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

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
    trust,
    watch,
)
from vaultc.core.errors import VaultcError
from vaultc.core.event import PersonWarning, warn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

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


for module in (index, prime, ask, search, compile, trace, check, links, watch, status, serve, mcp, trust):
    module.register(app)
app.add_typer(model.app, name="model")
app.add_typer(settings.app, name="config")


_INTERRUPTED = 130
_COLLECT_AFTER = (50_000, 20, 50)
"""Objects between two looks for circles of garbage. Tens of thousands of files are as many values, and no circles."""


def _print_interrupted() -> None:
    sys.stderr.write("\ninterrupted; what was finished is kept\n")


@contextmanager
def _warnings_shown() -> Iterator[None]:
    """Show what is told by `vaultc.core.event.warn`, each text once, while the block runs."""
    shown: set[str] = set()
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if not issubclass(category, PersonWarning):
                others(message, category, filename, lineno, file, line)
            elif str(message) not in shown:
                from vaultc.cli.render import print_warning

                shown.add(str(message))
                print_warning(str(message))

        warnings.simplefilter("always", PersonWarning)
        warnings.showwarning = show
        yield


def _warn_of_variables() -> None:
    """Name the variables `VAULTC_…` that mean nothing: a misspelt one would be passed over in silence."""
    if any(name.startswith("VAULTC_") for name in os.environ):
        from vaultc.config import unknown_variables

        for name, close in unknown_variables(os.environ):
            warn(f"the variable {name} is no setting" + (f"; did you mean {close}?" if close else ""))


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 findings, 2 wrong use, 3 could not finish, 130 interrupted."""
    gc.set_threshold(*_COLLECT_AFTER)
    try:
        with _warnings_shown():
            _warn_of_variables()
            app(prog_name="vaultc")
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
