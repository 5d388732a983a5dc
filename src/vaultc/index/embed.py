"""An embedder that needs no download: it is fitted on the vault itself. The only importer of scikit-learn.

Stems are weighted by TF-IDF and folded by a truncated singular value decomposition (latent semantic
analysis), so words that stand in like company point the same way. Only fitting needs scikit-learn;
a query is projected, and a small vault fitted, with numpy alone.
"""

from __future__ import annotations

import io
import json
import math
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import Digest, canonical_json, digest_bytes
from vaultc.core.errors import DamagedError
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

_ALGORITHM = "stem-lsa/1"
_MAGIC = b"vaultc-stem-lsa\n"


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How the embedder is fitted.

    Attributes:
        dimensions: at most so many; fewer where the vault is small.
        max_terms: the most frequent terms that are kept; 20,000 take 20 MB at 256 dimensions.
        max_texts: fitted on at most so many texts, the rest is projected; a sample this large gives the
            same directions, in a time that no longer grows with the vault.
        rare_from: from so many texts on, a term must stand in two of them to count.
        iterations: power iterations of the randomised decomposition.
        dense_up_to: up to so many texts the decomposition is exact and loads no library.
    """

    dimensions: int = 256
    max_terms: int = 20_000
    max_texts: int = 20_000
    rare_from: int = 1_000
    iterations: int = 4
    dense_up_to: int = 800


class StemEmbedder:
    """Latent semantic analysis over stems; an `Embedder`. Made by `fit`, kept as bytes by `to_bytes`."""

    def __init__(self, terms: Sequence[str], idf: NDArray[np.float32], directions: NDArray[np.float32]) -> None:
        self._terms: Mapping[str, int] = {term: row for row, term in enumerate(terms)}
        self._idf = idf
        self._directions = directions
        parts = canonical_json([_ALGORITHM, list(terms)]).encode(), idf.tobytes(), directions.tobytes()
        self._fingerprint = digest_bytes(b"\0".join(parts))

    @property
    def fingerprint(self) -> Digest:
        """Identifies algorithm, vocabulary, weights and directions."""
        return self._fingerprint

    @property
    def dimensions(self) -> int:
        """Length of the vectors."""
        return int(self._directions.shape[1])

    def embed(self, texts: Sequence[str], *, is_query: bool = False) -> NDArray[np.float32]:
        """Give a unit row for each text, a zero row for one without a known word."""
        import numpy as np

        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for number, text in enumerate(texts):
            counts = Counter(self._terms[stem] for stem in content_stems(text) if stem in self._terms)
            if counts:
                columns = np.fromiter(sorted(counts), np.int64, len(counts))
                weights = np.array([1.0 + math.log(counts[column]) for column in sorted(counts)], np.float32)
                rows[number] = (weights * self._idf[columns]) @ self._directions[columns]
        return unit_rows(rows)

    def to_bytes(self) -> bytes:
        """Give the state as bytes that `from_bytes` reads: arrays and JSON, nothing that can run."""
        import numpy as np

        data = io.BytesIO()
        terms = np.frombuffer(canonical_json(list(self._terms)).encode(), np.uint8)
        np.savez(data, terms=terms, idf=self._idf, directions=self._directions)
        return _MAGIC + data.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> StemEmbedder:
        """Read an embedder; raise DamagedError if the bytes are not one."""
        import zipfile

        import numpy as np

        try:
            if not data.startswith(_MAGIC):
                raise ValueError("not an embedder of this kind")
            with np.load(io.BytesIO(data[len(_MAGIC) :]), allow_pickle=False) as arrays:
                terms, idf, directions = json.loads(arrays["terms"].tobytes()), arrays["idf"], arrays["directions"]
            if not (len(terms) == len(idf) == len(directions) and directions.ndim == 2):
                raise ValueError("its parts do not fit together")
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise DamagedError(
                f"the stored embedder is damaged: {error}", hint="run `vaultc index --verify`"
            ) from error
        return cls(terms, idf, directions)


def fit(texts: Sequence[str], options: FitOptions | None = None) -> StemEmbedder | None:
    """Fit an embedder on `texts`; None where they hold no word. The same texts in the same order give the same.

    Texts should come in an order that has nothing to do with what they say (digests do), for where there are
    more than `max_texts`, the first ones are the sample.
    """
    options = options or FitOptions()
    counted = _weigh(texts[: options.max_texts], options)
    if counted is None:
        return None
    terms, idf, matrix = counted
    return StemEmbedder(terms, idf, _directions(matrix, options))


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give each row at length 1; one that is (nearly) zero becomes zero."""
    import numpy as np

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    known = lengths > 1e-6
    return np.where(known, rows / np.where(known, lengths, 1.0), 0.0).astype(np.float32)


def settings_of(options: FitOptions) -> str:
    """Give what a stored embedder depends on besides the texts: another value asks for a new fit."""
    return canonical_json([_ALGORITHM, asdict(options)])


def _weigh(texts: Sequence[str], options: FitOptions) -> tuple[list[str], NDArray[np.float32], Any] | None:
    """Give the terms, their inverse document frequencies, and the matrix of weights with unit rows."""
    if not any(content_stems(text) for text in texts):
        return None
    if len(texts) <= options.dense_up_to:
        return _weigh_few(texts, options)
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        analyzer=content_stems,
        sublinear_tf=True,
        min_df=2 if len(texts) >= options.rare_from else 1,
        max_features=options.max_terms,
        dtype=np.float32,
    )
    matrix = vectorizer.fit_transform(texts)
    return list(vectorizer.get_feature_names_out()), vectorizer.idf_.astype(np.float32), matrix


def _weigh_few(texts: Sequence[str], options: FitOptions) -> tuple[list[str], NDArray[np.float32], Any]:
    """Weigh as `TfidfVectorizer` does, without the seconds that loading it takes."""
    import numpy as np

    counted = [Counter(content_stems(text)) for text in texts]
    totals = sum(counted, Counter[str]())
    terms = sorted(sorted(totals, key=lambda term: (-totals[term], term))[: options.max_terms])
    columns = {term: column for column, term in enumerate(terms)}
    matrix = np.zeros((len(texts), len(terms)), np.float32)
    for row, counts in enumerate(counted):
        for term, count in counts.items():
            if term in columns:
                matrix[row, columns[term]] = 1.0 + math.log(count)
    idf = (np.log((1 + len(texts)) / (1 + np.count_nonzero(matrix, axis=0))) + 1).astype(np.float32)
    return terms, idf, unit_rows(matrix * idf)


def _directions(matrix: Any, options: FitOptions) -> NDArray[np.float32]:  # noqa: ANN401 - numpy's or scipy's
    """Give the directions of a matrix: a row for each term, at most `dimensions` columns."""
    import numpy as np

    width = min(options.dimensions, *matrix.shape)
    if isinstance(matrix, np.ndarray):
        # By the eigenvectors of the small square matrix: there are few texts and many terms.
        squares, left = np.linalg.eigh(matrix.astype(np.float64) @ matrix.T.astype(np.float64))
        strengths = np.sqrt(np.maximum(squares[::-1][:width], 0.0))
        kept = strengths > 1e-5 * strengths[0]
        found = matrix.T @ (left[:, ::-1][:, :width][:, kept] / strengths[kept])
        return np.ascontiguousarray(found * _signs(found), np.float32)
    from sklearn.utils.extmath import randomized_svd

    # What TruncatedSVD does inside, without its variances, which divide by zero for a single text.
    _, strengths, rows = randomized_svd(matrix, width, n_iter=options.iterations, random_state=0)
    return np.ascontiguousarray(rows[strengths > 1e-5 * strengths[0]].T, np.float32)


def _signs(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the signs that make the largest entry of each column positive: a decomposition leaves them open."""
    import numpy as np

    largest = columns[np.abs(columns).argmax(axis=0), np.arange(columns.shape[1])]
    return np.where(largest < 0, -1.0, 1.0).astype(np.float32)
