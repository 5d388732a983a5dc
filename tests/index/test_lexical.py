from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from fakes import note, source
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.chunk import ChunkOptions
from vaultc.index.catalog import Catalog, open_catalog
from vaultc.index.lexical import prepare, token
from vaultc.index.reading import rows_of
from vaultc.language.stems import content_stems, stems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with open_catalog(tmp_path / "catalog.db") as opened:
        yield opened


def put(catalog: Catalog, *texts: str, title: str = "") -> None:
    """Index texts as chunks 1, 2, … of one note."""
    with catalog.transaction():
        catalog._db.run("INSERT INTO files (id, path, disk, size, mtime_ns, is_note) VALUES (1, 'a.md', x'', 0, 0, 1)")
        catalog._db.run("INSERT INTO notes VALUES (1, ?, 'en', 0, 0)", (title,))
        catalog._db.run_many(
            "INSERT INTO chunks VALUES (?, 1, ?, 0, 0, ?, '[]', ?, ?)",
            [(n, n, text, str(n), len(stems(text))) for n, text in enumerate(texts, 1)],
        )
        catalog.lexical.add([(n, prepare(title), "", prepare(text)) for n, text in enumerate(texts, 1)])


def ids(catalog: Catalog, query: str) -> list[int]:
    return [match.id for match in catalog.lexical.search(content_stems(query))]


def test_a_rare_word_outweighs_a_common_one(catalog: Catalog) -> None:
    put(catalog, "water water water", "water moon", "water", "water sun", "water wind")

    assert ids(catalog, "water moon")[0] == 2


def test_russian_forms_meet_and_short_i_stays_itself(catalog: Catalog) -> None:
    put(catalog, "о приливах", "мой дом", "мои дома", "Ёлка зелёная")

    assert ids(catalog, "прилив") == [1]
    assert ids(catalog, "елка") == [4]


def test_words_with_marks_of_the_query_language_are_plain_words(catalog: Catalog) -> None:
    put(catalog, "NEAR the AND gate, don't OR", 'the "quoted" c++ word*')

    assert ids(catalog, "NEAR(gate) AND") == [1]
    assert ids(catalog, '"quoted"* c++') == [2]


def test_what_was_removed_is_not_found(catalog: Catalog) -> None:
    put(catalog, "moon", "moon sun")
    with catalog.transaction():
        catalog.lexical.remove([1])

    assert ids(catalog, "moon") == [2]
    assert catalog.lexical.is_sound()


def test_an_unknown_word_finds_nothing(catalog: Catalog) -> None:
    put(catalog, "moon")

    assert ids(catalog, "nowhere") == []
    assert catalog.lexical.search([]) == ()


def test_a_title_lifts_a_chunk(catalog: Catalog) -> None:
    put(catalog, "the sun", title="Moon")

    found = catalog.lexical.search(content_stems("moon"))

    assert found[0].in_title
    assert not found[0].in_text


@given(st.text(max_size=20))
def test_a_token_is_one_word_of_letters_and_digits(stem: str) -> None:
    made = token(stem)

    assert made
    assert all(letter.isalnum() or letter == "_" for letter in made)


def test_a_hundred_thousand_hostile_letters_are_indexed_and_asked_in_no_time(catalog: Catalog) -> None:
    start = time.monotonic()
    put(catalog, '"' * 50_000, "a " * 50_000, "'a-" * 30_000, "ж" * 100_000)

    for query in ('"' * 2_000, "a " * 1_000, "ж" * 2_000):
        catalog.lexical.search(content_stems(query))

    assert time.monotonic() - start < 10


def test_the_commands_of_a_template_are_not_searched_and_those_that_code_shows_are() -> None:
    text = "# Log\n\nWords <% tp.secret() %> and {{title}} of mine.\n\n`{{shown}}`\n"

    rows = rows_of(source(text), note(text), ChunkOptions())

    (searched,) = (row[2] for row in rows.searched)
    assert searched == prepare("Words   and  of mine. `{{shown}}`")
    assert "<% tp.secret() %>" in rows.chunks[0][3]
