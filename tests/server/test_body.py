"""JSON that is taken, and JSON that is a trap."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.server.body import MAX_CONTAINERS, MAX_DEPTH, MAX_VALUES, BadBodyError, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**60), 10**60) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=40)
@given(st.dictionaries(st.text(st.characters(codec="utf-8")), VALUES), st.booleans())
def test_what_is_written_is_read(value: dict[str, object], is_ascii: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=is_ascii).encode()) == value


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = read_json(data)
    except BadBodyError:
        return

    assert isinstance(found, dict)


TRAPS = {
    "deep": b'{"a":' + b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1) + b"}",
    "very deep": b'{"a":' + b"[" * 1_000_000,
    "deep objects": b'{"a":' * 100_000,
    "many lists": b'{"a":[' + b"[]," * MAX_CONTAINERS + b"[]]}",
    "many numbers": b'{"a":[' + b"1," * MAX_VALUES + b"1]}",
    "many texts": b'{"a":[' + b'"",' * MAX_VALUES + b"1]}",
    "a long number": b'{"a":' + b"9" * 100_000 + b"}",
    "a long fraction": b'{"a":0.' + b"1" * 100_000 + b"}",
    "a number past the end": b'{"a":1e999}',
    "a negative one": b'{"a":-1e999}',
    "not a number": b'{"a":NaN}',
    "infinity": b'{"a":-Infinity}',
    "a key twice": b'{"model":"a","model":"b"}',
    "a key twice inside": b'{"a":{"b":1,"\\u0062":2}}',
    "half a character": b'{"a":"\\ud800"}',
    "half a character as key": b'{"\\udfff":1}',
    "no UTF-8": b'{"a":"\xff"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a mark of order": b'\xef\xbb\xbf{"a":1}',
    "a list": b"[]",
    "a text": b'"a"',
    "nothing": b"",
    "two values": b"{}{}",
    "a comment": b"{/**/}",
    "a comma too many": b'{"a":1,}',
    "a raw line end": b'{"a":"\n"}',
    "an open text": b'{"a":"\\',
}


@pytest.mark.parametrize("data", TRAPS.values(), ids=TRAPS.keys())
def test_a_trap_is_refused_at_once(data: bytes) -> None:
    started = time.monotonic()

    with pytest.raises(BadBodyError):
        read_json(data)

    assert time.monotonic() - started < 1


def test_brackets_in_texts_do_not_nest() -> None:
    code = "[" * 1000 + '"\\' + "{" * 1000

    assert read_json(json.dumps({"a": [code]}).encode()) == {"a": [code]}


def test_a_long_text_is_read_quickly() -> None:
    started = time.monotonic()

    read_json(json.dumps({"a": '\\"[{' * 500_000}).encode())

    assert time.monotonic() - started < 2
