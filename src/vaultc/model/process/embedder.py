"""Embedders and rerankers by GGUF, each in a process of its own whose death is an error message.

Vectors are unit rows. A text that is longer than the window is cut at a border of tokens into windows whose vectors are
averaged by their lengths; nothing is cut off. An empty text has a zero row.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from vaultc.core.digest import Digest, digest_json
from vaultc.core.errors import ModelError
from vaultc.core.event import Report, silent
from vaultc.model.file.gguf import read_header
from vaultc.model.file.spec import digest_of_file
from vaultc.model.fit.llama_settings import LlamaSettings
from vaultc.model.process.resident import Resident
from vaultc.model.protocols import ModelSpec

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence
    from pathlib import Path
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

_RULE = "windows by length/1"
_WINDOW = 1024
"""Longer windows cost memory (a pooled window is computed at once), and a chunk has about a hundred words."""
_TEXTS = 64
_HEADS = ("cls.weight", "cls.output.weight")
_WEB = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
_E5 = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "


@dataclass(frozen=True, slots=True)
class Prefixes:
    """What a model was trained to see before a question and before a passage."""

    query: str = ""
    passage: str = ""


_KNOWN = (
    (re.compile(r"qwen3.*embed"), Prefixes(_WEB)),
    (re.compile(r"e5.*instruct"), Prefixes(_E5)),
    (re.compile(r"(^|[^a-z0-9])e5([^0-9]|$)"), Prefixes("query: ", "passage: ")),
    (re.compile(r"nomic.*embed"), Prefixes("search_query: ", "search_document: ")),
    (re.compile(r"bge-(small|base|large)-en"), Prefixes("Represent this sentence for searching relevant passages: ")),
)


def prefixes_of(name: str, architecture: str) -> Prefixes:
    """Give the prefixes of a model by its name and architecture; empty ones for a model that is not known."""
    said = re.sub(r"[\s_]+", "-", f"{architecture} {name}".casefold())
    return next((prefixes for pattern, prefixes in _KNOWN if pattern.search(said)), Prefixes())


class _Pooled:
    """The process of a model that pools, and how it was opened."""

    def __init__(
        self, path: Path, settings: LlamaSettings, report: Report, digests: MutableMapping[str, str] | None
    ) -> None:
        header = read_header(path)
        longest = header.context_length
        window = settings.context_tokens or _WINDOW
        window = min(window, longest) if longest else window
        batch = max(settings.batch_tokens, window)
        used = replace(settings, context_tokens=window, batch_tokens=batch, ubatch_tokens=batch).checked()
        digest = digest_of_file(header.path, digests if digests is not None else {})
        self.header = header
        self.settings = used
        self.spec = ModelSpec(header.name, digest, header.parameters, window, str(path), header.architecture)
        self._resident = Resident(header, used, self.spec, report, None, lambda _: None)

    @property
    def process_id(self) -> int | None:
        """Id of the process; None while none holds the model."""
        return self._resident.process_id

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Give the tokens of a whole text, with those that begin and end it. Raises ModelError."""
        with self._resident.turn():
            return tuple(self._resident.last({"op": "tokens", "text": text})["tokens"])

    def close(self) -> None:
        """End the process; a later call starts it anew."""
        self._resident.close()


class GgufEmbedder(_Pooled):
    """An `Embedder` of llama.cpp. The process starts with the first call, and anew after its death."""

    def __init__(
        self,
        path: Path,
        settings: LlamaSettings | None = None,
        *,
        query_prefix: str | None = None,
        passage_prefix: str | None = None,
        report: Report = silent,
        digests: MutableMapping[str, str] | None = None,
    ) -> None:
        """Read the header of the GGUF at `path`; nothing is loaded yet.

        Args:
            path: the file.
            settings: how it is opened; its pooling may override that of the file.
            query_prefix: what stands before a question; None takes what the model was trained with.
            passage_prefix: the same before a passage.
            report: receives the progress of loading.
            digests: where digests of files are kept between runs.

        Raises:
            ModelError: the file is missing, cut off or no GGUF, or the settings cannot be.
        """
        given = settings or LlamaSettings()
        super().__init__(path, replace(given, pooling=given.pooling or "auto"), report, digests)
        known = prefixes_of(self.header.name, self.header.architecture)
        self.prefixes = Prefixes(
            known.query if query_prefix is None else query_prefix,
            known.passage if passage_prefix is None else passage_prefix,
        )

    @cached_property
    def fingerprint(self) -> Digest:
        """Identifies the file, and all else that its vectors hang on."""
        told = [_RULE, self.spec.digest, self.settings.pooling, self.prefixes.query, self.prefixes.passage]
        return digest_json([*told, "unit", self.spec.context_tokens])

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""
        for key in ("embedding_length_out", "embedding_length"):
            value = self.header.values.get(f"{self.header.architecture}.{key}")
            if isinstance(value, int) and value > 0:
                return value
        raise ModelError(f"the model {self.header.path} does not say how long its vectors are")

    def embed(self, texts: Sequence[str], *, is_query: bool = False) -> NDArray[np.float32]:
        """Give a unit row for each text, a zero row for an empty one. Raises ModelError."""
        import numpy as np

        rows = np.zeros((len(texts), self.dimensions), np.float32)
        prefix = self.prefixes.query if is_query else self.prefixes.passage
        order = sorted((number for number, text in enumerate(texts) if text.strip()), key=lambda n: len(texts[n]))
        with self._resident.turn():
            for start in range(0, len(order), _TEXTS):
                piece = order[start : start + _TEXTS]
                request = {"op": "embed", "prefix": prefix, "texts": [texts[number] for number in piece]}
                done = self._resident.last(request)
                found = np.frombuffer(base64.b64decode(done["rows"]), "<f4").reshape(len(piece), -1)
                if found.shape[1] != self.dimensions:
                    raise ModelError(
                        f"the model gives vectors of {found.shape[1]}, but its file says {self.dimensions}"
                    )
                rows[piece] = found
        return rows

    def __enter__(self) -> GgufEmbedder:
        """Give the embedder itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()


class GgufReranker(_Pooled):
    """A `Reranker` of llama.cpp: a model with a head that scores a question and a text read together."""

    def __init__(
        self,
        path: Path,
        settings: LlamaSettings | None = None,
        *,
        report: Report = silent,
        digests: MutableMapping[str, str] | None = None,
    ) -> None:
        """Read the header of the GGUF at `path`; nothing is loaded yet.

        Raises ModelError where the file is no GGUF or has no such head: llama.cpp would give numbers all the same.
        """
        super().__init__(path, replace(settings or LlamaSettings(), pooling="rank"), report, digests)
        if not any(tensor.name in _HEADS for tensor in self.header.tensors):
            raise ModelError(
                f"the model {path} has no head that scores texts, so it cannot rerank",
                hint="a reranker's GGUF has a tensor `cls.weight` or `cls.output.weight`",
            )

    def rerank(self, question: str, texts: Sequence[str]) -> tuple[float, ...]:
        """Give a score in 0..1 for each text; of a text in several windows that of the best. Raises ModelError."""
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        scores = [0.0] * len(texts)
        with self._resident.turn():
            for start in range(0, len(order), _TEXTS):
                piece = order[start : start + _TEXTS]
                asked = {"op": "rerank", "question": question, "texts": [texts[number] for number in piece]}
                for number, score in zip(piece, self._resident.last(asked)["scores"], strict=True):
                    scores[number] = float(score)
        return tuple(scores)
