"""OpenAI's answers, written: whole documents, and the pieces of a stream."""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

DONE = b"data: [DONE]\n\n"
PING = b": waiting\n\n"


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost, in tokens."""

    prompt: int = 0
    answer: int = 0

    def as_json(self) -> dict[str, int]:
        """Give it in OpenAI's shape."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.answer,
            "total_tokens": self.prompt + self.answer,
        }


@dataclass(frozen=True, slots=True)
class Ended:
    """How an answer ended. `extra` is our own field, where there is something to say."""

    text: str
    finish: str
    usage: Usage
    thinking: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReplyWriter:
    """Writes one answer of a chat (`is_chat`) or of a completion."""

    model: str
    is_chat: bool
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, ended: Ended) -> bytes:
        """Give the answer as one document."""
        choice: dict[str, Any] = {"index": 0, "finish_reason": ended.finish, "logprobs": None}
        if self.is_chat:
            choice["message"] = {"role": "assistant", "content": ended.text, "refusal": None}
            if ended.thinking:
                choice["message"]["reasoning_content"] = ended.thinking
        else:
            choice["text"] = ended.text
        kind = "chat.completion" if self.is_chat else "text_completion"
        return dumps(self._head(kind) | {"choices": [choice], "usage": ended.usage.as_json()} | _extra(ended))

    def start(self) -> bytes:
        """Give the first piece of a stream."""
        return self._piece({"role": "assistant", "content": ""}, None) if self.is_chat else b""

    def piece(self, text: str) -> bytes:
        """Give a piece of text."""
        return self._piece({"content": text}, None)

    def end(self, ended: Ended, *, include_usage: bool) -> bytes:
        """Give the last pieces of a stream."""
        last = self._piece({}, ended.finish, _extra(ended))
        if include_usage:
            document = self._head(self._kind) | {"choices": [], "usage": ended.usage.as_json()}
            last += b"data: " + dumps(document) + b"\n\n"
        return last + DONE

    @property
    def _kind(self) -> str:
        return "chat.completion.chunk" if self.is_chat else "text_completion"

    def _head(self, kind: str) -> dict[str, Any]:
        name = "chatcmpl" if self.is_chat else "cmpl"
        return {"id": f"{name}-{self.id}", "object": kind, "created": self.created, "model": self.model}

    def _piece(self, delta: Mapping[str, Any], finish: str | None, extra: Mapping[str, Any] | None = None) -> bytes:
        choice: dict[str, Any] = {"index": 0, "finish_reason": finish, "logprobs": None}
        choice |= {"delta": dict(delta)} if self.is_chat else {"text": delta.get("content", "")}
        return b"data: " + dumps(self._head(self._kind) | {"choices": [choice]} | dict(extra or {})) + b"\n\n"


def dumps(document: Mapping[str, Any]) -> bytes:
    """Give a document as UTF-8; half characters of odd file names are escaped."""
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")


def models(listed: Mapping[str, Mapping[str, Any]], created: int) -> bytes:
    """Give the list of models."""
    return dumps({"object": "list", "data": [model_document(name, about, created) for name, about in listed.items()]})


def model_document(name: str, about: Mapping[str, Any], created: int) -> dict[str, Any]:
    """Give a model, with our own field."""
    return {"id": name, "object": "model", "created": created, "owned_by": "vaultc", "vaultc": dict(about)}


def embeddings(model: str, rows: NDArray[np.float32], tokens: int, *, is_base64: bool) -> bytes:
    """Give vectors."""
    data = [
        {
            "object": "embedding",
            "index": at,
            "embedding": base64.b64encode(row.astype("<f4").tobytes()).decode("ascii") if is_base64 else row.tolist(),
        }
        for at, row in enumerate(rows)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return dumps({"object": "list", "data": data, "model": model, "usage": usage})


def _extra(ended: Ended) -> dict[str, Any]:
    return {"vaultc": dict(ended.extra)} if ended.extra else {}
