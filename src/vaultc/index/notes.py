"""Notes and their parts in the catalog: titles, aliases, headings, blocks with ids, tags, chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.digest import Digest
from vaultc.core.note import Heading, Tag
from vaultc.core.source import Span, VaultPath
from vaultc.index.records import ChunkRecord, NoteRecord, chunk_of, span_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vaultc.core.chunk import Chunk
    from vaultc.index.database import Database
    from vaultc.index.embeddings import EmbeddingTable
    from vaultc.index.lexical import LexicalIndex
    from vaultc.index.reading import NoteRows

_CHUNK = "files.path, chunks.start, chunks.stop, chunks.text, chunks.headings, chunks.digest"

# Table, columns, and the field of `NoteRows` that holds its rows.
_PARTS = (
    ("aliases", "note, alias", "aliases"),
    ("headings", "note, ord, level, text, start, stop, text_start, text_stop", "headings"),
    ("block_ids", "note, block, start, stop", "block_ids"),
    ("tags", "note, name, start, stop", "tags"),
    ("links", "note, kind, target, headings, block, alias, is_embed, start, stop", "links"),
)
_DIGEST_AT = 6  # in a row of chunks that begins with the note
_DIGESTS = "SELECT id, digest FROM chunks WHERE id IN (?)"


class NoteTable:
    """The notes of a vault. Writing methods are called inside a transaction of the catalog."""

    def __init__(self, db: Database, lexical: LexicalIndex, embeddings: EmbeddingTable) -> None:
        self._db = db
        self._lexical = lexical
        self._embeddings = embeddings

    # writing

    def put(self, notes: Sequence[tuple[int, NoteRows]]) -> None:
        """Record notes under the ids of their files, in place of what was there."""
        self.clear([file for file, _ in notes])
        run_many = self._db.run_many
        run_many("INSERT INTO notes VALUES (?, ?, ?, ?, ?)", [(file, *rows.note) for file, rows in notes])
        for table, columns, name in _PARTS:
            marks = ", ".join("?" * (columns.count(",") + 1))
            run_many(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 - constants
                [(file, *row) for file, rows in notes for row in getattr(rows, name)],
            )
        first = self._db.number("SELECT max(id) FROM chunks") + 1
        chunks = [(file, *row) for file, rows in notes for row in rows.chunks]
        self._embeddings.touch([row[_DIGEST_AT] for row in chunks])
        run_many(
            "INSERT INTO chunks (id, note, ord, start, stop, text, headings, digest, words)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(id_, *row) for id_, row in enumerate(chunks, first)],
        )
        words = [row for _, rows in notes for row in rows.searched]
        self._lexical.add([(id_, *row) for id_, row in enumerate(words, first)])

    def remove(self, path: VaultPath) -> None:
        """Forget a note's parts; its file stays."""
        file = self._db.row("SELECT id FROM files WHERE path = ?", (path,))
        if file is not None:
            self.clear([file[0]])

    def clear(self, files: Sequence[int]) -> None:
        """Forget the parts of notes by the ids of their files; the files stay."""
        known = [row[0] for row in self._db.rows_in("SELECT id FROM notes WHERE id IN (?)", list(files))]
        if known:
            chunks = self._db.rows_in("SELECT id, digest FROM chunks WHERE note IN (?)", known)
            self._lexical.remove([row[0] for row in chunks])
            self._embeddings.touch([row[1] for row in chunks])
            self._db.run_many("DELETE FROM notes WHERE id = ?", [(file,) for file in known])

    # reading

    def paths(self) -> tuple[VaultPath, ...]:
        """Give the paths of all notes, in order."""
        rows = self._db.rows("SELECT path FROM files JOIN notes USING (id) ORDER BY path")
        return tuple(VaultPath(row[0]) for row in rows)

    def records(self) -> tuple[NoteRecord, ...]:
        """Give all notes, in path order."""
        aliases: dict[int, list[str]] = {}
        for note, alias in self._db.rows("SELECT note, alias FROM aliases ORDER BY rowid"):
            aliases.setdefault(note, []).append(alias)
        rows = self._db.rows(
            "SELECT id, path, title, language, is_generated, length, digest FROM files JOIN notes USING (id)"
            " ORDER BY path"
        )
        return tuple(
            NoteRecord(
                *(VaultPath(path), title, language, bool(generated), length, Digest(digest)),
                tuple(aliases.get(note, ())),
            )
            for note, path, title, language, generated, length, digest in rows
        )

    def record(self, path: VaultPath) -> NoteRecord | None:
        """Give one note, or None."""
        row = self._db.row(
            "SELECT id, title, language, is_generated, length, digest FROM files JOIN notes USING (id) WHERE path = ?",
            (path,),
        )
        if row is None:
            return None
        note, title, language, generated, length, digest = row
        aliases = self._db.rows("SELECT alias FROM aliases WHERE note = ? ORDER BY rowid", (note,))
        return NoteRecord(
            path, title, language, bool(generated), length, Digest(digest), tuple(alias for (alias,) in aliases)
        )

    def aliases_of(self, path: VaultPath) -> tuple[str, ...]:
        """Give the aliases of a note; none where there is no such note."""
        rows = self._db.rows(
            "SELECT alias FROM aliases WHERE note = (SELECT id FROM files WHERE path = ?) ORDER BY rowid", (path,)
        )
        return tuple(row[0] for row in rows)

    def all_aliases(self) -> dict[VaultPath, list[str]]:
        """Give the aliases of all notes that have any."""
        found: dict[VaultPath, list[str]] = {}
        for path, alias in self._db.rows(
            "SELECT path, alias FROM aliases JOIN files ON files.id = note ORDER BY aliases.rowid"
        ):
            found.setdefault(VaultPath(path), []).append(alias)
        return found

    def aliases(self, paths: Iterable[VaultPath]) -> list[tuple[VaultPath, str]]:
        """Give the aliases of some notes, each with its note, in order."""
        rows = self._db.rows_in(
            "SELECT path, alias, aliases.rowid FROM aliases JOIN files ON files.id = note WHERE path IN (?)",
            list(paths),
        )
        return [(VaultPath(path), alias) for path, alias, _ in sorted(rows, key=lambda row: (row[0], row[2]))]

    def headings(self, path: VaultPath) -> tuple[Heading, ...]:
        """Give the headings of a note."""
        rows = self._db.rows(
            "SELECT level, text, start, stop, text_start, text_stop FROM headings"
            " WHERE note = (SELECT id FROM files WHERE path = ?) ORDER BY ord",
            (path,),
        )
        return tuple(
            Heading(row[0], row[1], span_of(path, row[2], row[3]), span_of(path, row[4], row[5])) for row in rows
        )

    def block_ids(self, path: VaultPath) -> dict[str, Span]:
        """Give the spans of the blocks of a note that carry an id, by id; of equal ids the first."""
        rows = self._db.rows(
            "SELECT block, start, stop FROM block_ids WHERE note = (SELECT id FROM files WHERE path = ?)"
            " ORDER BY start DESC",
            (path,),
        )
        return {block: span_of(path, start, stop) for block, start, stop in rows}

    def tags(self) -> tuple[Tag, ...]:
        """Give all tags of all notes, by path and place."""
        rows = self._db.rows(
            "SELECT path, name, start, stop FROM tags JOIN files ON files.id = tags.note ORDER BY path, start"
        )
        return tuple(Tag(name, span_of(path, start, stop)) for path, name, start, stop in rows)

    def chunks_of(self, path: VaultPath) -> tuple[Chunk, ...]:
        """Give the chunks of a note, in order."""
        rows = self._db.rows(
            f"SELECT {_CHUNK} FROM chunks JOIN files ON files.id = chunks.note"  # noqa: S608 - a constant
            " WHERE files.path = ? ORDER BY chunks.ord",
            (path,),
        )
        return tuple(chunk_of(*row) for row in rows)

    def chunks_by_id(self, ids: Iterable[int]) -> dict[int, ChunkRecord]:
        """Give chunks by row id; ids that are gone are left out."""
        return {
            row[0]: ChunkRecord(row[0], chunk_of(*row[1:]))
            for row in self._db.rows_in(
                f"SELECT chunks.id, {_CHUNK} FROM chunks JOIN files ON files.id = chunks.note WHERE chunks.id IN (?)",  # noqa: S608 - constants
                list(ids),
            )
        }

    def ids_by_digest(self, digests: Iterable[Digest]) -> dict[Digest, tuple[int, ...]]:
        """Give the row ids of the chunks with each digest, in order."""
        found: dict[Digest, tuple[int, ...]] = {}
        for digest, row in sorted(self._db.rows_in("SELECT digest, id FROM chunks WHERE digest IN (?)", list(digests))):
            found[Digest(digest)] = (*found.get(Digest(digest), ()), row)
        return found

    def digests_by_id(self, ids: Iterable[int]) -> dict[int, Digest]:
        """Give the digests of chunks by row id."""
        return {row: Digest(digest) for row, digest in self._db.rows_in(_DIGESTS, list(ids))}

    def chunk_ids_of(self, paths: Iterable[VaultPath]) -> dict[VaultPath, tuple[int, ...]]:
        """Give the row ids of the chunks of each note, in order."""
        found: dict[VaultPath, tuple[int, ...]] = {}
        sql = "SELECT path, ord, chunks.id FROM chunks JOIN files ON files.id = chunks.note WHERE path IN (?)"
        for path, _, row in sorted(self._db.rows_in(sql, list(paths))):
            found[VaultPath(path)] = (*found.get(VaultPath(path), ()), row)
        return found
