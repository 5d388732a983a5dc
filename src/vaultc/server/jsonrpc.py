"""JSON-RPC as MCP has it: which of what comes in are messages, and the answers to what is none.

The library for MCP passes over much that JSON-RPC wants answered, so that a client waits for ever.

Sources: JSON-RPC 2.0 (4, 5.1, 6); MCP 2025-03-26 (a server must take batches), MCP 2025-06-18 (there are none).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vaultc.server.body import BadBodyError, read_value

if TYPE_CHECKING:
    from collections.abc import Mapping

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INVALID_PARAMS = -32602
BATCHES = "2025-03-26"
"""The one version of MCP that has batches; also the one that HTTP without a version means."""
MAX_BATCH = 64
MAX_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came in at once: `messages` to hand on, `errors` to answer with. Of a batch all answers go out together."""

    messages: tuple[Mapping[str, Any], ...] = ()
    errors: tuple[Mapping[str, Any], ...] = ()
    is_batch: bool = False


class _BadMessageError(ValueError):
    """It is no message; `code` says why to a program."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code


def read_incoming(data: bytes, *, version: str) -> Incoming:
    """Sort what came in, spoken in a version of MCP; "" before one is agreed on."""
    if len(data) > MAX_BYTES:
        return Incoming(errors=(error(None, INVALID_REQUEST, f"a message has at most {MAX_BYTES:,} bytes"),))
    try:
        value = read_value(data)
    except BadBodyError as bad:
        return Incoming(errors=(error(None, PARSE_ERROR, f"Parse error: {bad}"),))
    if not isinstance(value, list):
        return _one(value)
    if version != BATCHES:
        said = f"there are no batches in this version of the protocol, only in {BATCHES}"
    elif not 0 < len(value) <= MAX_BATCH:
        said = f"a batch has 1 to {MAX_BATCH} messages"
    else:
        return _batch(value)
    return Incoming(errors=(error(None, INVALID_REQUEST, said),))


def error(message_id: str | int | None, code: int, said: str) -> dict[str, Any]:
    """Give an error as an answer; without an id where none could be read."""
    return {"jsonrpc": "2.0", "id": message_id, "error": {"code": code, "message": said}}


def _one(value: Any) -> Incoming:  # noqa: ANN401 - any JSON value
    try:
        _check(value)
    except _BadMessageError as bad:
        if bad.code == INVALID_PARAMS and "id" not in value:
            return Incoming()  # a notification is never answered
        return Incoming(errors=(error(_id(value), bad.code, str(bad)),))
    return Incoming((value,))


def _batch(values: list[Any]) -> Incoming:
    messages: list[Mapping[str, Any]] = []
    errors: list[Mapping[str, Any]] = []
    seen: set[str | int] = set()
    for value in values:
        found = _one(value)
        for message in found.messages:
            message_id = message.get("id")
            if message.get("method") == "initialize" or message_id in seen:
                said = "`initialize` stands alone" if message_id not in seen else "the id stands twice in the batch"
                errors.append(error(message_id, INVALID_REQUEST, said))
                continue
            if message_id is not None and "method" in message:
                seen.add(message_id)
            messages.append(message)
        errors += found.errors
    return Incoming(tuple(messages), tuple(errors), is_batch=True)


def _check(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Raise _BadMessageError where a value is no request, notification or response."""
    if not isinstance(value, dict) or value.get("jsonrpc") != "2.0":
        raise _BadMessageError(INVALID_REQUEST, 'a message is an object with "jsonrpc": "2.0"')
    if "id" in value and _id(value) is None and not ("error" in value and value["id"] is None):
        raise _BadMessageError(INVALID_REQUEST, "an id is a text or a whole number")
    if "method" not in value and "id" in value and ("result" in value or "error" in value):
        return
    if not isinstance(value.get("method"), str):
        raise _BadMessageError(INVALID_REQUEST, "a request names its method")
    if not isinstance(value.get("params"), dict | None):
        raise _BadMessageError(INVALID_PARAMS, "the params are an object")


def _id(value: Any) -> str | int | None:  # noqa: ANN401 - any JSON value
    """Give the id of a message where it has one that may be."""
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None
