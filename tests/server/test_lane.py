"""The queue: one at a time, in turns, bounded, and nothing that nobody waits for."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.server.lane import Full, Gone, Job, Lane, LaneLimits, Stopping

if TYPE_CHECKING:
    from collections.abc import Callable


class Gate:
    """Holds the worker until it is opened."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()

    def __call__(self, _: Job) -> str:
        self.entered.set()
        assert self.opened.wait(5)
        return "gate"


def order_of(clients: list[str], limits: LaneLimits | None = None) -> list[str]:
    """Queue a request for each client while the worker is held; give the order in which they are served."""
    served: list[str] = []

    def work(client: str, number: int) -> Callable[[Job], None]:
        return lambda _: served.append(f"{client}{number}")

    async def main() -> None:
        lane, gate = Lane("test", limits), Gate()
        held = lane.submit("gate", gate)
        await asyncio.to_thread(gate.entered.wait)
        jobs = [lane.submit(client, work(client, number)) for number, client in enumerate(clients)]
        gate.opened.set()
        await held.result()
        for job in jobs:
            await job.result()
        assert lane.close(1)

    asyncio.run(main())
    return served


def test_programs_take_turns_however_much_one_of_them_asks() -> None:
    order = order_of(["a", "a", "a", "a", "b", "c", "b"])

    assert order == ["a0", "b4", "c5", "a1", "b6", "a2", "a3"]


@given(st.lists(st.sampled_from("abc"), max_size=24))
def test_nothing_is_lost_each_keeps_its_order_and_none_is_passed_twice_in_a_row(clients: list[str]) -> None:
    order = order_of(clients)

    assert sorted(order) == sorted(f"{client}{at}" for at, client in enumerate(clients))
    for client in "abc":
        own = [int(item[1:]) for item in order if item[0] == client]
        assert own == sorted(own)
    for at, (one, other) in enumerate(itertools.pairwise(order)):
        if one[0] == other[0]:  # only where nobody else was left
            assert {item[0] for item in order[at + 1 :]} == {one[0]}


def test_one_program_may_not_fill_the_queue_nor_all_together_without_end() -> None:
    async def main() -> tuple[Full, Full]:
        lane, gate = Lane("test", LaneLimits(waiting=3, per_client=2)), Gate()
        lane.submit("gate", gate)
        await asyncio.to_thread(gate.entered.wait)
        for client in "aab":
            lane.submit(client, gate)
        with pytest.raises(Full) as of_one:
            lane.submit("a", gate)
        with pytest.raises(Full) as of_all:
            lane.submit("c", gate)
        gate.opened.set()
        lane.close(1)
        return of_one.value, of_all.value

    of_one, of_all = asyncio.run(main())

    assert of_one.is_client
    assert not of_all.is_client
    assert 1 <= of_all.retry_after <= 120


def test_a_waiting_request_that_is_left_frees_its_place_and_never_runs() -> None:
    ran: list[str] = []

    async def main() -> int:
        lane, gate = Lane("test"), Gate()
        held = lane.submit("gate", gate)
        await asyncio.to_thread(gate.entered.wait)
        job = lane.submit("a", lambda _: ran.append("a"))
        lane.leave(job)
        waiting = lane.waiting
        gate.opened.set()
        await held.result()
        lane.close(1)
        return waiting

    assert asyncio.run(main()) == 0
    assert ran == []


def test_work_stops_at_the_next_piece_when_nobody_waits() -> None:
    stopped = threading.Event()

    def endless(job: Job) -> None:
        try:
            while True:
                job.put("piece")
                time.sleep(0.001)
        finally:
            stopped.set()

    async def main() -> Any:
        lane = Lane("test")
        job = lane.submit("a", endless)
        items = job.items()
        first = await anext(items)
        lane.leave(job)
        ended = await asyncio.to_thread(stopped.wait, 2)
        with pytest.raises(Gone):
            await job.result()
        lane.close(1)
        return first, ended

    assert asyncio.run(main()) == ("piece", True)


def test_ending_tells_everybody_who_waits() -> None:
    async def main() -> None:
        lane, gate = Lane("test"), Gate()
        running = lane.submit("gate", gate)
        await asyncio.to_thread(gate.entered.wait)
        waiting = lane.submit("a", gate)
        lane.close(0)
        for job in (running, waiting):
            with pytest.raises(Stopping):
                await job.result()
        with pytest.raises(Stopping):
            lane.submit("b", gate)
        gate.opened.set()

    asyncio.run(main())


def test_what_work_raises_reaches_who_waits_and_the_worker_goes_on() -> None:
    def fails(_: Job) -> None:
        raise ValueError("no")

    async def main() -> Any:
        lane = Lane("test")
        with pytest.raises(ValueError, match="no"):
            await lane.submit("a", fails).result()
        found = await lane.submit("a", lambda _: 7).result()
        lane.close(1)
        return found

    assert asyncio.run(main()) == 7
