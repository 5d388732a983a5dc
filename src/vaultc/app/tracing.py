"""From a line of generated code or an artifact to the notes, and from a note's line to all that leans on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultc.app.session import Session
from vaultc.compiler.manifest import load_manifests, load_map
from vaultc.compiler.source_map import (
    MAP_NAME,
    Trace,
    UnitMap,
    read_map,
    reading,
    trace_line,
    trace_note,
    unit_map,
)
from vaultc.core.errors import UsageError, VaultError
from vaultc.core.source import Source, VaultPath, vault_path
from vaultc.disk.read import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACE = re.compile(r"(.+?):(\d{1,9})(?::\d{1,9})?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TraceOutcome:
    """A trace, and whether it went from a note to code (or the other way)."""

    trace: Trace
    from_note: bool

    def as_json(self) -> dict[str, Any]:
        """Give the outcome in the form of docs/json.md."""
        return self.trace.as_json()


def trace_place(text: str, vault: Path | None) -> TraceOutcome:
    """Trace `path:line`, a place in generated code, an artifact or a note; without a line, its first one.

    Raises:
        UsageError: there is no such file, or nothing is known of it.
    """
    session = Session.open(vault)
    name, line = _parsed(text)
    file = _found(session, name)
    inside = _in_vault(session, file)
    units = tuple(unit_maps(session))
    read = reading(session.reader)
    for unit in units:
        for path, entry in unit.files.items():
            if _same(session, unit, path, file):
                source = _source(file, path if entry["root"] == "vault" else None)
                _check_line(source, line)
                return TraceOutcome(trace_line(unit, path, source, line, read), from_note=False)
    if inside is not None and inside in session.reader.paths():
        source = session.reader.read(vault_path(inside)).source
        _check_line(source, line)
        found = trace_note(units, source, line, read, lambda unit, path: _artifact(session, unit, path))
        return TraceOutcome(found, from_note=True)
    moved = _nearby_map(file)
    if moved is not None:
        unit, path = moved
        return TraceOutcome(trace_line(unit, path, _source(file), line, read), from_note=False)
    raise UsageError(
        f'nothing is known of "{name}"',
        hint="give a note of the vault, or a file that `vaultc compile` wrote on this machine",
    )


def unit_maps(session: Session) -> Iterator[UnitMap]:
    """Give the maps of all ideas that this machine compiled in this vault."""
    state = session.state.root
    for manifest in load_manifests(state, session.seal):
        value = load_map(state, session.seal, manifest.idea)
        found = unit_map(value, str(session.root / manifest.out) if manifest.out else None)
        if found is not None:
            yield found


def _parsed(text: str) -> tuple[str, int]:
    if Path(text).exists():
        return text, 1
    found = _PLACE.fullmatch(text)
    return (found[1], max(1, int(found[2]))) if found else (text, 1)


def _found(session: Session, name: str) -> Path:
    for file in (Path(name).expanduser(), session.root / name):
        if file.is_file():
            return file.resolve()
    note = session.reader.note_named(name)
    if note is not None:
        return (session.root / note).resolve()
    raise UsageError(f'there is no file "{name}"', hint="give `path:line`, from here or from the vault")


def _in_vault(session: Session, file: Path) -> str | None:
    try:
        return vault_path(file.relative_to(session.root).as_posix())
    except ValueError:
        return None


def place_of(session: Session, unit: UnitMap, path: str) -> Path | None:
    """Give where the generated file `path` of `unit` lies; None where its output folder is not known."""
    if unit.files[path]["root"] == "vault":
        return session.root / path
    return Path(unit.out) / path if unit.out else None


def _check_line(source: Source, line: int) -> None:
    if line > source.line_count:
        raise UsageError(f'"{source.path}" has {source.line_count} lines, not {line}')


def _same(session: Session, unit: UnitMap, path: str, file: Path) -> bool:
    place = place_of(session, unit, path)
    return place is not None and place.name == file.name and place.resolve() == file


def _artifact(session: Session, unit: UnitMap, path: str) -> Source | None:
    place = place_of(session, unit, path)
    if place is None or not place.is_file():
        return None
    return _source(place, path if unit.files[path]["root"] == "vault" else None)


def _nearby_map(file: Path) -> tuple[UnitMap, str] | None:
    """Give the map of a package that was moved since it was written, and the file's path in it."""
    for folder in file.parents:
        data = folder / MAP_NAME
        if data.is_file():
            unit = read_map(_data(data), str(folder))
            path = file.relative_to(folder).as_posix()
            return (unit, path) if unit is not None and path in unit.files else None
    return None


def _source(file: Path, path: str | None = None) -> Source:
    """Give the text of `file`, named `path`, or as seen from the current folder."""
    if path is None:
        path = str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)
    return Source(VaultPath(path), _data(file).decode("utf-8", "replace"))


def _data(file: Path) -> bytes:
    try:
        return read_file(file)
    except OSError as error:
        raise VaultError(f'cannot read "{file}": {error.strerror or error}') from error
