"""A model whose choices another one makes: a small quick one among few options, while the large one writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vaultc.model.protocols import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vaultc.model.protocols import ChatModel, Choice, Generation, ModelSpec, Prompt

_DEFAULT = Sampling()


class WithRanker:
    """Answers with one model and chooses with another."""

    def __init__(self, model: ChatModel, ranker: ChatModel) -> None:
        self._model = model
        self._ranker = ranker

    @property
    def spec(self) -> ModelSpec:
        """Which model answers, with the one that chooses among its settings."""
        spec = self._model.spec
        return replace(spec, settings={**spec.settings, "ranker": self._ranker.spec.digest})

    def count(self, text: str) -> int:
        """Number of tokens of `text` for the model that answers."""
        return self._model.count(text)

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = _DEFAULT,
        *,
        schema: Mapping[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """Answer `prompt`. Raises ModelError."""
        return self._model.generate(prompt, sampling, schema=schema, on_text=on_text)

    def stream(self, prompt: Prompt, sampling: Sampling = _DEFAULT) -> Iterator[str]:
        """Answer `prompt` piece by piece."""
        return self._model.stream(prompt, sampling)

    def choose(self, prompt: Prompt, options: Sequence[str]) -> Choice:
        """Choose among options, by the ranker. Raises ModelError."""
        return self._ranker.choose(prompt, options)

    def close(self) -> None:
        """Close the model that answers; the ranker is its own."""
        self._model.close()
