"""Full-text search over stems, in the catalog's own file.

FTS5 finds the candidates; its own BM25 has b = 0.75 built in, so the best of them are scored
again with b = 0.4: chunks are of like length, and a longer one is not the worse for it.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.core.errors import StoreError
from vaultc.language.stems import stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.index.database import Database

K1, B = 1.2, 0.4
TITLE_WEIGHT, HEADING_WEIGHT = 2.0, 1.0
_CANDIDATES = 300
_COMMONEST_SHARE = 0.5
"""A term in more than this share of chunks tells nothing; it is looked for only where no rarer one is asked."""


@dataclass(frozen=True, slots=True)
class LexicalMatch:
    """A chunk found by words: its row id, its BM25 score, and the stems found in text, headings and title."""

    id: int
    score: float
    in_text: frozenset[str]
    in_headings: frozenset[str]
    in_title: frozenset[str]
    phrases: tuple[int, ...] = ()


class LexicalIndex:
    """The full-text table. Writing methods are called inside a transaction of the catalog."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # writing

    def add(self, rows: Sequence[tuple[int, str, str, str]]) -> None:
        """Index chunks by row id; title, headings and text are prepared."""
        self._db.run_many("INSERT INTO search (rowid, title, headings, text) VALUES (?, ?, ?, ?)", rows)

    def remove(self, rows: Sequence[int]) -> None:
        """Take chunks out of the index."""
        self._db.run_many("DELETE FROM search WHERE rowid = ?", [(row,) for row in rows])

    # reading

    def search(
        self, terms: Sequence[str], phrases: Sequence[Sequence[str]] = (), *, limit: int = 100
    ) -> tuple[LexicalMatch, ...]:
        """Give the chunks that carry any of the stems, best first.

        Args:
            terms: stems, as `vaultc.language.stems` gives them; a repeated one weighs more.
            phrases: sequences of stems that should stand side by side; chunks that have one come alone, if any has.
            limit: how many at most.
        """
        asked = Counter(token(term) for term in terms)
        shares = self._document_counts(asked)
        total, mean = self._size()
        chosen = _selective(shares, total)
        spelled = [[token(stem) for stem in phrase] for phrase in phrases if phrase]
        parts = [f'"{term}"' for term in chosen] + [f'"{" ".join(phrase)}"' for phrase in spelled]
        if not parts or not total:
            return ()
        rows = self._db.rows(
            "SELECT rowid, title, headings, text FROM search WHERE search MATCH ?"
            " ORDER BY bm25(search, ?, ?, 1.0) LIMIT ?",
            (" OR ".join(parts), TITLE_WEIGHT, HEADING_WEIGHT, max(_CANDIDATES, limit)),
        )
        idf = {term: math.log(1 + (total - n + 0.5) / (n + 0.5)) * asked[term] for term, n in shares.items() if n}
        scored = [_score(row, idf, spelled, mean) for row in rows]
        if any(match.phrases for match in scored):
            scored = [match for match in scored if match.phrases]
        return tuple(sorted(scored, key=lambda match: (-match.score, match.id))[:limit])

    def shares(self, terms: Sequence[str]) -> tuple[dict[str, int], int]:
        """Give in how many chunks each of the stems stands, and how many chunks there are."""
        counts = self._document_counts(Counter(token(term) for term in terms))
        return {term: counts[token(term)] for term in terms}, self._size()[0]

    def is_sound(self) -> bool:
        """Tell whether the index agrees with its own texts; reads all of it."""
        try:
            self._db.run("INSERT INTO search (search) VALUES ('integrity-check')")
        except StoreError:
            return False
        return True

    def _document_counts(self, terms: Counter[str]) -> dict[str, int]:
        found: dict[str, int] = dict(
            self._db.rows_in("SELECT term, doc FROM search_terms WHERE term IN (?)", list(terms))
        )
        return {term: int(found.get(term, 0)) for term in terms}

    def _size(self) -> tuple[int, float]:
        """Give the number of chunks and their mean number of words."""
        row = self._db.row("SELECT count(*), sum(words) FROM chunks")
        total, words = row if row is not None else (0, 0)
        return int(total), float(words or 0) / max(int(total), 1)


def prepare(text: str) -> str:
    """Give `text` as it is indexed: its stems, parted by blanks."""
    found = stems(text)
    joined = " ".join(found)
    # Stems are letters, digits and apostrophes.
    return " ".join(map(token, found)) if "'" in joined else joined


def token(stem: str) -> str:
    """Give a stem as one token of the index: what is neither letter nor digit becomes `_`."""
    if stem.isalnum():
        return stem
    return "".join(letter if letter.isalnum() else "_" for letter in stem) or "_"


def _selective(shares: dict[str, int], total: int) -> list[str]:
    """Give the terms worth looking for: all but the commonest, unless there are only such."""
    known = [term for term, n in shares.items() if n]
    rare = [term for term in known if shares[term] <= max(_COMMONEST_SHARE * total, 50)]
    return rare or known


def _score(
    row: tuple[int, str, str, str], idf: dict[str, float], phrases: Sequence[Sequence[str]], mean: float
) -> LexicalMatch:
    number, title, headings, text = row
    in_title, in_headings, words = set(title.split()), set(headings.split()), text.split()
    counts = Counter(words)
    norm = K1 * (1 - B + B * len(words) / max(mean, 1.0))
    score = 0.0
    for term, weight in idf.items():
        tf = counts[term] + TITLE_WEIGHT * (term in in_title) + HEADING_WEIGHT * (term in in_headings)
        score += weight * tf * (K1 + 1) / (tf + norm)
    joined = f" {text} "
    return LexicalMatch(
        *(number, score),
        frozenset(term for term in idf if counts[term]),
        frozenset(idf.keys() & in_headings),
        frozenset(idf.keys() & in_title),
        tuple(n for n, phrase in enumerate(phrases) if f" {' '.join(phrase)} " in joined),
    )
