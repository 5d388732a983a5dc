"""Multiple choice: a question whose answer is one of lettered options."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.core.errors import ModelError
from vaultc.model.prompt import load_prompt
from vaultc.model.protocols import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.model.protocols import Prompt

MAX_OPTIONS = 26
_MAX_OPTION_CHARS = 2000


def letters_for(options: Sequence[str]) -> tuple[str, ...]:
    """Give the letters under which the options stand. Raises ModelError where there are not 2 to 26."""
    if not 2 <= len(options) <= MAX_OPTIONS:
        raise ModelError(f"a choice needs 2 to {MAX_OPTIONS} options, not {len(options)}")
    return tuple(chr(ord("A") + number) for number in range(len(options)))


def with_options(prompt: Prompt, letters: Sequence[str], options: Sequence[str]) -> Prompt:
    """Give `prompt` with the options behind it, each on a line under its letter."""
    shown = "\n".join(
        f"{letter}) {' '.join(option.split())[:_MAX_OPTION_CHARS]}"
        for letter, option in zip(letters, options, strict=True)
    )
    turn = load_prompt("choose").fill(prompt.task, prompt.target, options=shown).messages[-1]
    before = prompt.messages
    if before and before[-1].role == "user":
        turn = Message("user", f"{before[-1].content}\n\n{turn.content}")
        before = before[:-1]
    return replace(prompt, messages=(*before, turn), shared=min(prompt.shared, len(before)))
