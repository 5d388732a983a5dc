"""Canvases as notes: cards, links, edges, and their places in the JSON."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from fakes import source
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.chunk.pack import chunks_of
from vaultc.core.link import LinkKind
from vaultc.core.note import BlockKind, Note
from vaultc.core.source import Source, VaultPath
from vaultc.vault.canvas import canvas_source
from vaultc.vault.decode import decoded
from vaultc.vault.kinds import parse_file

PATH = VaultPath("board.canvas")
CANVAS = {
    "nodes": [
        {"id": "1", "type": "file", "file": "Ideas/Часы.md", "subpath": "#Экран", "x": 0},
        {"id": "2", "type": "text", "text": 'See [[Tide clock|"the" clock]]\nand [[b#H]]', "x": 1},
        {"id": "5", "type": "text", "text": "😀\n| [[c\\|d]] |\n[[broken\n]]", "x": 2},
        {"id": "3", "type": "group", "label": "[[no]] #no", "x": 5000, "width": 10, "height": 10},
        {"id": "4", "type": "link", "url": "https://example.org/[[no]]", "x": 4},
    ],
    "edges": [
        {"id": "e", "type": "file", "file": "no.md", "label": "[[no]] a::b", "fromNode": "2", "toNode": "1"},
        {"id": "f", "fromNode": "3", "toNode": "gone", "fromEnd": "arrow", "toEnd": "none"},
    ],
}


def canvas(value: Any, **layout: Any) -> tuple[Source, Note]:
    result = decoded(PATH, json.dumps(value, **layout).encode())
    assert result.source is not None
    assert result.diagnostics == ()
    note, diagnostics = parse_file(result.source)
    assert diagnostics == ()
    return result.source, note


def card(text: str, x: int = 0, y: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": text[:3], "type": "text", "text": text, "x": x, "y": y, "width": 10, "height": 10, **more}


@pytest.mark.parametrize("ascii_only", [True, False])
def test_cards_link_to_files_and_their_words_to_notes(ascii_only: bool) -> None:
    read, note = canvas(CANVAS, ensure_ascii=ascii_only, indent="\t")

    assert [(link.target, link.headings, link.alias) for link in note.links] == [
        ("/Ideas/Часы.md", ("Экран",), None),
        ("Tide clock", (), '"the" clock'),
        ("b", ("H",), None),
        ("c", (), "d"),
    ]
    assert {link.kind for link in note.links} == {LinkKind.CANVAS}
    places = [read.place(link.span) for link in note.links]
    assert json.loads(f'"{places[0].text}"') == "Ideas/Часы.md"
    assert [json.loads(f'"{place.text}"') for place in places[1:]] == [
        '[[Tide clock|"the" clock]]',
        "[[b#H]]",
        "[[c\\|d]]",
    ]
    assert all(place.text == read.file.text[place.start : place.end] for place in places)
    assert note.tags == ()
    assert note.fields == ()


@pytest.mark.parametrize("ascii_only", [True, False])
def test_edges_join_cards_by_name(ascii_only: bool) -> None:
    read, note = canvas(CANVAS, ensure_ascii=ascii_only)

    first, second = note.edges
    assert (first.source, first.arrow, first.target, first.label) == (
        'See "the" clock',
        "→",
        "Часы › Экран",
        "[[no]] a::b",
    )
    assert (second.source, second.arrow, second.target, second.label) == ("[[no]] #no", "←", "gone", "")
    assert read.slice(first.span) == 'See "the" clock → Часы › Экран: [[no]] a::b'
    assert read.place(first.source_span).text == "2"
    assert read.place(first.target_span).text == "1"
    assert first.label_span is not None
    assert read.place(first.label_span).text == "[[no]] a::b"
    assert second.label_span is None


def test_cards_come_in_reading_order_and_groups_last() -> None:
    group = {"id": "g", "type": "group", "label": "Pumps", "x": 0, "y": 100, "width": 300, "height": 300}
    inner = {"id": "h", "type": "group", "label": "Inner\none", "x": 100, "y": 110, "width": 100, "height": 100}
    nodes = [
        card("in inner", 120, 120),
        inner,
        card("in group", 0, 350),
        group,
        card("right", 50),
        card("left"),
        card("low", 0, 900),
    ]

    read, note = canvas({"nodes": nodes})

    assert read.text == "left\n\nright\n\nlow\n\n# Pumps\n\nin group\n\n## Inner one\n\nin inner"
    assert [section.headings for section in note.sections] == [(), ("Pumps",), ("Pumps", "Inner one")]
    assert read.place(note.headings[1].text_span).text == "Inner\\none"


def test_a_card_reaches_not_into_the_next() -> None:
    cards = [
        card("```py\nopen", 0),
        card("---\nwords\n---\n# Words [[x]] #tag", 1),
        card("> quote\n> - item", 2),
        card("more\n    code", 3),
    ]

    read, note = canvas({"nodes": cards})

    assert [(block.kind, read.slice(block.span)) for block in note.blocks] == [
        (BlockKind.FENCE, "```py\nopen"),
        (BlockKind.RULE, "---"),
        (BlockKind.HEADING, "words\n---"),
        (BlockKind.HEADING, "# Words [[x]] #tag"),
        (BlockKind.QUOTE, "> quote\n> - item"),
        (BlockKind.PARAGRAPH, "quote"),
        (BlockKind.LIST_ITEM, "- item"),
        (BlockKind.PARAGRAPH, "more\n    code"),
    ]
    assert note.properties == ()
    assert [tag.name for tag in note.tags] == ["tag"]
    assert read.place(note.tags[0].span).text == "#tag"


def test_no_chunk_reaches_from_one_card_into_another() -> None:
    cards = [
        card("One valve.", 0),
        card("Two pumps: they run\n\nat night.", 1),
        {"type": "file", "file": "a.md", "x": 2},
    ]
    edges = [{"fromNode": "One", "toNode": "Two"}, {"fromNode": "Two", "toNode": "One"}]

    read, note = canvas({"nodes": cards, "edges": edges})

    chunks = chunks_of(read, note)
    assert [chunk.text for chunk in chunks] == [
        "- One valve. → Two pumps: they run\n- Two pumps: they run → One valve.",
        "One valve.",
        "Two pumps: they run\n\nat night.",
        "![[a.md]]",
    ]
    assert read.place(chunks[2].span).text == "Two pumps: they run\\n\\nat night."


def test_the_properties_of_a_card_are_no_words() -> None:
    read, note = canvas({"nodes": [card("---\ncssclasses:\n  - gray\n---\n# Май\nслова", id="a")]}, ensure_ascii=True)

    assert read.text == "# Май\nслова"
    assert read.place(note.headings[0].text_span).text == "\\u041c\\u0430\\u0439"
    assert note.properties == ()


def test_mojibake_in_a_card_is_put_right_and_a_path_stays() -> None:
    spoilt = "Мне нравится".encode().decode("mac_roman")
    value = {"nodes": [card(f"Да. {spoilt}"), {"type": "file", "file": f"{spoilt}.md", "x": 1}]}
    for ascii_only in (True, False):
        result = decoded(PATH, json.dumps(value, ensure_ascii=ascii_only).encode())

        assert result.source is not None
        assert result.source.text == f"Да. Мне нравится\n\n![[{spoilt}.md]]"
        (found,) = result.diagnostics
        assert (found.rule.code, result.source.slice(found.span)) == ("V115", "Мне")
        assert json.loads(f'"{result.source.place(found.span).text}"') == spoilt.split(" ")[0]


@pytest.mark.parametrize("text", ["", " \n", "{}", '{"nodes": []}', "\ufeff{}", '{"nodes": [1, "x", null]}'])
def test_an_empty_canvas_is_an_empty_note(text: str) -> None:
    result = decoded(PATH, text.encode())

    assert result.source is not None
    assert result.diagnostics == ()
    assert result.source.text == ""
    assert parse_file(result.source)[0].blocks == ()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("{", 1),
        ('{"nodes": [ pump broken', 12),
        ("[]", 0),
        ('{"nodes": 1}', 0),
        ("[" * 100_000, 0),
        ('{"nodes": [' + "9" * 5000 + "]}", 0),
        ("\ufeff\n{]", 3),
    ],
)
def test_what_is_no_canvas_is_reported_and_stays_text(text: str, at: int) -> None:
    result = decoded(PATH, text.encode())

    assert result.source == source(text, PATH)
    (found,) = result.diagnostics
    assert (found.rule.code, found.span.start) == ("V116", at)
    note, _ = parse_file(source(text, PATH))
    assert {block.kind for block in note.blocks} == {BlockKind.CODE}
    assert note.links == ()


def test_a_huge_canvas_is_plain_text() -> None:
    text = '{"nodes": [' + " " * 5_000_000 + "]}"

    read, diagnostics = canvas_source(source(text, PATH))

    assert read.origin is None
    assert [found.rule.code for found in diagnostics] == ["V113"]
    assert [found.rule.code for found in parse_file(read)[1]] == ["V113"]


def test_only_the_idea_card_of_vaultc_marks_a_generated_canvas() -> None:
    mark: dict[str, Any] = {"vaultc-kind": "canvas"}

    assert canvas({"nodes": [card("x", id="idea", **mark)]})[1].is_generated
    assert not canvas({"nodes": [card("x", id="1234", **mark), card("y", id="idea")]})[1].is_generated


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from(["file", "text", "group", "[[x]]", "a.md", '"[[y]]"', "\ud800"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["nodes", "edges", "type", "file", "text", "label", "subpath", "x", "width", "fromNode", "toNode"]
            ),
            inner,
            max_size=4,
        ),
    ),
)


@given(st.one_of(values, st.fixed_dictionaries({"nodes": st.lists(values), "edges": st.lists(values)})))
def test_any_json_is_read(value: object) -> None:
    text = json.dumps(value)

    read = decoded(PATH, text.encode()).source
    assert read is not None
    note, _ = parse_file(read)

    for span in [
        *(link.span for link in note.links),
        *(block.span for block in note.blocks),
        *(edge.span for edge in note.edges),
    ]:
        place = read.place(span)
        assert place.text == text[place.start : place.end]
    read.text.encode()


# Whatever JSON may write in another way, and nothing that could be words read by a wrong code page.
LETTERS = st.sampled_from('aZ09 я"\\/\n\t\r\x01\x7f{}[]:,\u2028\U0001f600\ue000')


@settings(max_examples=100)
@given(st.lists(st.text(LETTERS, min_size=1, max_size=30), max_size=4), st.booleans())
def test_every_letter_of_a_text_card_has_its_place(texts: list[str], ascii_only: bool) -> None:
    cards = [card(text, x, id=str(x)) for x, text in enumerate(texts)]
    read = decoded(PATH, json.dumps({"nodes": cards}, ensure_ascii=ascii_only).encode()).source

    assert read is not None
    assert read.text == "\n\n".join(text for text in texts if text.strip())
    for at, letter in enumerate(read.text):
        place = read.place(read.span(at, at + 1))
        assert place.text == "" or json.loads(f'"{place.text}"') == letter


def test_hostile_canvases_take_linear_time() -> None:
    started = time.process_time()

    for nodes in (
        [{"type": "text", "text": '"[[' * 50_000}],
        [{"type": "group", "x": 0, "y": 0, "width": 9e9 - at, "height": 9e9 - at, "label": "x"} for at in range(2_000)],
        [card(f"[[{at}]]", at) for at in range(2_000)],
    ):
        read = decoded(PATH, json.dumps({"nodes": nodes, "edges": []}).encode()).source
        assert read is not None
        parse_file(read)

    assert time.process_time() - started < 10
