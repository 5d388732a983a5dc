"""What vaultc asks of a model. Everything above sees these protocols and values, never a library."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vaultc.core.digest import Digest


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. Its content is data: it is tokenised with control tokens off, whatever it contains."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages of one call, and what the call is for.

    `task` names the pass or the kind of question, `target` what it is about (a component id, a file, ...);
    together they identify a call within a run, for the trace, replays and scripts. `digest` is that of
    the prompt file it was filled from. The first `shared` messages are the same in every call of the task: what a
    model makes of them may be kept between runs.
    """

    messages: tuple[Message, ...]
    task: str
    target: str = ""
    digest: Digest | None = None
    shared: int = 0


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn. Temperature 0 is greedy; `thinking` lets a reasoning model think."""

    max_tokens: int = 1024
    temperature: float = 0.0
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    thinking: bool = True


@dataclass(frozen=True, slots=True)
class Generation:
    """An answer: its text without the thinking, the thinking, and what it cost."""

    text: str
    thinking: str = ""
    prompt_tokens: int = 0
    tokens: int = 0
    finish: Literal["stop", "length"] = "stop"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """The option chosen (index from 0) and the probability of each option, summing to 1."""

    index: int
    scores: tuple[float, ...]


UNCHECKED_WINDOW_TOKENS = 65_536
"""How much of its context is filled for a model that was never checked: what models bear out ends about here."""
LEAST_WINDOW_TOKENS = 2_048
"""How much is filled for a model that failed at every length: without any notes it would be of no use at all."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which model it is: a short name, the digest of its file, parameters, and the context it was opened with.

    `window_tokens` is the longest prompt that it was seen to read reliably: None for a model that was never checked,
    0 for one that failed at every length.
    """

    name: str
    digest: Digest
    parameters: int
    context_tokens: int
    path: str = ""
    architecture: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    window_tokens: int | None = None

    @property
    def working_tokens(self) -> int:
        """How many tokens of the context are filled. Whoever packs a prompt asks for this, never for more."""
        if self.window_tokens is None:
            return min(self.context_tokens, UNCHECKED_WINDOW_TOKENS)
        return min(self.context_tokens, max(self.window_tokens, LEAST_WINDOW_TOKENS))


class ChatModel(Protocol):
    """A model that answers."""

    @property
    def spec(self) -> ModelSpec:
        """Which model it is."""
        ...

    def count(self, text: str) -> int:
        """Number of tokens of `text` in the model's own vocabulary."""
        ...

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = ...,
        *,
        schema: Mapping[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """Answer `prompt`. With `schema` (JSON Schema) the text is grammar-bound JSON, yet to be validated.

        `on_text` receives the pieces of the answer as they come. Raises ModelError.
        """
        ...

    def stream(self, prompt: Prompt, sampling: Sampling = ...) -> Iterator[str]:
        """Answer `prompt` piece by piece; closing the iterator stops the model."""
        ...

    def choose(self, prompt: Prompt, options: Sequence[str]) -> Choice:
        """Choose among 2 to 26 options with one evaluation: scores from the logits of the candidates.

        The options are put behind the prompt under letters; the prompt itself need not list them.
        """
        ...

    def close(self) -> None:
        """Let the model go. A closed model is not used again."""
        ...


class Embedder(Protocol):
    """Gives texts their vectors."""

    @property
    def fingerprint(self) -> Digest:
        """Identifies the embedder and its state: vectors of different fingerprints never meet."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""
        ...

    def embed(self, texts: Sequence[str], *, is_query: bool = False) -> NDArray[np.float32]:
        """Give a matrix (len(texts), dimensions) of unit rows; a row is zero where nothing is known of a text."""
        ...


class Reranker(Protocol):
    """Orders candidates by how well they answer a question."""

    def rerank(self, question: str, texts: Sequence[str]) -> tuple[float, ...]:
        """Give a score in 0..1 for each text."""
        ...
