"""What stands in a note for a program: placeholders, commands of templates, settings of plugins."""

from __future__ import annotations

import itertools
import time

import pytest
from fakes import note, source
from hypothesis import given
from hypothesis import strategies as st

from vaultc.syntax.parse import parse_note
from vaultc.syntax.plugin_text import plugin_texts


def texts(text: str) -> list[str]:
    return [text[found.start : found.end] for found in plugin_texts(text)]


@pytest.mark.parametrize(
    "text",
    [
        "{{title}}",
        "{{date:YYYY-MM-DD}}",
        "{{ page.title }}",
        "{{#each}}",
        "{{VALUE:name}}",
        "<% tp.file.title %>",
        "<%* if (a) { %>",
        "<%* let a = 1\n\n# b\n%>",
        "<%- x -%>",
        "%% kanban:settings\n```\n{}\n```\n%%",
        "<!--SR:!2026-01-01,3,250-->",
        "%% Begin Waypoint %%",
    ],
)
def test_what_is_for_a_program_is_found_with_its_place(text: str) -> None:
    assert texts(text) == [text]
    assert texts(f"Слово {text} word") == [text]


@pytest.mark.parametrize(
    "text",
    [
        "`{{title}}`",
        "``a ` <% b %>``",
        "```\n<% a %>\n```",
        "~~~\n{{title}}\n~~~\n",
        "{{c1::Paris}} is a capital",
        "{{cite web|url=x|title=y}}",
        "{title}",
        "{{}}",
        "a <% b",
        "a <% b\n\nwords of another paragraph, 7 %> c",
        "%% my own remark %%",
        "<!-- my own remark -->",
        r"\frac{{a}+{b}}{c}",
    ],
)
def test_what_is_not_for_a_program_stays(text: str) -> None:
    assert texts(text) == []


SIGNS = ("<%", "%>", "<%*", "{{", "}}", "`", "``", "```", "[[", "]]", "%%", "#x", "a")
PIECES = st.sampled_from([*SIGNS, "\n", "\n\n", " ", "---\n"])


@given(text=st.lists(PIECES, max_size=40).map("".join))
def test_ranges_are_in_order_apart_and_any_text_is_read(text: str) -> None:
    found = plugin_texts(text)

    for one, next_one in itertools.pairwise(found):
        assert one.start < one.end <= next_one.start
    parse_note(source(text))


@pytest.mark.parametrize("sign", ["<%", "{{", "%%", "<!--", "`", "```\n", "<% %>", "{{a}}", "<%* ", "~~~\n<%"])
def test_the_time_grows_as_the_text_does(sign: str) -> None:
    def seconds(count: int) -> float:
        text = "{{a}}" + sign * count
        return min(_timed(text) for _ in range(3))

    assert seconds(40_000) < 40 * max(seconds(4_000), 0.001)


def _timed(text: str) -> float:
    start = time.process_time()
    plugin_texts(text)
    return time.process_time() - start


def test_a_heading_keeps_the_words_that_stand_there() -> None:
    text = '# Log <% tp.date.now("#") %>\n## {{title}}\n'

    parsed = note(text)

    assert [heading.text for heading in parsed.headings] == ['Log <% tp.date.now("#") %>', "{{title}}"]
    assert parsed.sections[-1].headings == ('Log <% tp.date.now("#") %>', "{{title}}")
