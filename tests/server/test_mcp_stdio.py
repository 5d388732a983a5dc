"""The two streams between an assistant and the library, without either of them."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

from vaultc.server.mcp_stdio import StdioWire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PING: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
STARTED: dict[str, Any] = {"jsonrpc": "2.0", "id": 0, "result": {"protocolVersion": "2025-03-26"}}


def spoken(lines: list[Any], serve: Callable[[StdioWire], Awaitable[None]]) -> list[Any]:
    """Give what is written while `serve` plays the library, to which version 2025-03-26 was agreed on."""
    start = {"jsonrpc": "2.0", "id": 0, "method": "initialize"}
    sink = io.BytesIO()

    async def main() -> None:
        wire = StdioWire(io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in [start, *lines])), sink)
        assert json.loads(await anext(wire)) == start
        await wire.write(json.dumps(STARTED))
        await serve(wire)

    asyncio.run(main())
    return [json.loads(line) for line in sink.getvalue().splitlines()[1:]]


def answer(message_id: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": message_id, "result": {}}) + "\n"


async def all_of(wire: StdioWire) -> list[Any]:
    return [json.loads(line) async for line in wire]


def test_the_answers_to_a_batch_wait_for_each_other_and_what_lies_between_does_not() -> None:
    async def serve(wire: StdioWire) -> None:
        assert [message["id"] for message in await all_of(wire)] == [1, "1", 2, 3]
        await wire.write(answer("1"))
        await wire.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "roots/list"}))
        await wire.write(answer(3))
        await wire.write(answer(1))
        await wire.write(answer(2))

    batch = [PING, PING | {"id": "1"}, PING | {"id": 2}]

    said = spoken([batch, PING | {"id": 3}], serve)

    assert [one["id"] if isinstance(one, dict) else [item["id"] for item in one] for one in said] == [
        1,
        3,
        ["1", 1, 2],
    ]


def test_a_request_of_a_batch_that_is_taken_back_is_not_waited_for() -> None:
    async def serve(wire: StdioWire) -> None:
        assert len([await anext(wire) for _ in range(2)]) == 2
        await wire.write(answer(2))
        await all_of(wire)

    taken_back = [
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": one}} for one in ([1], 1)
    ]

    said = spoken([[PING, PING | {"id": 2}], *taken_back], serve)

    assert [[item["id"] for item in one] for one in said] == [[2]]


def test_a_line_past_the_limit_is_thrown_away_up_to_its_end() -> None:
    async def serve(wire: StdioWire) -> None:
        assert await all_of(wire) == [PING]

    said = spoken([PING | {"params": {"a": "x" * (20 << 20)}}, PING], serve)

    assert [one["error"]["code"] for one in said] == [-32600]
