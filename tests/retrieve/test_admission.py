"""A model's vectors are let in by what they find in the vault's own text, language by language."""

from __future__ import annotations

import random
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes import write_vault

from vaultc.core.digest import Digest, digest_json
from vaultc.core.event import silent
from vaultc.disk.state import open_state
from vaultc.index.catalog import Catalog, open_catalog
from vaultc.index.job import IndexJob, IndexOptions
from vaultc.language.detect import language_of
from vaultc.language.stems import content_stems
from vaultc.retrieve.admission import (
    SETTING,
    Admission,
    AdmittedEmbedder,
    Tried,
    is_stale,
    read_admission,
    try_embedder,
)
from vaultc.retrieve.search import Searcher

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

WORDS = {
    "en": ["pump", "valve", "garden", "river", "window", "engine", "bread", "music", "winter", "letter", "bridge"],
    "ru": ["насос", "клапан", "огород", "река", "окно", "мотор", "хлеб", "музыка", "зима", "письмо", "мост"],
}
MORE = {"en": ["works", "stands", "holds", "opens"], "ru": ["работает", "стоит", "держит", "открывает"]}


class Scripted:
    """Embeds by a rule; `kind` says how good it is."""

    dimensions = 256

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.asked: list[str] = []

    @property
    def fingerprint(self) -> Digest:
        return digest_json(self.kind)

    def embed(self, texts: Sequence[str], *, is_query: bool = False) -> NDArray[np.float32]:
        self.asked += texts
        return np.array([self._row(text) for text in texts], np.float32).reshape(len(texts), self.dimensions)

    def _row(self, text: str) -> NDArray[np.float64]:
        row = np.zeros(self.dimensions)
        if self.kind == "constant":
            row[0] = 1
        elif self.kind == "random" or (self.kind == "english" and language_of(text) == "ru"):
            row = np.random.default_rng(zlib.crc32(text.encode())).normal(size=self.dimensions)
        else:
            for stem in content_stems(text):
                row += np.random.default_rng(zlib.crc32(stem.encode())).normal(size=self.dimensions)
        return np.asarray(row / max(float(np.linalg.norm(row)), 1e-9))


def notes(language: str, count: int) -> dict[str, str]:
    """Give notes, each about three things that few others are about."""
    found: dict[str, str] = {}
    for number in range(count):
        draw = random.Random(number)
        topic = draw.sample(WORDS[language], 3)
        said = [
            f"{' '.join(draw.sample(topic, 3))} {draw.choice(MORE[language])} {n + 2}".capitalize() for n in range(4)
        ]
        found[f"{language}/{number}.md"] = ". ".join(f"{one} {topic[0]}" for one in said) + "."
    return found


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return indexed(tmp_path, {**notes("ru", 60), **notes("en", 30)})


def indexed(root: Path, files: dict[str, str]) -> Catalog:
    root.mkdir(exist_ok=True)
    state = open_state(write_vault(root, files))
    IndexJob(root, state, options=IndexOptions(vector_store=False)).run()
    return open_catalog(state.catalog)


def admitted(catalog: Catalog, kind: str) -> dict[str, bool]:
    found = try_embedder(catalog, Scripted(kind), silent)
    return {one.language: one.is_admitted for one in found.tried}


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("good", {"ru": True, "en": True}),
        ("english", {"ru": False, "en": True}),
        ("constant", {"ru": False, "en": False}),
        ("random", {"ru": False, "en": False}),
    ],
)
def test_a_model_is_let_in_for_the_languages_it_finds_in(catalog: Catalog, kind: str, wanted: dict[str, bool]) -> None:
    with catalog:
        assert admitted(catalog, kind) == wanted


def test_one_that_is_let_in_for_less_than_half_of_the_vault_is_not_used(catalog: Catalog) -> None:
    with catalog:
        found = try_embedder(catalog, Scripted("english"), silent)

    assert found.shares == {"ru": 0.667, "en": 0.333}
    assert found.languages == frozenset()
    lines = found.lines("all-MiniLM-L6-v2")
    assert lines[-1] == "all-MiniLM-L6-v2 is not used: it is let in for less than half of the vault"
    assert lines[1].startswith("all-MiniLM-L6-v2 is kept out for Russian: it finds ")


def test_too_little_text_lets_nothing_in(tmp_path: Path) -> None:
    with indexed(tmp_path, notes("en", 9)) as catalog:
        found = try_embedder(catalog, Scripted("good"), silent)

    assert found.languages == frozenset()
    assert found.lines("good") == ("good is kept out for English: too little text to try it on",)


def test_the_result_is_kept_for_this_embedder_and_obeyed_until_the_languages_change(tmp_path: Path) -> None:
    with indexed(tmp_path, notes("en", 40)) as catalog:
        found = try_embedder(catalog, Scripted("good"), silent)
        assert read_admission(catalog, Scripted("good").fingerprint) == found
        assert read_admission(catalog, Scripted("random").fingerprint) is None
        assert not is_stale(catalog, found)
    with indexed(tmp_path, notes("ru", 40)) as catalog:
        assert read_admission(catalog, Scripted("good").fingerprint) == found
        assert is_stale(catalog, found)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"fingerprint": 1}', "7"])
def test_a_record_that_is_not_ours_is_none(catalog: Catalog, text: str) -> None:
    with catalog:
        catalog.set_setting(SETTING, text)
        assert read_admission(catalog, Scripted("good").fingerprint) is None


def test_texts_in_a_language_that_is_kept_out_have_no_vector_and_cost_nothing() -> None:
    model = Scripted("english")
    embedder = AdmittedEmbedder(model, frozenset({"en"}))

    rows = embedder.embed(["насос стоит", "the pump stands", "мост"])

    assert [bool(row.any()) for row in rows] == [False, True, False]
    assert model.asked == ["the pump stands"]
    assert embedder.fingerprint != AdmittedEmbedder(model, frozenset({"en", "ru"})).fingerprint


def test_a_question_in_a_language_that_is_kept_out_is_answered_as_by_words(tmp_path: Path) -> None:
    embedder = AdmittedEmbedder(Scripted("english"), frozenset({"en"}))
    root = tmp_path
    state = open_state(write_vault(root, {**notes("ru", 20), **notes("en", 40)}))
    IndexJob(root, state, options=IndexOptions(vector_store=False), embedder=embedder).run()
    with open_catalog(state.catalog) as catalog:
        searcher = Searcher(catalog, embedder=embedder)
        for question, differs in (("насос и мост", False), ("pump and bridge", True)):
            both = [one.chunk.span.path for one in searcher.search(question)]
            legs = [one.legs.vector for one in searcher.search(question)]
            words = [one.chunk.span.path for one in searcher.search(question, lexical_only=True)]
            assert any(leg is not None for leg in legs) is differs
            assert differs or both == words


def test_nearly_as_many_as_the_better_of_the_others_is_enough() -> None:
    assert Tried("en", 40, 100, model=36, words=30, own=40).is_admitted
    assert not Tried("en", 40, 100, model=35, words=30, own=40).is_admitted
    assert Tried("en", 40, 100, model=36, words=30, own=40).line("it") == (
        "it is let in for English: it finds 36 of 40 passages, words find 30, vectors of the vault's own 40"
    )
    assert Admission(Digest("b2:0"), {"en": 0.4}, (Tried("en", 40, 100, 40, 40, 40),)).languages == frozenset()
