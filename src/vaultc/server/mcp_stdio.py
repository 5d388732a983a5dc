"""Standard input and output for MCP: bounded lines in, whole lines out, every request answered."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from vaultc.server.jsonrpc import MAX_BYTES, read_incoming
from vaultc.server.replies import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vaultc.server.jsonrpc import Incoming

_T = TypeVar("_T")


class StdioWire:
    """Stands between the two streams and the library, as the text file that it reads and the one that it writes.

    It hands on one message a line, whatever came. What is no message is answered here, and what belongs to a batch is
    held back until all of it is there.
    """

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source = source
        self._sink = sink
        self._handed: deque[str] = deque()
        self._batches: list[_Batch] = []
        self._version = ""
        self._initialize: object = None
        self._writing = asyncio.Lock()
        self._reading: asyncio.Future[bytes] | None = None
        self._is_open = True

    def __aiter__(self) -> StdioWire:
        """Give the lines to come."""
        return self

    async def __anext__(self) -> str:
        """Give the next message, on one line."""
        while not self._handed:
            line = await self._line()
            if not line:
                raise StopAsyncIteration
            if not line.isspace():
                await self._take(read_incoming(line, version=self._version))
        return self._handed.popleft()

    async def write(self, text: str) -> int:
        """Write a message of the server, or keep it for its batch."""
        message = json.loads(text) if self._batches or not self._version else {}
        if message.get("id") is not None and "method" not in message:
            if message["id"] == self._initialize:
                self._version = message.get("result", {}).get("protocolVersion", "")
            batch = next((one for one in self._batches if message["id"] in one.waiting), None)
            if batch is not None:
                batch.answered(message)
                await self._end(batch)
                return len(text)
        await self._put(text.rstrip("\n").encode("utf-8"))
        return len(text)

    async def flush(self) -> None:
        """Do nothing: what is written is out."""

    async def _take(self, incoming: Incoming) -> None:
        for message in incoming.messages:
            await self._note(message)
            self._handed.append(dumps(message).decode("utf-8"))
        if incoming.is_batch:
            self._batches.append(_Batch(incoming))
            await self._end(self._batches[-1])
            return
        for error in incoming.errors:
            await self._put(dumps(error))

    async def _note(self, message: Mapping[str, Any]) -> None:
        if message.get("method") == "initialize":
            self._initialize = message.get("id")
        elif message.get("method") == "notifications/cancelled":
            for batch in list(self._batches):  # a request that was taken back is not answered
                batch.forget((message.get("params") or {}).get("requestId"))
                await self._end(batch)

    async def _end(self, batch: _Batch) -> None:
        """Write the answers to a batch when they are all there."""
        if not batch.waiting:
            self._batches.remove(batch)
            if batch.answers:
                await self._put(b"[" + b",".join(map(dumps, batch.answers)) + b"]")

    async def _line(self) -> bytes:
        """Give the next line; empty at the end of the input, and when nobody reads the output any more."""
        if not self._is_open:
            return b""
        self._reading = _aside(lambda: _read_line(self._source))
        return await self._reading

    async def _put(self, line: bytes) -> None:
        async with self._writing:
            try:
                await _aside(lambda: _write_line(self._sink, line))
            except OSError:
                self._is_open = False
                if self._reading is not None and not self._reading.done():
                    self._reading.set_result(b"")


class _Batch:
    """Answers to a batch: those that are there, and the ids of the requests that wait for theirs."""

    def __init__(self, incoming: Incoming) -> None:
        self.answers = list(incoming.errors)
        self.waiting = [item["id"] for item in incoming.messages if "method" in item and "id" in item]

    def forget(self, message_id: object) -> None:
        self.waiting = [one for one in self.waiting if one != message_id]

    def answered(self, message: Mapping[str, Any]) -> None:
        self.forget(message["id"])
        self.answers.append(message)


def _read_line(source: BinaryIO) -> bytes:
    """Give a line; of one that is too long as much as shows that it is, the rest thrown away."""
    try:
        line = source.readline(MAX_BYTES + 1)
        rest = line
        while len(rest) > MAX_BYTES and not rest.endswith(b"\n"):
            rest = source.readline(MAX_BYTES + 1)
    except (OSError, ValueError):
        return b""
    return line


def _write_line(sink: BinaryIO, line: bytes) -> None:
    sink.write(line + b"\n")
    sink.flush()


def _aside(work: Callable[[], _T]) -> asyncio.Future[_T]:
    """Run what blocks in a thread that the end of the program does not wait for."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[_T] = loop.create_future()

    def settle(finish: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(lambda: None if found.done() else finish())

    def run() -> None:
        try:
            result = work()
        except OSError as error:
            failed = error
            settle(lambda: found.set_exception(failed))
            return
        settle(lambda: found.set_result(result))

    threading.Thread(target=run, daemon=True).start()
    return found
