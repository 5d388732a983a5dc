"""Notes by their names, words in the other language, units as notes write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vaultc.disk.state import open_state
from vaultc.index.catalog import open_catalog
from vaultc.index.job import IndexJob, IndexOptions
from vaultc.retrieve.other_language import translated
from vaultc.retrieve.query import unit_stems
from vaultc.retrieve.search import Searcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTES = {
    "Марта.md": "---\naliases: [Marta, my wife]\n---\n# Марта\n\nБотаник.\n",
    "Harbour webcam.md": "---\naliases: [портовая камера]\n---\nA grey box.\n",
    "Насос.md": "Мощность насоса — 60 Вт.\n",
}


@pytest.fixture
def searcher(tmp_path: Path) -> Iterator[Searcher]:
    root = tmp_path / "vault"
    root.mkdir()
    for name, text in NOTES.items():
        (root / name).write_text(text, "utf-8")
    state = open_state(root)
    IndexJob(root, state, options=IndexOptions(vector_store=False)).run()
    with open_catalog(state.catalog) as opened:
        yield Searcher(opened)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Marta", "Марта.md"),
        ("Марте", "Марта.md"),
        ("портовую камеру", "Harbour webcam.md"),
        ("the harbour webcam", "Harbour webcam.md"),
    ],
)
def test_a_note_is_found_by_its_names_in_any_case(searcher: Searcher, name: str, path: str) -> None:
    assert [passage.chunk.span.path for passage in searcher.named(name)] == [path]


@pytest.mark.parametrize("name", ["Martin", "harbour", "webcam in the harbour office", "", "?"])
def test_a_part_of_a_name_names_nothing(searcher: Searcher, name: str) -> None:
    assert searcher.named(name) == ()


def test_a_unit_in_words_finds_its_symbol(searcher: Searcher) -> None:
    found = searcher.search("сколько ватт", lexical_only=True)

    assert [passage.chunk.span.path for passage in found] == ["Насос.md"]
    assert unit_stems("сколько ватт")[0] == "вт"
    assert unit_stems("в саду") == []


def test_words_are_given_in_the_other_language_as_far_as_known() -> None:
    assert translated("мощность насоса") == "power pump"
    assert "насос" in translated("the pump").split()
    assert translated("qwertyish") == ""
