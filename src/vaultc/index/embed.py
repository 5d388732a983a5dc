"""An embedder that needs no download: it is fitted on the vault itself. The only importer of scikit-learn.

Stems are weighted by TF-IDF and folded by a truncated singular value decomposition (latent semantic
analysis), so words that stand in like company point the same way. Only fitting needs scikit-learn;
a query is projected, and a small vault fitted, with numpy alone.
"""

from __future__ import annotations

import functools
import io
import itertools
import math
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import Digest, canonical_json, digest_bytes
from vaultc.core.errors import DamagedError
from vaultc.core.strict_json import parse_json
from vaultc.index.lexical import prepare
from vaultc.language.stopwords import STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

_ALGORITHM = "stem-lsa/2"
_OVERSAMPLES = 10
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

    @functools.cached_property
    def fingerprint(self) -> Digest:
        """Identifies algorithm, vocabulary, weights and directions."""
        terms = canonical_json([_ALGORITHM, list(self._terms)]).encode()
        return digest_bytes(b"\0".join([terms, self._idf.tobytes(), self._directions.tobytes()]))

    @property
    def dimensions(self) -> int:
        """Length of the vectors."""
        return int(self._directions.shape[1])

    def embed(self, texts: Sequence[str], *, is_query: bool = False) -> NDArray[np.float32]:
        """Give a unit row for each text, a zero row for one without a known word."""
        return self.embed_prepared([prepare(text) for text in texts])

    def embed_prepared(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give what `embed` gives, of texts as they are indexed: their stems, parted by blanks."""
        import numpy as np

        number_of = self._terms.get
        listed = [[column for column in map(number_of, text.split()) if column is not None] for text in texts]
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        lengths = np.fromiter(map(len, listed), np.int64, len(listed))
        columns = np.fromiter(itertools.chain.from_iterable(listed), np.int64, int(lengths.sum()))
        # All texts at once: a key for each pair of text and term, and how often it stands there.
        width = len(self._terms)
        keys, counts = np.unique(np.repeat(np.arange(len(texts)), lengths) * width + columns, return_counts=True)
        columns = keys % width if width else keys
        weights = (1.0 + np.log(counts)).astype(np.float32) * self._idf[columns]
        ends = np.searchsorted(keys, np.arange(1, len(texts) + 1) * width)
        start = 0
        for number, end in enumerate(ends.tolist()):
            if end > start:
                rows[number] = weights[start:end] @ self._directions[columns[start:end]]
            start = end
        return unit_rows(rows)

    def to_bytes(self) -> bytes:
        """Give the state as bytes that `from_bytes` reads: arrays and JSON, nothing that can run."""
        import numpy as np

        data = io.BytesIO()
        terms = np.frombuffer(canonical_json(list(self._terms)).encode(), np.uint8)
        np.savez(data, terms=terms, idf=self._idf, directions=self._directions)
        return _MAGIC + data.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, fingerprint: Digest | None = None) -> StemEmbedder:
        """Read an embedder, whose fingerprint may be known; raise DamagedError if the bytes are not one."""
        import zipfile

        import numpy as np

        try:
            if not data.startswith(_MAGIC):
                raise ValueError("not an embedder of this kind")
            with np.load(io.BytesIO(data[len(_MAGIC) :]), allow_pickle=False) as arrays:
                terms, idf, directions = parse_json(arrays["terms"].tobytes()), arrays["idf"], arrays["directions"]
            if not (len(terms) == len(idf) == len(directions) and directions.ndim == 2):
                raise ValueError("its parts do not fit together")
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise DamagedError(
                f"the stored embedder is damaged: {error}", hint="run `vaultc index --verify`"
            ) from error
        found = cls(terms, idf, directions)
        if fingerprint is not None:
            found.fingerprint = fingerprint
        return found


def fit(texts: Sequence[str], options: FitOptions | None = None) -> StemEmbedder | None:
    """Fit an embedder on `texts`; None where they hold no word. The same texts in the same order give the same.

    Texts are given as they are indexed: their stems, parted by blanks. They should come in an order that has
    nothing to do with what they say (digests do), for where there are more than `max_texts`, the first ones are
    the sample.
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


def settings_of(options: FitOptions | None) -> str:
    """Give what a stored embedder depends on besides the texts: another value asks for a new fit."""
    if options is None:
        return "none"
    return canonical_json([_ALGORITHM, asdict(options)])


@functools.cache
def _untelling() -> frozenset[str]:
    return frozenset(prepare(" ".join(STOPWORDS)).split())


def _telling(prepared: str) -> list[str]:
    """Give the stems of a text as indexed, without those of stopwords."""
    left_out = _untelling()
    return [stem for stem in prepared.split() if stem not in left_out]


def _weigh(texts: Sequence[str], options: FitOptions) -> tuple[list[str], NDArray[np.float32], Any] | None:
    """Give the terms, their inverse document frequencies, and the matrix of weights with unit rows."""
    if not any(_telling(text) for text in texts):
        return None
    if len(texts) <= options.dense_up_to:
        return _weigh_few(texts, options)
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        analyzer=_telling,
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

    counted = [Counter(_telling(text)) for text in texts]
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
    """Give the directions of a matrix: a row for each term, at most `dimensions` columns.

    By the eigenvectors of a small square matrix: of the texts themselves where there are few, else of a random
    basis of them (Halko, Martinsson, Tropp 2011).
    """
    import numpy as np

    width = min(options.dimensions, *matrix.shape)
    folded = matrix.T if isinstance(matrix, np.ndarray) else _folded(matrix, width + _OVERSAMPLES, options.iterations)
    squares, left = np.linalg.eigh(folded.T.astype(np.float64) @ folded.astype(np.float64))
    strengths = np.sqrt(np.maximum(squares[::-1][:width], 0.0))
    kept = strengths > 1e-5 * strengths[0]
    found = folded @ (left[:, ::-1][:, :width][:, kept] / strengths[kept])
    return np.ascontiguousarray(found * _signs(found), np.float32)


def _folded(matrix: Any, size: int, iterations: int) -> NDArray[np.float32]:  # noqa: ANN401 - scipy's matrix
    """Give a sparse matrix on a random basis of its texts: a row for each term, `size` columns."""
    import numpy as np
    from sklearn.utils.extmath import randomized_range_finder
    from threadpoolctl import threadpool_limits

    # Threads of the linear algebra wait by spinning: on a busy machine five times the CPU time of one.
    with threadpool_limits(limits=1):
        basis = randomized_range_finder(
            matrix, size=size, n_iter=iterations, random_state=0, power_iteration_normalizer="LU"
        )
        return np.asarray(matrix.T @ basis)


def _signs(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the signs that make the largest entry of each column positive: a decomposition leaves them open."""
    import numpy as np

    largest = columns[np.abs(columns).argmax(axis=0), np.arange(columns.shape[1])]
    return np.where(largest < 0, -1.0, 1.0).astype(np.float32)
