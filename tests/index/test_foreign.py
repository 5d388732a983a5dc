"""An index that came with a vault: of what another machine wrote there, nothing is believed unseen."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from vaultc.disk.seal import Seal
from vaultc.disk.state import open_state
from vaultc.index.catalog import open_catalog
from vaultc.index.current import IndexOptions, VaultLook
from vaultc.index.job import IndexJob, IndexResult

if TYPE_CHECKING:
    from pathlib import Path

HERE, THERE = Seal(b"of this machine"), Seal(b"of another machine")
LIGHT = IndexOptions(vector_store=False)


def index(root: Path, seal: Seal) -> IndexResult:
    return IndexJob(root, open_state(root), options=LIGHT, seal=seal).run()


def is_current(root: Path, seal: Seal) -> bool:
    return VaultLook(root, open_state(root), ignore=None, options=LIGHT, seal=seal).is_current()


def texts(root: Path) -> list[str]:
    with sqlite3.connect(open_state(root).catalog) as db:
        return [row[0] for row in db.execute("SELECT text FROM chunks ORDER BY 1")]


def spoil(root: Path, sql: str) -> None:
    with sqlite3.connect(open_state(root).catalog) as db:
        db.execute(sql)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A vault with an index of another machine in which a sentence is made up."""
    (tmp_path / "Ferry.md").write_text("# Ferry\n\nThe ferry leaves at nine.\n", "utf-8")
    index(tmp_path, THERE)
    spoil(tmp_path, "UPDATE chunks SET text = replace(text, 'nine', 'ten')")
    assert is_current(tmp_path, THERE)
    return tmp_path


def test_it_is_not_current_at_a_glance(root: Path) -> None:
    assert not is_current(root, HERE)


def test_it_is_compared_with_the_notes_once_and_says_what_they_say(root: Path) -> None:
    result = index(root, HERE)

    assert [text for text in texts(root) if "nine" in text]
    assert not [text for text in texts(root) if "ten" in text]
    assert [found.rule.code for found in result.diagnostics] == ["V203"]
    assert is_current(root, HERE)


def test_what_analyses_found_there_is_forgotten(root: Path) -> None:
    spoil(root, "INSERT INTO derived (kind, version, key, value) VALUES ('claims', 1, 'b2:0', '[]')")

    index(root, HERE)

    with sqlite3.connect(open_state(root).catalog) as db:
        assert db.execute("SELECT count(*) FROM derived").fetchone() == (0,)


def test_a_mark_that_was_taken_from_elsewhere_is_none(root: Path) -> None:
    with open_catalog(open_state(root).catalog) as catalog:
        catalog.set_setting("mark of the machine", HERE.mark(("catalog", "another"), b""))

    index(root, HERE)

    assert [text for text in texts(root) if "nine" in text]


def test_an_index_of_this_machine_is_compared_no_second_time(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(root, HERE)
    monkeypatch.setattr("vaultc.index.job.verify", lambda *_: pytest.fail("compared again"))
    (root / "Ferry.md").write_text("# Ferry\n\nThe ferry leaves at eight.\n", "utf-8")

    index(root, HERE)

    assert [text for text in texts(root) if "eight" in text]
