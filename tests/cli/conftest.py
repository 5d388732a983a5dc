"""The command line as a person uses it: arguments in, exit code and two streams out."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vaultc.cli.app import main
from vaultc.disk.state import STATE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE_VAULT = Path(__file__).resolve().parents[2] / "examples" / "vault"


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON document on standard output."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        assert document["version"] == 1
        return document


Run = "Callable[..., Done]"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run `vaultc` with arguments; no model unless a test asks for one."""
    monkeypatch.setenv("VAULTC_MODEL", "none")

    def call(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["vaultc", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        streams = capsys.readouterr()
        return Done(code, streams.out, streams.err)

    return call


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example vault, with the current folder beside it."""
    copy = tmp_path / "vault"
    shutil.copytree(EXAMPLE_VAULT, copy)
    monkeypatch.chdir(tmp_path)
    return copy


@pytest.fixture
def indexed(vault: Path, example_index: Path) -> Path:
    """The same, indexed."""
    shutil.copytree(example_index / STATE_NAME, vault / STATE_NAME)
    return vault


def tree_digest(root: Path) -> dict[str, str]:
    """Give a digest of each file below `root`, the state folder left out."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and ".vaultc" not in path.parts)
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
