"""A model that stops between two pieces of an answer when nobody waits for it any more."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from vaultc.model.wrapped import DEFAULT, Wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vaultc.model.protocols import ChatModel, Choice, Generation, Prompt, Sampling


class Interruptible(Wrapped):
    """`model`, with `check` called at every piece: what it raises stops the model."""

    def __init__(self, model: ChatModel, check: Callable[[], None]) -> None:
        super().__init__(model)
        self._check = check

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = DEFAULT,
        *,
        schema: Mapping[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """Answer. Raises ModelError, and what `check` raises."""

        def piece(text: str) -> None:
            self._check()
            if on_text is not None:
                on_text(text)

        self._check()
        return super().generate(prompt, sampling, schema=schema, on_text=piece)

    def stream(self, prompt: Prompt, sampling: Sampling = DEFAULT) -> Iterator[str]:
        """Answer piece by piece. Raises ModelError, and what `check` raises."""
        self._check()
        pieces = super().stream(prompt, sampling)
        try:
            for piece in pieces:
                self._check()
                yield piece
        finally:
            with contextlib.suppress(AttributeError):  # an iterator that is no generator has nothing to close
                pieces.close()  # type: ignore[attr-defined]

    def choose(self, prompt: Prompt, options: Sequence[str]) -> Choice:
        """Choose. Raises ModelError, and what `check` raises."""
        self._check()
        return super().choose(prompt, options)

    def close(self) -> None:
        """Do nothing: the model is lent."""
