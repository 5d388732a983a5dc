"""A model whose choices another one makes: a small quick one among few options, while the large one writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.model.wrapped import Wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.model.protocols import ChatModel, Choice, ModelSpec, Prompt


class WithRanker(Wrapped):
    """Answers with one model and chooses with another, which is not closed with it."""

    def __init__(self, model: ChatModel, ranker: ChatModel) -> None:
        super().__init__(model)
        self._ranker = ranker

    @property
    def spec(self) -> ModelSpec:
        """Which model answers, with the one that chooses among its settings."""
        spec = self._model.spec
        return replace(spec, settings={**spec.settings, "ranker": self._ranker.spec.digest})

    def choose(self, prompt: Prompt, options: Sequence[str]) -> Choice:
        """Choose among options, by the ranker. Raises ModelError."""
        return self._ranker.choose(prompt, options)
