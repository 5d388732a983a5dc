"""The catalog: what is known about a vault, in one SQLite file. It is the truth that the rest is made from.

This module holds files, settings and the cache of analyses; its parts hold notes, links, vectors and search.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from vaultc.core.digest import Digest, canonical_json
from vaultc.core.errors import DamagedError, StoreError
from vaultc.core.source import VaultPath
from vaultc.core.strict_json import NotJsonError, parse_json
from vaultc.index.contents import ContentsReader
from vaultc.index.database import MEND_HINT, SIDE_FILES, Database
from vaultc.index.embeddings import EmbeddingTable
from vaultc.index.lexical import LexicalIndex
from vaultc.index.links import LinkTable
from vaultc.index.notes import NoteTable
from vaultc.index.records import FileRecord, diagnostics_json, diagnostics_of
from vaultc.index.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import TracebackType

    from vaultc.core.diagnostic import Diagnostic

_FILE_COLUMNS = "path, disk, size, mtime_ns, is_note, digest"


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the catalog holds."""

    notes: int
    chunks: int
    links: int
    embeddings: int


class Catalog:
    """A vault's catalog. Use `open_catalog`; close it, or use it in a `with` block.

    Attributes:
        notes: notes and their parts.
        links: links and what they name.
        embeddings: vectors by chunk digest and embedder.
        lexical: the full-text index.
        contents: what is held of each note, to compare it.
        needs_reading: whether all notes must be read again, because the tables are new.
    """

    def __init__(self, db: Database, *, needs_reading: bool) -> None:
        self._db = db
        self.needs_reading = needs_reading
        self.lexical = LexicalIndex(db)
        self.embeddings = EmbeddingTable(db)
        self.notes = NoteTable(db, self.lexical, self.embeddings)
        self.links = LinkTable(db)
        self.contents = ContentsReader(db)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return self._db.path

    @property
    def is_read_only(self) -> bool:
        """Whether it can be read but not written."""
        return self._db.is_read_only

    def close(self) -> None:
        """Close the file; the catalog is not used again."""
        self._db.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Make what is done inside stand as a whole or not at all."""
        return self._db.transaction()

    # settings

    def setting(self, key: str) -> str | None:
        """Give a recorded setting, or None."""
        found = self._db.row("SELECT value FROM meta WHERE key = ?", (key,))
        return None if found is None else str(found[0])

    def set_setting(self, key: str, value: str | None) -> None:
        """Record a setting; None removes it."""
        if value is None:
            self._db.run("DELETE FROM meta WHERE key = ?", (key,))
        else:
            self._db.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    # files

    def files(self) -> dict[VaultPath, FileRecord]:
        """Give all files as last seen, by path."""
        found = self._db.rows(f"SELECT {_FILE_COLUMNS} FROM files ORDER BY path")  # noqa: S608 - a constant
        return {VaultPath(row[0]): _file_of(row) for row in found}

    def put_files(self, files: Iterable[tuple[FileRecord, str]]) -> dict[VaultPath, int]:
        """Record files with their diagnostics (as JSON); give their ids. A note's parts stay until put anew."""
        listed = list(files)
        self._db.run_many(
            f"INSERT INTO files ({_FILE_COLUMNS}, diagnostics) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
            " ON CONFLICT (path) DO UPDATE SET disk = excluded.disk, size = excluded.size,"
            " mtime_ns = excluded.mtime_ns, is_note = excluded.is_note, digest = excluded.digest,"
            " diagnostics = excluded.diagnostics",
            [
                (*(file.path, file.disk, file.size, file.mtime_ns, file.is_note, file.digest), diagnostics)
                for file, diagnostics in listed
            ],
        )
        found = self._db.rows_in("SELECT path, id FROM files WHERE path IN (?)", [file.path for file, _ in listed])
        return {VaultPath(path): id_ for path, id_ in found}

    def put_file(self, file: FileRecord, diagnostics: Iterable[Diagnostic] = ()) -> int:
        """Record a file and its diagnostics; give its id. A note's parts stay until they are put anew."""
        return self.put_files([(file, diagnostics_json(diagnostics))])[file.path]

    def touch_file(self, path: VaultPath, *, size: int, mtime_ns: int, disk: bytes) -> None:
        """Record that a file's time changed, or its name on the disk, but not its content."""
        self._db.run("UPDATE files SET size = ?, mtime_ns = ?, disk = ? WHERE path = ?", (size, mtime_ns, disk, path))

    def move_file(self, old: VaultPath, file: FileRecord) -> None:
        """Record that a file has a new path; all that hangs on it stays."""
        self._db.run(
            "UPDATE files SET path = ?, disk = ?, size = ?, mtime_ns = ? WHERE path = ?",
            (file.path, file.disk, file.size, file.mtime_ns, old),
        )

    def remove_file(self, path: VaultPath) -> None:
        """Forget a file and all that hangs on it."""
        self.notes.remove(path)
        self._db.run("DELETE FROM files WHERE path = ?", (path,))

    def forget_contents(self, paths: Iterable[VaultPath] | None) -> None:
        """Make notes (None: all) count as changed at the next run; nothing is lost until they are read again."""
        sql = "UPDATE files SET mtime_ns = -1, digest = '' WHERE is_note AND digest IS NOT NULL"
        if paths is None:
            self._db.run(sql)
        else:
            self._db.run_many(sql + " AND path = ?", [(path,) for path in paths])

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Give what was found when the notes were read, in path order."""
        rows = self._db.rows("SELECT path, diagnostics FROM files WHERE diagnostics <> '[]' ORDER BY path")
        return tuple(found for path, text in rows for found in diagnostics_of(VaultPath(path), text))

    def failed_paths(self) -> frozenset[VaultPath]:
        """Give the notes that could not be read."""
        rows = self._db.rows("SELECT path FROM files WHERE is_note AND digest IS NULL")
        return frozenset(VaultPath(row[0]) for row in rows)

    # what analyses derived

    def derived(self, kind: str, version: int, key: Digest) -> Any:  # noqa: ANN401 - any JSON value
        """Give what analysis `kind` in `version` derived from the thing with digest `key`; None where nothing is kept.

        What cannot be read counts as not kept: it is derived again.
        """
        found = self._db.row(
            "SELECT value FROM derived WHERE kind = ? AND version = ? AND key = ?", (kind, version, key)
        )
        try:
            return None if found is None else parse_json(found[0])
        except NotJsonError:
            return None

    def put_all_derived(self, kind: str, version: int, values: dict[Digest, Any]) -> None:
        """Keep many results of one analysis, as one transaction; a catalog that is only read keeps none."""
        if self._db.is_read_only:
            return
        with self.transaction():
            self._db.run("DELETE FROM derived WHERE kind = ? AND version <> ?", (kind, version))
            self._db.run_many(
                "INSERT OR REPLACE INTO derived VALUES (?, ?, ?, ?)",
                [(kind, version, key, canonical_json(value)) for key, value in values.items()],
            )

    # the whole

    def counts(self) -> Counts:
        """Give how much the catalog holds."""
        return Counts(
            self._db.number("SELECT count(*) FROM notes"),
            self._db.number("SELECT count(*) FROM chunks"),
            self._db.number("SELECT count(*) FROM links"),
            self._db.number("SELECT count(*) FROM embeddings"),
        )

    def forget_derived(self) -> None:
        """Drop what analyses derived; they derive it again when they are asked."""
        self._db.run("DELETE FROM derived")

    def check_integrity(self) -> None:
        """Raise DamagedError if the file, or what hangs together in it, is damaged. Reads the whole file."""
        found = [str(row[0]) for row in self._db.rows("PRAGMA integrity_check(5)")]
        if found == ["ok"] and self._db.rows("PRAGMA foreign_key_check"):
            found = ["some rows hang on nothing"]
        if found == ["ok"] and not self.lexical.is_sound():
            found = ["its full-text table does not agree with itself"]
        counts = [self._db.number(f"SELECT count(*) FROM {table}") for table in ("chunks", "search")]  # noqa: S608 - constants
        if found == ["ok"] and counts[0] != counts[1]:
            found = [f"{counts[1]} of {counts[0]} chunks can be searched"]
        if found != ["ok"]:
            raise DamagedError(f'the index "{self.path}" is damaged: {found[0]}', hint=MEND_HINT)


def _file_of(row: tuple[Any, ...]) -> FileRecord:
    path, disk, size, mtime_ns, is_note, digest = row
    return FileRecord(
        VaultPath(path), disk, size, mtime_ns, bool(is_note), Digest(digest) if digest is not None else None
    )


def open_catalog(path: Path) -> Catalog:
    """Open the catalog at `path`, making or migrating it.

    Raises:
        DamagedError: what it holds cannot be read.
        StoreError: it is in use, of a newer vaultc, or cannot be written.
    """
    db = Database(path)
    try:
        needs_reading = migrate(db)
    except StoreError:
        db.close()
        raise
    return Catalog(db, needs_reading=needs_reading)


def delete_catalog(path: Path) -> None:
    """Remove the catalog and the files that SQLite keeps beside it; missing ones are fine.

    Raises:
        StoreError: one of them cannot be removed.
    """
    try:
        for suffix in ("", *SIDE_FILES):
            _remove(path.with_name(path.name + suffix))
        for old in _set_aside(path):
            _remove(old)
    except OSError as error:
        raise StoreError(f'cannot remove the index "{path}": {error.strerror}', hint="remove it by hand") from error


def set_aside(path: Path) -> Path:
    """Move a damaged catalog out of the way; give where it is now. Of those set aside before none is kept.

    Raises:
        StoreError: it cannot be moved.
    """
    old = _set_aside(path)
    numbers = [int(number) for place in old if (number := place.stem.rpartition("-")[2]).isdigit()]
    aside = path.with_name(f"{path.stem}.broken-{max(numbers, default=0) + 1}{path.suffix}")
    try:
        for place in old:
            _remove(place)
        for suffix in SIDE_FILES:
            _remove(path.with_name(path.name + suffix))
        if os.path.lexists(path):
            path.rename(aside)
    except OSError as error:
        raise StoreError(f'cannot move the index "{path}": {error.strerror}', hint="remove it by hand") from error
    return aside


def _set_aside(path: Path) -> list[Path]:
    return list(path.parent.glob(f"{path.stem}.broken-*{path.suffix}"))


def _remove(path: Path) -> None:
    """Remove what stands at the place of a file of ours, even a folder or a link (not what it leads to)."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
