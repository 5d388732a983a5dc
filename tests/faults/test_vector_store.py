"""A vector store that something wrote into: it is made again from the catalog, and nothing is embedded again."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from faults.conftest import some
from faults.driver import Ended, Server, copy_of, dump
from faults.test_damage import DAMAGES, flip

from vaultc.app import searching
from vaultc.app.searching import search_vault
from vaultc.core.digest import digest_text
from vaultc.core.errors import StoreError
from vaultc.disk.state import open_state
from vaultc.index.catalog import open_catalog
from vaultc.index.embed import unit_rows
from vaultc.index.job import IndexJob, IndexOptions
from vaultc.index.vectors import VectorStore

if TYPE_CHECKING:
    from collections.abc import Iterator

Indexed = tuple[Server, Path]


def keep_times(path: Path) -> None:
    """Flip bytes in the middle so that size and time of change are as before."""
    status = path.stat()
    flip(path, status.st_size // 2)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


KINDS = {**DAMAGES, "silent": keep_times}


@pytest.fixture(scope="module")
def indexed(shim: Path, notes: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Indexed]:
    """A vault with a store whose graph is on the disk, and what runs commands on it quickly."""
    scratch = tmp_path_factory.mktemp("store")
    with Server(shim, scratch, chroma=True) as server:
        vault = copy_of(notes, scratch / "vault")
        assert index(server, vault).code == 0
        yield server, vault


def index(server: Server, vault: Path, *more: str) -> Ended:
    return server("index", vault, *more, counted=vault, environment={"HOME": str(vault.parent / "home")})


def files_of_store(vault: Path) -> list[Path]:
    store = vault / ".vaultc/vectors/1"
    return sorted((path.relative_to(vault) for path in store.rglob("*") if path.is_file()), key=lambda path: path.name)


def test_the_store_of_these_tests_has_its_graph_on_the_disk(indexed: Indexed) -> None:
    _, vault = indexed
    names = {path.name: (vault / path).stat().st_size for path in files_of_store(vault)}

    assert set(names) == {
        *("chroma.sqlite3", "data_level0.bin", "header.bin", "index_metadata.pickle", "length.bin", "link_lists.bin"),
    }
    assert names["index_metadata.pickle"] > 100


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_store_is_made_again_without_embedding_anything(kind: str, indexed: Indexed, tmp_path: Path) -> None:
    server, whole = indexed
    files = files_of_store(whole)
    for number in some(len(files), 4):
        file = files[(number + list(KINDS).index(kind)) % len(files)]
        vault = copy_of(whole, tmp_path / "vault")
        good = dump(vault / ".vaultc/catalog.db")
        KINDS[kind](vault / file)

        done = index(server, vault, "--json", *(["--verify"] if kind == "silent" else []))
        assert done.code == 0, f"{file}: {done.said}"
        document = json.loads(done.said)
        assert {found["code"] for found in document["diagnostics"]} <= {"V201"}, file
        assert document["stats"]["embedded"] == 0, file

        checked = index(server, vault, "--verify")  # compares every vector and looks each one up
        assert (checked.code, "V20" in checked.said) == (0, False), f"{file}: {checked.said}"
        assert dump(vault / ".vaultc/catalog.db") == good


@pytest.mark.parametrize("what", ["file", "link", "store-link", "gone", "stray"])
def test_whatever_stands_at_the_place_of_the_store_gives_way(what: str, indexed: Indexed, tmp_path: Path) -> None:
    server, whole = indexed
    vault, mine = copy_of(whole, tmp_path / "vault"), tmp_path / "mine"
    mine.mkdir()
    (mine / "kept.txt").write_text("kept")
    folder = vault / ".vaultc/vectors"
    if what == "stray":
        (folder / "7").symlink_to(mine)
        (folder / "note.txt").write_text("what is this")
    elif what == "store-link":
        (folder / "1").rename(tmp_path / "store")
        (folder / "1").symlink_to(tmp_path / "store")
    else:
        folder.rename(tmp_path / "vectors")
        if what == "file":
            folder.write_text("not a folder")
        elif what == "link":
            folder.symlink_to(mine)
    (vault / "Garden.md").write_text("# Garden\n\nThe pump is new.\n")

    done = index(server, vault)
    checked = index(server, vault, "--verify")

    assert (done.code, "V202" in done.said) == (0, False), done.said
    assert (checked.code, "V20" in checked.said) == (0, False), checked.said
    assert [path.is_dir() and not path.is_symlink() for path in folder.iterdir()] == [True]
    assert {path.name: path.read_text() for path in mine.iterdir()} == {"kept.txt": "kept"}


def test_a_search_over_a_broken_store_finds_what_it_found_before(indexed: Indexed, tmp_path: Path) -> None:
    server, whole = indexed
    vault = copy_of(whole, tmp_path / "vault")
    (vault / ".vaultc/config.toml").write_text('[search]\nvector_store = "chroma"\n')
    words = ("search", "насос качает воду", "--vault", vault, "--json")
    environment = {"HOME": str(tmp_path)}
    expected = server(*words, counted=vault, environment=environment)
    for path in files_of_store(vault):
        keep_times(vault / path)

    found = server(*words, counted=vault, environment=environment)
    index(server, vault)
    checked = index(server, vault, "--verify")

    assert (expected.code, found.code) == (0, 0), expected.said + found.said
    assert found.said == expected.said
    assert (checked.code, "V20" in checked.said) == (0, False), checked.said


def test_a_store_that_breaks_off_in_a_search_is_looked_at_by_the_next_run(
    notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def query(self, *_: object) -> None:
            raise StoreError("it ended with code -11")

    vault = copy_of(notes, tmp_path / "vault")
    state = open_state(vault)
    IndexJob(vault, state, options=IndexOptions(vector_store=False)).run()
    expected = search_vault("насос качает воду", vault).as_json()
    with open_catalog(state.catalog) as catalog:
        catalog.set_setting("vectors.files", "as they were left")
    (state.path / "config.toml").write_text('[search]\nvector_store = "chroma"\n')
    monkeypatch.setattr(searching, "freshen", lambda *_, **__: None)
    monkeypatch.setattr(searching, "reading_store", lambda *_: contextlib.nullcontext(Broken()))

    assert search_vault("насос качает воду", vault).as_json() == expected
    with open_catalog(state.catalog) as catalog:
        assert catalog.setting("vectors.files") is None


def test_what_chroma_did_not_write_shows_once_the_store_is_opened_again(tmp_path: Path) -> None:
    count = 1_050  # past the number at which Chroma writes its graph to the disk
    luck = np.random.default_rng(1)
    vectors = unit_rows(luck.normal(size=(count, 8)).astype(np.float32))
    ids = [digest_text(str(number)) for number in range(count)]
    with VectorStore(tmp_path / "1", digest_text("embedder")) as store:
        store.upsert(ids, vectors)
        store.check(count, ids, vectors)
        (graph,) = (tmp_path / "1").rglob("length.bin")
        graph.write_bytes(bytes(graph.stat().st_size))  # as if it had never come to the disk
        store.check(count, ids, vectors)

        store.reopen()
        with pytest.raises(StoreError, match="missing or another"):
            store.check(count, ids, vectors)
