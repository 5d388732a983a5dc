"""What the catalog holds of one note, whatever tables there are: two equal contents are two equal readings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.core.source import VaultPath
    from vaultc.index.database import Database, Row

# A row's own number, and what a link was found to name: that hangs on the other notes.
_LEFT_OUT = frozenset(["id", "note", "is_resolved", "path", "heading", "found_block", "missing", "candidates"])
_FILE = "SELECT path, is_note, digest, diagnostics FROM files WHERE id = ?"
_SEARCH = (
    "SELECT chunks.ord, search.title, search.headings, search.text FROM chunks"
    " LEFT JOIN search ON search.rowid = chunks.id WHERE chunks.note = ? ORDER BY 1"
)


@dataclass(frozen=True, slots=True)
class _Table:
    select: str
    name: str


class ContentsReader:
    """Reads the contents of notes from one catalog. It knows the parts of a note by their column `note`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @cached_property
    def _tables(self) -> list[_Table]:
        return _tables(self._db)

    def of(self, path: VaultPath) -> dict[str, list[Row]] | None:
        """Give the rows of a note by table, without row ids and resolutions; None where no file has that path."""
        found = self._db.row("SELECT id FROM files WHERE path = ?", (path,))
        if found is None:
            return None
        file = found[0]
        contents = {table.name: self._db.rows(table.select, (file,)) for table in self._tables}
        return contents | {"files": self._db.rows(_FILE, (file,)), "search": self._db.rows(_SEARCH, (file,))}


def _tables(db: Database) -> list[_Table]:
    """Give the tables with the parts of notes, and the query for those of one note in a set order."""
    tables = []
    for (name,) in db.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"):
        columns = [row[1] for row in db.rows(f'PRAGMA table_info("{name}")')]
        key = "note" if "note" in columns else "id" if name == "notes" else None
        if key is not None:
            kept = ", ".join(f'"{column}"' for column in columns if column not in _LEFT_OUT) or "1"
            places = ", ".join(str(n + 1) for n in range(kept.count(",") + 1))
            tables.append(_Table(f'SELECT {kept} FROM "{name}" WHERE "{key}" = ? ORDER BY {places}', name))  # noqa: S608 - names of our own schema
    return tables
