"""Drawings of Excalidraw: their words are searched, the drawing is not."""

from __future__ import annotations

import time

import pytest
from fakes import note, source

from vaultc.chunk.pack import DEFAULT_OPTIONS, chunks_of
from vaultc.core.source import vault_path
from vaultc.index.searchable import searchable

HEAD = "---\nexcalidraw-plugin: parsed\n---\n==⚠  Switch to EXCALIDRAW VIEW. ⚠==\n\n"
WORDS = "# Excalidraw Data\n## Text Elements\nНасос ^Ab3\n\nbarrel of water ^c2\n\n"
PATH = vault_path("Plan.excalidraw.md")


@pytest.mark.parametrize("language", ["json", "compressed-json"])
def test_the_words_of_a_drawing_are_all_that_is_cut(language: str) -> None:
    text = f"{HEAD}{WORDS}%%\n## Drawing\n```{language}\n" + '{"type": "text"}\n' * 2_000 + "```\n%%\n"

    chunks = chunks_of(source(text, PATH), note(text, PATH))

    assert [chunk.text for chunk in chunks] == ["Насос ^Ab3\n\nbarrel of water ^c2"]


def test_words_that_a_person_wrote_on_the_back_of_a_drawing_stay() -> None:
    own = "# Why\n\nA plan. ==⚠ hot== and:\n\n```json\n{}\n```\n\n# Later\n\n"
    text = f"{HEAD}{own}{WORDS}%%\n## Drawing\n```json\n{{}}\n```\n%%\n"

    chunks = chunks_of(source(text, PATH), note(text, PATH))

    assert [chunk.text for chunk in chunks] == [
        "A plan. ==⚠ hot== and:\n\n```json\n{}\n```",
        "# Later",
        "Насос ^Ab3\n\nbarrel of water ^c2",
    ]


def test_a_drawing_without_words_is_found_by_its_name() -> None:
    text = f"{HEAD}# Excalidraw Data\n## Text Elements\n%%\n## Drawing\n```json\n{{}}\n```\n%%\n"

    (chunk,) = searchable(source(text, PATH), note(text, PATH), DEFAULT_OPTIONS)

    assert (chunk.text, chunk.headings) == ("", ("Plan.excalidraw",))


def test_the_drawing_section_of_any_other_note_is_words() -> None:
    text = "# Drawing\n```json\n{}\n```\n"

    (chunk,) = chunks_of(source(text), note(text))

    assert chunk.text == "```json\n{}\n```"


def test_a_large_drawing_is_quick() -> None:
    text = f"{HEAD}{WORDS}%%\n## Drawing\n```compressed-json\n" + "N4KAkARALgngDgUwgLgAQQ" * 50_000 + "\n```\n%%\n"
    started = time.process_time()

    assert len(chunks_of(source(text, PATH), note(text, PATH))) == 1

    assert time.process_time() - started < 2
