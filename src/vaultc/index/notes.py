"""Notes and their parts in the catalog: titles, aliases, headings, sections, blocks with ids, tags, chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.core.digest import Digest, canonical_json
from vaultc.core.note import Heading, Section, Tag
from vaultc.core.source import Span, VaultPath
from vaultc.index.records import ChunkRecord, NoteRecord, chunk_of, link_columns, span_of, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vaultc.core.chunk import Chunk
    from vaultc.core.note import Note
    from vaultc.index.database import Database
    from vaultc.index.lexical import LexicalIndex

_CHUNK = "files.path, chunks.start, chunks.stop, chunks.text, chunks.headings, chunks.digest"

_DIGESTS = "SELECT id, digest FROM chunks WHERE id IN (?)"


class NoteTable:
    """The notes of a vault. Writing methods are called inside a transaction of the catalog."""

    def __init__(self, db: Database, lexical: LexicalIndex) -> None:
        self._db = db
        self._lexical = lexical

    # writing

    def put(self, file: int, note: Note, language: str, chunks: Sequence[Chunk]) -> None:
        """Record a note under its file's id, in place of what was there."""
        self._clear(file)
        self._db.run(
            "INSERT INTO notes VALUES (?, ?, ?, ?, ?)", (file, note.title, language, note.is_generated, note.length)
        )
        self._put_parts(file, note)
        self._db.run_many(
            "INSERT INTO links (note, kind, target, headings, block, alias, is_embed, start, stop)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(file, *link_columns(link)) for link in note.links],
        )
        self._put_chunks(file, note.title, chunks)

    def _put_parts(self, file: int, note: Note) -> None:
        run_many = self._db.run_many
        run_many("INSERT INTO aliases VALUES (?, ?)", [(file, alias) for alias in note.aliases])
        run_many(
            "INSERT INTO headings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (file, n, head.level, head.text, *_ends(head.span), *_ends(head.text_span))
                for n, head in enumerate(note.headings)
            ],
        )
        run_many(
            "INSERT INTO sections VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (file, n, canonical_json(part.headings), part.level, *_ends(part.span), *_ends(part.body))
                for n, part in enumerate(note.sections)
            ],
        )
        run_many(
            "INSERT INTO block_ids VALUES (?, ?, ?, ?)",
            [(file, block.id, *_ends(block.span)) for block in note.blocks if block.id is not None],
        )
        run_many("INSERT INTO tags VALUES (?, ?, ?, ?)", [(file, tag.name, *_ends(tag.span)) for tag in note.tags])

    def _put_chunks(self, file: int, title: str, chunks: Sequence[Chunk]) -> None:
        prepare = self._lexical.prepare
        heading = prepare(title)
        first = self._db.number("SELECT max(id) FROM chunks") + 1
        searched = [
            (row, heading, prepare(_below(title, chunk.headings)), prepare(chunk.text))
            for row, chunk in enumerate(chunks, first)
        ]
        self._db.run_many(
            "INSERT INTO chunks (id, note, ord, start, stop, text, headings, digest, words)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *(row, file, row - first, *_ends(chunk.span), chunk.text),
                    *(canonical_json(chunk.headings), chunk.digest, text.count(" ") + 1),
                )
                for chunk, (row, _, _, text) in zip(chunks, searched, strict=True)
            ],
        )
        self._lexical.add(searched)

    def remove(self, path: VaultPath) -> None:
        """Forget a note's parts; its file stays."""
        file = self._db.row("SELECT id FROM files WHERE path = ?", (path,))
        if file is not None:
            self._clear(file[0])

    def _clear(self, file: int) -> None:
        ids = [row[0] for row in self._db.rows("SELECT id FROM chunks WHERE note = ?", (file,))]
        self._lexical.remove(ids)
        self._db.run("DELETE FROM notes WHERE id = ?", (file,))

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

    def sections(self, path: VaultPath) -> tuple[Section, ...]:
        """Give the sections of a note."""
        rows = self._db.rows(
            "SELECT headings, level, start, stop, body_start, body_stop FROM sections"
            " WHERE note = (SELECT id FROM files WHERE path = ?) ORDER BY ord",
            (path,),
        )
        return tuple(
            Section(texts(row[0]), row[1], span_of(path, row[2], row[3]), span_of(path, row[4], row[5])) for row in rows
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

    def all_chunks(self) -> tuple[Chunk, ...]:
        """Give the chunks of all notes, by path and place."""
        rows = self._db.rows(
            f"SELECT {_CHUNK} FROM chunks JOIN files ON files.id = chunks.note"  # noqa: S608 - a constant
            " ORDER BY files.path, chunks.ord"
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


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _below(title: str, headings: tuple[str, ...]) -> str:
    """Give the headings without the note's title, which stands in a column of its own."""
    return " ".join(headings[1:] if headings[:1] == (title,) else headings)
