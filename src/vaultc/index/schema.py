"""The tables of the catalog, as migrations that are applied once, each in one transaction with its record.

A migration that was released is never edited. `reindex` says that notes must be read again after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.errors import DamagedError, StoreError
from vaultc.index.database import MEND_HINT, REBUILD_HINT

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.index.database import Database


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    name: str
    apply: Callable[[Database], None]
    reindex: bool


def m001_create_notes(db: Database) -> None:
    """Make the tables of files, notes and their parts."""
    db.script(
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE files (
            id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, disk BLOB NOT NULL, size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL, is_note INTEGER NOT NULL, digest TEXT, diagnostics TEXT NOT NULL DEFAULT '[]');
        CREATE INDEX files_digest ON files (digest);
        CREATE TABLE notes (
            id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE, title TEXT NOT NULL,
            language TEXT NOT NULL, is_generated INTEGER NOT NULL, length INTEGER NOT NULL);
        CREATE TABLE aliases (note INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE, alias TEXT NOT NULL);
        CREATE INDEX aliases_note ON aliases (note);
        CREATE TABLE headings (
            note INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE, ord INTEGER NOT NULL,
            level INTEGER NOT NULL, text TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
            text_start INTEGER NOT NULL, text_stop INTEGER NOT NULL, PRIMARY KEY (note, ord)) WITHOUT ROWID;
        CREATE TABLE sections (
            note INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE, ord INTEGER NOT NULL,
            headings TEXT NOT NULL, level INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
            body_start INTEGER NOT NULL, body_stop INTEGER NOT NULL, PRIMARY KEY (note, ord)) WITHOUT ROWID;
        CREATE TABLE block_ids (
            note INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE, block TEXT NOT NULL,
            start INTEGER NOT NULL, stop INTEGER NOT NULL);
        CREATE INDEX block_ids_note ON block_ids (note);
        CREATE TABLE tags (
            note INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE, name TEXT NOT NULL,
            start INTEGER NOT NULL, stop INTEGER NOT NULL);
        CREATE INDEX tags_note ON tags (note);
        CREATE INDEX tags_name ON tags (name);
        CREATE TABLE links (
            id INTEGER PRIMARY KEY, note INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
            kind TEXT NOT NULL, target TEXT NOT NULL, headings TEXT NOT NULL, block TEXT, alias TEXT,
            is_embed INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
            is_resolved INTEGER NOT NULL DEFAULT 0, path TEXT, heading TEXT, found_block TEXT, missing TEXT,
            candidates TEXT NOT NULL DEFAULT '[]');
        CREATE INDEX links_note ON links (note);
        CREATE INDEX links_path ON links (path);
        CREATE INDEX links_pending ON links (is_resolved) WHERE is_resolved = 0;
        CREATE INDEX links_unresolved ON links (id) WHERE path IS NULL AND is_resolved = 1;
        CREATE TABLE chunks (
            id INTEGER PRIMARY KEY, note INTEGER NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
            ord INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, text TEXT NOT NULL,
            headings TEXT NOT NULL, digest TEXT NOT NULL, words INTEGER NOT NULL);
        CREATE INDEX chunks_note ON chunks (note, ord);
        CREATE INDEX chunks_digest ON chunks (digest);
        CREATE INDEX chunks_words ON chunks (words)
        """
    )


def m002_create_search(db: Database) -> None:
    """Make the full-text table over stems; its rowid is the id of the chunk.

    Diacritics stay: stripping them would make `й` and `и` one letter.
    """
    db.script(
        """
        CREATE VIRTUAL TABLE search USING fts5 (
            title, headings, text, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'");
        CREATE VIRTUAL TABLE search_terms USING fts5vocab (search, row)
        """
    )


def m003_create_vectors(db: Database) -> None:
    """Make the tables of embedders, embeddings, and of what the vector store was given."""
    db.script(
        """
        CREATE TABLE embedders (
            fingerprint TEXT PRIMARY KEY, dimensions INTEGER NOT NULL, fitted INTEGER NOT NULL,
            state BLOB NOT NULL);
        CREATE TABLE embeddings (
            fingerprint TEXT NOT NULL, digest TEXT NOT NULL, is_fitted INTEGER NOT NULL, vector BLOB NOT NULL,
            PRIMARY KEY (fingerprint, digest));
        CREATE TABLE paid (digest TEXT PRIMARY KEY) WITHOUT ROWID
        """
    )


def m004_create_derived(db: Database) -> None:
    """Make the cache of what analyses derived from notes."""
    db.script(
        """
        CREATE TABLE derived (
            kind TEXT NOT NULL, version INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (kind, version, key)) WITHOUT ROWID
        """
    )


def m005_drop_sections(db: Database) -> None:
    """Drop the sections, which follow from the headings and nothing asked for; tell tokens apart by bytes.

    What is indexed are stems: folded already, letters and digits only. Looking up the class of each letter of
    them again gains nothing.
    """
    db.script(
        """
        DROP TABLE sections;
        DROP TABLE search_terms;
        DROP TABLE search;
        CREATE VIRTUAL TABLE search USING fts5 (title, headings, text, tokenize = "ascii tokenchars '_'");
        CREATE VIRTUAL TABLE search_terms USING fts5vocab (search, row);
        INSERT INTO search (search, rank) VALUES ('hashsize', 16777216)
        """
    )


def m006_create_touched(db: Database) -> None:
    """Make the table of chunks that came or went since the vectors were last brought up to date."""
    db.script("CREATE TABLE touched (digest TEXT PRIMARY KEY) WITHOUT ROWID")


MIGRATIONS = (
    Migration("m001_create_notes", m001_create_notes, reindex=True),
    Migration("m002_create_search", m002_create_search, reindex=True),
    Migration("m003_create_vectors", m003_create_vectors, reindex=False),
    Migration("m004_create_derived", m004_create_derived, reindex=False),
    Migration("m005_drop_sections", m005_drop_sections, reindex=True),
    Migration("m006_create_touched", m006_create_touched, reindex=False),
)


def migrate(db: Database) -> bool:
    """Bring `db` to the newest schema; tell whether notes must be read again.

    Raises:
        StoreError: a newer vaultc wrote it, or it is damaged.
    """
    db.run("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) WITHOUT ROWID")
    done = {name for (name,) in db.rows("SELECT name FROM migrations")}
    if unknown := done - {migration.name for migration in MIGRATIONS}:
        if min(unknown)[:4] <= MIGRATIONS[-1].name[:4]:  # the number: a newer one comes after all of ours
            raise DamagedError(f'the index "{db.path}" is damaged: {min(unknown)!r} is no step of it', hint=MEND_HINT)
        raise StoreError(f'the index "{db.path}" was written by a newer vaultc ({min(unknown)})', hint=REBUILD_HINT)
    reindex = False
    for migration in MIGRATIONS:
        if migration.name in done:
            continue
        with db.transaction():
            if db.row("SELECT 1 FROM migrations WHERE name = ?", (migration.name,)) is None:  # not by another process
                migration.apply(db)
                db.run("INSERT INTO migrations VALUES (?)", (migration.name,))
        reindex = reindex or migration.reindex
    return reindex
