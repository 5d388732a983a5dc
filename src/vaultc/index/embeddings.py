"""Vectors in the catalog, keyed by chunk digest and embedder, and what the vector store was given of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.digest import Digest
from vaultc.core.errors import DamagedError
from vaultc.index.database import MEND_HINT
from vaultc.index.records import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vaultc.index.database import Database, Row


_PIECE = 5_000


@dataclass(frozen=True, slots=True)
class EmbedderRecord:
    """An embedder as stored: `fitted` is the number of chunks it was fitted on, `state` its own bytes."""

    fingerprint: Digest
    dimensions: int
    fitted: int
    state: bytes


class StoredVectors:
    """The vectors of one embedder but the zero ones, read as they are asked for: all at once fill the memory."""

    def __init__(self, db: Database, fingerprint: Digest) -> None:
        self._db = db
        self.fingerprint = fingerprint
        self._widths: set[int] = set()
        found = db.rows(
            "SELECT digest FROM embeddings WHERE fingerprint = ? AND vector <> x'' ORDER BY digest", (fingerprint,)
        )
        self.digests = tuple(Digest(row[0]) for row in found)

    def rows(self, digests: Sequence[Digest]) -> NDArray[np.float32]:
        """Give a matrix with a row for each of `digests`. Raises DamagedError where they are of several lengths."""
        sql = "SELECT digest, vector FROM embeddings WHERE fingerprint = ? AND digest IN (?)"
        found: dict[str, bytes] = dict(self._db.rows_in(sql, digests, (self.fingerprint,)))
        blobs = [found.get(digest, b"") for digest in digests]
        self._widths.update(map(len, blobs))
        _check_widths(self._widths)
        return _matrix(blobs)


class EmbeddingTable:
    """Embedders and vectors. Writing methods are called inside a transaction of the catalog."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # embedders

    def embedder(self, fingerprint: Digest) -> EmbedderRecord | None:
        """Give a stored embedder, or None."""
        row = self._db.row(
            "SELECT fingerprint, dimensions, fitted, state FROM embedders WHERE fingerprint = ?", (fingerprint,)
        )
        return None if row is None else EmbedderRecord(Digest(row[0]), row[1], row[2], row[3])

    def put_embedder(self, embedder: EmbedderRecord) -> None:
        """Store an embedder in place of all others, and drop the vectors of the others."""
        self._db.run("DELETE FROM embedders WHERE fingerprint <> ?", (embedder.fingerprint,))
        self._db.run("DELETE FROM embeddings WHERE fingerprint <> ?", (embedder.fingerprint,))
        self._db.run(
            "INSERT OR REPLACE INTO embedders VALUES (?, ?, ?, ?)",
            (embedder.fingerprint, embedder.dimensions, embedder.fitted, embedder.state),
        )

    def forget_embedders(self) -> None:
        """Drop all embedders and all vectors: no chunk holds a word."""
        self._db.run("DELETE FROM embedders")
        self._db.run("DELETE FROM embeddings")

    # vectors

    def put(
        self, fingerprint: Digest, digests: Sequence[Digest], vectors: NDArray[np.float32], *, is_fitted: bool
    ) -> None:
        """Store a row of `vectors` for each digest; `is_fitted` says that the embedder was fitted on them.

        A zero row, of a text without a known word, is stored as no vector at all.
        """
        self._db.run_many(
            "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?, ?)",
            [
                (fingerprint, digest, is_fitted, row.astype("<f4").tobytes() if row.any() else b"")
                for digest, row in zip(digests, vectors, strict=True)
            ],
        )

    def drop(self, fingerprint: Digest, digests: Sequence[Digest]) -> None:
        """Drop vectors, so that they are made again."""
        self.touch(digests)
        self._db.run_many(
            "DELETE FROM embeddings WHERE fingerprint = ? AND digest = ?", [(fingerprint, digest) for digest in digests]
        )

    def drop_misfits(self, fingerprint: Digest, dimensions: int) -> int:
        """Drop vectors that cannot be the embedder's, by their length or mark; give how many they were."""
        wrong = self._db.rows(
            "SELECT digest FROM embeddings WHERE fingerprint = ?"
            " AND (length(vector) NOT IN (0, ?) OR is_fitted NOT IN (0, 1))",
            (fingerprint, 4 * dimensions),
        )
        self.drop(fingerprint, [Digest(row[0]) for row in wrong])
        return len(wrong)

    def wanted_digests(self) -> tuple[Digest, ...]:
        """Give the digests of all chunks, each once, in order."""
        return tuple(Digest(row[0]) for row in self._db.rows("SELECT DISTINCT digest FROM chunks ORDER BY digest"))

    def wanted(self, digests: Sequence[Digest]) -> dict[Digest, str]:
        """Give the text that is embedded for chunks by digest: heading path and text."""
        rows = self._db.rows_in("SELECT digest, headings, text FROM chunks WHERE digest IN (?)", digests)
        return {Digest(digest): f"{_heading_line(headings)}{text}" for digest, headings, text in rows}

    def prepared(self, digests: Sequence[Digest]) -> dict[Digest, str]:
        """Give the same as it is indexed: the stems of title, headings and text, parted by blanks."""
        sql = (
            "SELECT digest, title, search.headings, search.text FROM chunks JOIN search ON search.rowid = chunks.id"
            " WHERE chunks.id IN (SELECT min(id) FROM chunks WHERE digest IN (?) GROUP BY digest)"
        )
        rows = self._db.rows_in(sql, digests)
        return {Digest(digest): f"{title} {headings} {text}" for digest, title, headings, text in rows}

    # what chunks changed

    def touch(self, digests: Sequence[Digest]) -> None:
        """Record that chunks came or went: whether they have the vectors they need is to be seen.

        While there is no embedder, none has.
        """
        if self._db.row("SELECT 1 FROM embedders") is not None:
            self._db.run_many("INSERT OR IGNORE INTO touched VALUES (?)", [(digest,) for digest in digests])

    def touched(self) -> int:
        """Give how many chunks came or went since `settle`."""
        return self._db.number("SELECT count(*) FROM touched")

    def settle(self, fingerprint: Digest, *, everything: bool) -> None:
        """Drop the vectors of touched chunks, or of any, that no note has any more; nothing is touched then."""
        among = "" if everything else " AND digest IN (SELECT digest FROM touched)"
        self._db.run(
            f"DELETE FROM embeddings WHERE fingerprint = ?{among} AND digest NOT IN (SELECT digest FROM chunks)",  # noqa: S608 - constants
            (fingerprint,),
        )
        self._db.run("DELETE FROM touched")

    def missing(self, fingerprint: Digest, *, everything: bool) -> tuple[Digest, ...]:
        """Give the digests of touched chunks, or of any, that have no vector of this embedder, in order."""
        among = "" if everything else " AND digest IN (SELECT digest FROM touched)"
        rows = self._db.rows(
            "SELECT DISTINCT digest FROM chunks WHERE digest NOT IN"  # noqa: S608 - constants
            f" (SELECT digest FROM embeddings WHERE fingerprint = ?){among} ORDER BY digest",
            (fingerprint,),
        )
        return tuple(Digest(row[0]) for row in rows)

    def has_chunks(self, number: int) -> bool:
        """Tell whether there are so many chunks that differ."""
        sql = "SELECT count(*) FROM (SELECT DISTINCT digest FROM chunks LIMIT ?)"
        return self._db.number(sql, (number,)) == number

    def count(self, fingerprint: Digest) -> tuple[int, int]:
        """Give the number of vectors of this embedder that chunks use, and of those it was fitted on among them."""
        row = self._db.row(
            "SELECT count(*), sum(is_fitted) FROM embeddings WHERE fingerprint = ?"
            " AND digest IN (SELECT digest FROM chunks)",
            (fingerprint,),
        )
        return (0, 0) if row is None else (int(row[0]), int(row[1] or 0))

    def vectors(self, fingerprint: Digest) -> StoredVectors:
        """Give the vectors of this embedder, to be read in pieces."""
        return StoredVectors(self._db, fingerprint)

    def matrix(self, fingerprint: Digest) -> tuple[tuple[Digest, ...], NDArray[np.float32]]:
        """Give all of `vectors` at once: digests in order, a matrix with a row for each.

        Raises DamagedError where they are of several lengths.
        """
        import numpy as np  # slow to import

        digests: list[Digest] = []
        parts: list[NDArray[np.float32]] = []
        widths: set[int] = set()
        for piece in self._vectors(fingerprint):  # all rows at once would take the room of the matrix once more
            widths.update(len(row[1]) for row in piece)
            _check_widths(widths)
            parts.append(_matrix([row[1] for row in piece]))
            digests += [Digest(row[0]) for row in piece]
        return tuple(digests), np.concatenate(parts).astype(np.float32, copy=False) if parts else np.zeros((0, 0), "f4")

    def _vectors(self, fingerprint: Digest) -> Iterator[list[Row]]:
        """Give digests and vectors in order of digests, piece by piece."""
        last = ""
        while piece := self._db.rows(
            "SELECT digest, vector FROM embeddings WHERE fingerprint = ? AND digest > ? AND vector <> x''"
            " ORDER BY digest LIMIT ?",
            (fingerprint, last, _PIECE),
        ):
            yield piece
            last = piece[-1][0]

    # the vector store's account

    def owed(self, fingerprint: Digest) -> int:
        """Give how many vectors the store was not given yet, and how many it has that are no more."""
        wanted = "SELECT digest FROM embeddings WHERE fingerprint = ? AND vector <> x''"
        return self._db.number(
            f"SELECT (SELECT count(*) FROM ({wanted}) WHERE digest NOT IN (SELECT digest FROM paid))"  # noqa: S608 - constants
            f" + (SELECT count(*) FROM paid WHERE digest NOT IN ({wanted}))",
            (fingerprint, fingerprint),
        )

    def paid(self) -> frozenset[Digest]:
        """Give the digests whose vectors the vector store has acknowledged."""
        return frozenset(Digest(row[0]) for row in self._db.rows("SELECT digest FROM paid"))

    def pay(self, digests: Sequence[Digest]) -> None:
        """Record that the vector store has these."""
        self._db.run_many("INSERT OR IGNORE INTO paid VALUES (?)", [(digest,) for digest in digests])

    def unpay(self, digests: Sequence[Digest] | None) -> None:
        """Record that the vector store has these no more; None: that it has none."""
        if digests is None:
            self._db.run("DELETE FROM paid")
        else:
            self._db.run_many("DELETE FROM paid WHERE digest = ?", [(digest,) for digest in digests])


def _check_widths(widths: set[int]) -> None:
    if len(widths) > 1 or any(width % 4 for width in widths):
        raise DamagedError("the stored vectors are damaged: they are of several lengths", hint=MEND_HINT)


def _matrix(blobs: Sequence[bytes]) -> NDArray[np.float32]:
    import numpy as np  # slow to import

    return np.frombuffer(b"".join(blobs), "<f4").reshape(len(blobs), -1 if blobs else 0)


def _heading_line(headings: str) -> str:
    path = texts(headings)
    return " > ".join(path) + "\n" if path else ""
