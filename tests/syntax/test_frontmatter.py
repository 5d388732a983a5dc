"""Frontmatter: values, spans, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fakes import note, source, written
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.core.link import LinkKind
from vaultc.syntax.frontmatter import MAX_CHARACTERS, read_frontmatter
from vaultc.syntax.properties import plain_value

if TYPE_CHECKING:
    from vaultc.core.note import PropertyValue


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("true", True), ("False", False), ("yes", "yes"), ("no", "no"),
        ("on", "on"), ("12", 12), ("-7", -7), ("0", 0), ("007", "007"), ("0o17", 15), ("0x1F", 31), ("1.10", 1.1),
        ("1e3", 1000.0), (".5", 0.5), ("1_000", "1_000"), ("12:30", "12:30"), ("2024-02-30", "2024-02-30"),
        (".inf", ".inf"), (".nan", ".nan"), ("9" * 5000, "9" * 5000), ("1e999", "1e999"), ("+", "+"), ("-", "-"),
        (".", "."), ("1.", 1.0), ("é", "é"),
    ],
)  # fmt: skip
def test_plain_values_follow_the_core_schema(text: str, value: PropertyValue) -> None:
    got = plain_value(text)

    assert got == value
    assert type(got) is type(value)


@given(st.text(alphabet="0123456789+-.eEox_:", max_size=20))
def test_any_plain_value_goes_to_json(text: str) -> None:
    json.dumps(plain_value(text), allow_nan=False)


def test_keys_and_values_have_their_spans() -> None:
    text = '---\nключ: «ё» 😀\nlist:\n  - one\n  - "two"   # why\nblock: |\n  a\n  b\n\nlast:\n---\nbody\n'

    properties = note(text).properties

    assert [written(text, prop.span) for prop in properties] == [
        "ключ: «ё» 😀",
        'list:\n  - one\n  - "two"',
        "block: |\n  a\n  b",
        "last:",
    ]
    assert [prop.value for prop in properties] == ["«ё» 😀", ["one", "two"], "a\nb\n", None]


def test_nested_values_are_kept() -> None:
    parsed = note("---\nm: {a: 1, b: [x, {c: no}]}\ne: []\nf: {}\n---\n")

    assert parsed.value_of("m") == {"a": 1, "b": ["x", {"c": "no"}]}
    assert parsed.value_of("e") == []
    assert parsed.value_of("f") == {}


def test_links_stand_in_quoted_strings_of_any_depth() -> None:
    text = '---\nup: "[[A b#H|c]]"\nmany:\n  - "[[B]]"\n  - text [[C]]\nbare: [[D]]\n---\n'

    links = note(text).links

    assert [(link.target, written(text, link.span)) for link in links] == [
        ("A b", "[[A b#H|c]]"),
        ("B", "[[B]]"),
        ("C", "[[C]]"),
    ]
    assert {link.kind for link in links} == {LinkKind.PROPERTY}


def test_aliases_are_a_list_or_one_name() -> None:
    assert note("---\naliases: [AI, 42, '']\n---\n").aliases == ("AI", "42")
    assert note("---\naliases: one, two\n---\n").aliases == ("one, two",)
    assert note("---\nalias: old\n---\n").aliases == ()


def test_tags_of_odd_types_break_nothing() -> None:
    assert [tag.name for tag in note("---\ntags: [null, 2024, {a: b}, ok]\n---\n").tags] == ["ok"]
    assert [tag.name for tag in note("---\ntags: one, two three\n---\n").tags] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("block", "words", "shown"),
    [
        ("a: b: c", "mapping values", "a: b: c"),
        ("who: @ivan", "cannot start", "who: @ivan"),
        ("a:\n\tb: 1", "cannot start", "\tb: 1"),
        ("{{x}}: 1", "plain text", "{{x}}: 1"),
        ("a: &x 1", "anchors", "&x 1"),
        ("a: *x", "anchors", "*x"),
        ("a: !!python/object:x 1", "tags of YAML", "!!python/object:x 1"),
        ("<<: {a: 1}", "merge keys", "<<"),
        ("a: \0", "does not allow", "\0"),
        ("а: \x01", "does not allow", "\x01"),
        ("a: \ud800", "half of a character", "\ud800"),
        ("x: " + "[" * 5000, "nest too deep", "x: " + "[" * 5000),
        ("a: " + "b" * MAX_CHARACTERS, "longer than", "a: " + "b" * MAX_CHARACTERS + "\n"),
    ],
    ids=range(13),
)
def test_a_fault_is_reported_at_its_place_and_the_words_stay(block: str, words: str, shown: str) -> None:
    text = f"---\n{block}\n---\nbody [[x]]\n"

    found = read_frontmatter(source(text))
    parsed = note(text)

    assert [diagnostic.rule.code for diagnostic in found.diagnostics] == ["V112"]
    assert words in found.diagnostics[0].message
    assert written(text, found.diagnostics[0].span) == shown
    assert parsed.properties == ()
    assert parsed.frontmatter is None
    assert written(text, parsed.blocks[0].span) == block.rstrip()
    assert [link.target for link in parsed.links] == ["x"]


def test_the_first_of_two_equal_keys_counts() -> None:
    text = "---\na: 1\na: 2\n---\n"

    found = read_frontmatter(source(text))

    assert [prop.value for prop in found.properties] == [1]
    assert [written(text, diagnostic.span) for diagnostic in found.diagnostics] == ["a: 2"]
    assert written(text, found.diagnostics[0].related[0][0]) == "a: 1"


@pytest.mark.parametrize("text", ["\n---\na: 1\n---\n", " ---\na: 1\n---\n", "----\na: 1\n---\n", "---\na: 1\n", "---"])
def test_what_is_not_at_the_top_or_not_closed_is_no_frontmatter(text: str) -> None:
    found = read_frontmatter(source(text))

    assert found.span is None
    assert found.diagnostics == ()


def test_frontmatter_with_crlf_is_frontmatter() -> None:
    parsed = note("---\r\ntitle: A\r\n---\r\nText\r\n")

    assert {item.key: item.value for item in parsed.properties} == {"title": "A"}
    assert parsed.length - parsed.body.start == len("Text\r\n")


@pytest.mark.parametrize("block", ["", "\n", "# only a comment\n"])
def test_an_empty_block_is_frontmatter_without_properties(block: str) -> None:
    text = f"---\n{block}---\nbody\n"

    parsed = note(text)

    assert parsed.properties == ()
    assert parsed.frontmatter is not None
    assert written(text, parsed.body) == "body\n"


def test_a_scalar_or_a_list_is_text_of_the_note() -> None:
    text = "---\nSee [[b]]\n---\nrest\n"

    parsed = note(text)

    assert parsed.frontmatter is None
    assert [written(text, block.span) for block in parsed.blocks] == ["See [[b]]", "rest"]
    assert [link.target for link in parsed.links] == ["b"]


def test_an_alias_bomb_costs_nothing() -> None:
    bomb = "a: &a [x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)},*{chr(97 + i)}]\n" for i in range(20)
    )

    found = read_frontmatter(source(f"---\n{bomb}---\n"))

    assert [diagnostic.rule.code for diagnostic in found.diagnostics] == ["V112"]


keys = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=8)
scalars = st.one_of(
    st.sampled_from(
        ["x", "«ё»", "😀 ok", "12", "12:30", "[a, b]", "{a: 1}", '"q: \\" [[L]]"', "'it''s'", "", "yes # c"]
    )
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(keys, scalars), min_size=1, max_size=6, unique_by=lambda pair: pair[0]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_every_property_starts_at_its_key(pairs: list[tuple[str, str]], end: str) -> None:
    text = f"---{end}" + "".join(f"{key}: {value}{end}" for key, value in pairs) + f"---{end}"

    found = read_frontmatter(source(text))

    assert [prop.key for prop in found.properties] == [key for key, _ in pairs]
    for prop, (key, value) in zip(found.properties, pairs, strict=True):
        bare = value.removesuffix(" # c")
        assert written(text, prop.span) == (f"{key}: {bare}" if bare else f"{key}:")
