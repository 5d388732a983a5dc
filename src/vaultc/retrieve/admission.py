"""Admission of an embedding model: tried on the vault's own text, language by language, before its vectors count.

A question is one sentence of a passage; the passage stands among others without that sentence. So a leg must find by
what the rest is about. The model is let in for a language where it finds nearly as many as the better of the words and
vectors fitted on those passages; its passages and questions in other languages have no vector.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from vaultc.core.digest import Digest, digest_json
from vaultc.core.event import Progress
from vaultc.core.strict_json import parse_json
from vaultc.index.embed import fit
from vaultc.index.lexical import prepare
from vaultc.language.detect import language_of
from vaultc.language.sentences import sentences
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vaultc.core.event import Report
    from vaultc.index.catalog import Catalog
    from vaultc.model.protocols import Embedder

SETTING = "embedder.admission"
LEAST_QUESTIONS = 10
_RULE = "rest of the passage/1"
_SAMPLE = 2_000
_PASSAGES, _QUESTIONS, _FIRST = 100, 40, 3
_NEARLY = 0.9
_MOVED = 0.1
_LEAST_STEMS = 4
_NAMES = {"ru": "Russian", "en": "English"}


@dataclass(frozen=True, slots=True)
class Tried:
    """How many of the questions in a language each leg answered among the first 3 of the passages."""

    language: str
    questions: int
    passages: int
    model: int
    words: int
    own: int

    @property
    def is_admitted(self) -> bool:
        """Whether there were enough questions and the model finds nearly as many as the better of the others."""
        return self.questions >= LEAST_QUESTIONS and self.model >= _NEARLY * max(self.words, self.own)

    def line(self, name: str) -> str:
        """Give the result as a line for a person."""
        language = _NAMES.get(self.language, self.language)
        if self.questions < LEAST_QUESTIONS:
            return f"{name} is kept out for {language}: too little text to try it on"
        said = "is let in" if self.is_admitted else "is kept out"
        return (
            f"{name} {said} for {language}: it finds {self.model} of {self.questions} passages,"
            f" words find {self.words}, vectors of the vault's own {self.own}"
        )


@dataclass(frozen=True, slots=True)
class Admission:
    """The result for one embedder: the share of chunks in each language then, and what was tried."""

    fingerprint: Digest
    shares: Mapping[str, float]
    tried: tuple[Tried, ...]

    @property
    def languages(self) -> frozenset[str]:
        """The languages that the model is let in for; none where they are less than half of the vault."""
        found = frozenset(one.language for one in self.tried if one.is_admitted)
        return found if sum(self.shares.get(language, 0.0) for language in found) >= 0.5 else frozenset()

    def lines(self, name: str) -> tuple[str, ...]:
        """Give the result as lines for a person."""
        said = [one.line(name) for one in self.tried]
        if not self.languages and any(one.is_admitted for one in self.tried):
            said.append(f"{name} is not used: it is let in for less than half of the vault")
        return tuple(said)


class AdmittedEmbedder:
    """An `Embedder` that knows nothing of texts in languages it is not let in for: their rows are zero."""

    def __init__(self, embedder: Embedder, languages: frozenset[str]) -> None:
        self._embedder = embedder
        self._languages = languages

    @cached_property
    def fingerprint(self) -> Digest:
        """Identifies the model and the languages."""
        return digest_json([self._embedder.fingerprint, sorted(self._languages)])

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""
        return self._embedder.dimensions

    def embed(self, texts: Sequence[str], *, is_query: bool = False) -> NDArray[np.float32]:
        """Give a unit row for each text in an admitted language, else a zero row. Raises what the model raises."""
        import numpy as np

        rows = np.zeros((len(texts), self.dimensions), np.float32)
        known = [number for number, text in enumerate(texts) if language_of(text) in self._languages]
        if known:
            rows[known] = self._embedder.embed([texts[number] for number in known], is_query=is_query)
        return rows


def read_admission(catalog: Catalog, fingerprint: Digest) -> Admission | None:
    """Give the recorded result for the embedder, or None."""
    try:
        told = parse_json(catalog.setting(SETTING) or "null")
        if not told or told["fingerprint"] != fingerprint or told["rule"] != _RULE:
            return None
        shares = {str(language): float(share) for language, share in told["shares"].items()}
        return Admission(fingerprint, shares, tuple(Tried(**one) for one in told["tried"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None  # written by somebody else: it is tried again


def is_stale(catalog: Catalog, found: Admission) -> bool:
    """Tell whether the vault's languages are others by now, or there is text enough for one that could not be tried."""
    sampled = _sampled(catalog)
    now = _shares(sampled)
    tried = {one.language for one in found.tried if one.questions >= LEAST_QUESTIONS}
    if any(abs(found.shares.get(one, 0.0) - now.get(one, 0.0)) > _MOVED for one in found.shares.keys() | now.keys()):
        return True
    return any(len(_trials(texts)) >= LEAST_QUESTIONS for one, texts in sampled.items() if one not in tried)


def try_embedder(catalog: Catalog, embedder: Embedder, report: Report) -> Admission:
    """Try the embedder on text of the catalog and record the result. Raises what the embedder raises."""
    sampled = _sampled(catalog)
    tried: list[Tried] = []
    for number, (language, texts) in enumerate(sorted(sampled.items())):
        report(Progress("try the embedder", number, len(sampled), _NAMES.get(language, language)))
        tried.append(_try(language, texts, embedder))
    found = Admission(embedder.fingerprint, _shares(sampled), tuple(tried))
    told = {
        "rule": _RULE,
        "fingerprint": found.fingerprint,
        "shares": found.shares,
        "tried": [asdict(t) for t in tried],
    }
    with catalog.transaction():
        catalog.set_setting(SETTING, json.dumps(told))
    return found


def _sampled(catalog: Catalog) -> dict[str, list[str]]:
    """Give texts of chunks by language, in the order of their digests: it has nothing to do with what they say."""
    digests = catalog.embeddings.wanted_digests()[:_SAMPLE]
    wanted = catalog.embeddings.wanted(digests)
    found: dict[str, list[str]] = {}
    for digest in digests:
        found.setdefault(language_of(wanted[digest]), []).append(wanted[digest])
    return found


def _shares(sampled: Mapping[str, Sequence[str]]) -> dict[str, float]:
    total = sum(map(len, sampled.values()))
    return {language: round(len(texts) / total, 3) for language, texts in sampled.items()}


def _try(language: str, texts: Sequence[str], embedder: Embedder) -> Tried:
    trials = _trials(texts)
    if len(trials) < LEAST_QUESTIONS:
        return Tried(language, len(trials), 0, 0, 0, 0)
    passages = [passage for _, passage in trials]
    questions = [question for question, _ in trials[:_QUESTIONS]]
    # Fitted anew: the one of the index has read the questions in their places.
    own = fit([prepare(passage) for passage in passages])
    return Tried(
        language,
        len(questions),
        len(passages),
        model=_found(_by_vectors(embedder, questions, passages)),
        words=_found(_by_words(questions, passages)),
        own=0 if own is None else _found(_by_vectors(own, questions, passages)),
    )


def _trials(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Give questions with the passages that they were taken from: of each text its longest sentence."""
    found: list[tuple[str, str]] = []
    for text in texts:
        spans = sentences(text)
        if len(spans) > 1:
            start, end = max(spans, key=lambda span: span[1] - span[0])
            question, rest = text[start:end], f"{text[:start]} {text[end:]}"
            if min(len(content_stems(question)), len(content_stems(rest))) >= _LEAST_STEMS:
                found.append((question, rest))
        if len(found) == _PASSAGES:
            break
    return found


def _by_vectors(embedder: Embedder, questions: Sequence[str], passages: Sequence[str]) -> NDArray[np.float32]:
    import numpy as np

    asked = embedder.embed(questions, is_query=True)
    return np.asarray(asked @ embedder.embed(passages).T, np.float32)


def _by_words(questions: Sequence[str], passages: Sequence[str]) -> NDArray[np.float32]:
    """Score as the words do (BM25 with k1 0.9, b 0.4), over these passages alone."""
    import numpy as np

    counted = [Counter(prepare(passage).split()) for passage in passages]
    lengths = [sum(counts.values()) for counts in counted]
    mean = sum(lengths) / len(lengths)
    held = Counter(stem for counts in counted for stem in counts)
    scores = np.zeros((len(questions), len(passages)), np.float32)
    for row, question in enumerate(questions):
        for stem in set(prepare(" ".join(content_stems(question))).split()) & held.keys():
            idf = math.log(1 + (len(passages) - held[stem] + 0.5) / (held[stem] + 0.5))
            for column, counts in enumerate(counted):
                if count := counts[stem]:
                    scores[row, column] += idf * count * 1.9 / (count + 0.9 * (0.6 + 0.4 * lengths[column] / mean))
    return scores


def _found(scores: NDArray[np.float32]) -> int:
    """Give how many questions have their own passage among the first; one that is level with others is behind them."""
    own = scores.diagonal()[:, None]
    return int(((scores >= own).sum(axis=1) <= _FIRST).sum())
