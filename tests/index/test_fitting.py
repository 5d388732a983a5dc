"""The embedder fitted in a process of its own is the one that would be fitted here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vaultc.disk.state import open_state
from vaultc.index import fitting
from vaultc.index.catalog import open_catalog
from vaultc.index.child import ChildError, ChildProcess
from vaultc.index.embed import FitOptions, StemEmbedder
from vaultc.index.fitting import fit_vault
from vaultc.index.job import IndexJob, IndexOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vaultc.index.catalog import Catalog

ELSEWHERE = FitOptions(dimensions=8, dense_up_to=1)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    for number in range(12):
        text = f"# Note {number}\n\nThe pump of tank {number} is watched. Насос качает воду из бака {number}.\n"
        (tmp_path / f"Note {number}.md").write_text(text, "utf-8")
    state = open_state(tmp_path)
    IndexJob(tmp_path, state, options=IndexOptions(fit=None, vector_store=False)).run()
    with open_catalog(state.catalog) as opened:
        yield opened


def test_an_embedder_fitted_elsewhere_is_the_one_fitted_here(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    there = fit_vault(catalog, ELSEWHERE)

    def no_child(*_: object) -> ChildProcess:
        raise ChildError("could not be started")

    monkeypatch.setattr(fitting, "ChildProcess", no_child)
    here = fit_vault(catalog, ELSEWHERE)
    assert isinstance(there, StemEmbedder)
    assert isinstance(here, StemEmbedder)
    assert there.to_bytes() == here.to_bytes()


def test_a_process_that_dies_while_it_fits_costs_time_alone(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "_MODULE", "vaultc.no_such_module")
    assert fit_vault(catalog, ELSEWHERE) is not None


def test_no_library_is_loaded_here_to_fit_many_texts(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_here(*_: object) -> None:
        raise AssertionError("fitted here")

    monkeypatch.setattr(fitting, "fit", not_here)
    assert fit_vault(catalog, ELSEWHERE) is not None


def test_few_texts_are_fitted_without_a_process(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_child(*_: object) -> ChildProcess:
        raise AssertionError("a process was started")

    monkeypatch.setattr(fitting, "ChildProcess", no_child)
    assert fit_vault(catalog, FitOptions(dimensions=8)) is not None
