"""parse_note: whole notes, laws over generated ones, hostile ones."""

from __future__ import annotations

import pytest
from fakes import note, source, written
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.core.endings import note_title
from vaultc.core.link import LinkKind
from vaultc.core.note import BlockKind, MarkKind, Note
from vaultc.syntax.parse import MAX_NOTE, parse_note

PIECES = [
    "Прилив в 6:40.",
    "A tide clock 😀",
    "[[Закон Ома]]",
    "![[img.png|100x145]]",
    "[[a#b#c|d]]",
    "[x](My%20plan.md)",
    "#тег/два",
    "`code [[no]]`",
    "$x_1$",
    "~~old~~",
    "==new==",
    "%%hidden%%",
    "<!-- c -->",
    "key:: value",
    "[k:: v]",
    "^id-1",
    "[^1]",
    "\\[[x]]",
    "[[broken",
    "](",
    "``",
    "%%",
    "$$",
    "é",
    "\u00a0",
    "\u2028",
]
LEADS = ["", "", "- ", "  - ", "1. ", "- [x] ", "> ", "> > ", "> [!note]- ", "# ", "### ", "[^1]: ", "    ", "\t", "| "]
LINES = [
    "",
    "---",
    "***",
    "```py",
    "```",
    "~~~",
    "$$",
    "%%",
    "| a | b |",
    "|---|---|",
    "| [[a\\|b]] | 2 |",
    "===",
    "<div>",
]
ENDS = ["\n", "\r\n", "\r", "\n\n"]

line = st.one_of(
    st.sampled_from(LINES),
    st.builds(lambda lead, words: lead + " ".join(words), st.sampled_from(LEADS), st.lists(st.sampled_from(PIECES))),
)
front = st.sampled_from(
    ["", "", "\ufeff", '---\na: "[[x]]"\ntags: [б, c]\n---\n', "---\r\nк: й\r\n---\r\n", "---\nx\n---\n"]
)
markdown = st.builds(
    lambda head, lines: head + "".join(text + end for text, end in lines),
    front,
    st.lists(st.tuples(line, st.sampled_from(ENDS)), max_size=25),
)


def check_spans(text: str, parsed: Note) -> None:
    """Every span of a note stands for exactly what it claims."""
    check_words(text, parsed)
    check_links(text, parsed)
    check_marks(text, parsed)


def check_links(text: str, parsed: Note) -> None:
    for link in parsed.links:
        whole = written(text, link.span)
        opening = "![[" if link.kind is LinkKind.EMBED else "[["
        if link.kind in (LinkKind.WIKILINK, LinkKind.EMBED):
            assert whole.startswith(opening)
            assert whole.endswith("]]")
            assert link.target in whole
        assert "\n" not in written(text, link.span) or link.kind is LinkKind.MARKDOWN


def check_words(text: str, parsed: Note) -> None:
    for tag in parsed.tags:
        assert written(text, tag.span).strip("#/") == tag.name
    for heading in parsed.headings:
        assert written(text, heading.text_span) == heading.text
        assert heading.span.covers(heading.text_span)
    for table in parsed.tables:
        for cell in (cell for row in (table.header, *table.rows) for cell in row):
            assert written(text, cell.span) == cell.text
    for found in parsed.fields:
        assert written(text, found.value_span) == found.value
        assert found.key in written(text, found.span)
    for prop in parsed.properties:
        assert written(text, prop.span).startswith(prop.key)
    for callout in parsed.callouts:
        assert written(text, callout.title_span) == callout.title
    for footnote in parsed.footnotes:
        assert written(text, footnote.span).startswith(f"[^{footnote.id}]:")


def check_marks(text: str, parsed: Note) -> None:
    for mark in parsed.marks:
        sides = {MarkKind.STRUCK: "~~", MarkKind.HIGHLIGHT: "==", MarkKind.COMMENT: "%%", MarkKind.CODE: "`"}
        assert written(text, mark.span).startswith(sides.get(mark.kind, ""))
        assert written(text, mark.span).endswith(sides.get(mark.kind, ""))


def check_blocks(text: str, parsed: Note) -> None:
    """Blocks lie in their parents and sections, in order, and leave no word of the body out."""
    for index, block in enumerate(parsed.blocks):
        assert parsed.body.covers(block.span)
        assert block.span.covers(block.text)
        assert parsed.sections[block.section].span.covers(block.span)
        assert block.id is None or (block.id_span and written(text, block.id_span) == f"^{block.id}")
        if block.parent is not None:
            assert block.parent < index
            assert parsed.blocks[block.parent].span.covers(block.span)
    tops = [block for block in parsed.blocks if block.parent is None]
    assert [block.span.start for block in tops] == sorted(block.span.start for block in tops)
    assert [section.span.end for section in parsed.sections[:-1]] == [s.span.start for s in parsed.sections[1:]]
    assert parsed.sections[0].span.start == parsed.body.start
    assert parsed.sections[-1].span.end == len(text)


def words_outside_blocks(text: str, parsed: Note) -> str:
    """Give what of the body is in no block, without ids, quote marks and the `---` around what is no frontmatter."""
    kept = list(text)
    for block in parsed.blocks:
        kept[block.span.start : block.span.end] = " " * (block.span.end - block.span.start)
        if block.id_span is not None:
            kept[block.id_span.start : block.id_span.end] = " " * (block.id_span.end - block.id_span.start)
    rest = "".join(kept)[parsed.body.start :]
    return "".join(letter for letter in rest if not letter.isspace() and letter not in ">-\ufeff")


@settings(max_examples=300, deadline=None)
@given(markdown)
def test_every_span_of_a_note_is_exact(text: str) -> None:
    parsed, diagnostics = parse_note(source(text))

    check_spans(text, parsed)
    check_blocks(text, parsed)
    assert words_outside_blocks(text, parsed) == ""
    assert all(0 <= found.span.start <= found.span.end <= len(text) for found in diagnostics)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_a_note(text: str) -> None:
    parsed, _ = parse_note(source(text))

    check_spans(text, parsed)
    check_blocks(text, parsed)


@settings(max_examples=60, deadline=None)
@given(markdown)
def test_line_ends_change_nothing_but_offsets(text: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")

    first, second = note(plain), note(plain.replace("\n", "\r\n"))

    assert [block.kind for block in first.blocks] == [block.kind for block in second.blocks]
    assert [link.target for link in first.links] == [link.target for link in second.links]
    assert [tag.name for tag in first.tags] == [tag.name for tag in second.tags]
    assert [heading.text for heading in first.headings] == [
        heading.text.replace("\r\n", "\n") for heading in second.headings
    ]


@pytest.mark.parametrize("mark", ["> ", "- ", "1. "])
def test_deep_nesting_is_read_as_plain_text_and_reported(mark: str) -> None:
    text = mark * 5_000 + "bottom"

    parsed, diagnostics = parse_note(source(text))

    assert [found.rule.code for found in diagnostics] == ["V113"]
    assert [written(text, block.span) for block in parsed.blocks] == [text]


def test_lists_of_thirty_levels_lose_nothing() -> None:
    text = "".join("  " * depth + f"- level {depth}\n" for depth in range(30))

    parsed = note(text)

    assert [item.depth for item in parsed.items] == list(range(30))


def test_a_huge_note_is_read_as_plain_text_and_reported() -> None:
    text = "# Heading\n\nSee [[b]].\n\n" + "word " * (MAX_NOTE // 5)

    parsed, diagnostics = parse_note(source(text))

    assert [found.rule.code for found in diagnostics] == ["V113"]
    assert parsed.links == ()
    assert words_outside_blocks(text, parsed) == ""


def test_a_huge_line_is_kept_and_reported_and_the_rest_is_read() -> None:
    text = "[[a]] " * 20_000 + "\n\n# Next\n\n[[b]]\n"

    parsed, diagnostics = parse_note(source(text))

    assert [found.rule.code for found in diagnostics] == ["V113"]
    assert [link.target for link in parsed.links] == ["b"]
    assert [block.kind for block in parsed.blocks] == [BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.PARAGRAPH]


def test_the_title_is_the_name_of_the_file() -> None:
    assert note_title("Ideas/Часы прилива.md") == "Часы прилива"
    assert note_title("a.b.idea") == "a.b"
    assert note_title("x.pseudo") == "x"
    assert note("---\ntitle: Other\n---\n", "Ideas/Tide.md").title == "Tide"


def test_sections_carry_the_headings_above_them() -> None:
    parsed = note("intro\n# A\na\n## B\nb\n> # in a quote\n\n# C\n")

    assert [section.headings for section in parsed.sections] == [(), ("A",), ("A", "B"), ("C",)]
    assert [section.level for section in parsed.sections] == [0, 1, 2, 1]
    assert [heading.text for heading in parsed.headings] == ["A", "B", "in a quote", "C"]


def test_an_empty_note_has_one_empty_section() -> None:
    parsed = note("")

    assert len(parsed.sections) == 1
    assert parsed.blocks == ()


def test_a_byte_order_mark_hides_neither_properties_nor_headings() -> None:
    with_properties = note("\ufeff---\na: 1\n---\n# H\n")
    without = note("\ufeff# H\n")

    assert with_properties.value_of("a") == 1
    assert [heading.text for heading in with_properties.headings] == ["H"]
    assert [heading.span.start for heading in without.headings] == [1]


def test_an_item_keeps_its_own_words_apart_from_what_it_holds() -> None:
    text = "- [ ] first ^a\n\n  more\n  - inner\n- second\n  line\n"

    parsed = note(text)

    assert [(block.kind, written(text, block.text), block.parent) for block in parsed.blocks] == [
        (BlockKind.LIST_ITEM, "first", None),
        (BlockKind.PARAGRAPH, "more", 0),
        (BlockKind.LIST_ITEM, "inner", 0),
        (BlockKind.LIST_ITEM, "second\n  line", None),
    ]
    assert [(item.task, item.depth) for item in parsed.items] == [(" ", 0), (None, 1), (None, 0)]
    assert parsed.blocks[0].id == "a"


def test_an_ordered_item_knows_its_number() -> None:
    parsed = note("3. three\n4) other list\n")

    assert [item.number for item in parsed.items] == [3, 4]


def test_a_table_keeps_escaped_bars_and_links_whole() -> None:
    parsed = note("| a \\| b | c |\n|---|:-:|\n| [[x|y]] | `z` |\n|  | last\n")

    assert [cell.text for cell in parsed.tables[0].header] == ["a \\| b", "c"]
    assert [[cell.text for cell in row] for row in parsed.tables[0].rows] == [["[[x|y]]", "`z`"], ["", "last"]]


def test_a_table_in_a_quote_in_a_list() -> None:
    parsed = note("- x\n  > | a | b |\n  > |---|---|\n  > | 1 | 2 |\n")

    assert [[cell.text for cell in row] for row in parsed.tables[0].rows] == [["1", "2"]]
    assert [block.kind for block in parsed.blocks] == [BlockKind.LIST_ITEM, BlockKind.QUOTE, BlockKind.TABLE]


def test_a_fence_keeps_its_code_and_where_it_stands() -> None:
    text = "- step\n\n  ```python title=x.py\n  a = 1\n\n  b = 2\n  ```\n"

    fence = note(text).fences[0]

    assert fence.code == "a = 1\n\nb = 2\n"
    assert fence.language == "python"
    assert fence.info == "python title=x.py"
    assert written(text, fence.code_span) == "  a = 1\n\n  b = 2"


@pytest.mark.parametrize("info", ["Python", "python:src/a.py", "{python}", "python {.x}"])
def test_the_language_of_a_fence_is_its_first_word(info: str) -> None:
    assert note(f"```{info}\nx\n```\n").fences[0].language == "python"


def test_an_unclosed_fence_runs_to_the_end() -> None:
    text = "```\nx\n[[no]]\n"

    parsed = note(text)

    assert parsed.links == ()
    assert written(text, parsed.fences[0].code_span) == "x\n[[no]]"


def test_a_callout_knows_its_kind_title_and_fold() -> None:
    parsed = note("> [!Warning|wide]- Take care [[a]]\n> body\n\n> [!tip]\n> only body\n")

    assert [(c.kind, c.title, c.is_folded) for c in parsed.callouts] == [
        ("warning", "Take care [[a]]", True),
        ("tip", "", False),
    ]
    assert [link.target for link in parsed.links] == ["a"]


def test_a_comment_block_may_hold_a_list_whose_links_count() -> None:
    text = "%%\n- [[a]]\n- [[b]]\n%%\n\nwords\n"

    parsed = note(text)

    assert [link.target for link in parsed.links] == ["a", "b"]
    comment = next(mark for mark in parsed.marks if mark.kind is MarkKind.COMMENT)
    assert written(text, comment.span) == "%%\n- [[a]]\n- [[b]]\n%%"


def test_an_id_that_names_nothing_is_a_paragraph() -> None:
    parsed = note("^alone\n")

    assert [block.kind for block in parsed.blocks] == [BlockKind.PARAGRAPH]
    assert parsed.blocks[0].id == "alone"


def test_null_characters_do_not_move_spans() -> None:
    text = "a\0b [[c]]\n"

    assert [written(text, link.span) for link in note(text).links] == ["[[c]]"]
