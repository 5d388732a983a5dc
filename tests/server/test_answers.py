"""An answer is held against the whole schema, not only against what a grammar can hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.server.answers import misfit

AGE = {
    "type": "object",
    "properties": {"age": {"type": "integer", "minimum": 0, "maximum": 10}, "format": {"type": "string"}},
    "required": ["age"],
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"age": 3}', ""),
        ('{"age": 3, "format": "x"}', ""),
        ('{"age": -88888}', "age: -88888 is less than the minimum of 0"),
        ('{"age": 3, "format": 7}', "format: 7 is not of type 'string'"),
        ("{}", "'age' is a required property"),
        ("{", "it is no JSON"),
    ],
)
def test_an_answer_must_fit(text: str, said: str) -> None:
    assert said in misfit(text, AGE)
    assert bool(misfit(text, AGE)) == bool(said)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "(a+)+$"},
        {"patternProperties": {"(a+)+$": {"type": "integer"}}},
        {"$ref": "#/$defs/none"},
        {"type": 7},
        {"$schema": "http://example.org/none", "$id": "http://example.org/"},
    ],
)
def test_what_cannot_be_checked_holds_nobody_up(schema: dict[str, Any]) -> None:
    assert misfit('"' + "a" * 40 + 'b"', schema) == ""


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(text=st.text(max_size=30), schema=st.dictionaries(st.sampled_from(["type", "items", "enum", "x"]), _JSON))
def test_any_schema_and_any_text_give_an_answer(text: str, schema: dict[str, Any]) -> None:
    assert isinstance(misfit(text, schema), str)
