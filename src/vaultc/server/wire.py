"""OpenAI's requests, read: what is asked for as our own values, what cannot be had refused or named as ignored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from vaultc.model.protocols import Message, Sampling
from vaultc.model.structured import grammar_schema
from vaultc.server.guard import RefusedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_ANSWER_TOKENS = 8192
UNLIMITED = -1
"""What llama-server, LM Studio and their clients send for an answer as long as it becomes."""
_MAX_STOPS = 16
_MAX_MESSAGES = 4096
MAX_INPUTS = 2048
_BETWEEN = re.compile(r"\n[ \t]*\n")
_ORDER = re.compile(
    r"(?:reply|answer|respond|отвечай|ответь) (?:only )?(?:in|на) \w+(?: языке| language)?\.?", re.IGNORECASE
)
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_NO_THINKING = ("none", "minimal")
# Only tune how an answer is drawn, or are about OpenAI's own service: an answer without them is still an answer.
_IGNORED = frozenset(
    {"frequency_penalty", "presence_penalty", "parallel_tool_calls", "service_tier", "store", "metadata", "verbosity",
     "prompt_cache_key", "safety_identifier", "best_of", "logit_bias", "prediction", "tools", "functions",
     "tool_choice", "function_call", "top_logprobs"}
)  # fmt: skip
_KNOWN = frozenset(
    {"model", "messages", "prompt", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature",
     "top_p", "top_k", "min_p", "seed", "stop", "response_format", "user", "n", "reasoning_effort"}
)  # fmt: skip
_DRAWN = frozenset({"temperature", "top_p", "top_k", "min_p", "seed", "reasoning_effort"})
_REFUSED = {
    "audio": "there is no sound here",
    "modalities": "answers are text",
    "logprobs": "probabilities of tokens are not given",
    "suffix": "text is only continued, not filled in",
    "echo": "the prompt is not repeated",
    "web_search_options": "nothing here connects anywhere",
}


@dataclass(frozen=True, slots=True)
class Generate:
    """A request for text. `ignored` are keys that were read and have no effect, for the answer to say so.

    `max_tokens` is None where nothing was said of it, UNLIMITED where there is to be no limit. `drawn` are keys that
    only a model by itself obeys.
    """

    model: str
    messages: tuple[Message, ...]
    sampling: Sampling
    max_tokens: int | None
    schema: Mapping[str, Any] | None
    stream: bool
    include_usage: bool
    ignored: tuple[str, ...]
    drawn: tuple[str, ...]

    @property
    def question(self) -> str:
        """What the user asked last: of several paragraphs those that are questions, else all that are no order.

        Programs put paragraphs of their own behind what a person writes ("Reply in English.").
        """
        said = [message.content for message in self.messages if message.role == "user"]
        if not said:
            raise _wrong("messages", "there is no message of the user")
        parts = [part.strip() for part in _BETWEEN.split(said[-1]) if part.strip()]
        asked = [part for part in parts if part.endswith("?")]
        return "\n\n".join(asked or [part for part in parts if not _ORDER.fullmatch(part)] or parts)


@dataclass(frozen=True, slots=True)
class Embed:
    """A request for vectors."""

    model: str
    texts: tuple[str, ...]
    is_base64: bool
    is_query: bool
    dimensions: int | None


def _wrong(param: str, message: str) -> RefusedRequest:
    return RefusedRequest(400, f"`{param}`: {message}", "invalid_value", param=param)


class _Keys:
    """The keys of a request, each read with its type."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def text(self, key: str) -> str:
        value = self.data.get(key)
        if not isinstance(value, str) or not value:
            raise _wrong(key, "a text is wanted")
        return value

    def flag(self, key: str) -> bool:
        value = self.data.get(key)
        if value is not None and not isinstance(value, bool):
            raise _wrong(key, "true or false is wanted")
        return bool(value)

    def whole(self, key: str, least: int, most: int) -> int | None:
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _wrong(key, f"a whole number from {least} to {most} is wanted")
        return value

    def limit(self, key: str) -> int | None:
        value = self.data.get(key)
        if value is None or (value == UNLIMITED and type(value) is int):
            return value
        if type(value) is not int or value < 1:
            raise _wrong(key, f"a whole number from 1 is wanted, or {UNLIMITED} for no limit")
        return value

    def number(self, key: str, least: float, most: float) -> float | None:
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise _wrong(key, f"a number from {least:g} to {most:g} is wanted")
        return float(value)


def read_chat(data: Mapping[str, Any], defaults: Sampling) -> Generate:
    """Read a request of /v1/chat/completions. Raises RefusedRequest."""
    messages = data.get("messages")
    if not isinstance(messages, list) or not 0 < len(messages) <= _MAX_MESSAGES:
        raise _wrong("messages", "a list of messages is wanted")
    read = tuple(_message(item, f"messages[{at}]") for at, item in enumerate(messages))
    if data.get("tool_choice") not in (None, "none", "auto") or data.get("function_call") not in (None, "none", "auto"):
        raise _wrong("tool_choice", "no model here calls tools, so none can be demanded")
    return _generate(data, read, defaults, _schema(data.get("response_format")))


def read_completion(data: Mapping[str, Any], defaults: Sampling) -> Generate:
    """Read a request of /v1/completions: the prompt becomes one message of the user. Raises RefusedRequest."""
    prompt = data.get("prompt")
    if isinstance(prompt, list) and len(prompt) == 1:
        prompt = prompt[0]
    if not isinstance(prompt, str) or not prompt:
        raise _wrong("prompt", "one text is wanted; numbers of tokens and several prompts are not taken")
    return _generate(data, (Message("user", prompt),), defaults, None)


def read_embed(data: Mapping[str, Any]) -> Embed:
    """Read a request of /v1/embeddings. Raises RefusedRequest."""
    keys = _Keys(data)
    given = data.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 0 < len(texts) <= MAX_INPUTS or not all(isinstance(x, str) for x in texts):
        raise _wrong(
            "input", f"a text, or a list of 1 to {MAX_INPUTS} texts, is wanted; numbers of tokens are not taken"
        )
    form = data.get("encoding_format", "float")
    if form not in ("float", "base64"):
        raise _wrong("encoding_format", '"float" or "base64" is wanted')
    kind = data.get("input_type", "document")
    if kind not in ("document", "query"):
        raise _wrong("input_type", '"document" or "query" is wanted')
    dimensions = keys.whole("dimensions", 1, 1 << 20)
    return Embed(keys.text("model"), tuple(texts), form == "base64", kind == "query", dimensions)


def _generate(
    data: Mapping[str, Any], messages: tuple[Message, ...], defaults: Sampling, schema: Mapping[str, Any] | None
) -> Generate:
    keys = _Keys(data)
    for name, reason in _REFUSED.items():
        if data.get(name) not in (None, False, "", [], ["text"]):
            raise _wrong(name, reason)
    if keys.whole("n", 1, 128) not in (None, 1):
        raise _wrong("n", "one answer is given to a request")
    ignored = tuple(sorted(name for name in data if name not in _KNOWN and _has_effect(name, data[name])))
    most, older = keys.limit("max_completion_tokens"), keys.limit("max_tokens")
    options = data.get("stream_options") or {}
    if not isinstance(options, dict):
        raise _wrong("stream_options", "an object is wanted")
    return Generate(
        keys.text("model"),
        messages,
        _sampling(keys, defaults),
        older if most is None else most,
        schema,
        keys.flag("stream"),
        bool(options.get("include_usage")),
        ignored,
        tuple(sorted(name for name in _DRAWN if data.get(name) is not None)),
    )


def _has_effect(name: str, value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Tell whether a key would change something where it is known; unknown ones may."""
    return value not in (None, 0, False, "none", [], {}) if name in _IGNORED else value is not None


def _sampling(keys: _Keys, defaults: Sampling) -> Sampling:
    temperature = keys.number("temperature", 0, 2)
    top_p, min_p = keys.number("top_p", 0, 1), keys.number("min_p", 0, 1)
    top_k = keys.whole("top_k", 0, 10**6)
    seed = keys.whole("seed", -(1 << 63), (1 << 63) - 1)
    stop = keys.data.get("stop")
    stops = [stop] if isinstance(stop, str) else stop or []
    if not isinstance(stops, list) or len(stops) > _MAX_STOPS or not all(isinstance(x, str) and x for x in stops):
        raise _wrong("stop", f"a text, or up to {_MAX_STOPS} of them, is wanted")
    return Sampling(
        temperature=defaults.temperature if temperature is None else temperature,
        top_p=defaults.top_p if top_p is None else top_p,
        top_k=defaults.top_k if top_k is None else top_k,
        min_p=defaults.min_p if min_p is None else min_p,
        repeat_penalty=defaults.repeat_penalty,
        seed=defaults.seed if seed is None else seed % (1 << 32),
        stop=tuple(stops),
        thinking=defaults.thinking and keys.data.get("reasoning_effort") not in _NO_THINKING,
    )


def _message(item: Any, where: str) -> Message:  # noqa: ANN401 - any JSON value
    if not isinstance(item, dict):
        raise _wrong(where, "an object is wanted")
    role = item.get("role")
    if role in ("tool", "function") or item.get("tool_calls"):
        raise _wrong(where, "no model here calls tools, so there can be no call and no result of one")
    if not isinstance(role, str) or role not in _ROLES:
        raise _wrong(f"{where}.role", f"one of {', '.join(_ROLES)} is wanted")
    content = item.get("content")
    if isinstance(content, list):
        content = "".join(_part(part, f"{where}.content") for part in cast("Sequence[Any]", content))
    if not isinstance(content, str):
        raise _wrong(f"{where}.content", "a text is wanted")
    return Message(cast('Literal["system", "user", "assistant"]', _ROLES[role]), content)


def _part(part: Any, where: str) -> str:  # noqa: ANN401 - any JSON value
    if not isinstance(part, dict) or part.get("type") not in ("text", "input_text", "output_text"):
        raise _wrong(where, "only parts of text are taken: the models here see no pictures, sounds or files")
    text = part.get("text")
    if not isinstance(text, str):
        raise _wrong(where, "a part without a text")
    return text


def _schema(given: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - any JSON value
    """Give the schema that `response_format` asks for, of which a grammar can be made."""
    if given is None:
        return None
    kind = given.get("type") if isinstance(given, dict) else None
    if kind == "text":
        return None
    if kind == "json_object":
        return {"type": "object"}
    inner = given.get("json_schema") if kind == "json_schema" else None
    schema = inner.get("schema") if isinstance(inner, dict) else None
    if not isinstance(schema, dict):
        raise _wrong("response_format", '{"type": "json_schema", "json_schema": {"name", "schema"}} is wanted')
    _check_references(schema)
    try:
        grammar_schema(schema)
    except (AttributeError, TypeError, RecursionError):
        raise _wrong("response_format", "this is no JSON Schema") from None
    return schema


def _check_references(schema: Any) -> None:  # noqa: ANN401 - any JSON value
    """Refuse references to anything outside the schema: nothing is fetched for anyone."""
    waiting = [schema]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            target = item.get("$ref")
            if isinstance(target, str) and not target.startswith("#"):
                raise _wrong("response_format", f"`$ref` may only point into the schema itself, not at {target[:80]!r}")
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
