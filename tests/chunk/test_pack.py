"""Notes cut into chunks: nothing lost, nothing twice, every chunk verbatim at its span."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.chunk.pack import chunks_of
from vaultc.chunk.split import QUERY_LANGUAGES, size_of
from vaultc.core.chunk import ChunkOptions
from vaultc.core.digest import digest_json
from vaultc.core.source import Source, Span, vault_path
from vaultc.syntax.parse import parse_note

if TYPE_CHECKING:
    from vaultc.core.chunk import Chunk
    from vaultc.core.note import Note


def read(text: str, name: str = "Note.md") -> tuple[Source, Note]:
    source = Source(vault_path(name), text)
    note, _ = parse_note(source)
    return source, note


def chunked(text: str, options: ChunkOptions | None = None) -> tuple[Chunk, ...]:
    source, note = read(text)
    return chunks_of(source, note, options) if options else chunks_of(source, note)


def sentences_of(count: int, first: str = "Sentence") -> str:
    return " ".join(f"{first} number {at} has exactly eight words here." for at in range(count))


def test_a_short_section_is_one_chunk_under_its_headings() -> None:
    chunks = chunked("# Полив\n\nintro.\n\n## Насос\n\nДаёт 40 л/ч.\n")

    assert [(chunk.headings, chunk.text) for chunk in chunks] == [
        (("Note", "Полив"), "intro."),
        (("Note", "Полив", "Насос"), "Даёт 40 л/ч."),
    ]


def test_a_title_that_is_the_first_heading_stands_once_in_the_path() -> None:
    chunks = chunked("# Note\n\n## Pump\n\nGives 40 l/h.\n")

    assert [chunk.headings for chunk in chunks] == [("Note", "Pump")]


def test_chunks_aim_at_the_target_and_end_with_a_sentence() -> None:
    chunks = chunked(sentences_of(60))

    assert all(chunk.text.endswith("here.") for chunk in chunks)
    assert all(80 <= size_of(chunk.text) <= 100 for chunk in chunks[:-1])


def test_a_small_rest_joins_the_chunk_before_it() -> None:
    (chunk,) = chunked(sentences_of(13))

    assert size_of(chunk.text) == 104


def test_a_line_that_announces_a_list_stays_with_it() -> None:
    text = sentences_of(12) + "\n\nWe need:\n\n- " + sentences_of(6, "Item").replace(". Item", ".\n- Item")

    chunks = chunked(text)

    assert not any(chunk.text.endswith("We need:") for chunk in chunks)


def test_a_chunk_never_crosses_a_section() -> None:
    chunks = chunked("# A\none.\n# B\ntwo.\n# C\nthree.\n")

    assert [chunk.text for chunk in chunks] == ["one.", "two.", "three."]


def test_a_fence_and_a_table_stay_whole_where_they_fit() -> None:
    fence = "```python\n" + "\n".join(f"x{at} = {at}" for at in range(50)) + "\n```"
    table = "| a | b |\n|---|---|\n" + "\n".join(f"| {at} | {at} |" for at in range(20))
    text = sentences_of(8) + f"\n\n{fence}\n\n{table}\n\n" + sentences_of(3)

    chunks = chunked(text)

    assert sum(fence in chunk.text for chunk in chunks) == 1
    assert sum(table in chunk.text for chunk in chunks) == 1


def test_a_large_fence_is_cut_at_lines() -> None:
    lines = [f"value_{at} = compute({at}, {at})" for at in range(200)]

    chunks = chunked("```python\n" + "\n".join(lines) + "\n```\n")

    assert len(chunks) > 3
    kept = [line for chunk in chunks for line in chunk.text.splitlines()]
    assert kept == ["```python", *lines, "```"]


def test_queries_of_plugins_are_left_out_and_nothing_reaches_across_them() -> None:
    chunks = chunked("Before.\n\n```dataview\nTABLE x FROM #y\n```\n\nAfter.\n\n```dataviewjs\ndv.x()\n```\n")

    assert [chunk.text for chunk in chunks] == ["Before.", "After."]


def test_a_git_conflict_shares_no_chunk_with_what_stands_around_it() -> None:
    conflict = "<<<<<<< a\nThe sail is red.\n=======\nThe sail is blue.\n>>>>>>> b"

    chunks = chunked(f"Before.\n{conflict}\nAfter.\n")

    assert [chunk.text for chunk in chunks] == ["Before.", conflict, "After."]


def test_commands_of_a_template_and_settings_of_a_plugin_are_left_out() -> None:
    settings = '%% kanban:settings\n```\n{"kanban-plugin":"board"}\n```\n%%'

    chunks = chunked(f"<%* let a = 1\n\nlet b %>\nBefore.\n\n{settings}\n\nAfter <% tp.file.title %> all.\n")

    assert [chunk.text for chunk in chunks] == ["Before.", "After <% tp.file.title %> all."]


def test_a_remark_of_a_plugin_parts_no_chunks() -> None:
    text = "One::1\n<!--SR:!2026-01-01,3,250-->\nTwo::2\n<!--SR:!2026-01-02,3,250-->"

    assert [chunk.text for chunk in chunked(text)] == [text]


def test_frontmatter_is_left_out_and_comments_stay() -> None:
    (chunk,) = chunked("---\ntitle: T\ntags: [a]\n---\nText. %% see [[Other]] %%\n")

    assert chunk.text == "Text. %% see [[Other]] %%"


def test_a_generated_note_gives_no_chunk() -> None:
    assert chunked("---\nvaultc-kind: architecture\n---\n# A\n\nText.\n") == ()


def test_an_empty_note_gives_no_chunk() -> None:
    assert chunked("") == chunked("---\na: 1\n---\n\n") == ()


def test_a_heading_with_nothing_below_is_found_by_its_own_line() -> None:
    chunks = chunked("# Top\n\n## Pump must stop at night\n\n## Rest\n\ntext.\n")

    assert [chunk.text for chunk in chunks] == ["## Pump must stop at night", "text."]


def test_a_giant_line_is_cut_at_words() -> None:
    chunks = chunked("слово " * 12_000)

    assert all(size_of(chunk.text) <= 180 for chunk in chunks)
    assert all(set(chunk.text.split()) == {"слово"} for chunk in chunks)
    assert sum(len(chunk.text.split()) for chunk in chunks) == 12_000


def test_a_giant_word_is_cut_anywhere() -> None:
    chunks = chunked("x" * 65_536)

    assert "".join(chunk.text for chunk in chunks) == "x" * 65_536
    assert max(len(chunk.text) for chunk in chunks) < 5000


def test_the_digest_is_that_of_headings_and_text() -> None:
    one, two = chunked("# A\n\nsame.\n\n# B\n\nsame.\n")
    again, _ = chunked("# A\n\n\n\nsame.\n\n# B\n\nsame.\n")

    assert one.digest == again.digest == digest_json([["Note", "A"], "same."])
    assert one.digest != two.digest


def test_windows_line_ends_are_kept_in_the_text() -> None:
    (chunk,) = chunked("one line\r\nand another.\r\n")

    assert chunk.text == "one line\r\nand another."


@pytest.mark.parametrize("sizes", [(0, 10), (20, 10)])
def test_impossible_sizes_are_refused(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not sizes of a chunk"):
        ChunkOptions(*sizes)


LINES = st.sampled_from(
    [
        *(
            "# A",
            "## Б",
            "### C",
            "Текст здесь. Ещё.",
            "one two three",
            "- item",
            "  - nested",
            "1. first",
            "- [ ] task",
        ),
        *("", "", "", "> quote", "> [!note] Call", "```", "```python", "```dataview", "~~~", "| a | b |", "|---|---|"),
        *(
            "%%",
            "%% c %%",
            "$$",
            "---",
            "    code",
            "***",
            "^id",
            "text ^id",
            "[^1]: foot",
            "<div>",
            "</div>",
            "key:: v",
        ),
        *("x" * 300, "слово " * 40, "\t", "\u00a0", "a\u2028b", "## ", "#", "setext\n==="),
    ]
)


def left_out(note: Note) -> list[tuple[int, int]]:
    """Give what no chunk has to cover: frontmatter, headings, queries."""
    spans = [note.frontmatter] if note.frontmatter else []
    spans += [heading.span for heading in note.headings]
    if note.frontmatter is None and note.body.start:
        spans.append(Span(note.path, 0, note.body.start))  # the `---` above a block that turned out to be text
    spans += [note.blocks[fence.block].span for fence in note.fences if fence.language in QUERY_LANGUAGES]
    return [(span.start, span.end) for span in spans]


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=25), st.sampled_from(["\n", "\r\n"]), st.integers(1, 40), st.integers(0, 40))
def test_every_visible_character_lies_in_exactly_one_chunk(lines: list[str], end: str, target: int, more: int) -> None:
    text = end.join(lines)
    source, note = read(text)

    chunks = chunks_of(source, note, ChunkOptions(target, target + more))

    for chunk in chunks:
        assert chunk.text == source.slice(chunk.span)
        assert chunk.text == chunk.text.strip() != ""
        assert size_of(chunk.text) <= target + more + 1
        assert chunk.headings[0] == note.title
    assert all(before.span.end <= after.span.start for before, after in itertools.pairwise(chunks))
    covered = bytearray(len(text))
    for start, stop in [(chunk.span.start, chunk.span.end) for chunk in chunks] + left_out(note):
        covered[start:stop] = b"\x01" * (stop - start)
    missing = [at for at, char in enumerate(text) if not char.isspace() and not covered[at]]
    assert not missing, (missing[:5], text)


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=20))
def test_queries_never_enter_a_chunk(lines: list[str]) -> None:
    source, note = read("\n".join(lines))
    queries = [note.blocks[fence.block].span for fence in note.fences if fence.language in QUERY_LANGUAGES]

    chunks = chunks_of(source, note)

    assert not any(chunk.span.overlaps(query) for chunk in chunks for query in queries)
