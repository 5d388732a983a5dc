from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.core.errors import StoreError
from vaultc.index.embed import FitOptions, StemEmbedder, fit, unit_rows
from vaultc.index.lexical import prepare

TEXTS = [
    "Часы приливов показывают высоту воды в гавани.",
    "Высота прилива зависит от луны и гавани.",
    "Луна поднимает воду: прилив и отлив.",
    "The greenhouse is watered at six in the morning.",
    "Water the tomatoes in the greenhouse twice a week.",
    "Tomatoes need light, and the morning is bright.",
    "Книги о прочитанном лежат в журнале.",
]
WORDS = st.sampled_from(
    ["вода", "воды", "луна", "гавань", "water", "tomato", "tomatoes", "the", "и", "light", "—", "42"]
)


def fitted(texts: list[str], options: FitOptions | None = None) -> StemEmbedder | None:
    return fit([prepare(text) for text in texts], options)


def test_texts_about_the_same_are_nearer_than_others() -> None:
    embedder = fitted(TEXTS)
    assert embedder is not None

    near = embedder.embed(["приливы и луна"], is_query=True) @ embedder.embed(TEXTS).T

    assert set(np.argsort(-near[0])[:3]) == {0, 1, 2}


def test_words_that_never_met_are_joined_by_their_company() -> None:
    embedder = fitted(["кот молоко", "кот мышь", "мышь сыр", "мотор масло", "мотор бензин"], FitOptions(dimensions=2))
    assert embedder is not None

    milk, cheese, petrol = embedder.embed(["молоко", "сыр", "бензин"])

    assert milk @ cheese > milk @ petrol + 0.3


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=8).map(" ".join), max_size=12))
def test_rows_are_of_unit_length_or_zero_however_small_the_vault(texts: list[str]) -> None:
    embedder = fitted(texts)
    if embedder is None:
        return

    lengths = np.linalg.norm(embedder.embed(texts), axis=1)

    assert np.all(np.isclose(lengths, 1, atol=1e-4) | (lengths == 0))
    assert embedder.dimensions <= max(len(texts), 1)


@pytest.mark.parametrize("texts", [[], [""], ["— … —"], ["и в на the"]])
def test_texts_without_a_word_give_no_embedder(texts: list[str]) -> None:
    assert fitted(texts) is None


def test_the_same_texts_give_the_same_embedder_and_others_another() -> None:
    first, second, third = fitted(TEXTS), fitted(TEXTS), fitted(TEXTS[:-1])
    assert first is not None
    assert second is not None
    assert third is not None

    assert first.fingerprint == second.fingerprint
    assert first.fingerprint != third.fingerprint


def test_an_embedder_survives_being_stored() -> None:
    embedder = fitted(TEXTS)
    assert embedder is not None

    again = StemEmbedder.from_bytes(embedder.to_bytes())

    assert again.fingerprint == embedder.fingerprint
    assert np.array_equal(again.embed(TEXTS), embedder.embed(TEXTS))


@pytest.mark.parametrize("damage", [b"", b"x", b"vaultc-stem-lsa\n", b"vaultc-stem-lsa\nPK\x03\x04xxxx"])
def test_damaged_bytes_are_refused(damage: bytes) -> None:
    with pytest.raises(StoreError, match="damaged"):
        StemEmbedder.from_bytes(damage)


def test_half_of_the_bytes_are_refused() -> None:
    embedder = fitted(TEXTS)
    assert embedder is not None

    with pytest.raises(StoreError):
        StemEmbedder.from_bytes(embedder.to_bytes()[:-200])


def test_a_sample_is_fitted_and_the_rest_projected() -> None:
    embedder = fitted(TEXTS, FitOptions(max_texts=3))
    assert embedder is not None

    rows = embedder.embed(TEXTS)

    assert np.linalg.norm(rows[0]) == pytest.approx(1, abs=1e-4)
    assert not rows[3].any()


def test_a_nearly_zero_row_becomes_zero() -> None:
    rows = unit_rows(np.array([[1e-9, 0], [3, 4]], np.float32))

    assert np.allclose(rows[1], np.array([0.6, 0.8]))
    assert not rows[0].any()


def test_few_texts_and_many_are_fitted_alike() -> None:
    few, many = fitted(TEXTS, FitOptions(dimensions=5)), fitted(TEXTS, FitOptions(dimensions=5, dense_up_to=0))
    assert few is not None
    assert many is not None

    first, second = few.embed(TEXTS), many.embed(TEXTS)

    assert np.allclose(first @ first.T, second @ second.T, atol=1e-3)
