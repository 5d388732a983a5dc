"""A small vault, a command run on it with a fault, and what its index says afterwards."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from faults.server import make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src"
NOTES = {
    "Идеи/Часы.md": "# Часы\n\nЧасы показывают прилив. См. [[Гавань]] и [[Нет такой]].\n",
    "Гавань.md": "---\naliases: [порт]\ntags: [вода]\n---\n# Гавань\n\n## Вода\n\nПрилив высок. ^tide\n",
    "Tide.md": "# Tide\n\nThe tide clock shows the water. [[Гавань#Вода]] [[Гавань#^tide]] [[порт]]\n",
    "Garden.md": "# Garden\n\nTomatoes are watered in the morning. #garden/water\n\n- [ ] buy a pump\n",
    "Сад/Полив.md": "# Полив\n\nНасос качает воду в бак. [[Garden]] ![[Tide#Tide]]\n\n## Вечер\n\nПолив слабее.\n",
    "Сад/Насос.md": "# Насос\n\nМощность насоса 400 Вт. [бак](Бак.md)\n",
    "Сад/Бак.md": "# Бак\n\nБак на 200 литров стоит у стены.\n",
    "empty.md": "",
}


class Fault(IntEnum):
    """What happens at a call, numbered as in shim.c."""

    NONE = 0
    KILL = 1
    KILL_HALF = 2
    ENOSPC_ONCE = 3
    ENOSPC_ON = 4
    EIO_ONCE = 5
    SHORT = 6
    KILL_ONE = 7


@dataclass(frozen=True)
class Ended:
    """How a command ended: its code (negative: a signal), what it said, the calls it made and their kinds."""

    code: int
    said: str
    count: int
    kinds: str

    @property
    def is_calm(self) -> bool:
        """Tell whether it ended well, or with one line and a hint."""
        if "Traceback" in self.said:
            return False
        return self.code in (0, 1) or (self.code == 3 and "error:" in self.said and "help:" in self.said)


class Server:
    """Runs commands in forks of one process that has the shim preloaded."""

    def __init__(self, shim: Path, scratch: Path, *, chroma: bool = False) -> None:
        self._scratch, self._chroma = scratch, chroma
        plan = scratch / "plan"
        make_plan(plan)
        environment = os.environ | {
            "LD_PRELOAD": str(shim),
            "FAULT_PLAN": str(plan),
            "PYTHONPATH": f"{SOURCE}{os.pathsep}{HERE.parent}",
            "OPENBLAS_NUM_THREADS": "1",
            "ANONYMIZED_TELEMETRY": "False",
        }
        if chroma:
            environment["FAULT_CHROMA"] = "1"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=scratch,
            env=environment,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __call__(
        self,
        *arguments: object,
        counted: Path,
        fault: Fault = Fault.NONE,
        at: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> Ended:
        """Run `vaultc` with `arguments`; calls below `counted` are counted, and the one at `at` goes wrong."""
        order = {
            "arguments": [str(argument) for argument in arguments],
            "counted": str(counted),
            "mode": int(fault),
            "at": at,
            "chroma": self._chroma,
            "said": str(self._scratch / "said"),
            "environment": dict(environment or {}),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Ended(answer["code"], answer["said"], answer["count"], answer["kinds"])


def compile_shim(folder: Path) -> Path | None:
    """Compile the shim into `folder`; None where there is no compiler for it."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    shim = folder / "shim.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", shim, HERE / "shim.c", "-ldl"], check=True)
    return shim


# Tables that are made from the rest, or tell how a run went rather than what the notes say.
_OWN = ("search_", "sqlite_", "migrations", "paid", "meta")
_SETTINGS = ("embedder", "embedder.settings", "made by", "unfinished")
_TIMES = {"mtime_ns", "id"}


def dump(catalog: Path) -> dict[str, Any]:
    """Give all that a catalog says, by table, without row ids and times: equal dumps are equal indexes.

    It knows the tables only by their columns: `note` is the file a row belongs to, `id` a row's own number.
    """
    db = sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)
    paths = dict(db.execute("SELECT id, path FROM files"))
    chunks = {row: (paths[note], ord_) for row, note, ord_ in db.execute("SELECT id, note, ord FROM chunks")}
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")]
    found: dict[str, Any] = {"integrity": db.execute("PRAGMA integrity_check").fetchall()}
    for table in tables:
        if not table.startswith(_OWN):
            found[table] = _rows_of(db, table, paths)
    found["search"] = sorted(
        (chunks.get(row, row), *rest) for row, *rest in db.execute("SELECT rowid, title, headings, text FROM search")
    )
    found["meta"] = sorted(db.execute(f"SELECT key, value FROM meta WHERE key IN {_SETTINGS}"))
    db.close()
    return found


def _rows_of(db: sqlite3.Connection, table: str, paths: dict[int, str]) -> list[tuple[Any, ...]]:
    cursor = db.execute(f'SELECT * FROM "{table}"')
    names = [column[0] for column in cursor.description]
    rows = []
    for row in cursor:
        values = dict(zip(names, row, strict=True))
        if table == "notes":
            values["id"] = paths[values["id"]]
        else:
            values.pop("id", None)
        values.pop("mtime_ns", None)
        if "note" in values:
            values["note"] = paths[values["note"]]
        if "vector" in values:
            values["vector"] = tuple(np.frombuffer(values["vector"], "<f4").round(4).tolist())
        rows.append(tuple(values.values()))
    return sorted(rows, key=repr)


def copy_of(vault: Path, target: Path) -> Path:
    """Copy a vault with its times, so that an unchanged note stays unchanged."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(vault, target, symlinks=True)
    return target


def files_of(vault: Path) -> dict[str, bytes]:
    """Give the files of the person."""
    return {
        str(path.relative_to(vault)): path.read_bytes()
        for path in sorted(vault.rglob("*"))
        if path.is_file() and ".vaultc" not in path.relative_to(vault).parts
    }
