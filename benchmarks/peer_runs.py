"""How the peers are run: each in its own environment, with a home of its own, with no network where that can be had."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, Done, measured, without_network

HERE = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True)
class PeerRan:
    """A run of a peer: its cost, and what it says it did; `failed` where it ended with an error."""

    cost: Cost
    answer: dict[str, Any]
    failed: str | None = None


class Peers:
    """The programs that `benchmarks/peers/setup.sh FOLDER` installed."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder.resolve()
        self._home = home
        self._prefix = without_network()
        home.mkdir(parents=True, exist_ok=True)

    def has(self, name: str) -> bool:
        """Tell whether a peer is installed."""
        return (self.folder / name).is_dir()

    def version(self, name: str, package: str) -> str:
        """Give the version that was installed."""
        if name == "qmd":
            text = (self.folder / "qmd/node_modules" / package / "package.json").read_text("utf-8")
            return str(json.loads(text)["version"])
        lines = (self.folder / name / "versions.txt").read_text("utf-8").splitlines()
        return next(line.partition("==")[2] for line in lines if line.startswith(f"{package}=="))

    def script(self, name: str, script: str, *arguments: Path) -> PeerRan:
        """Run one of our scripts in the environment of a peer written in Python."""
        argv = [str(self.folder / name / "bin/python"), str(HERE / script), *map(str, arguments)]
        done = self._run(argv, {}, codes=(0, 1))
        if done.code:
            return PeerRan(done.cost, {}, done.err.strip().splitlines()[-1][:300] if done.err.strip() else "failed")
        return PeerRan(done.cost, json.loads(done.out.strip().splitlines()[-1]))

    def qmd(self, *arguments: str) -> Done:
        """Run qmd, on the node that was installed beside it."""
        modules = self.folder / "qmd/node_modules"
        path = f"{modules / 'node/bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        return self._run([str(modules / ".bin/qmd"), *arguments], {"PATH": path}, codes=(0,))

    def _run(self, argv: list[str], extra: dict[str, str], codes: tuple[int, ...]) -> Done:
        env = {
            "PATH": os.environ.get("PATH", ""),
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "HOME": str(self._home),
            "XDG_CACHE_HOME": str(self._home / "cache"),
            "XDG_CONFIG_HOME": str(self._home / "config"),
            "ANONYMIZED_TELEMETRY": "False",
            "HF_HUB_OFFLINE": "1",
            "NO_COLOR": "1",
            **extra,
        }
        return measured([*self._prefix, *argv], env=env, cwd=self._home, codes=codes)
