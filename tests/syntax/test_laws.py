"""Laws of reading a note: time grows with length whatever is written, nothing is lost, nothing hangs on chance."""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import note, source, written
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.chunk.pack import DEFAULT_OPTIONS
from vaultc.core.link import ResolvedLink
from vaultc.core.source import VaultPath
from vaultc.index.searchable import searchable
from vaultc.language.detect import language_of
from vaultc.language.stems import content_stems
from vaultc.syntax import blocks, markdown, parse
from vaultc.syntax.markdown import pieces
from vaultc.syntax.parse import parse_note
from vaultc.vault.names import names_index
from vaultc.vault.resolve import outline_of, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

SRC = Path(__file__).resolve().parents[2] / "src"
_SMALL, _LARGE = 5_000, 20_000
# Four times the text takes four times the time; sixteen times is what a quadratic reader takes.
_MOST_GROWTH = 9.0
_UNMEASURABLE_S = 0.05


def repeated(unit: str) -> Callable[[int], str]:
    return lambda size: (unit * (size // len(unit) + 1))[:size]


def around(before: str, unit: str, after: str = "") -> Callable[[int], str]:
    return lambda size: before + unit * (size // len(unit)) + after


def half(first: str, then: str) -> Callable[[int], str]:
    """Give half the text of each: what the first leaves open, the second may read again and again."""
    return lambda size: first * (size // 2 // len(first)) + "\n" + then * (size // 2 // len(then))


def stairs(mark: str, most: int, tail: str) -> Callable[[int], str]:
    """Give lines that nest deeper and deeper, and fall back."""

    def made(size: int) -> str:
        lines: list[str] = []
        length = 0
        while length < size:
            lines.append(mark * (1 + len(lines) % most) + tail)
            length += len(lines[-1])
        return "".join(lines)

    return made


def growing(mark: str) -> Callable[[int], str]:
    """Give runs of `mark`, each longer than the one before."""

    def made(size: int) -> str:
        runs: list[str] = []
        length = 0
        while length < size:
            runs.append(mark * (len(runs) + 1) + "a")
            length += len(runs[-1])
        return "".join(runs)

    return made


UNITS = [
    *("[", "]", "[[", "]]", "![[", "[[a", "[[a|", "[[a#", "[a](", "[a](<", "[a](b ", "![a](", "[a][", "][", "[a]: b\n"),
    *("`", "``a", "`a", "```\n", "```a\nb\n```\n", "~~~\n", "~~", "~~a", "==a", "**", "*a", "**a", "_a ", "\\", "\\["),
    *("$", "$$", "$a", "$$\n", "$$\na\n$$\n", "- $$\nb\n$$\n", "%%", "%% ", "%%\n", "%%a\n\n", "<!--", "-->", "<a>"),
    *("<div>\n", "<![CDATA[", "&amp;", "|", "a|", "|\n", "|a|\n|-|\n", "a|b\n-|-\n", "[[a\\|b]]|", "[^", "[^a]: b\n"),
    *("[^a]:\n\n    x\n", "^", "a ^b\n\n", "#", "# a\n", "#a ", "#a/", "## ", "a\n===\n", "a\n---\n", "=\n", "---\n"),
    *(
        "- ",
        "- a\n",
        "- a\n\n",
        "*\n",
        "1. ",
        "1. a\n",
        "10) a\n",
        "  - a\n",
        "- a\n  - b\n",
        "- [ ] a\n",
        "- # h\nb\n",
    ),
    *(
        "> ",
        "> a\n",
        ">\n",
        ">a\n>\n",
        "> - a\nb\n",
        "> # h\nb\n",
        "> ```\na\n",
        "> a\nb\n",
        "> [!x]\n",
        "> [!x]- a\n>",
    ),
    *(
        "a:: b\n",
        "a::",
        "[a:: b]",
        "(a:: (",
        "[a::",
        "(",
        "((",
        "a. ",
        "т. ",
        ". ",
        "!",
        "…",
        "\n",
        "\r",
        "\r\n",
        "\n\r",
    ),
    *("\t", "\n\t", " ", "  \n", "    a\n", "\u00a0", "\u200b", "\u2028", "\x0c", "\0", "\ufeff", "a\u0301", "👩‍👩‍👧"),
    *(
        "слово ",
        "a",
        "1",
        "http://",
        "https://a.b/c ",
        "{{",
        "<% ",
        "12:30 ",
        "5 кг ",
        "- [[a]]\n    - b\n",
        "`[[",
        "$[[",
    ),
]
FAMILIES: dict[str, Callable[[int], str]] = {
    **{repr(unit): repeated(unit) for unit in UNITS},
    "deep quotes, then lazy lines": around("> " * 150 + "a\n", "b\n"),
    "deep quotes, then shallow and lazy lines": around("> " * 150 + "a\n", "> a\nb\n"),
    "half quote marks, half lazy lines": half("> ", "a\n"),
    "deep quotes again and again": repeated(">" * 150 + " a\n\n"),
    "deep lists again and again": repeated("- " * 90 + "a\n"),
    "deep lists and lazy lines": repeated("- " * 90 + "a\nb\n"),
    "quotes in lists in quotes": repeated("> - " * 60 + "a\n"),
    "stairs of quotes": stairs("> ", 150, "a\n"),
    "stairs of quotes and lazy lines": stairs("> ", 90, "a\nb\n"),
    "stairs of lists": stairs("  ", 90, "- a\n"),
    "stairs of callouts": stairs(">", 100, " [!x] t\n"),
    "growing runs of ticks": growing("`"),
    "growing runs of dollars": growing("$"),
    "growing runs of stars": growing("*"),
    "half opening, half closing brackets": half("[", "]"),
    "half opening, half closing links": half("[[a", "]]"),
    "half opening, half closing comments": half("<!--", "-->"),
    "a fence never closed": around("```\n", "a `` b\n"),
    "a formula never closed": around("$$\n", "a $ b\n"),
    "a footnote and its lines": around("[^a]: b\n", "c\n"),
    "a footnote and blank lines": around("[^a]: b\n", "\n", "d"),
    "a table of many rows": around("|a|b|\n|-|-|\n", "|[[c\\|d]]|e|\n"),
    "a table of many columns": lambda size: "|" + "a|" * (size // 4) + "\n|" + "-|" * (size // 4) + "\n",
    "a line with a long tail of blanks": around("a", " "),
    "long tails of blanks": repeated("a" + " " * 300 + "\n"),
    "lines of blanks": repeated(" " * 300 + "\n"),
    "blanks before a comment": repeated(" " * 80 + "%%"),
    "a paragraph made a heading at its end": around("", "a\n", "==="),
    "a heading closed by hashes": around("# a", " #"),
    "definitions, each another": lambda size: "".join(f"[a{number}]: b\n" for number in range(size // 10)),
    "references to one definition": around("[a]: b\n\n", "[x][a]"),
    "block ids, each another": lambda size: "".join(f"a ^b{number}\n\n" for number in range(size // 9)),
    "a block id as long as the note": around("a ^", "b"),
    "properties": around("---\n", "a: b\n", "---\n"),
    "properties never closed": around("---\n", "a: b\n"),
    "brackets in properties": around("---\na: ", "[", "\n---\n"),
    "braces in properties": around("---\na: ", "{a: ", "\n---\n"),
    "lists in properties": around("---\na:\n  ", "- ", "\n---\n"),
    "questions in properties": around("---\n", "? ", "\n---\n"),
    "anchors in properties": around("---\n", "a: &b c\n", "\n---\n"),
    "aliases in properties": around("---\na: [", "*b, ", "]\n---\n"),
    "one number in properties": around("---\na: ", "9", "\n---\n"),
    "one key in properties": around("---\n", "k", ": v\n---\n"),
    "quotes in properties": around("---\na: ", '"', "\n---\n"),
    "links in a property": around('---\na: "', "[[b]] ", '"\n---\n'),
}


def seconds_to_read(text: str) -> float:
    """Read `text` as the index does, and give the CPU seconds of this thread."""
    found = source(text)
    gc.collect()
    gc.disable()  # what looking for circles takes grows with all that lives here, not with the text
    begun = time.thread_time()
    try:
        parsed, _ = parse_note(found)
        for chunk in searchable(found, parsed, DEFAULT_OPTIONS):
            content_stems(chunk.text)
        language_of(text)
        return time.thread_time() - begun
    finally:
        gc.enable()


def assert_linear(make: Callable[[int], str]) -> None:
    """Fail if four times the text takes far more than four times as long, whenever it is measured."""
    for _ in range(3):
        large = seconds_to_read(make(_LARGE))
        if large < _UNMEASURABLE_S:
            return
        small = seconds_to_read(make(_SMALL))
        if large < _MOST_GROWTH * small:
            return
    pytest.fail(f"{_SMALL} characters took {small:.3f} s, {_LARGE} took {large:.3f} s")


@pytest.mark.parametrize("family", FAMILIES)
def test_time_grows_with_length(family: str) -> None:
    assert_linear(FAMILIES[family])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(UNITS), min_size=2, max_size=4), st.sampled_from(["", "> ", "- ", "[[", "`", "$$\n"]))
def test_time_grows_with_length_for_units_put_together(units: list[str], before: str) -> None:
    assert_linear(around(before, "".join(units)))


# what a note may cost


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n" * 700, "too many blocks"),
        ("# a\n" * 2_100, "too many blocks"),
        ("\n" * 5_001 + "a", "5002 lines"),
        ("- " * 150 + "a", "too deep"),
        ("> " * 250 + "a", "too deep"),
        ("#a " * 4_000 + "\n" + "#a " * 4_000, "more than 20000 characters"),
    ],
    ids=["items", "headings", "lines", "lists", "quotes", "region"],
)
def test_what_costs_too_much_is_kept_as_plain_text_and_reported(
    text: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markdown, "MAX_PIECES", 2_000)
    monkeypatch.setattr(parse, "MAX_LINES", 5_000)
    monkeypatch.setattr(blocks, "MAX_LINE", 15_000)
    monkeypatch.setattr(blocks, "MAX_REGION", 20_000)

    parsed, diagnostics = parse_note(source(text))

    assert [found.rule.code for found in diagnostics] == ["V113"]
    assert says in diagnostics[0].message
    assert not parsed.tags
    assert not parsed.items
    kept = "".join(written(text, block.span) for block in parsed.blocks)
    assert "".join(kept.split()) == "".join(text.split())


def test_what_is_found_beyond_a_number_is_reported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MAX_FOUND", 1_000)
    text = ("#a " * 300 + "\n\n") * 10

    parsed, diagnostics = parse_note(source(text))

    assert [found.rule.code for found in diagnostics] == ["V113"]
    assert "more than 1000 links" in diagnostics[0].message
    assert len(parsed.tags) == 1_200
    assert len(parsed.blocks) == 10


def test_a_note_is_read_in_one_way_however_deep_the_caller_is() -> None:
    text = "> - " * 60 + "a\n"
    expected = pieces(text)

    def deeper(levels: int) -> object:
        return deeper(levels - 1) if levels else pieces(text)

    assert deeper(300) == expected


# nothing is lost, nothing hangs on chance

WORDS = [
    "Прилив",
    "tide",
    "ёлка",
    "e\u0301tude",
    "😀",
    "👩‍👩‍👧",
    "\0",
    "\ufeff",
    "\u202e",
    "«Мне»",
    "[[Дом#Сад|двор]]",
    "`код`",
    "#тег",
]
LEADS = ["", "- ", "  - ", "    ", "1. ", "> ", "> > ", ">", "> - ", "- > ", "# ", "> [!note] ", "[^1]: ", "\t", "| "]
ENDS = ["\n", "\n", "\n\n", "\r\n", "\r"]
lines = st.tuples(st.sampled_from(LEADS), st.lists(st.sampled_from(WORDS), max_size=4), st.sampled_from(ENDS))


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=20))
def test_every_word_of_the_body_stands_in_a_block(written_lines: list[tuple[str, list[str], str]]) -> None:
    text = "".join(lead + " ".join(words) + end for lead, words, end in written_lines)
    parsed = note(text)

    kept = [" "] * len(text)
    for block in parsed.blocks:
        kept[block.span.start : block.span.end] = text[block.span.start : block.span.end]

    for at, letter in enumerate(text):
        assert kept[at] == letter or letter.isspace() or letter in "->\ufeff"


@settings(max_examples=100, deadline=None)
@given(st.lists(lines, max_size=20))
def test_a_note_is_parsed_to_the_same_each_time(written_lines: list[tuple[str, list[str], str]]) -> None:
    text = "".join(lead + " ".join(words) + end for lead, words, end in written_lines)

    assert parse_note(source(text)) == parse_note(source(text))


_READ = """
import sys
from vaultc.chunk.pack import DEFAULT_OPTIONS
from vaultc.core.digest import digest_json
from vaultc.core.source import Source, VaultPath
from vaultc.index.searchable import searchable
from vaultc.language.stems import content_stems
from vaultc.syntax.parse import parse_note
found = Source(VaultPath("a.md"), sys.stdin.read())
note, diagnostics = parse_note(found)
chunks = searchable(found, note, DEFAULT_OPTIONS)
print(digest_json([repr(note), repr(diagnostics), repr(chunks), [content_stems(chunk.text) for chunk in chunks]]))
"""


def test_the_order_of_sets_never_shows() -> None:
    dice = random.Random(7)
    text = "---\ntags: [б, a]\naliases: [x, y]\nк: й\n---\n" + "".join(
        dice.choice(LEADS) + " ".join(dice.choices(WORDS, k=3)) + f" ^id{number % 9}\n" for number in range(200)
    )

    digests = {
        subprocess.run(
            [sys.executable, "-c", _READ],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(SRC), "PYTHONIOENCODING": "utf-8"},
            input=text,
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(digests) == 1


NAMES = [f"{folder}{name}" for folder in ("", "a/", "b/a/", "b/") for name in ("A.md", "a.md", "й.md", "x.png", "b.md")]


@settings(max_examples=100, deadline=None)
@given(
    st.permutations(NAMES),
    st.sampled_from(["a", "A", "a/a", "b/a/A", "./b", "../a", "й", "x.png", "no", "a#H", "b#^i", "/a"]),
    st.sampled_from(NAMES),
)
def test_what_a_link_names_does_not_hang_on_the_order_of_files(order: list[str], target: str, place: str) -> None:
    outline = outline_of(note("# H\n\nwords ^i\n"))
    link = note(f"[[{target}]]", place).links[0]

    def found(paths: list[str]) -> object:
        return resolve(link, VaultPath(place), names_index(VaultPath(path) for path in paths), lambda _: outline)

    first, second = found(NAMES), found(order)

    assert first == second
    assert isinstance(first, ResolvedLink) or target in ("no", "../a", "./b", "/a", "a/a", "b/a/A")
