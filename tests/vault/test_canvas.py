"""Links in canvases."""

from __future__ import annotations

import json
import time

import pytest
from fakes import source, written
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.link import LinkKind
from vaultc.vault.canvas import canvas_links

CANVAS = {
    "nodes": [
        {"id": "1", "type": "file", "file": "Ideas/Часы.md", "subpath": "#Экран", "x": 0},
        {"id": "2", "type": "text", "text": 'See [[Tide clock|"the" clock]]\nand [[b#H]]', "x": 1},
        {"id": "5", "type": "text", "text": "😀\n| [[c\\|d]] |\n[[broken\n]]"},
        {"id": "3", "type": "group", "label": "[[no]]"},
        {"id": "4", "type": "link", "url": "https://example.org/[[no]]"},
    ],
    "edges": [{"id": "e", "type": "file", "file": "no.md", "label": "[[no]]"}],
}


@pytest.mark.parametrize("ascii_only", [True, False])
def test_cards_link_to_files_and_their_words_to_notes(ascii_only: bool) -> None:
    text = json.dumps(CANVAS, ensure_ascii=ascii_only, indent="\t")

    links = canvas_links(source(text, "board.canvas"))

    assert [(link.target, link.headings, link.alias) for link in links] == [
        ("/Ideas/Часы.md", ("Экран",), None),
        ("Tide clock", (), '"the" clock'),
        ("b", ("H",), None),
        ("c", (), "d"),
    ]
    assert {link.kind for link in links} == {LinkKind.CANVAS}
    assert json.loads(f'"{written(text, links[0].span)}"') == "Ideas/Часы.md"
    assert [json.loads(f'"{written(text, link.span)}"') for link in links[1:]] == [
        '[[Tide clock|"the" clock]]',
        "[[b#H]]",
        "[[c\\|d]]",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"nodes": 1}',
        '{"nodes": [1, "x", null]}',
        "[" * 100_000,
        '{"nodes": [{"type": 1, "file": 2}]}',
    ],
)
def test_what_is_no_canvas_has_no_links(text: str) -> None:
    assert canvas_links(source(text, "a.canvas")) == ()


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(["file", "text", "[[x]]", "a.md", '"[[y]]"'])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["nodes", "type", "file", "text", "subpath"]), inner, max_size=4),
    ),
)


@given(values)
def test_any_json_is_read(value: object) -> None:
    text = json.dumps(value)

    for link in canvas_links(source(text, "a.canvas")):
        assert 0 < link.span.start < link.span.end < len(text)


def test_hostile_strings_take_linear_time() -> None:
    started = time.process_time()

    canvas_links(source('{"nodes": [{"type": "text", "text": "' + '\\"[[' * 50_000 + '"}]}', "a.canvas"))

    assert time.process_time() - started < 3
