"""Request queue: one worker, fair and bounded; a model answers one request at a time, and no program starves another.

Programs take turns: of each one the request that waits longest, round and round. A request that nobody waits for
any more is dropped, or stopped where it is already at work.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from types import TracebackType

    from vaultc.core.event import Progress

_MAX_RETRY_S = 120
_FIRST_GUESS_S = 5.0
_SMOOTHING = 0.3
_END_S = 0.3


class Gone(Exception):  # noqa: N818 - no error: whoever asked has left
    """Nobody waits for this any more."""


class Stopping(Exception):  # noqa: N818 - no error of ours: the person ends the server
    """The server ends before the answer was whole."""


class Full(Exception):  # noqa: N818 - a state, told to the client with a time to come back
    """The queue takes no more: from this client (`is_client`), or from anyone."""

    def __init__(self, retry_after: int, *, is_client: bool) -> None:
        super().__init__("the queue is full")
        self.retry_after = retry_after
        self.is_client = is_client


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """How many requests may wait: in all, and of one client."""

    waiting: int = 128
    per_client: int = 64


class Job:
    """One request in a lane. `events` is read in the event loop; all else may be called from any thread."""

    def __init__(self, client: str, work: Callable[[Job], Any], loop: asyncio.AbstractEventLoop) -> None:
        self.client = client
        self._work = work
        self._loop = loop
        self._events: asyncio.Queue[tuple[Literal["item", "done", "failed"], Any]] = asyncio.Queue()
        self._left = threading.Event()
        self._stopping = threading.Event()

    def check(self) -> None:
        """Raise Gone where nobody waits any more, Stopping where the server ends."""
        if self._stopping.is_set():
            raise Stopping
        if self._left.is_set():
            raise Gone

    def put(self, item: object) -> None:
        """Hand over a piece of the answer. Raises as `check`."""
        self.check()
        self._tell("item", item)

    def leave(self) -> None:
        """Say that nobody waits any more."""
        self._left.set()

    def stop(self) -> None:
        """Say that the server ends."""
        self._stopping.set()
        self._tell("failed", Stopping())

    def run(self) -> None:
        """Do the work and tell how it ended."""
        try:
            self.check()
            result = self._work(self)
        except BaseException as error:  # noqa: BLE001 - told to whoever waits, whatever it is
            self._tell("failed", error)
        else:
            self._tell("done", result)

    async def items(self) -> AsyncIterator[Any]:
        """Give the pieces as they come, the result last. Raises what the work raised."""
        while True:
            kind, value = await self._events.get()
            if kind == "failed":
                raise value
            yield value
            if kind == "done":
                return

    async def result(self) -> Any:  # noqa: ANN401 - whatever the work gives
        """Give the result alone. Raises what the work raised."""
        last = None
        async for item in self.items():
            last = item
        return last

    def _tell(self, kind: Literal["item", "done", "failed"], value: object) -> None:
        try:
            self._loop.call_soon_threadsafe(self._events.put_nowait, (kind, value))
        except RuntimeError:
            self._left.set()  # the loop is closed: nobody can be waiting


class Lane:
    """A worker thread with its queue."""

    def __init__(self, name: str, limits: LaneLimits | None = None) -> None:
        self._limits = limits or LaneLimits()
        self._waiting: OrderedDict[str, deque[Job]] = OrderedDict()
        self._running: Job | None = None
        self._is_closed = False
        self._seconds = _FIRST_GUESS_S
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._serve, name=f"vaultc-{name}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        with self._changed:
            return self._count()

    @property
    def is_busy(self) -> bool:
        """Whether a request is at work."""
        return self._running is not None

    def check(self) -> None:
        """Raise Gone or Stopping where the request at work need not go on; for progress of what runs in the lane."""
        job = self._running
        if job is not None and threading.current_thread() is self._thread:
            job.check()

    def submit(self, client: str, work: Callable[[Job], Any]) -> Job:
        """Queue `work` for `client`; call it in the event loop. Raises Full or Stopping."""
        job = Job(client, work, asyncio.get_running_loop())
        with self._changed:
            if self._is_closed:
                raise Stopping
            if len(self._waiting.get(client, ())) >= self._limits.per_client:
                raise Full(self._retry_after(), is_client=True)
            if self._count() >= self._limits.waiting:
                raise Full(self._retry_after(), is_client=False)
            self._waiting.setdefault(client, deque()).append(job)
            self._changed.notify()
        return job

    def leave(self, job: Job) -> None:
        """Drop `job`: its place in the queue is free at once, and its work stops at the next piece."""
        job.leave()
        with self._changed:
            queue = self._waiting.get(job.client)
            if queue is not None and job in queue:
                queue.remove(job)
                if not queue:
                    del self._waiting[job.client]

    def close(self, wait_s: float) -> bool:
        """Stop everything; tell whether the worker came to its end within `wait_s`."""
        with self._changed:
            self._is_closed = True
            jobs = [job for queue in self._waiting.values() for job in queue]
            self._waiting.clear()
            if self._running is not None:
                jobs.append(self._running)
            for job in jobs:
                job.stop()
            self._changed.notify()
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _count(self) -> int:
        return sum(map(len, self._waiting.values()))

    def _retry_after(self) -> int:
        """Give the seconds after which half of those who wait should have had their turn."""
        return max(1, min(_MAX_RETRY_S, round(self._seconds * (self._count() + 1) / 2)))

    def _serve(self) -> None:
        while (job := self._next()) is not None:
            started = time.monotonic()
            job.run()
            with self._changed:
                self._running = None
                self._seconds += _SMOOTHING * (time.monotonic() - started - self._seconds)

    def _next(self) -> Job | None:
        with self._changed:
            while not self._waiting:
                if self._is_closed:
                    return None
                self._changed.wait()
            client, queue = next(iter(self._waiting.items()))
            job = queue.popleft()
            if queue:
                self._waiting.move_to_end(client)
            else:
                del self._waiting[client]
            self._running = job
            return job


class Lanes:
    """The worker for models and the one for what needs none; `report` is given to what is opened for them."""

    def __init__(self, limits: LaneLimits | None = None) -> None:
        self.model = Lane("model", limits)
        self.reading = Lane("reading", limits)

    def report(self, _: Progress) -> None:
        """Stop what is at work in this thread where nobody waits for it."""
        self.model.check()
        self.reading.check()

    def close(self) -> None:
        """Tell everybody who waits, and stop."""
        self.model.close(0)
        self.reading.close(0)

    def __enter__(self) -> Lanes:
        """Give the lanes."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop, and wait a moment for the work to come to its end."""
        self.model.close(_END_S)
        self.reading.close(_END_S)
