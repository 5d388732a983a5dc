"""llama.cpp through its C interface (only importer of llama_cpp). Runs in the child process alone.

A bad file or grammar can end the process; nothing here tries to survive that. One sequence is kept, and the
longest common prefix of two prompts is evaluated once.
"""

from __future__ import annotations

import ctypes
import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from llama_cpp import llama_cpp as lib
from llama_cpp import llama_grammar

from vaultc.core.errors import ModelError
from vaultc.model.pipe import INFORMATION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

KV_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q4_1": 3, "q5_0": 6, "q5_1": 7, "q8_0": 8, "bf16": 30}
_ABORTED = 2  # llama_decode: broken off by the abort callback
_NO_ROOM = 1
_PENALTY_TOKENS = 64
_LOG_DEBUG, _LOG_INFO, _LOG_ERROR, _LOG_CONTINUES = 1, 2, 4, 5
_ENTRY = np.dtype([("id", np.intc), ("logit", np.single), ("p", np.single)], align=True)


class Stopped(Exception):  # noqa: N818 - asked for, no error
    """The work was broken off on request."""


class StopFlag:
    """Tells llama.cpp to break off, in the middle of a layer if need be.

    llama.cpp asks a C function whether to stop, thousands of times a second. `strlen` of a buffer that is empty or
    holds one character is that function: no Python code runs and no lock is taken for it.
    """

    def __init__(self) -> None:
        self._buffer = ctypes.create_string_buffer(2)
        strlen = ctypes.CDLL(None).strlen
        self.callback = ctypes.cast(strlen, lib.ggml_abort_callback)
        self.address = ctypes.addressof(self._buffer)

    def set(self) -> None:
        """Ask for a stop."""
        self._buffer[0] = b"x"

    def clear(self) -> None:
        """Take the wish back."""
        self._buffer[0] = b"\0"

    @property
    def is_set(self) -> bool:
        """Whether a stop was asked for."""
        return bool(self._buffer[0] != b"\0")


class Log:
    """Takes llama.cpp's log to standard error, what is only information marked so; keeps errors for a message."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._level = 0
        self._callback = lib.llama_log_callback(self._write)
        lib.llama_log_set(self._callback, ctypes.c_void_p(0))

    def reason(self) -> str:
        """Give the first error since the last call, without llama.cpp's function names; empty where there was none."""
        said, self.errors[:] = list(self.errors), []
        return said[0].partition(": ")[2] or said[0] if said else ""

    def _write(self, level: int, text: bytes | None, _: object) -> None:
        begins = level != _LOG_CONTINUES
        self._level = level = level if begins else self._level
        if level == _LOG_DEBUG or not text:
            return
        os.write(2, INFORMATION + text if begins and level == _LOG_INFO else text)
        if level == _LOG_ERROR and len(self.errors) < 100 and text.strip():
            self.errors.append(text.decode("utf-8", "replace").strip()[:500])


class Sampler:
    """Draws tokens. With a grammar, the free choice is taken where the grammar allows it, else it is drawn again."""

    def __init__(self, engine: Engine, sampling: Mapping[str, Any], grammar: Any = None) -> None:  # noqa: ANN401 - C pointer
        self._engine = engine
        self._grammar = grammar
        self._chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        for part in _samplers(sampling, engine.vocabulary_size):
            lib.llama_sampler_chain_add(self._chain, part)

    def draw(self) -> int:
        """Give the next token after what was evaluated last."""
        token = self._pick(with_grammar=False)
        if self._grammar is not None and not self._allowed(token):
            token = self._pick(with_grammar=True)
            if not self._allowed(token):
                raise ModelError("the grammar allows no further token")
        if self._grammar is not None:
            lib.llama_sampler_accept(self._grammar, token)
        lib.llama_sampler_accept(self._chain, token)
        return token

    def close(self) -> None:
        """Free what llama.cpp holds."""
        lib.llama_sampler_free(self._chain)
        if self._grammar is not None:
            lib.llama_sampler_free(self._grammar)

    def _pick(self, *, with_grammar: bool) -> int:
        entries = np.zeros(self._engine.vocabulary_size, dtype=_ENTRY)
        entries["id"] = np.arange(self._engine.vocabulary_size, dtype=np.intc)
        entries["logit"] = self._engine.logits()
        candidates = _candidates(entries)
        if with_grammar:
            lib.llama_sampler_apply(self._grammar, ctypes.byref(candidates))
        lib.llama_sampler_apply(self._chain, ctypes.byref(candidates))
        if not 0 <= candidates.selected < candidates.size:
            raise ModelError("the model gives no usable scores")
        return int(candidates.data[candidates.selected].id)

    def _allowed(self, token: int) -> bool:
        entry = np.array([(token, 1.0, 0.0)], dtype=_ENTRY)
        candidates = _candidates(entry)
        lib.llama_sampler_apply(self._grammar, ctypes.byref(candidates))
        return bool(np.isfinite(entry["logit"][0]))


class Engine:
    """A loaded model with its context."""

    def __init__(
        self, settings: Mapping[str, Any], stop: StopFlag, log: Log, on_progress: Callable[[float], None]
    ) -> None:
        self._stop = stop
        self._log = log
        self._evaluated: list[int] = []
        lib.llama_backend_init()
        self._model = self._load(settings, on_progress)
        self._vocab = lib.llama_model_get_vocab(self._model)
        self.vocabulary_size = int(lib.llama_vocab_n_tokens(self._vocab))
        self._ctx = self._open(settings)
        self.context_tokens = int(lib.llama_n_ctx(self._ctx))
        self._batch_tokens = int(settings["batch_tokens"])

    @property
    def bos_text(self) -> str:
        """Text of the token that begins a text; empty where there is none."""
        return self._special_text(lib.llama_vocab_bos(self._vocab))

    @property
    def eos_text(self) -> str:
        """Text of the token that ends a text; empty where there is none."""
        return self._special_text(lib.llama_vocab_eos(self._vocab))

    @property
    def adds_bos(self) -> bool:
        """Whether a text must begin with the begin token."""
        return bool(lib.llama_vocab_get_add_bos(self._vocab))

    @property
    def offloads(self) -> bool:
        """Whether this build of llama.cpp can use a GPU."""
        return bool(lib.llama_supports_gpu_offload())

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Give the tokens of `text`; with `special`, the texts of control tokens become control tokens."""
        data = text.encode("utf-8", "replace")
        size = len(data) + 8
        for _ in range(2):
            tokens = (lib.llama_token * size)()
            count = lib.llama_tokenize(self._vocab, data, len(data), tokens, size, False, special)
            if count >= 0:
                return list(tokens[:count])
            size = -count
        raise ModelError("llama.cpp cannot tokenise a text")

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Give the bytes of `token`; those of control tokens are empty without `special`."""
        size = 128
        for _ in range(2):
            buffer = ctypes.create_string_buffer(size)
            count = lib.llama_token_to_piece(self._vocab, token, buffer, size, 0, special)
            if count >= 0:
                return buffer.raw[:count]
            size = -count
        return b""

    def is_end(self, token: int) -> bool:
        """Tell whether `token` ends an answer."""
        return bool(lib.llama_vocab_is_eog(self._vocab, token))

    def bos(self) -> list[int]:
        """Give the begin token, in a list that is empty where the vocabulary has none."""
        token = int(lib.llama_vocab_bos(self._vocab))
        return [token] if token >= 0 else []

    def evaluate(self, tokens: Sequence[int], on_progress: Callable[[int, int], None] | None = None) -> int:
        """Evaluate `tokens` from the beginning and give how many were kept from before. Raises Stopped, ModelError."""
        kept = self._keep(tokens)
        for at in range(kept, len(tokens), self._batch_tokens):
            if self._stop.is_set:
                raise Stopped
            if on_progress is not None:
                on_progress(at, len(tokens))
            self._decode(tokens[at : at + self._batch_tokens])
        return kept

    def append(self, token: int) -> None:
        """Evaluate one more token."""
        self._decode([token])

    @property
    def is_full(self) -> bool:
        """Whether the context holds no further token."""
        return len(self._evaluated) >= self.context_tokens

    def logits(self) -> NDArray[np.float32]:
        """Give the scores of all tokens after the last one evaluated."""
        pointer = lib.llama_get_logits_ith(self._ctx, -1)
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary_size,))

    def grammar(self, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - C pointer
        """Give a grammar sampler for a JSON schema. Raises ModelError where no grammar can be made of it."""
        try:
            text = llama_grammar.json_schema_to_gbnf(json.dumps(schema))
        except (ValueError, KeyError, AssertionError, TypeError, AttributeError, IndexError, RecursionError) as error:
            raise ModelError(f"no grammar can be made of the schema: {type(error).__name__} {error}") from error
        self._log.reason()
        made = lib.llama_sampler_init_grammar(self._vocab, text.encode("utf-8", "replace"), b"root")
        if not made:
            raise ModelError(f"llama.cpp refuses the grammar of the schema: {self._log.reason() or 'no reason given'}")
        return made

    def close(self) -> None:
        """Free context and model."""
        lib.llama_free(self._ctx)
        lib.llama_model_free(self._model)

    def _keep(self, tokens: Sequence[int]) -> int:
        """Drop from the context what the next prompt does not share; its last token is always evaluated anew."""
        common = 0
        for ours, theirs in zip(self._evaluated, tokens, strict=False):
            if ours != theirs:
                break
            common += 1
        common = max(0, min(common, len(tokens) - 1))
        memory = lib.llama_get_memory(self._ctx)
        if memory is not None and not lib.llama_memory_seq_rm(memory, 0, common, -1):
            lib.llama_memory_clear(memory, False)  # a recurrent state cannot be cut
            common = 0
        del self._evaluated[common:]
        return common

    def _decode(self, tokens: Sequence[int]) -> None:
        if len(self._evaluated) + len(tokens) > self.context_tokens:
            raise ModelError(f"the context of {self.context_tokens} tokens is full")
        array = (lib.llama_token * len(tokens))(*tokens)
        code = lib.llama_decode(self._ctx, lib.llama_batch_get_one(array, len(tokens)))
        if code == _ABORTED:
            raise Stopped
        if code == _NO_ROOM:
            raise ModelError(f"the context of {self.context_tokens} tokens is full")
        if code != 0:
            raise ModelError(f"llama.cpp cannot evaluate the prompt (code {code}): {self._log.reason()}")
        self._evaluated.extend(tokens)

    def _load(self, settings: Mapping[str, Any], on_progress: Callable[[float], None]) -> Any:  # noqa: ANN401 - C pointer
        params = lib.llama_model_default_params()
        layers = settings["gpu_layers"]
        if layers is None:
            layers = -1 if lib.llama_supports_gpu_offload() else 0
        params.n_gpu_layers = layers if layers >= 0 else 0x7FFFFFFF

        def progress(done: float, _: object) -> bool:
            on_progress(done)
            return not self._stop.is_set

        callback = lib.llama_progress_callback(progress)
        params.progress_callback = callback
        model = lib.llama_model_load_from_file(os.fsencode(settings["path"]), params)
        if not model:
            if self._stop.is_set:
                raise Stopped
            raise ModelError(f"llama.cpp cannot load {settings['path']}: {self._log.reason() or 'no reason given'}")
        return model

    def _open(self, settings: Mapping[str, Any]) -> Any:  # noqa: ANN401 - C pointer
        params = lib.llama_context_default_params()
        params.n_ctx = int(settings["context_tokens"])
        params.n_batch = int(settings["batch_tokens"])
        params.n_ubatch = min(params.n_batch, 512)
        params.n_threads = params.n_threads_batch = int(settings["threads"])
        params.type_k = KV_TYPES[settings["type_k"]]
        params.type_v = KV_TYPES[settings["type_v"]]
        if settings["flash_attn"] is not None:
            params.flash_attn_type = int(settings["flash_attn"])
        params.abort_callback = self._stop.callback
        params.abort_callback_data = self._stop.address
        context = lib.llama_init_from_model(self._model, params)
        if not context:
            raise ModelError(
                f"llama.cpp cannot open a context of {params.n_ctx} tokens: {self._log.reason() or 'no reason given'}"
            )
        return context

    def _special_text(self, token: int) -> str:
        return self.piece(token, special=True).decode("utf-8", "replace") if token >= 0 else ""


def _samplers(sampling: Mapping[str, Any], vocabulary_size: int) -> list[Any]:
    parts = []
    if sampling["repeat_penalty"] != 1.0:
        repeat = sampling["repeat_penalty"]
        parts.append(lib.llama_sampler_init_penalties(vocabulary_size, _PENALTY_TOKENS, repeat, 0.0, 0.0))
    if sampling["temperature"] <= 0:
        return [*parts, lib.llama_sampler_init_greedy()]
    if sampling["top_k"] > 0:
        parts.append(lib.llama_sampler_init_top_k(sampling["top_k"]))
    if sampling["top_p"] < 1:
        parts.append(lib.llama_sampler_init_top_p(sampling["top_p"], 1))
    if sampling["min_p"] > 0:
        parts.append(lib.llama_sampler_init_min_p(sampling["min_p"], 1))
    parts.append(lib.llama_sampler_init_temp(sampling["temperature"]))
    return [*parts, lib.llama_sampler_init_dist(sampling["seed"] & 0xFFFFFFFF)]


def _candidates(entries: NDArray[Any]) -> Any:  # noqa: ANN401 - C struct
    return lib.llama_token_data_array(
        data=entries.ctypes.data_as(lib.llama_token_data_p), size=len(entries), selected=-1, sorted=False
    )
