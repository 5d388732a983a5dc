"""Pooling: vectors and scores of whole texts, by windows and batches of several sequences. In the child process alone.

Nothing is cut off in silence. A text that is longer than the model's window is cut at a border of tokens into windows
of nearly equal length; its vector is the mean of theirs, weighted by their lengths. A pair of question and text that
is too long for a reranker is scored window by window, and the best window counts.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vaultc.core.errors import ModelError
from vaultc.model.process.llamacpp import SEQUENCES, Stopped, lib, load_model, open_context, tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from vaultc.model.process.llamacpp import Log, StopFlag

_ABORTED = 2


class PooledModel:
    """A loaded model that gives one vector, or one score, for a sequence of tokens."""

    def __init__(
        self, settings: Mapping[str, Any], stop: StopFlag, log: Log, on_progress: Callable[[float], None]
    ) -> None:
        self._stop = stop
        self._log = log
        lib.llama_backend_init()
        self._model = load_model(settings, stop, log, on_progress)
        self._vocab = lib.llama_model_get_vocab(self._model)
        self._ctx = open_context(self._model, settings, stop, log)
        self._memory = lib.llama_get_memory(self._ctx)
        self._batch_tokens = int(lib.llama_n_ubatch(self._ctx))
        self.context_tokens = min(int(settings["context_tokens"]), self._batch_tokens)
        self._pooling = int(lib.llama_pooling_type(self._ctx))
        self._before, self._after = self._frame()

    def tokenize(self, text: str) -> list[int]:
        """Give the tokens of `text` as a whole sequence, with what begins and ends one; control tokens off."""
        return [*self._before, *tokens_of(self._vocab, text), *self._after]

    def embed(self, prefix: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give a unit row for each text, put behind `prefix`, or zero if it is empty. Raises Stopped, ModelError."""
        if self._pooling in (lib.LLAMA_POOLING_TYPE_NONE, lib.LLAMA_POOLING_TYPE_RANK):
            raise ModelError("the model pools no vector of a text", hint='set its `pooling` to "mean", "cls" or "last"')
        width = int(lib.llama_model_n_embd_out(self._model))
        rows = np.zeros((len(texts), width), np.float32)
        owners: list[int] = []
        windows: list[list[int]] = []
        for number, text in enumerate(texts):
            found = self._windows(prefix, text) if text.strip() else []
            windows += found
            owners += [number] * len(found)
        vectors = self._run(windows, width)
        for owner, window, vector in zip(owners, windows, vectors, strict=True):
            rows[owner] += len(window) * vector / max(float(np.linalg.norm(vector)), 1e-12)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.where(lengths > 0, rows / np.where(lengths > 0, lengths, 1), 0).astype(np.float32)

    def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        """Give how well each text answers the question, 0..1. Raises Stopped, ModelError."""
        if self._pooling != lib.LLAMA_POOLING_TYPE_RANK or int(lib.llama_model_n_cls_out(self._model)) != 1:
            raise ModelError("the model has no head that gives one score for a pair of texts")
        start, middle, end = self._pair_frame()
        asked = [*start, *tokens_of(self._vocab, question), *middle]
        room = self.context_tokens - len(asked) - len(end)
        if room < self.context_tokens // 4:
            raise ModelError(f"the question has {len(asked)} tokens, too many for a window of {self.context_tokens}")
        owners: list[int] = []
        pairs: list[list[int]] = []
        for number, text in enumerate(texts):
            for piece in cut(tokens_of(self._vocab, text), room):
                pairs.append([*asked, *piece, *end])
                owners.append(number)
        scores = [0.0] * len(texts)
        for owner, row in zip(owners, self._run(pairs, 1), strict=True):
            scores[owner] = max(scores[owner], _sigmoid(float(row[0])))
        return scores

    def close(self) -> None:
        """Free context and model."""
        lib.llama_free(self._ctx)
        lib.llama_model_free(self._model)

    def _windows(self, prefix: str, text: str) -> list[list[int]]:
        """Give the sequences that stand for a text: one, or if it is too long several that all begin with `prefix`."""
        whole = tokens_of(self._vocab, prefix + text)
        room = self.context_tokens - len(self._before) - len(self._after)
        if len(whole) <= room:
            return [[*self._before, *whole, *self._after]]
        head = tokens_of(self._vocab, prefix) if prefix else []
        if room - len(head) < 1:
            raise ModelError(f"the instruction before a text has {len(head)} tokens, the window {self.context_tokens}")
        pieces = cut(tokens_of(self._vocab, text), room - len(head))
        return [[*self._before, *head, *piece, *self._after] for piece in pieces]

    def _run(self, sequences: Sequence[Sequence[int]], width: int) -> NDArray[np.float32]:
        """Compute all sequences, as many at once as a batch holds, and give a row for each, in their order."""
        rows = np.zeros((len(sequences), width), np.float32)
        order = sorted(range(len(sequences)), key=lambda number: len(sequences[number]))
        for group in packed([len(sequences[number]) for number in order], self._batch_tokens, SEQUENCES):
            if self._stop.is_set:
                raise Stopped
            numbers = [order[at] for at in group]
            self._decode([sequences[number] for number in numbers])
            for place, number in enumerate(numbers):
                rows[number] = self._row(place, width)
        if not np.isfinite(rows).all():
            raise ModelError("the model gives numbers that are not finite")
        return rows

    def _row(self, place: int, width: int) -> NDArray[np.float32]:
        found = lib.llama_get_embeddings_seq(self._ctx, place)
        if not found:
            raise ModelError("llama.cpp gives no vector of a text")
        return np.ctypeslib.as_array(found, shape=(width,)).copy()

    def _decode(self, sequences: Sequence[Sequence[int]]) -> None:
        if self._memory:
            lib.llama_memory_clear(self._memory, True)
        total = sum(map(len, sequences))
        with _batch(total) as batch:
            at = 0
            for number, tokens in enumerate(sequences):
                for position, token in enumerate(tokens):
                    batch.token[at], batch.pos[at], batch.n_seq_id[at] = token, position, 1
                    batch.seq_id[at][0] = number
                    batch.logits[at] = 1
                    at += 1
            batch.n_tokens = total
            self._log.reason()
            code = lib.llama_decode(self._ctx, batch)
        if code == _ABORTED:
            raise Stopped
        if code != 0:
            raise ModelError(f"llama.cpp cannot compute a vector (code {code}): {self._log.reason()}")

    def _frame(self) -> tuple[list[int], list[int]]:
        """Give the tokens that this vocabulary puts before and behind a whole text."""
        bare, framed = tokens_of(self._vocab, "a"), tokens_of(self._vocab, "a", framed=True)
        for at in range(len(framed) - len(bare) + 1):
            if bare and framed[at : at + len(bare)] == bare:
                return framed[:at], framed[at + len(bare) :]
        return [], []

    def _pair_frame(self) -> tuple[list[int], list[int], list[int]]:
        """Give what stands before the question, between it and the text, and behind: as rerankers are trained."""
        sep = int(lib.llama_vocab_sep(self._vocab))
        parted = [sep] if sep >= 0 and lib.llama_vocab_get_add_sep(self._vocab) else []
        middle = self._after if self._after == parted else [*self._after, *parted]
        return self._before, middle, self._after or parted


def cut(tokens: Sequence[int], most: int) -> list[Sequence[int]]:
    """Cut tokens into as few pieces of at most `most` as can be, of nearly equal length."""
    count = math.ceil(len(tokens) / most)
    borders = [len(tokens) * number // count for number in range(count + 1)] if count else [0]
    return [tokens[start:end] for start, end in itertools.pairwise(borders)]


def packed(lengths: Sequence[int], most: int, sequences: int) -> list[list[int]]:
    """Give groups of neighbours that hold at most `most` tokens, and so many sequences, together."""
    groups: list[list[int]] = []
    filled = most
    for number, length in enumerate(lengths):
        if filled + length > most or len(groups[-1]) == sequences:
            groups.append([])
            filled = 0
        groups[-1].append(number)
        filled += length
    return groups


def to_text(rows: NDArray[np.float32]) -> str:
    """Give rows as text that can stand in a frame."""
    return base64.b64encode(rows.astype("<f4").tobytes()).decode("ascii")


def _sigmoid(value: float) -> float:
    return 0.5 * (1.0 + math.tanh(value / 2.0))


@contextlib.contextmanager
def _batch(tokens: int) -> Iterator[Any]:
    batch = lib.llama_batch_init(ctypes.c_int32(tokens), ctypes.c_int32(0), ctypes.c_int32(1))
    try:
        yield batch
    finally:
        lib.llama_batch_free(batch)
