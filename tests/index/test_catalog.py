from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.diagnostic import Diagnostic
from vaultc.core.digest import digest_text
from vaultc.core.errors import StoreError
from vaultc.core.link import Link, LinkKind, Missing, ResolvedLink, Unresolved
from vaultc.core.rules import BROKEN_LINK
from vaultc.core.source import Span, VaultPath
from vaultc.index.catalog import Catalog, delete_catalog, open_catalog
from vaultc.index.embeddings import EmbedderRecord
from vaultc.index.records import (
    FileRecord,
    diagnostics_json,
    diagnostics_of,
    link_columns,
    link_of,
    resolution_columns,
    resolution_of,
)
from vaultc.index.schema import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A = VaultPath("a.md")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with open_catalog(tmp_path / "catalog.db") as opened:
        yield opened


def test_a_new_catalog_asks_for_reading_and_an_old_one_does_not(tmp_path: Path) -> None:
    with open_catalog(tmp_path / "c.db") as first:
        assert first.needs_reading

    with open_catalog(tmp_path / "c.db") as second:
        assert not second.needs_reading
        second.check_integrity()


def test_a_migration_is_recorded_with_what_it_did(tmp_path: Path) -> None:
    open_catalog(tmp_path / "c.db").close()

    db = sqlite3.connect(tmp_path / "c.db")
    done = [name for (name,) in db.execute("SELECT name FROM migrations ORDER BY name")]
    db.close()

    assert done == [migration.name for migration in MIGRATIONS]


def test_the_catalog_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    open_catalog(tmp_path / "c.db").close()
    db = sqlite3.connect(tmp_path / "c.db")
    db.execute("INSERT INTO migrations VALUES ('m999_future')")
    db.commit()
    db.close()

    with pytest.raises(StoreError, match="newer vaultc"):
        open_catalog(tmp_path / "c.db")


def test_a_catalog_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.db").symlink_to(tmp_path / "elsewhere.db")

    with pytest.raises(StoreError, match="link"):
        open_catalog(tmp_path / "c.db")

    assert not (tmp_path / "elsewhere.db").exists()


def test_a_catalog_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open") as caught:
        open_catalog(tmp_path / "no/such/folder/c.db")

    assert "state_dir" in (caught.value.hint or "")


def test_deleting_leaves_nothing_behind(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path / "c.db")
    catalog.set_setting("a", "b")
    delete_catalog(tmp_path / "c.db")
    catalog.close()

    assert list(tmp_path.iterdir()) == []


def test_what_an_analysis_derived_is_kept_by_version(catalog: Catalog) -> None:
    key = digest_text("note")
    catalog.put_all_derived("claims", 1, {key: {"вода": [1, None]}})

    assert catalog.derived("claims", 1, key) == {"вода": [1, None]}
    assert catalog.derived("claims", 2, key) is None

    catalog.put_all_derived("claims", 2, {key: []})

    assert catalog.derived("claims", 1, key) is None
    assert catalog.derived("claims", 2, key) == []


def set_and_fail(catalog: Catalog, key: str) -> None:
    with catalog.transaction():
        catalog.set_setting(key, "1")
        raise ValueError(key)


def test_a_transaction_that_fails_leaves_nothing_and_a_part_only_itself(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="a"):
        set_and_fail(catalog, "a")
    with catalog.transaction():
        catalog.set_setting("b", "1")
        with pytest.raises(ValueError, match="c"):
            set_and_fail(catalog, "c")

    assert [catalog.setting(key) for key in "abc"] == [None, "1", None]


def test_threads_share_a_catalog(catalog: Catalog) -> None:
    def work(number: int) -> None:
        for step in range(50):
            with catalog.transaction():
                catalog.set_setting(f"{number}", f"{step}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [catalog.setting(f"{number}") for number in range(4)] == ["49"] * 4


def test_a_path_of_any_bytes_is_kept(catalog: Catalog) -> None:
    record = FileRecord(A, b"\xff\x00\n.md", 3, -5, is_note=True, digest=digest_text(""))

    with catalog.transaction():
        catalog.put_file(record)

    assert catalog.files() == {A: record}


def test_vectors_come_back_as_they_were_and_zero_rows_not_at_all(catalog: Catalog) -> None:
    fingerprint, other = digest_text("e"), digest_text("f")
    digests = [digest_text(str(n)) for n in range(3)]
    rows = np.array([[0.6, 0.8], [0, 0], [1, 0]], np.float32)
    with catalog.transaction():
        catalog.embeddings.put_embedder(EmbedderRecord(fingerprint, 2, 3, b"state"))
        catalog.embeddings.put(fingerprint, digests, rows, is_fitted=True)

    found, matrix = catalog.embeddings.matrix(fingerprint)

    assert dict(zip(found, matrix.tolist(), strict=True)) == {
        digests[0]: rows[0].tolist(),
        digests[2]: rows[2].tolist(),
    }
    with catalog.transaction():
        catalog.embeddings.put_embedder(EmbedderRecord(other, 2, 0, b""))
    assert catalog.embeddings.matrix(fingerprint)[0] == ()
    assert catalog.embeddings.embedder(fingerprint) is None


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SPANS = st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda ends: Span(A, min(ends), max(ends)))
LINKS = st.builds(
    Link,
    st.sampled_from(LinkKind),
    TEXT,
    st.lists(TEXT, max_size=3).map(tuple),
    st.none() | TEXT,
    st.none() | TEXT,
    SPANS,
    st.booleans(),
)
PATHS = st.lists(TEXT.map(VaultPath), max_size=3).map(tuple)


@given(LINKS, PATHS, TEXT, st.none() | st.sampled_from(Missing))
def test_links_come_back_as_they_were(
    link: Link, paths: tuple[VaultPath, ...], text: str, missing: Missing | None
) -> None:
    for found in (Unresolved(link, paths), ResolvedLink(link, A, text, None, missing, paths)):
        again = link_of(A, link_columns(link))

        assert resolution_of(again, resolution_columns(found)) == found


@given(TEXT, SPANS, st.lists(st.tuples(SPANS, TEXT), max_size=2).map(tuple), st.none() | TEXT)
def test_diagnostics_come_back_as_they_were(
    message: str, span: Span, related: tuple[tuple[Span, str], ...], advice: str | None
) -> None:
    found = (Diagnostic(BROKEN_LINK, message, span, related, advice),)

    assert diagnostics_of(A, diagnostics_json(found)) == found
