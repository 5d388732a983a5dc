from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.strict_json import NotJsonError, OrNull, Row, fits, parse_json, parse_object

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(value=VALUES)
def test_what_was_written_is_read(value: Any) -> None:
    assert parse_json(json.dumps(value)) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 100_000, "nests too deep"),
        ('{"a":' * 100_000, "nests too deep"),
        ("[" * 100_000 + "]" * 100_000, "nests too deep"),
        ("9" * 5000, "limit"),
        ("NaN", "NaN is no JSON"),
        ("[-Infinity]", "Infinity is no JSON"),
        ('{"a": 1, "b": 2, "a": 3}', "'a' stands twice"),
        ("", "Expecting value"),
        ("{} {}", "Extra data"),
        ("{'a': 1}", "property name"),
    ],
)
def test_what_is_no_json_is_one_kind_of_error(text: str, told: str) -> None:
    for data in (text, text.encode()):
        with pytest.raises(NotJsonError, match=told):
            parse_json(data)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_json_or_that_error(data: bytes) -> None:
    with contextlib.suppress(NotJsonError):
        parse_json(data)


@pytest.mark.parametrize("text", ["[]", '"a"', "1", "null", "true"])
def test_another_value_is_no_object(text: str) -> None:
    with pytest.raises(NotJsonError, match="no JSON object"):
        parse_object(text)


def test_a_mark_of_byte_order_is_passed_over() -> None:
    assert parse_object(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


SHAPE = {"name": str, "lines": Row(int, int), "of": OrNull({"at": [int]}), "more": {str: [str]}}
GOOD: dict[str, Any] = {"name": "a", "lines": [1, 2], "of": None, "more": {"x": ["y"]}, "unknown": 7}


def test_a_value_with_all_that_is_needed_fits() -> None:
    assert fits(GOOD, SHAPE)
    assert fits(GOOD | {"of": {"at": [0, 5]}, "more": {}}, SHAPE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": 1},
        {"lines": [1]},
        {"lines": [1, 2, 3]},
        {"lines": [1, True]},
        {"lines": [1, -2]},
        {"lines": {"0": 1}},
        {"of": {}},
        {"of": {"at": ["1"]}},
        {"of": [1]},
        {"more": []},
        {"more": {"x": "y"}},
        {"more": {"x": [None]}},
    ],
)
def test_a_value_of_another_kind_anywhere_does_not_fit(wrong: dict[str, Any]) -> None:
    assert not fits(GOOD | wrong, SHAPE)


@pytest.mark.parametrize("key", sorted(SHAPE))
def test_a_value_without_a_key_that_is_needed_does_not_fit(key: str) -> None:
    assert not fits({name: value for name, value in GOOD.items() if name != key}, SHAPE)
