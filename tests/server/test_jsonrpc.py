"""What JSON-RPC and MCP say about messages that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.server.jsonrpc import BATCHES, INVALID_PARAMS, INVALID_REQUEST, MAX_BATCH, PARSE_ERROR, read_incoming

NEW = "2025-06-18"
PING: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
TOLD: dict[str, Any] = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def codes(data: bytes | list[Any] | dict[str, Any], version: str = NEW) -> list[tuple[Any, int]]:
    """Give the id and the code of each error."""
    found = read_incoming(data if isinstance(data, bytes) else json.dumps(data).encode(), version=version)
    return [(error["id"], error["error"]["code"]) for error in found.errors]


@pytest.mark.parametrize(
    "data",
    [b"no JSON", b"[" * 100_000, b'{"a":' * 100_000, b'{"jsonrpc":"2.0","id":"\xff","method":"ping"}',
     b'{"jsonrpc":"2.0","id":"\x00","method":"ping"}', b'{"jsonrpc":"2.0","id":NaN,"method":"ping"}',
     b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}', b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', b"\x00"],
)  # fmt: skip
def test_what_is_no_json_is_a_parse_error_without_an_id(data: bytes) -> None:
    assert codes(data) == [(None, PARSE_ERROR)]


@pytest.mark.parametrize(
    ("value", "message_id"),
    [
        ({"id": 5, "method": "ping"}, 5),
        (PING | {"jsonrpc": "1.0"}, 1),
        ({"jsonrpc": "2.0", "id": "five"}, "five"),
        (PING | {"method": 7}, 1),
        (PING | {"id": None}, None),
        (PING | {"id": 1.5}, None),
        (PING | {"id": True}, None),
        (PING | {"id": [1]}, None),
        ({"jsonrpc": "2.0", "method": 1, "params": "bar"}, None),
        ("ping", None),
        (7, None),
        (None, None),
    ],
)
def test_what_is_no_message_is_an_invalid_request_with_its_id_where_it_has_one(value: Any, message_id: Any) -> None:
    assert codes(json.dumps(value).encode()) == [(message_id, INVALID_REQUEST)]


def test_params_that_are_no_object_are_invalid_and_a_notification_is_never_answered() -> None:
    assert codes(PING | {"params": [1]}) == [(1, INVALID_PARAMS)]
    assert read_incoming(json.dumps(TOLD | {"params": [1]}).encode(), version=NEW).errors == ()


def test_a_message_that_is_too_long_is_refused_unread() -> None:
    assert codes(b"[" * ((8 << 20) + 1)) == [(None, INVALID_REQUEST)]


@pytest.mark.parametrize(
    "value",
    [PING, PING | {"params": {}}, PING | {"params": None}, PING | {"id": "\0"}, PING | {"id": 10**40}, TOLD,
     {"jsonrpc": "2.0", "id": 1, "result": {}}, {"jsonrpc": "2.0", "id": None, "error": {"code": 1, "message": ""}}],
)  # fmt: skip
def test_messages_are_handed_on_as_they_are(value: dict[str, Any]) -> None:
    found = read_incoming(json.dumps(value).encode(), version=NEW)

    assert (found.messages, found.errors, found.is_batch) == ((value,), (), False)


@pytest.mark.parametrize("version", ["", "2024-11-05", NEW, "2025-11-25", "2026-07-28"])
def test_a_batch_is_one_invalid_request_where_the_version_has_none(version: str) -> None:
    assert codes([PING, PING | {"id": 2}], version) == [(None, INVALID_REQUEST)]


def test_a_batch_is_taken_apart_where_the_version_has_them() -> None:
    values = [PING, TOLD, 1, PING | {"id": 2, "params": 3}, PING, PING | {"id": 4, "method": "initialize"}]

    found = read_incoming(json.dumps(values).encode(), version=BATCHES)

    assert found.is_batch
    assert found.messages == (PING, TOLD)
    assert codes(values, BATCHES) == [
        (None, INVALID_REQUEST),
        (2, INVALID_PARAMS),
        (1, INVALID_REQUEST),
        (4, INVALID_REQUEST),
    ]


@pytest.mark.parametrize("values", [[], [PING] * (MAX_BATCH + 1)])
def test_a_batch_of_none_or_of_too_many_is_one_error(values: list[Any]) -> None:
    assert codes(values, BATCHES) == [(None, INVALID_REQUEST)]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MESSAGES = st.fixed_dictionaries(
    {}, optional={"jsonrpc": st.just("2.0") | ANY, "id": ANY, "method": st.text() | ANY, "params": ANY, "result": ANY}
)


@given(st.binary() | (ANY | MESSAGES | st.lists(MESSAGES, max_size=3)).map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_each_request_is_handed_on_or_answered_once(data: bytes) -> None:
    for version in (NEW, BATCHES):
        found = read_incoming(data, version=version)

        assert found.is_batch or len(found.errors) + len(found.messages) <= 1
        for message in found.messages:
            assert message["jsonrpc"] == "2.0"
        for error in found.errors:
            assert error["id"] is None or type(error["id"]) in {str, int}
