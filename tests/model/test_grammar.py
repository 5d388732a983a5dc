from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.errors import ModelError
from vaultc.model.process.grammar import check_grammar, with_root


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("root ::= " + "(" * 501 + '"a"' + ")" * 501, "too deep"),
        ('root ::= "a"{2001}', "repeats more"),
        ('root ::= "a"{0, 99999}', "repeats more"),
        ('root ::= "' + "a" * (1 << 20) + '"', "too large"),
    ],
)
def test_what_the_parser_might_not_survive_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        check_grammar(text)


@pytest.mark.parametrize(
    "text",
    [
        'root ::= ("a" | [()\\]("]){2000} # ((((',
        'root ::= "' + "(" * 600 + '"',
        "root ::= [" + "(" * 600 + "]",
        'root ::= "\\"' + "(" * 600 + '"',
        'root ::= "{9999}"',
        "root ::= " + '("a")' * 2000,
    ],
)
def test_brackets_in_texts_sets_and_comments_count_for_nothing(text: str) -> None:
    check_grammar(text)


@given(st.text(alphabet='()[]{}"\\#\n09, a', max_size=200))
def test_any_text_is_looked_at_to_its_end(text: str) -> None:
    try:
        check_grammar(text)
    except ModelError as error:
        assert "repeats" in error.message  # noqa: PT017 - which of two outcomes it is, is the point


def test_a_root_that_refers_is_put_in_place() -> None:
    tree = {"type": "object", "properties": {"kids": {"items": {"$ref": "#/$defs/t"}}}}
    defs = {"t": tree, "a": {"$ref": "#/$defs/t"}}

    for name in ("t", "a"):
        assert with_root({"$ref": f"#/$defs/{name}", "$defs": defs}) == {**tree, "$defs": defs}
    assert with_root(tree) == tree


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
        {"$ref": "#/$defs/b", "$defs": {"a": {}}},
        {"$ref": "#/$defs/a"},
        {"$ref": "https://example.org/x"},
        {"$ref": 5},
        {"$ref": "#/$defs/a", "$defs": {"a": 5}},
    ],
)
def test_a_root_that_refers_to_nothing_is_refused(schema: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="no grammar can be made of the schema"):
        with_root(schema)
