"""Sampling: draws tokens from a model's scores, free or bound by a grammar. Runs in the child process alone."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from vaultc.core.errors import ModelError
from vaultc.model.process.llamacpp import lib

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vaultc.model.process.engine import Engine

_PENALTY_TOKENS = 64
_ENTRY = np.dtype([("id", np.intc), ("logit", np.single), ("p", np.single)], align=True)


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
