"""One law for everything that reads text: time grows with the length, whatever is repeated and however it is nested."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from fakes import note, source
from hostile import SHAPES, UNITS
from hypothesis import given, settings
from hypothesis import strategies as st
from linearity import MOST_GROWTH, around, growth, numbered, repeated

from vaultc.ask.citation import check
from vaultc.ask.prose import says_itself, unstruck
from vaultc.ask.question import read_question
from vaultc.chunk.pack import DEFAULT_OPTIONS
from vaultc.core.source import VaultPath
from vaultc.findings.claims import claims_of
from vaultc.findings.links import find_missing_links
from vaultc.findings.standing import is_claimed, is_past, modality_of, negations_in
from vaultc.index.searchable import searchable
from vaultc.language.dates import dates
from vaultc.language.detect import language_of
from vaultc.language.quantities import quantities
from vaultc.language.reading import Reading
from vaultc.language.sentences import sentences
from vaultc.language.stems import content_stems, stems, words
from vaultc.language.translit import code_name
from vaultc.model.structured import fenced_code, find_json, is_loop
from vaultc.vault.decode import decoded
from vaultc.vault.kinds import parse_file
from vaultc.vault.names import names_index
from vaultc.vault.resolve import heading_key

if TYPE_CHECKING:
    from collections.abc import Callable

_SMALL = 800
_LEAST_S = 0.02


def _index(text: str) -> None:
    found = source(text)
    for chunk in searchable(found, note(text), DEFAULT_OPTIONS):
        content_stems(chunk.text)


def _mentions(text: str) -> None:
    find_missing_links([(source(text), note(text)), (source("x", "Red pump.md"), note("x", "Red pump.md"))])


def _cited(text: str) -> None:
    check(text, [source(text).quote(source(text).span(0, len(text)))])


def _card(text: str) -> None:
    data = json.dumps({"nodes": [{"id": "a", "type": "text", "text": text, "x": 0, "y": 0}], "edges": []})
    read = decoded(VaultPath("Board.canvas"), data.encode()).source
    assert read is not None
    parse_file(read)


def _json(text: str) -> None:
    with suppress(ValueError):
        find_json(text)


def _standing(text: str) -> None:
    is_claimed(text)
    is_past(text, 0, len(text))
    modality_of(text)
    negations_in(text)


def _read(text: str) -> None:
    found = Reading(text)
    _ = (found.binding, found.condition, found.stances)


READERS: dict[str, Callable[[str], Any]] = {
    "index": _index,
    "bytes": lambda text: decoded(VaultPath("a.md"), text.encode(errors="surrogatepass")),
    "card": _card,
    "claims": lambda text: claims_of(source(text), note(text)),
    "mentions": _mentions,
    "reading": _read,
    "standing": _standing,
    "citation": _cited,
    "question": lambda text: (says_itself(text), unstruck(text), read_question(text)),
    "words": lambda text: list(words(text)),
    "json": _json,
    "fenced code": lambda text: fenced_code(text, "python"),
    "heading": heading_key,
    **{
        reader.__name__: reader
        for reader in (*(stems, content_stems, sentences, language_of, code_name, quantities, dates, is_loop),)
    },
}


def grown(make: Callable[[int], str], readers: dict[str, Callable[[str], Any]] = READERS) -> list[str]:
    """Give the readers that take out of proportion to the text that `make` makes, whenever it is measured."""

    def read_with(reader: Callable[[str], Any]) -> Callable[[int], Callable[[], Any]]:
        def ready(size: int) -> Callable[[], Any]:
            text = make(size)
            return lambda: reader(text)

        return ready

    return [name for name, reader in readers.items() if growth(read_with(reader), _SMALL, _LEAST_S) >= MOST_GROWTH]


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_what_is_repeated_is_read_in_time_that_grows_with_its_length(unit: str) -> None:
    assert grown(repeated(unit)) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_nested_is_read_in_time_that_grows_with_its_length(shape: str) -> None:
    assert grown(SHAPES[shape]) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(UNITS), min_size=2, max_size=4), st.sampled_from(["", "> ", "- ", "[[", "`", "$$\n"]))
def test_so_are_units_put_together(units: list[str], before: str) -> None:
    assert grown(around(before, "".join(units)), {"index": READERS["index"]}) == []


def test_a_name_is_found_in_time_that_does_not_grow_with_the_square_of_the_names() -> None:
    def look(size: int) -> Callable[[], Any]:
        paths = [VaultPath(path) for path in numbered("note about {w} {n}.md\n")(size * 10).splitlines()]
        return lambda: [names_index(paths).near(f"note abuot thing {number}") for number in range(4)]

    assert growth(look, _SMALL, _LEAST_S) < MOST_GROWTH


def test_a_reader_that_looks_at_each_letter_for_each_letter_would_be_found() -> None:
    def slow(text: str) -> int:
        return sum(letter == "b" for at in range(len(text)) for letter in text[at:])

    assert grown(repeated("a"), {"slow": slow}) == ["slow"]
