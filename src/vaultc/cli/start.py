"""The entry point `vaultc`: holds Ctrl-C while the command line itself is being imported, a fifth of a second."""

from __future__ import annotations

import os
import signal

_INTERRUPTED = 130


def _end(*_: object) -> None:
    """End at once: nothing has begun, and an interrupt raised inside an import may come out as anything."""
    os.write(2, b"\ninterrupted\n")
    os._exit(_INTERRUPTED)


def main() -> None:
    """Run the command line; see `vaultc.cli.app.main`."""
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # not where a shell has it ignored
    if is_heard:
        signal.signal(signal.SIGINT, _end)
    from vaultc.cli.app import main as run

    try:
        if is_heard:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run()
    except KeyboardInterrupt:  # before `run` could take it, or a second one while it ended
        _end()
