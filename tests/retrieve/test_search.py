from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.source import VaultPath
from vaultc.disk.state import open_state
from vaultc.index.catalog import open_catalog
from vaultc.index.job import IndexJob, IndexOptions
from vaultc.index.renew import open_store
from vaultc.retrieve.fuse import Weights, fuse, scale
from vaultc.retrieve.query import parse_query
from vaultc.retrieve.search import Searcher, SearchOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from vaultc.core.chunk import Passage
    from vaultc.index.catalog import Catalog

NOTES = {
    "Приливные часы.md": "# Приливные часы\n\nЧасы показывают высоту воды в гавани. Смотри [[Гавань]].\n",
    "Гавань.md": "Глубина у причала — три метра. Суда входят с приливом.\n",
    "Луна.md": "Луна поднимает воду: прилив сменяется отливом дважды в сутки.\n",
    "Greenhouse.md": "# Greenhouse\n\n## Watering\n\nTomatoes are watered at six in the morning.\n\n## Light\n\nSun\n",
    "Budget.md": "The pump costs 40 euros. Watering by hand costs nothing but the morning.\n",
    "Морская вода.md": "Вода морская: соль. Вода в бочке морская не бывает.\n",
    "Empty note about anchors.md": "",
    "Часы.architecture.md": "---\nvaultc-kind: architecture\n---\nЧасы показывают прилив и воду в гавани.\n",
}


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    root = tmp_path / "vault"
    root.mkdir()
    for name, text in NOTES.items():
        (root / name).write_text(text, "utf-8")
    state = open_state(root)
    IndexJob(root, state, options=IndexOptions(vector_store=False)).run()
    with open_catalog(state.catalog) as opened:
        yield opened


def paths(passages: Sequence[Passage]) -> list[str]:
    return [passage.chunk.span.path for passage in passages]


def test_other_forms_of_a_word_are_found_and_named(catalog: Catalog) -> None:
    found = Searcher(catalog).search("глубины и приливы", lexical_only=True)

    assert paths(found)[0] == "Гавань.md"
    assert found[0].reasons == ('words: "Глубина" (asked: "глубины"), "приливом" (asked: "приливы")',)
    assert [passage.rank for passage in found] == list(range(1, len(found) + 1))


def test_scores_and_legs_lie_between_0_and_1_and_fall(catalog: Catalog) -> None:
    for query in ("вода", "watering in the morning", "прилив луна вода часы", "Greenhouse"):
        found = Searcher(catalog).search(query)

        scores = [passage.score for passage in found]
        legs = [leg for one in found for leg in (one.legs.lexical, one.legs.vector) if leg is not None]
        assert scores == sorted(scores, reverse=True)
        assert scores
        assert all(0 < score <= 1 for score in scores)
        assert all(0 <= leg <= 1 for leg in legs)


def test_a_passage_stands_where_its_span_says(catalog: Catalog) -> None:
    for passage in Searcher(catalog).search("вода прилив morning watering"):
        span = passage.chunk.span

        assert NOTES[span.path][span.start : span.end] == passage.chunk.text


def test_titles_and_headings_are_searched(catalog: Catalog) -> None:
    by_heading = Searcher(catalog).search("watering greenhouse", lexical_only=True)
    by_title = Searcher(catalog).search("anchors", lexical_only=True)

    assert by_heading[0].chunk.headings == ("Greenhouse", "Watering")
    assert 'heading: "watering"' in by_heading[0].reasons
    assert 'title: "greenhouse"' in by_heading[0].reasons
    assert paths(by_title) == ["Empty note about anchors.md"]


def test_a_quoted_phrase_that_is_there_is_required(catalog: Catalog) -> None:
    loose = Searcher(catalog).search("вода морская", lexical_only=True)
    strict = Searcher(catalog).search("«вода морская»")
    missing = Searcher(catalog).search('"воды лунной"')

    assert len(loose) > 1
    assert paths(strict) == ["Морская вода.md"]
    assert 'the phrase "вода морская"' in strict[0].reasons
    assert missing


def test_generated_and_excluded_notes_never_appear(catalog: Catalog) -> None:
    found = Searcher(catalog).search("часы гавань прилив вода", exclude=frozenset({VaultPath("Луна.md")}))

    assert found
    assert not {"Луна.md", "Часы.architecture.md"} & set(paths(found))


def test_what_says_the_same_in_other_words_is_found_by_meaning(catalog: Catalog) -> None:
    found = Searcher(catalog).search("прилив")

    by_meaning = [one for one in found if one.legs.lexical is None and one.legs.vector]
    assert by_meaning or all(one.legs.vector for one in found)
    assert any("similar in meaning" in reason for one in found for reason in one.reasons)


def test_the_graph_leg_brings_linked_notes_when_asked(catalog: Catalog) -> None:
    options = SearchOptions(weights=Weights(vector=0.0, graph=0.3))

    without = Searcher(catalog, options=SearchOptions(weights=Weights(vector=0.0))).search("причал")
    found = Searcher(catalog, options=options).search("причал")

    assert paths(without) == ["Гавань.md"]
    assert paths(found) == ["Гавань.md", "Приливные часы.md"]
    assert found[1].reasons == ('linked with "Гавань.md"',)


@pytest.mark.parametrize(
    "query", ["", "   ", "—", '"', "AND OR NOT", 'a" OR "b', "NEAR(x y)", "это и что", "вода*", "x" * 9000]
)
def test_odd_questions_are_answered_without_an_error(query: str, catalog: Catalog) -> None:
    for passage in Searcher(catalog).search(query):
        assert passage.score > 0


@given(st.text(max_size=60))
def test_every_text_is_a_question(text: str) -> None:
    query = parse_query(text)

    assert len(query.phrases) == len(query.phrase_stems)


def test_quoted_words_are_read_in_both_languages() -> None:
    query = parse_query('5" pipe «тёплый пол» and "the pump house" "one"')

    assert "тёплый пол" in query.phrases
    assert parse_query("«" * 2000 + '"' * 1999).phrases == ()


@pytest.mark.native
def test_the_vector_store_gives_what_exact_search_gives(catalog: Catalog) -> None:
    from vaultc.core.event import silent
    from vaultc.index.renew import renew_store

    folder = catalog.path.parent / "vectors"
    renew_store(catalog, folder, silent)
    with open_store(catalog, folder) as store:
        for query in ("прилив и вода", "watering tomatoes", "часы"):
            exact = Searcher(catalog).search(query)
            stored = Searcher(catalog, nearest=store.query).search(query)

            assert paths(stored) == paths(exact)
            assert [one.score for one in stored] == pytest.approx([one.score for one in exact], abs=1e-3)


class Backwards:
    def rerank(self, question: str, texts: Sequence[str]) -> tuple[float, ...]:
        return tuple(number / len(texts) for number in range(len(texts)))


def test_a_reranker_moves_what_it_likes(catalog: Catalog) -> None:
    plain = Searcher(catalog).search("вода прилив")
    found = Searcher(catalog, reranker=Backwards()).search("вода прилив")

    assert {one.chunk.digest for one in found} == {one.chunk.digest for one in plain}
    assert all(one.legs.rerank is not None for one in found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_an_empty_vault_answers_nothing(tmp_path: Path) -> None:
    state = open_state(tmp_path)
    IndexJob(tmp_path, state, options=IndexOptions(vector_store=False)).run()

    with open_catalog(state.catalog) as catalog:
        assert Searcher(catalog).search("вода") == ()


SCORES = st.dictionaries(st.integers(0, 9), st.floats(0, 100), max_size=6)


@given(SCORES, SCORES)
def test_fused_scores_stay_between_0_and_1(lexical: dict[int, float], vector: dict[int, float]) -> None:
    fused = fuse(scale(lexical, floor=0.0), scale(vector), {}, Weights())

    assert {one.id for one in fused} == lexical.keys() | vector.keys()
    assert all(0 <= one.score <= 1 + 1e-9 for one in fused)


def test_words_alone_keep_their_order_when_nothing_is_known_of_meaning() -> None:
    fused = fuse(scale({1: 3.0, 2: 9.0, 3: 6.0}, floor=0.0), {}, {}, Weights())

    assert [one.id for one in fused] == [2, 3, 1]
    assert fused[0].score == 1
