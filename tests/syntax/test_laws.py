"""Laws of reading a note: what costs too much is said, nothing is lost, nothing hangs on chance."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import note, source, written
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.core.link import ResolvedLink
from vaultc.core.source import VaultPath
from vaultc.syntax import blocks, markdown, parse
from vaultc.syntax.markdown import pieces
from vaultc.syntax.parse import parse_note
from vaultc.vault.names import names_index
from vaultc.vault.resolve import outline_of, resolve

SRC = Path(__file__).resolve().parents[2] / "src"
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
