"""How a vault and this machine stand: what is indexed and compiled, what is installed."""

from __future__ import annotations

import importlib.util
import platform
import sqlite3
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.app.models.listing import known_models
from vaultc.app.session import Session
from vaultc.app.tracing import place_of, unit_maps
from vaultc.compiler.plan import slots
from vaultc.core.errors import VaultcError
from vaultc.index.catalog import open_catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vaultc.core.source import VaultPath
    from vaultc.index.records import FileRecord


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A compiled idea: its note, where its code lies, how many files were written, which have a new version beside."""

    unit: str
    out: str
    files: int
    beside: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Give the unit in the form of docs/json.md."""
        return {"unit": self.unit, "out": self.out, "files": self.files, "beside": list(self.beside)}


@dataclass(frozen=True, slots=True)
class Stale:
    """How many notes were added, modified and removed since the last index run, by size and time."""

    added: int = 0
    modified: int = 0
    removed: int = 0

    def __str__(self) -> str:
        counts = ((self.added, "added"), (self.modified, "modified"), (self.removed, "removed"))
        return ", ".join(f"{count} {word}" for count, word in counts if count) or "nothing"


@dataclass(frozen=True, slots=True)
class StatusOutcome:
    """What is indexed and compiled.

    Of the notes, `generated` were written by vaultc and are no evidence; `unrecorded` are those among them of which
    this machine has no record: their mark alone says it.
    """

    vault: str
    state: str
    notes: int
    chunks: int
    links: int
    failed: int
    units: tuple[UnitRow, ...]
    stale: Stale
    generated: int = 0
    unrecorded: tuple[VaultPath, ...] = ()

    def rows(self) -> list[tuple[str, str]]:
        """Give lines for a person."""
        failed = f", {self.failed} could not be read" if self.failed else ""
        return [
            ("vault", self.vault),
            ("state", self.state),
            ("index", f"{self.notes} notes, {self.chunks} chunks, {self.links} links{failed}"),
            ("changed since", str(self.stale)),
            *self._generated(),
            ("compiled", f"{len(self.units)} idea{'' if len(self.units) == 1 else 's'}"),
            *(("new version", path) for unit in self.units for path in unit.beside),
        ]

    def _generated(self) -> list[tuple[str, str]]:
        if not self.generated:
            return []
        many = "1 note was" if self.generated == 1 else f"{self.generated} notes were"
        rows = [("no evidence", f"{many} written by vaultc: neither searched nor compared")]
        return rows + [("no record", f"{path} is left out by its mark `vaultc-kind` alone") for path in self.unrecorded]

    def unit_rows(self) -> list[tuple[str, ...]]:
        """Give a line for each compiled idea."""
        return [(unit.unit, unit.out, str(unit.files)) for unit in self.units]

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        return {
            "vault": self.vault,
            "state": self.state,
            "notes": self.notes,
            "chunks": self.chunks,
            "links": self.links,
            "failed": self.failed,
            "generated": {"notes": self.generated, "unrecorded": list(self.unrecorded)},
            "stale": asdict(self.stale),
            "units": [unit.as_json() for unit in self.units],
        }


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that was looked at, whether it is as it should be, and what was seen."""

    name: str
    ok: bool
    detail: str

    def as_json(self) -> dict[str, Any]:
        """Give the check in the form of docs/json.md."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


def vault_status(vault: Path | None) -> StatusOutcome:
    """Say what is indexed and compiled; nothing is read again."""
    session = Session.open(vault)
    session.require_index()
    with open_catalog(session.state.catalog) as catalog:
        counts = catalog.counts()
        failed = len(catalog.failed_paths())
        stale = _stale(session, catalog.files())
        generated = [record.path for record in catalog.notes.records() if record.is_generated]
    units = tuple(_units(session))
    path = (str(session.root), str(session.state.path))
    numbers = (counts.notes, counts.chunks, counts.links, failed)
    unrecorded = tuple(path for path in generated if path not in session.generated)
    return StatusOutcome(*path, *numbers, units, stale, len(generated), unrecorded)


def _units(session: Session) -> list[UnitRow]:
    rows = []
    for unit in unit_maps(session):
        places = (place_of(session, unit, path) for path in unit.files)
        beside = tuple(slot for place in places if place for slot in slots(str(place)) if Path(slot).exists())
        rows.append(UnitRow(unit.unit, unit.out or "", len(unit.files), beside))
    return rows


def _stale(session: Session, known: Mapping[VaultPath, FileRecord]) -> Stale:
    now = {file.path: file for file in session.reader.files() if file.is_note}
    old = {path: file for path, file in known.items() if file.is_note}
    modified = sum(
        1
        for path in now.keys() & old.keys()
        if (now[path].size, now[path].mtime_ns) != (old[path].size, old[path].mtime_ns)
    )
    return Stale(len(now.keys() - old.keys()), modified, len(old.keys() - now.keys()))


def examine(vault: Path | None) -> list[Examined]:
    """Look at what vaultc needs on this machine."""
    found = [
        Examined("python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        _full_text(),
        _installed("llama-cpp-python", "llama_cpp", "runs models"),
        _installed("chromadb", "chromadb", "keeps vectors"),
        _installed("pytest", "pytest", "runs generated tests: install vaultc[check]"),
        _installed("mypy", "mypy", "checks the types of generated code: install vaultc[check]"),
        _sandbox(),
    ]
    try:
        models = known_models(vault)
        first = f"{models[0].name}, {models[0].path}" if models else "none: install vaultc[starter] or set VAULTC_MODEL"
        found.append(Examined("model", bool(models), first))
    except VaultcError as error:
        found.append(Examined("model", False, error.message))
    return found


def _full_text() -> Examined:
    with sqlite3.connect(":memory:") as db:
        try:
            db.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
        except sqlite3.OperationalError:
            return Examined("sqlite", False, f"{sqlite3.sqlite_version} without FTS5: search cannot work")
    return Examined("sqlite", True, f"{sqlite3.sqlite_version} with FTS5")


def _installed(package: str, module: str, purpose: str) -> Examined:
    try:
        if importlib.util.find_spec(module) is not None:
            return Examined(package, True, f"{version(package)}: {purpose.split(':')[0]}")
    except PackageNotFoundError:
        pass
    return Examined(package, False, f"not installed; it {purpose}")


def _sandbox() -> Examined:
    from vaultc.disk.sandbox import HINT, examine_sandbox

    found = examine_sandbox()
    return Examined("sandbox", found.box is not None, str(found) if found.box else f"{found}; {HINT}")
