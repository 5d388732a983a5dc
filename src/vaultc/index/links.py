"""Links in the catalog, as written, and what each of them names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.source import VaultPath
from vaultc.index.records import link_of, resolution_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vaultc.core.link import ResolvedLink, Unresolved
    from vaultc.index.database import Database, Row

_LINK = "kind, target, links.headings, block, alias, is_embed, start, stop"
_FOUND = "links.path, heading, found_block, missing, candidates"


class LinkTable:
    """The links of a vault. Writing methods are called inside a transaction of the catalog."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # writing

    def forget_all(self) -> None:
        """Make all links wait for being resolved: the set of names changed."""
        self._db.run("UPDATE links SET is_resolved = 0")

    def forget_into(self, paths: Iterable[VaultPath]) -> None:
        """Make the links into notes wait for being resolved: their headings or blocks changed."""
        self._db.run_many(
            "UPDATE links SET is_resolved = 0 WHERE path = ? AND is_resolved = 1", [(path,) for path in paths]
        )

    def forget_unresolved(self) -> None:
        """Make links that name nothing wait for being resolved: aliases, which they may hint at, changed."""
        self._db.run("UPDATE links SET is_resolved = 0 WHERE path IS NULL AND is_resolved = 1")

    def pending(self) -> list[tuple[int, VaultPath, Row]]:
        """Give the links that wait for being resolved, by note and place: row id, note, and what `link_of` reads."""
        rows = self._db.rows(
            f"SELECT links.id, files.path, {_LINK} FROM links JOIN files ON files.id = links.note"  # noqa: S608 - constants
            " WHERE is_resolved = 0 ORDER BY files.path, start, links.id"
        )
        return [(row[0], VaultPath(row[1]), row[2:]) for row in rows]

    def put_resolutions(self, found: Iterable[tuple[int, tuple[object, ...]]]) -> None:
        """Record what links name: row id, and the columns that `resolution_columns` gives."""
        self._db.run_many(
            "UPDATE links SET is_resolved = 1, path = ?, heading = ?, found_block = ?, missing = ?, candidates = ?"
            " WHERE id = ?",
            [(*columns, row) for row, columns in found],
        )

    # reading

    def resolutions(self) -> dict[VaultPath, int]:
        """Give a hash of what the links of each note name, by note: two equal ones name the same."""
        found: dict[VaultPath, int] = {}
        rows = self._db.rows(
            f"SELECT files.path, links.id, {_FOUND} FROM links JOIN files ON files.id = links.note"  # noqa: S608 - constants
            " ORDER BY files.path, links.id"
        )
        for path, *rest in rows:
            found[VaultPath(path)] = hash((found.get(VaultPath(path), 0), *rest))
        return found

    def all(self) -> tuple[ResolvedLink | Unresolved, ...]:
        """Give all links of the vault, by note and place."""
        return self._select("")

    def of(self, path: VaultPath) -> tuple[ResolvedLink | Unresolved, ...]:
        """Give the links that stand in a note, in order."""
        return self._select("WHERE files.path = ?", path)

    def into(self, path: VaultPath) -> tuple[ResolvedLink | Unresolved, ...]:
        """Give the links of other notes, and of the note itself, that name it."""
        return self._select("WHERE links.path = ?", path)

    def neighbours(self, paths: Iterable[VaultPath]) -> dict[VaultPath, frozenset[VaultPath]]:
        """Give the notes that each note links to or is linked from, itself left out."""
        wanted = list(paths)
        sql = "SELECT DISTINCT files.path, links.path FROM links JOIN files ON files.id = links.note WHERE "
        out = self._db.rows_in(sql + "links.path IS NOT NULL AND files.path IN (?)", wanted)
        back = [(into, path) for path, into in self._db.rows_in(sql + "links.path IN (?)", wanted)]
        found: dict[VaultPath, set[VaultPath]] = {path: set() for path in wanted}
        for path, other in [*out, *back]:
            if path != other:
                found[VaultPath(path)].add(VaultPath(other))
        return {path: frozenset(others) for path, others in found.items()}

    def _select(self, where: str, *values: object) -> tuple[ResolvedLink | Unresolved, ...]:
        rows = self._db.rows(
            f"SELECT files.path, {_LINK}, {_FOUND} FROM links JOIN files ON files.id = links.note {where}"  # noqa: S608 - constants
            " ORDER BY files.path, start, links.id",
            values,
        )
        return tuple(_resolution(row) for row in rows)


def _resolution(row: Row) -> ResolvedLink | Unresolved:
    return resolution_of(link_of(VaultPath(row[0]), row[1:9]), row[9:])
