"""The first moments of a command: an early Ctrl-C, and variables that mean nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from vaultc.cli import start

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Done

# Stops at the import of a module until it is told to go on, as a slow disk would.
_STOPPED = """
import sys
from vaultc.cli.start import main
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            print("here", flush=True)
            {wait}
finder = Finder()
sys.meta_path.insert(0, finder)
sys.argv = ["vaultc", "search", "pump"]
main()
"""
_SLEEP = "import time; time.sleep(60)"
_WAITS = {
    "plain": _SLEEP,
    # As a library does that has another way to go on without what it imports.
    "swallowed": f"""
            try:
                {_SLEEP}
            except KeyboardInterrupt:
                raise ImportError from None""",
}


def interrupted(code: str) -> tuple[int, str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ.copy()
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        time.sleep(0.05)  # the sleep begins behind the line
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, said


@pytest.mark.parametrize(
    ("module", "wait"), [("typer", "plain"), ("vaultc.cli.watch", "swallowed"), ("vaultc.app.searching", "plain")]
)
def test_an_interrupt_while_modules_are_imported_ends_without_a_traceback(module: str, wait: str) -> None:
    code, said = interrupted(_STOPPED.format(module=module, wait=_WAITS[wait]))

    assert code == 130
    assert said.strip().startswith("interrupted")
    assert "Traceback" not in said


def test_an_interrupt_that_the_shell_has_ignored_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    monkeypatch.setattr(sys, "argv", ["vaultc", "--version"])
    try:
        with pytest.raises(SystemExit):
            start.main()
        after = signal.getsignal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)

    assert after is signal.SIG_IGN


def test_the_entry_point_holds_interrupts_before_it_imports_anything_of_weight() -> None:
    code = "import sys, vaultc.cli.start; print({'typer', 'typing', 'vaultc.cli.app'} & set(sys.modules))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, env=environment)

    assert done.stdout == "set()\n", done.stderr


@pytest.mark.parametrize("arguments", [["--version"], ["config", "show", "--json"], ["model", "show", "/no.gguf"]])
def test_a_variable_that_means_nothing_is_named_once_in_every_command(
    run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("VAULTC_MODL", "x")

    done = run(*arguments)

    assert done.err.count("warning: the variable VAULTC_MODL is no setting; did you mean VAULTC_MODEL?") == 1
    assert "VAULTC_MODL" not in done.out
