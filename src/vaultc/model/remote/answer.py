"""Reads the streamed answer of a server: pieces of thinking and text, then how it ended and what it cost."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from vaultc.core.errors import ModelError
from vaultc.model.structured import MAX_ANSWER_CHARS
from vaultc.model.thinking import Piece, ThinkingSplitter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vaultc.model.remote.wire import Reply

_TOP_LINE_BYTES = 8 << 20
_TOP_CHARS = 4 * MAX_ANSWER_CHARS  # thinking and text
_DATA = b"data:"
_REASONING = ("reasoning_content", "reasoning")
"""llama-server and LM Studio say `reasoning_content`, Ollama and vLLM from 0.16 on `reasoning`."""


@dataclass
class Ending:
    """How an answer ended; numbers are 0 and `finish` is empty where the server did not say."""

    finish: str = ""
    prompt_tokens: int = 0
    tokens: int = 0
    logprobs: list[dict[str, Any]] = field(default_factory=list)


def read_answer(reply: Reply, ending: Ending) -> Iterator[Piece]:
    """Give the pieces of an answer; `ending` is filled in on the way.

    Raises ModelError where the stream breaks off, holds an error, or is none; WireError where the connection does.
    """
    splitter = ThinkingSplitter()
    chars = 0
    for event in _events(reply):
        for piece in _pieces(event, ending, splitter):
            chars += len(piece[1])
            if chars > _TOP_CHARS:
                raise ModelError(f"the answer is longer than {_TOP_CHARS} characters")
            yield piece
    if not ending.finish:
        raise ModelError("the answer broke off before its end", hint="the log of the server says why")
    yield from splitter.close()


def _events(reply: Reply) -> Iterator[dict[str, Any]]:
    """Give the JSON objects of an event stream, or the one of an answer that is not streamed."""
    if "event-stream" not in reply.header("content-type"):
        yield _object(reply.read())
        return
    for line in _lines(reply.pieces()):
        if not line.startswith(_DATA):
            continue  # comments that keep the line open, names of events
        data = line[len(_DATA) :].strip()
        if data == b"[DONE]":
            return
        if data:
            yield _object(data)


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut at line feeds alone: the line separators of Unicode may stand in an answer."""
    held = bytearray()
    for piece in pieces:
        held += piece
        *whole, rest = held.split(b"\n")
        held = bytearray(rest)
        yield from (bytes(line) for line in whole)
        if len(held) > _TOP_LINE_BYTES:
            raise ModelError(f"the server sent a line of more than {_TOP_LINE_BYTES} bytes")
    yield bytes(held)


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelError("the server sent something that is not JSON") from error
    if not isinstance(value, dict):
        raise ModelError("the server sent something that is no answer")
    if value.get("error"):
        said = value["error"]
        text = said.get("message", said) if isinstance(said, dict) else said
        raise ModelError(f"the server broke off: {' '.join(str(text).split())[:300]}")
    return value


def _pieces(event: dict[str, Any], ending: Ending, splitter: ThinkingSplitter) -> Iterator[Piece]:
    usage = event.get("usage")
    if isinstance(usage, dict):
        ending.prompt_tokens = _number(usage.get("prompt_tokens"))
        ending.tokens = _number(usage.get("completion_tokens"))
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        return  # the last event of some servers holds the usage alone
    delta = choice.get("delta") or choice.get("message") or {}
    for name in _REASONING:
        if isinstance(delta.get(name), str) and delta[name]:
            yield "thinking", delta[name]
            break
    if isinstance(delta.get("content"), str):
        yield from splitter.feed(delta["content"])
    logprobs = choice.get("logprobs")
    if isinstance(logprobs, dict) and isinstance(logprobs.get("content"), list):
        ending.logprobs += [cast("dict[str, Any]", entry) for entry in logprobs["content"] if isinstance(entry, dict)]
    if isinstance(choice.get("finish_reason"), str):
        ending.finish = choice["finish_reason"]


def _number(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
