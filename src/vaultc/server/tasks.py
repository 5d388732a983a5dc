"""From a request to a lane and back: the answer whole or as a stream, errors as answers, a client that leaves."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from vaultc.core.errors import ModelError, UsageError, VaultcError
from vaultc.server.guard import ClientGone, RefusedRequest
from vaultc.server.lane import Full, Gone, Job, Lane, Stopping
from vaultc.server.replies import PING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from vaultc.server.guard import Receive, Send

QUIET_S = 5.0
"""So long a stream may be silent before it says that it is alive."""


async def finished(lane: Lane, client: str, work: Callable[[Job], Any], receive: Receive) -> Any:  # noqa: ANN401
    """Give what `work` gives, once its turn has come. Raises RefusedRequest or ClientGone."""
    job = _submitted(lane, client, work)
    done = asyncio.ensure_future(job.result())
    async with _watching(lane, job, receive, done) as gone:
        await asyncio.wait({gone, done}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            raise ClientGone
        with _refusing():
            return done.result()


async def streamed(
    lane: Lane,
    client: str,
    work: Callable[[Job], Any],
    receive: Receive,
    send: Send,
    written: Callable[[Any], bytes],
    first: bytes,
) -> None:
    """Send what `work` puts, `written`, as server-sent events. Raises RefusedRequest before the first, or ClientGone.

    An error behind the first piece is told as the last event.
    """
    job = _submitted(lane, client, work)
    stream = _Stream(send, first)
    items = job.items()
    following = asyncio.ensure_future(anext(items))
    try:
        async with _watching(lane, job, receive, following) as gone:
            while True:
                await asyncio.wait({gone, following}, timeout=QUIET_S, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    raise ClientGone
                if not following.done():
                    await stream.put(PING)
                    continue
                try:
                    with _refusing():
                        item = following.result()
                except StopAsyncIteration:
                    break
                await stream.put(written(item))
                following = asyncio.ensure_future(anext(items))
    except RefusedRequest as refused:
        if not stream.is_open:
            raise
        await stream.put(b"data: " + refused.body + b"\n\n")
    finally:
        following.cancel()
    await stream.close()


class _Stream:
    """Server-sent events, opened by the first of them."""

    def __init__(self, send: Send, first: bytes) -> None:
        self._send = send
        self._first = first
        self.is_open = False

    async def put(self, data: bytes) -> None:
        if not self.is_open:
            self.is_open = True
            headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
            data = self._first + data
        if data:
            await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def close(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})


def _submitted(lane: Lane, client: str, work: Callable[[Job], Any]) -> Job:
    try:
        return lane.submit(client, work)
    except Full as full:
        again = ((b"retry-after", str(full.retry_after).encode()),)
        if full.is_client:
            raise RefusedRequest(429, "this program has too many requests waiting", "too_many_waiting", again) from None
        raise RefusedRequest(503, "too many requests wait", "queue_full", again) from None
    except Stopping:
        raise RefusedRequest(503, "the server is ending", "stopping") from None


@contextlib.asynccontextmanager
async def _watching(
    lane: Lane, job: Job, receive: Receive, main: asyncio.Future[Any]
) -> AsyncIterator[asyncio.Task[Any]]:
    """Give a task that ends when the client leaves; whatever ends the block, the job goes with it."""
    gone: asyncio.Task[Any] = asyncio.create_task(_left(receive))
    try:
        yield gone
    finally:
        gone.cancel()
        main.cancel()
        lane.leave(job)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@contextlib.contextmanager
def _refusing() -> Any:  # noqa: ANN401 - a context manager
    """Turn what work raises into an answer."""
    try:
        yield
    except (Gone, asyncio.CancelledError):
        raise ClientGone from None
    except Stopping:
        raise RefusedRequest(503, "the server was ended before the answer was whole", "stopping") from None
    except UsageError as error:
        raise RefusedRequest(400, _said(error), "usage") from error
    except ModelError as error:
        raise RefusedRequest(500, _said(error), "model_error") from error
    except VaultcError as error:
        raise RefusedRequest(500, _said(error), "vault_error") from error


def _said(error: VaultcError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else str(error.message)
