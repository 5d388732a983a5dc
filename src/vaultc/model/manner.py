"""Sampling overrides of a role: its temperature and thinking, whatever the task says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vaultc.model.wrapped import DEFAULT, Wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from vaultc.model.protocols import ChatModel, Generation, ModelSpec, Prompt, Sampling


@dataclass(frozen=True, slots=True)
class Manner:
    """A temperature in place of the task's, if any, and whether the model may think."""

    temperature: float | None = None
    thinking: bool = True

    def of(self, sampling: Sampling) -> Sampling:
        """Give `sampling` as the role has it."""
        temperature = sampling.temperature if self.temperature is None else self.temperature
        return replace(sampling, temperature=temperature, thinking=sampling.thinking and self.thinking)

    def settings(self) -> dict[str, Any]:
        """Give what it changes, for the fingerprint of what the model answers."""
        told: dict[str, Any] = {} if self.temperature is None else {"temperature": self.temperature}
        return told if self.thinking else {**told, "thinking": False}


class Mannered(Wrapped):
    """A model that answers in the manner of its role."""

    def __init__(self, model: ChatModel, manner: Manner) -> None:
        super().__init__(model)
        self._manner = manner

    @property
    def spec(self) -> ModelSpec:
        """Which model it is, with the manner among its settings."""
        spec = self._model.spec
        return replace(spec, settings={**spec.settings, **self._manner.settings()})

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = DEFAULT,
        *,
        schema: Mapping[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """Answer `prompt`. Raises ModelError."""
        return super().generate(prompt, self._manner.of(sampling), schema=schema, on_text=on_text)

    def stream(self, prompt: Prompt, sampling: Sampling = DEFAULT) -> Iterator[str]:
        """Answer `prompt` piece by piece."""
        return super().stream(prompt, self._manner.of(sampling))
