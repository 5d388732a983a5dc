"""Who does what: the brain plans, chooses and writes prose; the hand writes whole files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.model.protocols import ChatModel


class Models:
    """The models of a run. Without a hand of its own the brain does its work too."""

    def __init__(self, brain: ChatModel, hand: ChatModel | None = None) -> None:
        self.brain = brain
        self.hand = brain if hand is None else hand

    def close(self) -> None:
        """Let both go."""
        try:
            if self.hand is not self.brain:
                self.hand.close()
        finally:
            self.brain.close()
