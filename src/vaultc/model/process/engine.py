"""A loaded model with its context, adapters and evaluated tokens. Runs in the child process alone.

One sequence is kept, and the longest common prefix of two prompts is evaluated once.
"""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from vaultc.core.errors import ModelError
from vaultc.model.process.llamacpp import Log, StopFlag, Stopped, init_grammar, lib, load_model, open_context, tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

_ABORTED = 2  # llama_decode: broken off by the abort callback
_NO_ROOM = 1

Adapter = tuple[str, float, str]
"""A LoRA adapter: path and scale, and the digest of its file."""


class Engine:
    """A loaded model with its context."""

    def __init__(
        self, settings: Mapping[str, Any], stop: StopFlag, log: Log, on_progress: Callable[[float], None]
    ) -> None:
        self._stop = stop
        self._log = log
        self._evaluated: list[int] = []
        self._adapters: dict[tuple[str, str], Any] = {}
        self._adapted: list[Adapter] = []
        lib.llama_backend_init()
        self._model = load_model(settings, stop, log, on_progress)
        self._vocab = lib.llama_model_get_vocab(self._model)
        self.vocabulary_size = int(lib.llama_vocab_n_tokens(self._vocab))
        self._ctx = open_context(self._model, settings, stop, log)
        self._memory = lib.llama_get_memory(self._ctx)
        self._window = int(lib.llama_model_n_swa(self._model))
        is_recurrent = lib.llama_model_is_recurrent(self._model) or lib.llama_model_is_hybrid(self._model)
        self._can_be_cut = not is_recurrent
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
        return tokens_of(self._vocab, text, special=special)

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

    def evaluate(
        self, tokens: Sequence[int], on_progress: Callable[[int, int], None] | None = None, *, shared: int = 0
    ) -> int:
        """Evaluate `tokens` from the beginning and give how many were kept from before. Raises Stopped, ModelError.

        The first `shared` tokens are never in one batch with others: so their state is the same, to the last bit,
        whether it is computed with this prompt or was restored.
        """
        kept = self._keep(tokens)
        for start, end in _batches(kept, len(tokens), self._batch_tokens, shared):
            if self._stop.is_set:
                raise Stopped
            if on_progress is not None:
                on_progress(start, len(tokens))
            self._decode(tokens[start:end])
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
        return init_grammar(self._vocab, schema, self._log)

    def adapt(self, adapters: Sequence[Adapter]) -> None:
        """Answer with these LoRA adapters, and no others, from now on.

        What was evaluated with others is forgotten: it holds their trace. Raises ModelError, and then none is in use.
        """
        if list(adapters) == self._adapted:
            return
        self.forget()
        self._adapted = []
        lib.llama_set_adapters_lora(self._ctx, None, 0, None)
        if not adapters:
            return
        handles = (lib.llama_adapter_lora_p_ctypes * len(adapters))(*(self._adapter(adapter) for adapter in adapters))
        scales = (ctypes.c_float * len(adapters))(*(adapter[1] for adapter in adapters))
        if lib.llama_set_adapters_lora(self._ctx, handles, len(adapters), scales) != 0:
            raise ModelError(f"llama.cpp cannot use the adapters: {self._log.reason() or 'no reason given'}")
        self._adapted = list(adapters)

    def forget(self) -> None:
        """Forget all that was evaluated."""
        lib.llama_memory_clear(self._memory, True)
        self._evaluated.clear()

    def state_bytes(self) -> int:
        """Give how large the state of what was evaluated is."""
        return int(lib.llama_state_seq_get_size(self._ctx, 0))

    def save_state(self, path: str) -> int:
        """Write the state of what was evaluated to `path` and give its size. Raises ModelError."""
        tokens = (lib.llama_token * len(self._evaluated))(*self._evaluated)
        self._log.reason()
        written = int(lib.llama_state_seq_save_file(self._ctx, os.fsencode(path), 0, tokens, len(tokens)))
        if not written:
            raise ModelError(f"llama.cpp cannot save the state: {self._log.reason() or 'no reason given'}")
        return written

    def restore_state(self, tokens: Sequence[int], path: str) -> str:
        """Take the state of `tokens` from the file at `path`, unless it is here already.

        Gives why the file was not taken, empty where it was; then nothing is evaluated.
        """
        is_here = self._common(tokens) == len(tokens) and self._reaches(len(tokens))
        if is_here and (self._can_be_cut or len(self._evaluated) == len(tokens)):
            return ""
        self.forget()
        self._log.reason()
        found = (lib.llama_token * (self.context_tokens + 1))()
        count = ctypes.c_size_t()
        read = lib.llama_state_seq_load_file(self._ctx, os.fsencode(path), 0, found, len(found), ctypes.byref(count))
        reason = ""
        if not read:
            reason = self._log.reason() or "llama.cpp gives no reason"
        elif list(found[: count.value]) != list(tokens):
            reason = "it is the state of another text"
        elif lib.llama_memory_seq_pos_max(self._memory, 0) != len(tokens) - 1:
            reason = "it holds other positions than it says"
        if reason:
            self.forget()
        else:
            self._evaluated.extend(tokens)
        return reason

    def close(self) -> None:
        """Free context and model."""
        lib.llama_free(self._ctx)
        lib.llama_model_free(self._model)

    def _keep(self, tokens: Sequence[int]) -> int:
        """Drop from the context what the next prompt does not share; its last token is always evaluated anew."""
        common = max(0, min(self._common(tokens), len(tokens) - 1))
        if not self._reaches(common) or not lib.llama_memory_seq_rm(self._memory, 0, common, -1):
            self.forget()  # a recurrent state cannot be cut
            return 0
        del self._evaluated[common:]
        return common

    def _common(self, tokens: Sequence[int]) -> int:
        """Give how many tokens at the beginning are evaluated already."""
        for at, (ours, theirs) in enumerate(zip(self._evaluated, tokens, strict=False)):
            if ours != theirs:
                return at
        return min(len(self._evaluated), len(tokens))

    def _reaches(self, count: int) -> bool:
        """Tell whether the next token after `count` still finds all that it attends to: a sliding window moves on."""
        if not self._window or not count:
            return True
        return int(lib.llama_memory_seq_pos_min(self._memory, 0)) <= max(0, count - self._window)

    def _adapter(self, adapter: Adapter) -> Any:  # noqa: ANN401 - C pointer
        path, _, digest = adapter
        if (path, digest) not in self._adapters:
            self._log.reason()
            made = lib.llama_adapter_lora_init(self._model, os.fsencode(path))
            if not made:
                raise ModelError(f"llama.cpp cannot use the adapter {path}: {self._log.reason() or 'no reason given'}")
            if lib.llama_adapter_get_alora_n_invocation_tokens(made):
                raise ModelError(f"the adapter {path} begins in the middle of a text (aLoRA), which is not supported")
            self._adapters[path, digest] = made
        return self._adapters[path, digest]

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

    def _special_text(self, token: int) -> str:
        return self.piece(token, special=True).decode("utf-8", "replace") if token >= 0 else ""


def _batches(start: int, end: int, size: int, cut: int) -> Iterator[tuple[int, int]]:
    """Cut start..end into batches of at most `size`, one of which ends at `cut` where that lies between."""
    for first, last in ((start, min(cut, end)), (max(start, cut), end)):
        yield from ((at, min(at + size, last)) for at in range(first, last, size))
