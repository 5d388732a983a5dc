"""`vaultc` as a person runs it: a process of its own, with a home of its own, and what it left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE_VAULT = ROOT / "examples" / "vault"
IDEAS = {
    "tide": "Ideas/Tide clock.md",
    "ledger": "Ideas/Reading ledger.idea",
    "poliv": "Идеи/Полив теплицы.md",
}
STATE = ".vaultc"
_LIMIT_S = 240


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


@dataclass(frozen=True)
class Tool:
    """Runs `vaultc` in `cwd` for a person whose home is `home`. Without `model`, none is used."""

    home: Path
    cwd: Path
    model: str | None = "none"
    extra: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()

    def environment(self) -> dict[str, str]:
        """Give the whole environment: nothing of the person who runs the tests but the path."""
        found = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],  # of all tests: it holds what is the same for all
            **({} if self.model is None else {"VAULTC_MODEL": self.model}),
        }
        return found | dict(self.extra)

    def arguments(self, *arguments: object) -> list[str]:
        """Give the command line."""
        return [*self.before, sys.executable, "-m", "vaultc", *map(str, arguments)]

    def start(self, *arguments: object, preexec: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        """Start the command in a process group of its own."""
        return subprocess.Popen(
            self.arguments(*arguments),
            cwd=self.cwd,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            start_new_session=True,
            preexec_fn=preexec,
        )

    def __call__(self, *arguments: object, preexec: Callable[[], None] | None = None) -> Done:
        """Run the command to its end."""
        with self.start(*arguments, preexec=preexec) as process:
            try:
                out, err = process.communicate(timeout=_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return Done(process.returncode, out, err)

    def within(self, *before: str) -> Tool:
        """Give the tool started by another program, such as `unshare -rn`."""
        return replace(self, before=before)

    def using(self, **extra: str) -> Tool:
        """Give the tool with more variables."""
        return replace(self, extra={**self.extra, **extra})


@dataclass(frozen=True)
class Compiled:
    """One idea of the example vault, compiled."""

    name: str
    idea: str
    vault: Path
    out: Path
    report: dict[str, Any]

    @property
    def map(self) -> dict[str, Any]:
        """The source map as it lies beside the code."""
        document = json.loads((self.out / "vaultc.map.json").read_bytes())
        assert isinstance(document, dict)
        return document

    @property
    def package(self) -> str:
        """The name of the generated package."""
        return str(self.map["package"])

    def artifact(self, ending: str) -> Path:
        """Give the generated note or canvas with this ending."""
        return (self.vault / self.idea).with_suffix(ending)

    @property
    def notes(self) -> tuple[Path, Path]:
        """The generated notes."""
        return self.artifact(".architecture.md"), self.artifact(".pseudo.md")

    def modules(self) -> list[Path]:
        """Give the Python files of the package and of its tests."""
        return sorted([*(self.out / self.package).rglob("*.py"), *(self.out / "tests").rglob("*.py")])


def files_of(root: Path, *, state: bool = False) -> dict[str, bytes]:
    """Give the bytes of each file below `root`; with `state`, those of the state folder too."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and (state or STATE not in path.relative_to(root).parts)
    }


def stamps_of(root: Path) -> dict[str, tuple[int, int]]:
    """Give when each file and folder below `root`, the state folder left out, was last written, and its inode."""
    found = {}
    for path in (root, *sorted(root.rglob("*"))):
        parts = path.relative_to(root).parts
        if STATE not in parts and parts:
            status = path.stat()
            found["/".join(parts)] = (status.st_mtime_ns, status.st_ino)
    return found


def text_of(path: Path) -> str:
    """Give the text of a file with its own line ends."""
    return path.read_bytes().decode("utf-8")


def places_in(document: Any) -> Iterator[dict[str, Any]]:
    """Give every place in a JSON document."""
    if isinstance(document, dict):
        if {"path", "line", "start", "end", "text"} <= document.keys():
            yield document
        for value in document.values():
            yield from places_in(value)
    elif isinstance(document, list):
        for value in document:
            yield from places_in(value)


def misplaced(document: Any, *roots: Path) -> list[dict[str, Any]]:
    """Give the places of `document` that do not say exactly what stands in their files, below one of `roots`."""
    texts: dict[str, str] = {}
    wrong = []
    for place in places_in(document):
        path = place["path"]
        if path not in texts:
            texts[path] = text_of(next(root / path for root in roots if (root / path).is_file()))
        if not _stands(place, texts[path]):
            wrong.append(place)
    return wrong


def _stands(place: dict[str, Any], text: str) -> bool:
    before, upto = text[: place["start"]], text[: place["end"]]
    line, end_line = before.count("\n") + 1, upto.count("\n") + 1
    col = len(before) - (before.rfind("\n") + 1) + 1
    end_col = len(upto) - (upto.rfind("\n") + 1) + 1
    return (text[place["start"] : place["end"]], line, col, end_line, end_col) == (
        place["text"],
        place["line"],
        place["col"],
        place["end_line"],
        place["end_col"],
    )


def leftovers(*roots: Path) -> list[str]:
    """Give the temporary files that a run left below `roots`."""
    return [
        str(path)
        for root in roots
        for path in root.rglob("*")
        if path.suffix == ".tmp" or path.name.endswith(("-journal", ".vaultc-new"))
    ]
