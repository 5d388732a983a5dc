"""Whether a model read what it was given: tokens as counted here, against those that it says it read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.model.protocols import Sampling

if TYPE_CHECKING:
    from vaultc.model.protocols import ChatModel, Prompt

_SEAM_TOKENS = 8
"""So many tokens may merge where a template and a message meet."""
_ESTIMATED_SHARE = 0.7
"""Where tokens are only estimated, a prompt that was read to this share still counts as whole."""
_ONE = Sampling(max_tokens=1, thinking=False)


@dataclass(frozen=True, slots=True)
class Counting:
    """How counts of a model's messages relate to what it says it read.

    `added` is what its chat template adds, `ratio` how many tokens it reads for one that is counted: 1 where counts
    are exact. `is_told` says whether it tells what it read at all.
    """

    added: int = 0
    ratio: float = 1.0
    is_exact: bool = True
    is_told: bool = True

    def expected(self, counted: int) -> int:
        """Give how many tokens of a prompt must be read, of whose messages `counted` were counted."""
        return round(self.added + self.ratio * counted)

    def is_truncated(self, counted: int, read: int) -> bool:
        """Tell whether a model that says it read `read` tokens read less than it was given."""
        if not self.is_told or not read:
            return False
        expected = self.expected(counted)
        slack = max(_SEAM_TOKENS, expected // 200) if self.is_exact else round(expected * (1 - _ESTIMATED_SHARE))
        return read < expected - slack


def count_prompt(model: ChatModel, prompt: Prompt) -> int:
    """Give the tokens of the messages of a prompt, without what a chat template adds."""
    return sum(model.count(message.content) for message in prompt.messages)


def counting_of(model: ChatModel, short: Prompt, longer: Prompt) -> Counting:
    """Learn from two short prompts how a model counts. Raises ModelError where it cannot answer them."""
    given = [count_prompt(model, prompt) for prompt in (short, longer)]
    read = [model.generate(prompt, _ONE).prompt_tokens for prompt in (short, longer)]
    if not all(read) or given[1] <= given[0]:
        return Counting(is_told=False)
    added = read[0] - given[0]
    if abs(read[1] - given[1] - added) <= _SEAM_TOKENS:
        return Counting(max(0, added))
    ratio = (read[1] - read[0]) / (given[1] - given[0])
    return Counting(max(0, round(read[0] - ratio * given[0])), ratio, is_exact=False)
