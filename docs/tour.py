"""Runs the README's tour on a copy of the example vault, without a model, and gives what it prints."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
TRACED = "tide-clock/tide_clock/model.py:"  # the line of the check below is put behind it
CHECK = "self.speed <= 180"
TOUR: tuple[tuple[str, tuple[str, ...], int], ...] = (
    # what to say, the arguments, how many lines of the output are shown
    ("Index, and index again when something changed:", ("index", "vault"), 3),
    ("Search in any inflected form:", ("search", "датчиками влажности", "-n", "1"), 6),
    (
        "Ask; each sentence leads to the line it came from:",
        ("ask", "How much water does the greenhouse reservoir hold?"),
        6,
    ),
    ("Find where the notes disagree:", ("ask", "find contradictions"), 14),
    ("Compile an idea:", ("compile", "Ideas/Tide clock.md", "--out", "tide-clock"), 14),
    ("Follow a line of code to the words it came from:", ("trace", TRACED), 8),
)


def tour() -> str:
    """Give the tour as Markdown; times are left out, so that the text only changes when vaultc does."""
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        shutil.copytree(ROOT / "examples" / "vault", home / "vault")
        environ = {
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
            "VAULTC_MODEL": "none",
            "COLUMNS": "110",
        }
        before = Path.cwd()
        os.chdir(home)
        try:
            with mock.patch.dict(os.environ, environ):
                for title, words, lines in TOUR:
                    arguments = tuple(f"{word}{_line_of(CHECK)}" if word == TRACED else word for word in words)
                    shown = " ".join(f'"{word}"' if " " in word else word for word in arguments)
                    text = _shortened(_run(arguments), lines)
                    parts.append(f"{title}\n\n```console\n$ vaultc {shown}\n{text}\n```\n")
        finally:
            os.chdir(before)
    return "\n".join(parts)


def _line_of(text: str) -> int:
    lines = Path(TRACED.rstrip(":")).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def _run(arguments: tuple[str, ...]) -> str:
    from vaultc.cli.app import main

    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["vaultc", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        contextlib.suppress(SystemExit),
    ):
        main()
    return re.sub(r"; \d+\.\d s\b", "", out.getvalue()) or err.getvalue()


def _shortened(text: str, count: int) -> str:
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    return "\n".join(lines[:count] + (["…"] if len(lines) > count else []))


if __name__ == "__main__":
    sys.stdout.write(tour())
