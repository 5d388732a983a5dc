"""Call traces: writes each call of a model as one JSON-able event, and replays such events."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vaultc.core.digest import Digest, digest_json
from vaultc.core.errors import ModelError
from vaultc.model.protocols import ChatModel, Choice, Generation, ModelSpec, Prompt, Sampling
from vaultc.model.wrapped import DEFAULT, Wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

Event = dict[str, Any]
EVENT = "model-call"


class Recorder(Wrapped):
    """A model whose calls are written to `sink`, failed and broken-off ones too; counting is none.

    `clock` gives seconds; the difference of two readings is a call's length.
    """

    def __init__(self, model: ChatModel, sink: Callable[[Event], None], clock: Callable[[], float]) -> None:
        super().__init__(model)
        self._sink = sink
        self._clock = clock

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = DEFAULT,
        *,
        schema: Mapping[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """Answer and record. Raises ModelError."""
        event = self._start("generate", prompt, sampling, schema=schema)
        try:
            answer = self._model.generate(prompt, sampling, schema=schema, on_text=on_text)
        except ModelError as error:
            self._end(event, error=error.message)
            raise
        except KeyboardInterrupt:
            self._end(event, error="interrupted")
            raise
        self._end(event, answer=asdict(answer))
        return answer

    def stream(self, prompt: Prompt, sampling: Sampling = DEFAULT) -> Iterator[str]:
        """Answer piece by piece; what came is recorded when the stream ends, breaks or is closed."""
        event = self._start("stream", prompt, sampling)
        pieces: list[str] = []
        ended: dict[str, Any] = {"stopped": True}
        try:
            for piece in self._model.stream(prompt, sampling):
                pieces.append(piece)
                yield piece
            ended = {}
        except ModelError as error:
            ended = {"error": error.message}
            raise
        finally:
            self._end(event, answer=asdict(Generation("".join(pieces))), **ended)

    def choose(self, prompt: Prompt, options: Sequence[str]) -> Choice:
        """Choose and record. Raises ModelError."""
        event = self._start("choose", prompt, None, options=options)
        try:
            choice = self._model.choose(prompt, options)
        except ModelError as error:
            self._end(event, error=error.message)
            raise
        self._end(event, choice={"index": choice.index, "scores": list(choice.scores)})
        return choice

    def _start(
        self,
        kind: str,
        prompt: Prompt,
        sampling: Sampling | None,
        *,
        schema: Mapping[str, Any] | None = None,
        options: Sequence[str] = (),
    ) -> Event:
        spec = self._model.spec
        model = {
            "name": spec.name,
            "digest": spec.digest,
            "parameters": spec.parameters,
            "context_tokens": spec.context_tokens,
            "window_tokens": spec.window_tokens,
        }
        return {
            "event": EVENT,
            "kind": kind,
            "key": _key(kind, prompt, sampling, schema, options),
            "task": prompt.task,
            "target": prompt.target,
            "prompt_digest": prompt.digest,
            "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
            "sampling": _sampling_json(sampling),
            "schema": dict(schema) if schema is not None else None,
            "options": list(options),
            "model": model,
            "started": self._clock(),
        }

    def _end(self, event: Event, **outcome: Any) -> None:  # noqa: ANN401 - any JSON value
        seconds = self._clock() - event["started"]
        self._sink({**event, **outcome, "seconds": seconds})


class Replay:
    """Answers from recorded events: a call is known by its messages, sampling, schema and options."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._events: dict[str, deque[Event]] = defaultdict(deque)
        self._spec = ModelSpec("replay", Digest("b2:replay"), 0, 0)
        for event in events:
            if event.get("event") != EVENT:
                continue
            self._events[str(event["key"])].append(event)
            model = event["model"]
            self._spec = ModelSpec(
                str(model["name"]),
                Digest(model["digest"]),
                int(model["parameters"]),
                int(model["context_tokens"]),
                window_tokens=model.get("window_tokens"),
            )

    @property
    def spec(self) -> ModelSpec:
        """The model that was recorded."""
        return self._spec

    def count(self, text: str) -> int:
        """Give a rough number of tokens: a record holds no vocabulary."""
        return -(-len(text.encode("utf-8", "surrogatepass")) // 4)

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = DEFAULT,
        *,
        schema: Mapping[str, Any] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """Give the recorded answer. Raises ModelError where there is none, or where the call had failed."""
        event = self._next(prompt, _key("generate", prompt, sampling, schema, ()))
        answer = Generation(**event["answer"])
        if on_text is not None:
            on_text(answer.text)
        return answer

    def stream(self, prompt: Prompt, sampling: Sampling = DEFAULT) -> Iterator[str]:
        """Give the recorded answer in one piece."""
        yield Generation(**self._next(prompt, _key("stream", prompt, sampling, None, ()))["answer"]).text

    def choose(self, prompt: Prompt, options: Sequence[str]) -> Choice:
        """Give the recorded choice."""
        choice = self._next(prompt, _key("choose", prompt, None, None, options))["choice"]
        return Choice(int(choice["index"]), tuple(choice["scores"]))

    def close(self) -> None:
        """Do nothing: a record holds nothing."""

    def _next(self, prompt: Prompt, key: str) -> Event:
        queue = self._events.get(key)
        if not queue:
            raise ModelError(f'the record has no answer to task "{prompt.task}", target "{prompt.target}"')
        event = queue.popleft() if len(queue) > 1 else queue[0]
        if "error" in event:
            raise ModelError(str(event["error"]))
        return event


def replay(events: Iterable[Event]) -> ChatModel:
    """Give a model that answers as recorded; the last answer to a repeated call is given again and again."""
    return Replay(events)


def _sampling_json(sampling: Sampling | None) -> Event | None:
    return None if sampling is None else {**asdict(sampling), "stop": list(sampling.stop)}


def _key(
    kind: str,
    prompt: Prompt,
    sampling: Sampling | None,
    schema: Mapping[str, Any] | None,
    options: Sequence[str],
) -> Digest:
    messages = [[message.role, message.content] for message in prompt.messages]
    return digest_json([kind, prompt.task, prompt.target, messages, _sampling_json(sampling), schema, list(options)])
