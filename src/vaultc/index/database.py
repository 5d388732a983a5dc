"""One SQLite file: opened, locked between threads, its errors turned into ours. It knows no table."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import stat
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vaultc.core.errors import DamagedError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

REBUILD_HINT = "run `vaultc index --rebuild`; notes are not touched by it"
MEND_HINT = "run `vaultc index --verify`: it finds what is damaged and makes it again from the notes"
SIDE_FILES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file, by the end of its name."""
_BUSY_S = 10.0
_POLL_S = 0.02
_PIECE = 500  # values in one IN (...), below SQLite's limit of variables
_DISK = (
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN),
    *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_TOOBIG),
)
Row = tuple[Any, ...]
"""A row as SQLite gives it: its types are those of the columns asked for."""


class Database:
    """A connection that several threads may use, one statement at a time.

    Every failure is a StoreError that names the file and says what to do.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        _check_files(path)
        self.is_read_only = not is_writable(path)
        """Whether the file can be read but not written: a vault on a read-only disk."""
        with self._failing():
            self._db = sqlite3.connect(
                _read_only_uri(path) if self.is_read_only else path,
                uri=self.is_read_only,
                timeout=_BUSY_S,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            if not self.is_read_only:
                self._write_ahead()
                # With WAL a kill loses nothing; a power cut may lose the last transactions, which are derived again.
                self.run("PRAGMA synchronous = NORMAL")
            self.run("PRAGMA foreign_keys = ON")
            self.run("PRAGMA cache_size = -65536")
        except StoreError:
            self._db.close()
            raise

    def _write_ahead(self) -> None:
        """Turn the write-ahead log on. SQLite does not wait here while another process makes the same file."""
        deadline = time.monotonic() + _BUSY_S
        with self._failing():
            while True:
                try:
                    self._db.execute("PRAGMA journal_mode = WAL").fetchall()
                except sqlite3.OperationalError as error:
                    if "locked" not in str(error) or time.monotonic() > deadline:
                        raise
                    time.sleep(_POLL_S)
                else:
                    return

    def close(self) -> None:
        """Close the connection; a closed database is not used again."""
        with self._lock:
            self._db.close()

    def run(self, sql: str, values: Sequence[object] = ()) -> int:
        """Run one statement; give the id of the row it inserted, if it did."""
        with self._lock, self._failing():
            try:
                return self._db.execute(sql, values).lastrowid or 0
            except UnicodeEncodeError:
                return self._db.execute(sql, _storable(values)).lastrowid or 0

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of values."""
        listed = list(rows)
        with self._lock, self._failing():
            try:
                self._db.executemany(sql, listed)
            except UnicodeEncodeError:
                self._db.executemany(sql, [_storable(row) for row in listed])

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Give all rows of a query."""
        with self._lock, self._failing():
            return self._db.execute(sql, values).fetchall()

    def rows_in(self, sql: str, values: Sequence[object], first: Sequence[object] = ()) -> list[Row]:
        """Give all rows of a query whose one `(?)` stands for a list of values, however many they are.

        `first` are the values of what stands before it.
        """
        found: list[Row] = []
        for start in range(0, len(values), _PIECE):
            piece = values[start : start + _PIECE]
            found += self.rows(sql.replace("(?)", f"({','.join('?' * len(piece))})"), (*first, *piece))
        return found

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """Give the first row of a query, or None."""
        with self._lock, self._failing():
            found = self._db.execute(sql, values).fetchone()
        return None if found is None else tuple(found)

    def number(self, sql: str, values: Sequence[object] = ()) -> int:
        """Give the one number that a query asks for; 0 where it is null."""
        found = self.row(sql, values)
        return 0 if found is None or found[0] is None else int(found[0])

    def script(self, sql: str) -> None:
        """Run several statements, inside the transaction that is open (statements must not contain `;`)."""
        for statement in sql.split(";"):
            if statement.strip():
                self.run(statement)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is done inside stand as a whole or not at all; one inside another is a part of it."""
        with self._lock:
            begin, commit, undo = (
                ("SAVEPOINT part", ("RELEASE part",), ("ROLLBACK TO part", "RELEASE part"))
                if self._db.in_transaction
                else ("BEGIN IMMEDIATE", ("COMMIT",), ("ROLLBACK",))
            )
            self.run(begin)
            try:
                yield
                for statement in commit:
                    self.run(statement)
            except BaseException:
                # A full disk may have rolled back by itself already.
                with contextlib.suppress(StoreError):
                    for statement in undo:
                        self.run(statement)
                raise

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise self._operational(error) from error
        except (sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.NotSupportedError):
            raise  # our own mistake: the file is as it should be
        except sqlite3.DatabaseError as error:
            raise DamagedError(f'the index "{self.path}" is damaged: {error}', hint=MEND_HINT) from error

    def _operational(self, error: sqlite3.OperationalError) -> StoreError:
        text = str(error)
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreError(f'the index "{self.path}" is in use by another process', hint="wait, and run again")
        if code in _DISK:
            return StoreError(
                f'cannot use the index "{self.path}": {text}',
                hint="check the disk and the rights of the folder, or set `state_dir` (or VAULTC_STATE_DIR) elsewhere",
            )
        # A table that is gone, a text that is no text: our own statements are right on what we wrote.
        return DamagedError(f'cannot read the index "{self.path}": {text}', hint=MEND_HINT)


def is_writable(path: Path) -> bool:
    """Tell whether the file at `path`, and others beside it, can be written; a missing file in such a folder too."""
    if not path.parent.name and str(path) == ":memory:":
        return True
    return os.access(path.parent, os.W_OK | os.X_OK) and (not path.exists() or os.access(path, os.W_OK))


def _check_files(path: Path) -> None:
    """Raise DamagedError where something else than a file stands at the place of one: SQLite would follow a link."""
    for suffix in ("", *SIDE_FILES):
        place = path.with_name(path.name + suffix)
        try:
            status = os.lstat(place)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR):
                raise StoreError(f'cannot open the index "{place}": {os.strerror(error.errno or 0).lower()}') from error
            continue
        if not stat.S_ISREG(status.st_mode):
            kind = "a link" if stat.S_ISLNK(status.st_mode) else "not a file"
            raise DamagedError(f'the index "{place}" is {kind}', hint="run `vaultc index`: it makes the index again")


def _read_only_uri(path: Path) -> str:
    """Give the address of a file that nobody writes: SQLite then needs no file beside it.

    What a killed run left in the write-ahead log is read only where SQLite can set up its map of the log.
    """
    is_alone = not any(path.with_name(path.name + suffix).exists() for suffix in SIDE_FILES)
    return f"file:{quote(str(path))}?mode=ro{'&immutable=1' if is_alone else ''}"


def _storable(values: Sequence[object]) -> tuple[object, ...]:
    """Give values with lone surrogates replaced (YAML escapes can make them); pairs become their letter."""
    return tuple(
        value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value
        for value in values
    )
