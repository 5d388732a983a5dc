"""A catalog that something wrote into: each file, each kind of damage, each table and column."""

from __future__ import annotations

import os
import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from faults.conftest import some
from faults.driver import copy_of, dump, files_of

from vaultc.disk.state import open_state
from vaultc.index.job import IndexJob, IndexOptions, IndexResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIGHT = IndexOptions(vector_store=False)
PAGE = 4096


def flip(path: Path, at: int, count: int = 20) -> None:
    """Turn some bytes of a file into others."""
    data = bytearray(path.read_bytes())
    data[at : at + count] = bytes(byte ^ 0xA5 for byte in data[at : at + count])
    path.write_bytes(data)


def to_link(path: Path) -> None:
    """Move a file away and leave a link to it."""
    other = path.with_name("elsewhere")
    path.rename(other)
    path.symlink_to(other)


def to_folder(path: Path) -> None:
    """Put a folder at the place of a file."""
    path.unlink()
    path.mkdir()
    (path / "in it").write_text("something")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "flip-head": lambda path: flip(path, 0),
    "flip-header-fields": lambda path: flip(path, 30, 30),
    "flip-schema": lambda path: flip(path, 200),
    "flip-middle": lambda path: flip(path, path.stat().st_size // 2),
    "half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "odd-size": lambda path: os.truncate(path, max(path.stat().st_size - 777, 0)),
    "empty": lambda path: os.truncate(path, 0),
    "gone": lambda path: path.unlink(),
    "garbage": lambda path: path.write_bytes(os.urandom(20_000)),
    "text": lambda path: path.write_text("not a database at all\n" * 500),
    "folder": to_folder,
    "link": to_link,
}


def index(root: Path, *, verify: bool = False) -> IndexResult:
    return IndexJob(root, open_state(root), options=LIGHT).run(verify=verify)


def catalog(root: Path) -> Path:
    return root / ".vaultc/catalog.db"


@pytest.fixture(scope="module")
def killed(notes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An indexed vault as a killed run leaves it, with its write-ahead log."""
    folder = tmp_path_factory.mktemp("killed")
    vault = copy_of(notes, folder / "a")
    index(vault)
    reader = sqlite3.connect(catalog(vault))  # while it reads, the log is not put into the file
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM files").fetchone()
    (vault / "Garden.md").write_text("# Garden\n\nNothing grows, the [[Насос]] stands still.\n")
    index(vault)
    left = copy_of(vault, folder / "vault")
    reader.close()
    assert {path.name for path in catalog(left).parent.glob("catalog.db*")} == {
        *("catalog.db", "catalog.db-wal", "catalog.db-shm"),
    }
    return left


@pytest.fixture(scope="module")
def good(killed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a first run on the vault gives."""
    vault = copy_of(killed, tmp_path_factory.mktemp("good") / "vault")
    shutil.rmtree(vault / ".vaultc")
    index(vault)
    return dump(catalog(vault))


@pytest.mark.parametrize("name", ["catalog.db", "catalog.db-wal", "catalog.db-shm"])
@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_file_of_the_catalog_ends_in_a_right_index(
    name: str, kind: str, killed: Path, good: dict[str, Any], tmp_path: Path
) -> None:
    vault = copy_of(killed, tmp_path / "vault")
    DAMAGES[kind](vault / ".vaultc" / name)

    first = index(vault)
    if kind == "flip-middle":  # SQLite may not see it; the comparison with the notes does
        index(vault, verify=True)

    assert dump(catalog(vault)) == good
    assert files_of(vault) == files_of(killed)
    assert [found.rule.code for found in first.diagnostics] in ([], ["V203"])


@pytest.mark.parametrize("kind", ["flip-head", "garbage", "folder", "link"])
def test_a_catalog_that_is_none_is_reported_and_kept_aside(kind: str, killed: Path, tmp_path: Path) -> None:
    vault = copy_of(killed, tmp_path / "vault")
    DAMAGES[kind](catalog(vault))

    found = index(vault).diagnostics

    assert [one.rule.code for one in found] == ["V203"]
    assert "catalog.broken-1.db" in (found[0].help or "")
    assert os.path.lexists(vault / ".vaultc/catalog.broken-1.db")
    assert index(vault).diagnostics == ()


def test_of_catalogs_set_aside_only_the_last_is_kept_and_a_rebuild_keeps_none(killed: Path, tmp_path: Path) -> None:
    vault = copy_of(killed, tmp_path / "vault")
    for _ in range(3):
        flip(catalog(vault), 0)
        index(vault)

    assert [path.name for path in catalog(vault).parent.glob("*broken*")] == ["catalog.broken-3.db"]

    IndexJob(vault, open_state(vault), options=LIGHT).run(rebuild=True)

    assert list(catalog(vault).parent.glob("*broken*")) == []


@pytest.fixture(scope="module")
def whole(killed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same vault, indexed and at rest: one file."""
    vault = copy_of(killed, tmp_path_factory.mktemp("whole") / "vault")
    index(vault)
    return vault


def test_bytes_flipped_in_any_page_are_found_by_a_comparison(whole: Path, good: dict[str, Any], tmp_path: Path) -> None:
    for page in some(catalog(whole).stat().st_size // PAGE, 4):
        at = (3, PAGE // 2, PAGE - 300)[page % 3]
        vault = copy_of(whole, tmp_path / "vault")
        flip(catalog(vault), page * PAGE + at)

        index(vault)
        index(vault, verify=True)

        assert dump(catalog(vault)) == good, f"page {page}, byte {at}"
        assert files_of(vault) == files_of(whole)


def other(value: object) -> object:
    """Give a value of the same type that is not the same."""
    match value:
        case int():
            return value + 1
        case str():
            return value[:-1] + ("x" if value[-1:] != "x" else "y")
        case bytes():
            middle = len(value) // 2
            return value[:middle] + bytes([value[middle] ^ 0x41]) + value[middle + 1 :] if value else b"x"
        case _:
            return 7


def spoiled_columns(path: Path) -> list[tuple[str, str]]:
    """Give the tables with rows and their columns."""
    db = sqlite3.connect(path)
    found = []
    for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search_%'"):
        cursor = db.execute(f'SELECT * FROM "{table}" LIMIT 1')
        if cursor.fetchone() is not None:
            found += [(table, column[0]) for column in cursor.description]
    db.close()
    return found


def spoil(path: Path, table: str, column: str) -> None:
    """Change one value of a column behind the index's back, as a flipped bit would."""
    db = sqlite3.connect(path)
    cursor = db.execute(f'SELECT * FROM "{table}" ORDER BY "{column}" IS NULL, "{column}" DESC LIMIT 1')
    row, names = cursor.fetchone(), [item[0] for item in cursor.description]
    where = " AND ".join(f'"{name}" IS ?' for name in names)
    new = other(row[names.index(column)])
    assert db.execute(f'UPDATE OR REPLACE "{table}" SET "{column}" = ? WHERE {where}', (new, *row)).rowcount > 0
    db.commit()
    db.close()


def test_one_value_changed_in_any_column_is_found_by_a_comparison(
    whole: Path, good: dict[str, Any], tmp_path: Path
) -> None:
    columns = spoiled_columns(catalog(whole))
    assert len(columns) > 60
    for table, column in columns:
        vault = copy_of(whole, tmp_path / "vault")
        spoil(catalog(vault), table, column)

        index(vault)
        index(vault, verify=True)

        assert dump(catalog(vault)) == good, f"{table}.{column}"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE chunks SET text = 'something else' WHERE id = 2", "is not what they say"),
        ("UPDATE headings SET text = 'another' WHERE ord = 0", "is not what they say"),
        ("UPDATE links SET target = 'elsewhere' WHERE id = 1", "is not what they say"),
        ("UPDATE links SET path = 'Garden.md', missing = NULL WHERE path IS NULL", "resolved links otherwise"),
        ("UPDATE search SET text = 'nothing' WHERE rowid = (SELECT min(id) FROM chunks)", "is not what they say"),
        ("UPDATE files SET diagnostics = '[]', digest = 'b2:00' WHERE id = 1", "is not what they say"),
        ("UPDATE embeddings SET vector = zeroblob(length(vector)) WHERE rowid = 1", "1 vectors were not"),
        ("UPDATE embedders SET state = zeroblob(length(state))", "vectors were not"),
        ("DELETE FROM search WHERE rowid = 2", "of 9 chunks"),
        ("DELETE FROM headings", "is not what they say"),
        ("DELETE FROM notes WHERE id = 3", "some rows hang on nothing"),
    ],
)
def test_silent_damage_is_told_by_a_comparison_and_mended(
    statement: str, told: str, whole: Path, good: dict[str, Any], tmp_path: Path
) -> None:
    vault = copy_of(whole, tmp_path / "vault")
    db = sqlite3.connect(catalog(vault))
    db.execute(statement)
    db.commit()
    db.close()

    found = index(vault, verify=True).diagnostics

    assert [one.rule.code for one in found] == ["V203"]
    assert told in found[0].message
    assert dump(catalog(vault)) == good
    assert index(vault, verify=True).diagnostics == ()
