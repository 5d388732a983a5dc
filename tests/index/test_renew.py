from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from vaultc.core.digest import Digest, digest_text
from vaultc.core.errors import StoreError
from vaultc.core.event import silent
from vaultc.disk.state import open_state
from vaultc.index import account, renew
from vaultc.index.catalog import open_catalog
from vaultc.index.embed import FitOptions, unit_rows
from vaultc.index.job import IndexJob, IndexOptions
from vaultc.index.renew import open_store
from vaultc.index.vectors import VectorStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

LIGHT = IndexOptions(vector_store=False)


class Letters:
    """An embedder that needs no fit: counts of some letters."""

    dimensions = 3

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.fingerprint: Digest = digest_text("letters")

    def embed(self, texts: Sequence[str], *, is_query: bool = False) -> NDArray[np.float32]:
        self.seen += texts
        rows = np.array([[text.count(letter) + 1 for letter in "abc"] for text in texts], np.float32)
        return unit_rows(rows)


def write(root: Path, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        (root / f"n{number}.md").write_text(f"note {number} about water and word{number % 7}\n")


def fingerprint_of(root: Path) -> str | None:
    with open_catalog(root / ".vaultc/catalog.db") as catalog:
        return catalog.setting("embedder")


def test_a_model_embeds_each_text_once(tmp_path: Path) -> None:
    write(tmp_path, 3)
    state, model = open_state(tmp_path), Letters()

    first = IndexJob(tmp_path, state, options=LIGHT, embedder=model).run().stats.embedded
    write(tmp_path, 1, start=3)
    second = IndexJob(tmp_path, state, options=LIGHT, embedder=model).run().stats.embedded
    again = IndexJob(tmp_path, state, options=LIGHT, embedder=model).run().stats.embedded

    assert (first, second, again) == (3, 1, 0)
    assert len(model.seen) == 4


def test_another_embedder_takes_over_and_back(tmp_path: Path) -> None:
    write(tmp_path, 3)
    state = open_state(tmp_path)
    IndexJob(tmp_path, state, options=LIGHT).run()
    own = fingerprint_of(tmp_path)

    stats = IndexJob(tmp_path, state, options=LIGHT, embedder=Letters()).run().stats
    assert (stats.embedded, stats.unchanged) == (3, 3)
    assert fingerprint_of(tmp_path) == Letters().fingerprint

    assert IndexJob(tmp_path, state, options=LIGHT).run().stats.embedded == 3
    assert fingerprint_of(tmp_path) == own


def test_a_large_vault_projects_few_changes_and_refits_on_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "ALWAYS_REFIT_BELOW", 10)
    write(tmp_path, 30)
    state = open_state(tmp_path)
    IndexJob(tmp_path, state, options=LIGHT).run()
    fitted = fingerprint_of(tmp_path)

    write(tmp_path, 2, start=30)
    few = IndexJob(tmp_path, state, options=LIGHT).run().stats.embedded
    assert (few, fingerprint_of(tmp_path)) == (2, fitted)

    write(tmp_path, 2, start=32)
    many = IndexJob(tmp_path, state, options=LIGHT).run().stats.embedded
    assert many == 34
    assert fingerprint_of(tmp_path) != fitted


def test_a_projected_vector_is_what_the_fit_would_have_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "ALWAYS_REFIT_BELOW", 0)
    write(tmp_path, 20)
    state = open_state(tmp_path)
    IndexJob(tmp_path, state, options=LIGHT).run()
    with open_catalog(state.catalog) as catalog:
        fingerprint = Digest(catalog.setting("embedder") or "")
        digests, matrix = catalog.embeddings.matrix(fingerprint)
        with catalog.transaction():
            catalog.embeddings.drop(fingerprint, digests[:1])
        renew.renew_embeddings(catalog, None, FitOptions(), silent)

        again, projected = catalog.embeddings.matrix(fingerprint)

    assert again == digests
    assert np.allclose(projected, matrix, atol=1e-5)


@pytest.mark.native
@pytest.mark.parametrize("step", ["upsert", "check"])
def test_a_run_stopped_at_the_vector_store_is_finished_by_the_next(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 4)
    state = open_state(tmp_path)
    IndexJob(tmp_path, state).run()
    write(tmp_path, 2, start=4)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(VectorStore, step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        IndexJob(tmp_path, state).run()
    monkeypatch.undo()
    IndexJob(tmp_path, state).run()

    with open_catalog(state.catalog) as catalog, open_store(catalog, state.vectors) as store:
        digests, matrix = catalog.embeddings.matrix(Digest(catalog.setting("embedder") or ""))
        store.check(6, digests, matrix)
    assert len(list(state.vectors.iterdir())) == 1


def test_a_store_that_was_never_made_is_an_error(tmp_path: Path) -> None:
    with open_catalog(tmp_path / "c.db") as catalog, pytest.raises(StoreError, match="no vector store"):
        open_store(catalog, tmp_path / "vectors")


@pytest.mark.native
def test_a_few_vectors_of_many_may_be_owed_and_are_paid_by_a_run_that_may_not(tmp_path: Path) -> None:
    write(tmp_path, 210)
    model = Letters()

    def run(options: IndexOptions) -> int:
        IndexJob(tmp_path, open_state(tmp_path), options=options, embedder=model).run()
        with open_catalog(tmp_path / ".vaultc/catalog.db") as catalog:
            return catalog.embeddings.owed(model.fingerprint)

    first = run(IndexOptions(may_owe=True))
    write(tmp_path, 2, start=210)
    owing = run(IndexOptions(may_owe=True))
    write(tmp_path, 1, start=212)
    too_many = run(IndexOptions(may_owe=True))
    write(tmp_path, 1, start=213)
    owing_again = run(IndexOptions(may_owe=True))
    paid = run(IndexOptions())

    assert (first, owing, too_many, owing_again, paid) == (0, 2, 0, 1, 0)
    with (
        open_catalog(tmp_path / ".vaultc/catalog.db") as catalog,
        open_store(catalog, tmp_path / ".vaultc/vectors") as store,
    ):
        assert store.count() == 214


@pytest.mark.parametrize("seed", range(4))
def test_what_is_counted_along_is_never_less_than_what_is_there(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "ALWAYS_REFIT_BELOW", 10)
    dice = random.Random(seed)
    write(tmp_path, 60)
    state = open_state(tmp_path)
    for step in range(8):
        with open_catalog(state.catalog) as catalog:
            fitted = fingerprint_of(tmp_path)
        for number in dice.sample(range(60), dice.randint(0, 4)):
            path = tmp_path / f"n{number}.md"
            text = dice.choice(["", "other words", f"note {number + 1} about water", f"step {step}\n\n# More\n\nword"])
            if text or not path.exists():
                path.write_text(f"{text}\n", "utf-8")
            else:
                path.unlink()
        IndexJob(tmp_path, state, options=LIGHT).run()
        with open_catalog(state.catalog) as catalog:
            fingerprint = Digest(catalog.setting("embedder") or "")
            table = catalog.embeddings
            record = table.embedder(fingerprint)
            assert record is not None
            assert table.missing(fingerprint, everything=True) == ()
            assert {*table.matrix(fingerprint)[0]} <= {*table.wanted_digests()}
            assert table.touched() == 0
            used, used_fitted = table.count(fingerprint)
            changed = (used - used_fitted) + (record.fitted - used_fitted)
            assert changed <= account.REFIT_SHARE * record.fitted  # else it were fitted again
            assert changed <= int(catalog.setting("embeddings.changed") or 0)
            assert fitted is None or changed == 0 or fingerprint == fitted
