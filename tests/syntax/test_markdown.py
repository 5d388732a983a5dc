from __future__ import annotations

import re

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from vaultc.syntax.markdown import Piece, pieces

# No `$`, `[^` or `|`: those blocks are ours alone, and have tests of their own.
LINES = st.sampled_from(
    [
        *("words", "Слова и слова", "- item", "* item", "+ пункт", "1. one", "2) two", "10. ten", "1234567890. no"),
        *("# head", "####### no head", "#no", "## ", "===", "---", "- - -", "***", "___", "--- x", "=", "-", "*", "+"),
        *("> quote", ">", ">> deep", "> - item", "> # head", "```", "```py", "````", "~~~", "~~~ x", "<div>", "</div>"),
        *("<!-- c", "-->", "<b>inline</b>", "<script>", "</script>", "<?x", "", "", "    code", "\tcode", "  \t two"),
        *("   three", "[x]: y", "[ ] task", "1.", "-\tx", "\\# no", "&nbsp;", "=== x", "-->", "0. nought", "-1", "*a*"),
    ]
)
INDENTS = st.sampled_from(["", "", "", " ", "  ", "    ", "      ", "\t", "> ", ">", "- ", "  > "])
_DEEP = re.compile(r"[ ]{4}|\t")
TEXTS = st.lists(st.tuples(INDENTS, LINES).map("".join), max_size=24).map("\n".join)


def stock(text: str) -> list[Piece]:
    """Give the block structure as markdown-it's own block parser finds it."""
    parser = MarkdownIt("commonmark", {"maxNesting": 1000})
    parser.disable(["reference", "inline"])
    found: list[Piece] = []
    for token in parser.parse(text):
        name, _, edge = token.type.rpartition("_")
        if token.type in ("paragraph_open", "heading_open"):
            first, behind = token.map or (0, 0)
            found.append(Piece(name, "", first, behind, token.markup if name == "heading" else ""))
        elif name in ("blockquote", "list_item", "bullet_list", "ordered_list"):
            first, behind = token.map or (0, 0)
            found.append(Piece(name, "+" if edge == "open" else "-", first, behind, token.info))
        elif token.type in ("fence", "code_block", "html_block", "hr"):
            first, behind = token.map or (0, 0)
            found.append(Piece(token.type, "", first, behind, token.info, token.content))
    return found


def without_lists(found: list[Piece]) -> list[Piece]:
    """Leave the edges of lists out: behind a lazy line in a quote we start another, of which no block knows."""
    return [piece for piece in found if not piece.kind.endswith("_list")]


def _differs(text: str) -> bool:
    """Tell whether a quote meets a deep indent: there markdown-it leaves CommonMark (5.1), and we do not.

    What is indented as code begins nothing: behind `> words` it goes on with the paragraph, be it `>` or `- item`.
    """
    return ">" in text and _DEEP.search(text) is not None


@settings(max_examples=400, suppress_health_check=[HealthCheck.filter_too_much])
@given(TEXTS)
@example("> a\nb\n===\n> c\n   d\n- e\n===\n")
@example("> a\n> - b\nc\n> > d\ne\n\n> f\n---\n")
@example("- a\n\n  b\n   c\n-  \n\n  d\n1. x\n2. y\n   > z\nlazy\n---")
@example("words\n   \n\t\nwords \n  ")
def test_blocks_are_those_of_markdown_it(text: str) -> None:
    assume(not _differs(text))

    assert without_lists(pieces(text)) == without_lists(stock(text))


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(st.text(alphabet="ab #>-*+1.)\t\n`~=<!", max_size=60))
def test_blocks_are_those_of_markdown_it_for_any_letters(text: str) -> None:
    assume(not _differs(text))

    assert without_lists(pieces(text)) == without_lists(stock(text))
