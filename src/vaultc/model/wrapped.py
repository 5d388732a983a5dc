"""A decorated model: what the decorator does not say otherwise is the model's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vaultc.model.protocols import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vaultc.model.protocols import ChatModel, Choice, Generation, ModelSpec, Prompt

DEFAULT = Sampling()


class Wrapped:
    """Passes every call on; its children change the calls that they are about."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def spec(self) -> ModelSpec:
        """Which model it is."""
        return self._model.spec

    def count(self, text: str) -> int:
        """Number of tokens of `text`."""
        return self._model.count(text)

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = DEFAULT,
        *,
        schema: Mapping[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """Answer `prompt`. Raises ModelError."""
        return self._model.generate(prompt, sampling, schema=schema, on_text=on_text)

    def stream(self, prompt: Prompt, sampling: Sampling = DEFAULT) -> Iterator[str]:
        """Answer `prompt` piece by piece; closing the iterator stops the model."""
        return self._model.stream(prompt, sampling)

    def choose(self, prompt: Prompt, options: Sequence[str]) -> Choice:
        """Choose among options. Raises ModelError."""
        return self._model.choose(prompt, options)

    def close(self) -> None:
        """Let the model go."""
        self._model.close()
