"""HTTP itself: the only importer of uvicorn, with limits that it does not have.

uvicorn waits for ever for the headers of a request, answers what it cannot read in plain text, and leaves a connection
open whose client takes nothing. All of that is settled here.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from vaultc.server.guard import Limits, RefusedRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from vaultc.server.guard import App
    from vaultc.server.place import ListenPlace

_STUCK_S = 5.0
_MALFORMED = RefusedRequest(400, "this is no HTTP request that can be read", "malformed")
_TOO_SLOW = RefusedRequest(408, "the headers did not come in time", "too_slow")
_TOO_MANY = RefusedRequest(503, "there are too many connections", "too_many_connections")


class HttpServer:
    """Serves an ASGI application at a place until it is told to stop. `on_stop` is called then, in the event loop."""

    def __init__(
        self, app: App, place: ListenPlace, limits: Limits | None = None, on_stop: Callable[[], None] = lambda: None
    ) -> None:
        limits = limits or Limits()
        protocol = type("Protocol", (_Protocol,), {"limits": limits})
        config = uvicorn.Config(
            cast("Any", app),
            http=protocol,
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=limits.idle_s,
            timeout_graceful_shutdown=0,
            h11_max_incomplete_event_size=limits.header_bytes,
        )
        self._server = _Server(config, on_stop)
        self._place = place

    @property
    def is_started(self) -> bool:
        """Whether it answers."""
        return self._server.started

    def run(self, on_start: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop`, Ctrl-C or SIGTERM; `on_start` is called when requests are answered."""
        self._server.on_start = on_start
        asyncio.run(self._server.serve(sockets=[self._place.listener]))

    def stop(self) -> None:
        """End it; may be called from any thread."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self.on_start: Callable[[], None] = lambda: None
        self._on_stop = on_stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End; that is what a server is told to, and no interruption that would be raised again afterwards."""
        del sig, frame
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: Any = None) -> None:  # noqa: ANN401 - uvicorn's own type
        """Begin, and say so."""
        await super().startup(sockets)
        self.on_start()

    async def on_tick(self, counter: int) -> bool:
        """Also give up connections that were closed and whose clients do not take the rest."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, _Protocol):
                connection.give_up_if_stuck()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: Any = None) -> None:  # noqa: ANN401 - uvicorn's own type
        """End, those who wait told first."""
        self._on_stop()
        await asyncio.sleep(0)
        await super().shutdown(sockets)


class _Protocol(H11Protocol):
    """One connection, with a time for headers and errors in OpenAI's shape."""

    limits = Limits()
    _deadline: asyncio.TimerHandle | None = None
    _closing_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._refuse(_TOO_MANY)
            return
        self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._have_headers()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._wait_for_headers()
        super().data_received(data)
        if self._is_answering():
            self._have_headers()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._is_answering():  # a pipelined request was there already
            self._have_headers()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read; where an answer is under way already, the connection just ends."""
        del msg
        self._refuse(_MALFORMED)

    def give_up_if_stuck(self) -> None:
        """End a connection for good that has been closing for a while."""
        if not self.transport.is_closing():
            return
        now = time.monotonic()
        self._closing_since = self._closing_since or now
        if now - self._closing_since > _STUCK_S:
            self.transport.abort()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait_for_headers(self) -> None:
        if self._deadline is None and not self._is_answering():
            self._deadline = self.loop.call_later(self.limits.header_s, self._refuse, _TOO_SLOW)

    def _have_headers(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, refused: RefusedRequest) -> None:
        """Answer past h11, which may be in any state, and close."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = refused.body
            head = (
                f"HTTP/1.1 {refused.status} RefusedRequest\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
        self.transport.close()
