"""MCP over HTTP: what is no message is answered as JSON-RPC wants it, and a batch is taken apart.

A client that leaves takes its call along, to which the library would work out the answer.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vaultc.server.guard import ClientGone
from vaultc.server.jsonrpc import BATCHES, read_incoming
from vaultc.server.replies import dumps

if TYPE_CHECKING:
    from vaultc.server.guard import App, Message, Receive, Scope, Send
    from vaultc.server.jsonrpc import Incoming

_VERSION = b"mcp-protocol-version"


@dataclass(frozen=True, slots=True)
class HttpGate:
    """An ASGI application around that of the library, behind the guard."""

    app: App

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on messages one by one, and answer what is none. Raises ClientGone."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        version = next((value.decode("latin-1") for name, value in scope["headers"] if name == _VERSION), BATCHES)
        incoming = read_incoming((await receive())["body"], version=version)
        left = asyncio.create_task(_left(receive))
        work = asyncio.create_task(self._handle(scope, incoming, left, send))
        try:
            await asyncio.wait({left, work}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ClientGone
            await work
        finally:
            left.cancel()
            work.cancel()
            await asyncio.wait({left, work})

    async def _handle(self, scope: Scope, incoming: Incoming, left: asyncio.Task[Message], send: Send) -> None:
        if incoming.is_batch:
            answers = list(incoming.errors)
            for message in incoming.messages:
                kept = _Kept()
                await self.app(scope, _given(dumps(message), left), kept)
                answers += [json.loads(kept.body)] if "id" in message and kept.body else []
            await _answer(send, 200 if answers else 202, b"[" + b",".join(map(dumps, answers)) + b"]")
        elif incoming.errors:
            await _answer(send, 400, dumps(incoming.errors[0]))
        elif incoming.messages:
            await self.app(scope, _given(dumps(incoming.messages[0]), left), send)
        else:
            await _answer(send, 202, b"")


@dataclass(slots=True)
class _Kept:
    """Keeps an answer instead of sending it."""

    body: bytes = field(default=b"")

    async def __call__(self, message: Message) -> None:
        self.body += message.get("body", b"")


def _given(body: bytes, left: asyncio.Task[Message]) -> Receive:
    """Give a message as the body of a request, then that the client has left, once it has."""
    waiting: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def given() -> Message:
        return waiting.pop() if waiting else await asyncio.shield(left)

    return given


async def _left(receive: Receive) -> Message:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return message


async def _answer(send: Send, status: int, body: bytes) -> None:
    body = body if status != 202 else b""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
