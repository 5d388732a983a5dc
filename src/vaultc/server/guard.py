"""Access control: Host, Origin, limits and token, checked before any route is looked at.

A page in a browser reaches every port of this machine. It cannot choose its Host (DNS rebinding only chooses whose
address a name has), cannot hide its Origin, and cannot send JSON without a preflight that nobody answers here; and it
does not know the token.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

_NAMES = (b"localhost", b"127.0.0.1", b"[::1]")
_OPEN_PATH = b"/health"
_NAMED_PATH = b"/v1/models/"
"""What follows is the name of a model, which may need escapes; it is looked up and leads nowhere."""
_MAX_TARGET = 1024
_LEFT = 499
"""Shown for a request whose client left."""
_FROM_OUTSIDE = frozenset({b"cross-site", b"same-site"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost: bytes of its body, seconds to send it, seconds to take a piece of the answer."""

    body_bytes: int = 8 << 20
    body_s: float = 30.0
    send_s: float = 60.0
    header_bytes: int = 16 << 10
    header_s: float = 10.0
    idle_s: int = 30
    connections: int = 256


@dataclass(frozen=True, slots=True)
class AskedRequest:
    """A request that was answered, as the person sees it: no content, no token, no query."""

    method: str
    path: str
    status: int
    seconds: float
    about: str = ""
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give the request in the form of docs/json.md."""
        return {
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "about": self.about,
            "error": self.error,
        }


class RefusedRequest(Exception):  # noqa: N818 - an answer, not a failure
    """A request that is refused: status, what is said, a code for programs, headers, and which key is meant."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str,
        headers: tuple[tuple[bytes, bytes], ...] = (),
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.headers, self.param = status, message, code, headers, param

    @property
    def body(self) -> bytes:
        """The answer, in OpenAI's shape."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        kind = "rate_limit_error" if self.status == 429 else kind
        error = {"message": self.message, "type": kind, "param": self.param, "code": self.code}
        return json.dumps({"error": error}, ensure_ascii=False).encode("utf-8", "backslashreplace")


class ClientGone(Exception):  # noqa: N818 - no error: who asked has left
    """The client left before its answer was whole."""


@dataclass(slots=True)
class Guard:
    """An ASGI application around another one, which sees only requests that pass.

    `port` is None on a unix socket, where any port may be named. `origins` are pages that may ask all the same.
    `routes` are the paths that a log may show.
    """

    app: App
    token: str
    port: int | None
    origins: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    routes: frozenset[str] = frozenset()
    on_asked: Callable[[AskedRequest], None] = lambda _: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request and hand it on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        started = time.monotonic()
        answer = _Answer(send, self._cors(scope), self.limits.send_s)
        error = ""
        try:
            body = await self._checked(scope, receive, answer)
            if body is not None:
                await self.app(scope, _Replay(body, receive), answer)
        except RefusedRequest as refused:
            await answer.refuse(refused)
        except ClientGone:
            answer.status = _LEFT
        except TimeoutError:
            answer.status = _LEFT
            raise  # the connection is closed
        except Exception as failure:  # noqa: BLE001 - the last resort of one request; the server goes on
            last = traceback.extract_tb(failure.__traceback__)[-1]
            error = f"a bug of vaultc: {type(failure).__name__} in {last.name}, line {last.lineno} of {last.filename}"
            await answer.refuse(RefusedRequest(500, "vaultc failed; the terminal says where", "internal_error"))
        finally:
            path = scope.get("path", "")
            shown = path if path in self.routes else "(unknown path)"
            about = str(scope.get("vaultc.about", ""))
            seconds = time.monotonic() - started
            self.on_asked(AskedRequest(str(scope.get("method", "")), shown, answer.status, seconds, about, error))

    async def _checked(self, scope: Scope, receive: Receive, answer: _Answer) -> bytes | None:
        """Give the body of a request that passes; None for one that is answered already. Raises RefusedRequest."""
        headers = _Headers(scope)
        _check_target(scope)
        self._check_host(headers)
        self._check_origin(headers)
        if scope["method"] == "OPTIONS" and headers.one(b"origin") is not None:
            await answer.preflight(headers)
            return None
        if headers.one(b"upgrade") is not None and b"websocket" in (headers.one(b"upgrade") or b"").lower():
            raise RefusedRequest(400, "there is no WebSocket here", "no_websocket")
        if scope["raw_path"] != _OPEN_PATH or headers.one(b"authorization") is not None:
            self._check_token(headers)
            scope["vaultc.is_trusted"] = True
        if scope["method"] in {"GET", "HEAD", "DELETE", "OPTIONS"}:
            return await self._body(receive, headers, most=0)
        _check_content_type(headers)
        return await self._body(receive, headers, most=self.limits.body_bytes)

    def _check_host(self, headers: _Headers) -> None:
        host = (headers.one(b"host") or b"").lower()
        name, colon, port = host.rpartition(b":") if not host.endswith(b"]") else (host, b"", b"")
        if not colon:
            name = host
        if name not in _NAMES or (self.port is not None and port != str(self.port).encode()):
            raise RefusedRequest(403, "this Host is not served here: use 127.0.0.1 or localhost, and the port", "host")
        if self.port is None and colon and not port.isdigit():
            raise RefusedRequest(403, "this Host is not served here", "host")

    def _check_origin(self, headers: _Headers) -> None:
        origin = headers.one(b"origin")
        if origin is not None:
            if origin.decode("latin-1") not in self.origins:
                raise RefusedRequest(403, "pages of this origin may not ask here: see --allow-origin", "origin")
        elif headers.one(b"sec-fetch-site") in _FROM_OUTSIDE:
            raise RefusedRequest(403, "pages of other sites may not ask here", "origin")

    def _check_token(self, headers: _Headers) -> None:
        kind, _, given = (headers.one(b"authorization") or b"").partition(b" ")
        if kind.lower() != b"bearer" or not hmac.compare_digest(given.strip(), self.token.encode("ascii")):
            challenge = ((b"www-authenticate", b'Bearer realm="vaultc"'),)
            raise RefusedRequest(
                401, "give the token that `vaultc serve` names the file of as a bearer token", "token", challenge
            )

    def _cors(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        """Give the headers that let a page which may ask read the answer; none for any other."""
        varies = [(b"vary", b"origin")] if self.origins else []
        origin = dict(scope.get("headers", ())).get(b"origin", b"")
        if origin.decode("latin-1") not in self.origins:
            return varies
        read = (b"access-control-expose-headers", b"retry-after, www-authenticate")
        return [(b"access-control-allow-origin", origin), read, *varies]

    async def _body(self, receive: Receive, headers: _Headers, *, most: int) -> bytes:
        length = headers.one(b"content-length")
        if length is not None and int(length) > most:
            raise _too_large(most)
        body = bytearray()
        try:
            async with asyncio.timeout(self.limits.body_s):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        raise RefusedRequest(400, "the request was broken off", "broken_off")
                    body += message.get("body", b"")
                    if len(body) > most:
                        raise _too_large(most)
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise RefusedRequest(408, f"the body did not come within {self.limits.body_s:g} s", "too_slow") from None


def _too_large(most: int) -> RefusedRequest:
    said = f"the body is larger than {most:,} bytes" if most else "this method takes no body"
    return RefusedRequest(413, said, "too_large")


def _check_target(scope: Scope) -> None:
    target = scope["raw_path"]
    if not target.startswith(b"/") or len(target) > _MAX_TARGET:
        raise RefusedRequest(400, "the target must be a plain path", "target")
    escapes = () if target.startswith(_NAMED_PATH) else (b"%",)
    if any(part in target for part in (b"//", b"/.", b"\\", *escapes)):
        raise RefusedRequest(400, "paths here have no escapes, empty parts or dots", "target")


def _check_content_type(headers: _Headers) -> None:
    kind, _, rest = (headers.one(b"content-type") or b"").lower().partition(b";")
    if kind.strip() != b"application/json" or rest.strip().replace(b'"', b"") not in {b"", b"charset=utf-8"}:
        raise RefusedRequest(415, "the Content-Type must be application/json", "content_type")
    if headers.one(b"content-encoding") not in {None, b"identity"}:
        raise RefusedRequest(415, "bodies are taken uncompressed", "content_encoding")


class _Headers:
    """The headers of a request, of which those that decide stand at most once."""

    def __init__(self, scope: Scope) -> None:
        self._pairs: list[tuple[bytes, bytes]] = scope["headers"]

    def one(self, name: bytes) -> bytes | None:
        """Give the value of a header, None where it is not there. Raises RefusedRequest where it stands twice."""
        found = [value for key, value in self._pairs if key.lower() == name]
        if len(found) > 1:
            raise RefusedRequest(400, f"the header {name.decode()} stands twice", "header_twice")
        return found[0] if found else None


class _Replay:
    """Gives the application the body that was read, then whatever the connection says: that it is gone."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return message


class _Answer:
    """Sends an answer with the headers that every answer has; a client that takes nothing is given up."""

    def __init__(self, send: Send, cors: list[tuple[bytes, bytes]], send_s: float) -> None:
        self.status = 0
        self._send = send
        self._send_s = send_s
        self._more = [*cors, (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            names = {name for name, _ in self._more}
            kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in names]
            message = {**message, "headers": [*kept, *self._more]}
        async with asyncio.timeout(self._send_s):
            await self._send(message)

    async def preflight(self, headers: _Headers) -> None:
        """Answer the browser's question for a page that may ask.

        The page may send what headers it likes: each client has some of its own, and none of them opens anything here.
        """
        allowed = [(b"access-control-allow-methods", b"GET, HEAD, POST, DELETE")]
        if asked := headers.one(b"access-control-request-headers"):
            allowed.append((b"access-control-allow-headers", asked))
        if headers.one(b"access-control-request-private-network") == b"true":
            allowed.append((b"access-control-allow-private-network", b"true"))
        await self({"type": "http.response.start", "status": 204, "headers": allowed})
        await self({"type": "http.response.body", "body": b""})

    async def refuse(self, refused: RefusedRequest) -> None:
        """Answer with a refusal, and end the connection: what follows on it was not read."""
        if self.status:
            return
        body = refused.body
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            *refused.headers,
        ]
        await self({"type": "http.response.start", "status": refused.status, "headers": headers})
        await self({"type": "http.response.body", "body": body})
