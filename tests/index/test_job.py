from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vaultc.core.chunk import ChunkOptions
from vaultc.core.digest import Digest
from vaultc.core.errors import StoreError
from vaultc.core.source import VaultPath
from vaultc.disk.lock import vault_lock
from vaultc.disk.state import StateDir, open_state
from vaultc.index import job as job_module
from vaultc.index import reading as reading_module
from vaultc.index.catalog import Catalog, open_catalog
from vaultc.index.current import VaultLook
from vaultc.index.embed import FitOptions
from vaultc.index.job import IndexJob, IndexOptions, IndexResult
from vaultc.index.renew import open_store
from vaultc.syntax.parse import parse_note
from vaultc.vault.walk import walk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vaultc.core.source import Source

LIGHT = IndexOptions(vector_store=False, lock_timeout_s=0.0)
NOTES = {
    "Идеи/Часы.md": "# Часы\n\nЧасы показывают прилив. См. [[Гавань]] и [[Нет такой]].\n",
    "Гавань.md": "---\naliases: [порт]\n---\n# Гавань\n\n## Вода\n\nПрилив высок. ^tide\n",
    "Tide.md": "# Tide\n\nThe tide clock shows the water. [[Гавань#Вода]] [[Гавань#^tide]] [[порт]]\n",
    "Garden.md": "# Garden\n\nTomatoes are watered in the morning.\n",
}


def write(root: Path, notes: Mapping[str, str]) -> None:
    for name, text in notes.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def index(root: Path, options: IndexOptions = LIGHT, *, rebuild: bool = False, verify: bool = False) -> IndexResult:
    return IndexJob(root, open_state(root), options=options).run(rebuild=rebuild, verify=verify)


def contents(state: StateDir) -> dict[str, Any]:
    """Give all that a catalog says, without row ids and times, and the vectors."""
    db = sqlite3.connect(state.catalog)
    named = "SELECT files.path, {} FROM {} JOIN files ON files.id = {}.{} ORDER BY 1, 2, 3, 4, 5"
    found: dict[str, Any] = {
        "notes": db.execute(named.format("title, language, is_generated, length, digest", "notes", "notes", "id")),
        "aliases": db.execute("SELECT path, alias FROM aliases JOIN files ON id = note ORDER BY 1, aliases.rowid"),
        "headings": db.execute(named.format("ord, level, text, start, stop", "headings", "headings", "note")),
        "blocks": db.execute(named.format("block, start, stop, 0", "block_ids", "block_ids", "note")),
        "tags": db.execute(named.format("name, start, stop, 0", "tags", "tags", "note")),
        "links": db.execute(
            named.format(
                "start, stop, kind, target, block, is_resolved, links.path, heading, found_block, missing, candidates",
                *("links", "links", "note"),
            )
        ),
        "chunks": db.execute(
            named.format("ord, start, stop, text, headings, chunks.digest", "chunks", "chunks", "note")
        ),
        "search": db.execute(
            "SELECT path, ord, search.title, search.headings, search.text FROM search"
            " JOIN chunks ON chunks.id = search.rowid JOIN files ON files.id = chunks.note ORDER BY 1, 2"
        ),
        "files": db.execute("SELECT path, disk, size, is_note, digest, diagnostics FROM files ORDER BY 1"),
        "embedders": db.execute("SELECT fingerprint, dimensions, fitted FROM embedders"),
        "embedded": db.execute("SELECT fingerprint, digest FROM embeddings ORDER BY 1, 2"),
        "paid": db.execute("SELECT digest FROM paid ORDER BY 1"),
    }
    result = {key: value.fetchall() for key, value in found.items()}
    vectors = db.execute("SELECT vector FROM embeddings ORDER BY fingerprint, digest").fetchall()
    result["vectors"] = [np.frombuffer(row[0], "<f4").round(4).tolist() for row in vectors]
    result["orphans"] = db.execute("SELECT count(*) FROM search WHERE rowid NOT IN (SELECT id FROM chunks)").fetchall()
    db.close()
    return result


def full(root: Path, scratch: Path) -> dict[str, Any]:
    """Give what a first run over the vault as it is now leaves."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    state = open_state(root, scratch)
    IndexJob(root, state, options=LIGHT).run()
    return contents(state)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    folder.mkdir()
    write(folder, NOTES)
    return folder


def test_a_first_run_counts_what_it_read(root: Path) -> None:
    stats = index(root).stats

    assert (stats.added, stats.notes, stats.failed, stats.unchanged) == (4, 4, 0, 0)
    assert stats.chunks == stats.embedded == 4


def test_links_are_resolved_with_heading_block_and_hint(root: Path) -> None:
    index(root)

    with open_catalog(root / ".vaultc/catalog.db") as catalog:
        links = {
            link.link.target + str(link.link.headings) + str(link.link.block): link for link in catalog.links.all()
        }
        back = catalog.links.into(VaultPath("Гавань.md"))
        near = catalog.links.neighbours([VaultPath("Гавань.md")])

    assert getattr(links["Гавань('Вода',)None"], "heading", None) == "Вода"
    assert getattr(links["Гавань()tide"], "block", None) == "tide"
    assert getattr(links["порт()None"], "alias_candidates", None) == ("Гавань.md",)
    assert getattr(links["Нет такой()None"], "alias_candidates", None) == ()
    assert len(back) == 3
    assert near == {"Гавань.md": {"Tide.md", "Идеи/Часы.md"}}


def test_a_second_run_parses_nothing_and_writes_no_note(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(root)
    before = contents(open_state(root))
    parsed: list[object] = []
    monkeypatch.setattr(reading_module, "parse_file", lambda source: parsed.append(source.path))

    stats = index(root).stats

    assert parsed == []
    assert (stats.added, stats.modified, stats.unchanged, stats.embedded) == (0, 0, 4, 0)
    assert contents(open_state(root)) == before


def test_only_the_changed_note_is_parsed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(root)
    write(root, {"Garden.md": "# Garden\n\nNothing grows.\n"})
    os.utime(root / "Tide.md", ns=(1, 1))
    parsed: list[str] = []

    def parse(source: Source) -> Any:
        parsed.append(source.path)
        return parse_note(source)

    monkeypatch.setattr(reading_module, "parse_file", parse)

    stats = index(root).stats

    assert parsed == ["Garden.md"]
    assert (stats.modified, stats.unchanged) == (1, 3)


def test_a_moved_note_keeps_its_chunks_and_vectors_and_is_not_parsed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(root)
    (root / "Tide.md").rename(root / "Идеи/Tide.md")
    parsed: list[object] = []
    monkeypatch.setattr(reading_module, "parse_file", lambda source: parsed.append(source.path))

    stats = index(root).stats
    monkeypatch.undo()

    assert parsed == []
    assert (stats.moved, stats.added, stats.removed, stats.embedded) == (1, 0, 0, 0)
    assert contents(open_state(root)) == full(root, tmp_path / "scratch")


def test_a_renamed_note_is_searched_by_its_new_name(root: Path, tmp_path: Path) -> None:
    index(root)
    (root / "Tide.md").rename(root / "Идеи/Moved.md")

    stats = index(root).stats

    assert (stats.moved, stats.added, stats.modified, stats.removed) == (1, 0, 0, 0)
    assert contents(open_state(root)) == full(root, tmp_path / "scratch")


def test_a_note_that_cannot_be_read_is_reported_and_does_not_stop_the_others(root: Path) -> None:
    (root / "Binary.md").write_bytes(bytes(range(256)) * 10)

    for _ in range(2):  # the second run says so again
        result = index(root)

        assert (result.stats.failed, result.stats.notes) == (1, 4)
        assert [found.rule.code for found in result.diagnostics] == ["V110"]

    (root / "Binary.md").write_text("words")
    stats = index(root).stats

    assert (stats.failed, stats.notes, stats.added, stats.modified) == (0, 5, 0, 1)


def test_a_slip_of_the_parser_costs_one_note(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slip(source: Any) -> Any:
        if source.path == "Tide.md":
            raise IndexError("odd")
        return parse_note(source)

    monkeypatch.setattr(reading_module, "parse_file", slip)

    result = index(root)

    assert (result.stats.notes, result.stats.failed) == (3, 1)
    assert "IndexError: odd" in result.diagnostics[0].message


def test_letters_that_no_file_can_hold_do_not_stop_the_run(root: Path) -> None:
    write(root, {"odd.md": '---\naliases: ["\\ud83d\\ude00 \\ud800"]\n---\ntext\n'})

    assert index(root).stats.notes == 5


def test_generated_notes_are_known_but_not_searched(root: Path) -> None:
    write(root, {"Часы.architecture.md": "---\nvaultc-kind: architecture\n---\n# Часы\n\nПрилив.\n"})

    index(root)

    with open_catalog(root / ".vaultc/catalog.db") as catalog:
        record = catalog.notes.record(VaultPath("Часы.architecture.md"))
        chunks = catalog.notes.chunks_of(VaultPath("Часы.architecture.md"))
    assert record is not None
    assert record.is_generated
    assert chunks == ()


def test_a_new_note_resolves_the_links_that_waited_for_it(root: Path, tmp_path: Path) -> None:
    index(root)
    write(root, {"Нет такой.md": "теперь есть"})

    index(root)

    assert contents(open_state(root)) == full(root, tmp_path / "scratch")


@pytest.mark.parametrize("step", ["resolve_links", "renew_embeddings", "read_source", "put_all"])
def test_an_interrupted_run_is_finished_by_the_next(
    step: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(root)
    write(root, {"Tide.md": "# Tide\n\nOther words. [[Garden]]\n", "New.md": "new [[Tide]]", "A.md": "[[New]]"})
    (root / "Garden.md").unlink()
    module = reading_module if step == "read_source" else job_module
    real = getattr(module, step)
    calls: list[int] = []

    def interrupt(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) > (1 if step in {"read_source", "put_all"} else 0):
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(module, step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        index(root, IndexOptions(vector_store=False, batch=1))
    monkeypatch.undo()

    index(root)

    assert contents(open_state(root)) == full(root, tmp_path / "scratch")


def is_current(root: Path, options: IndexOptions = LIGHT) -> bool:
    return VaultLook(root, open_state(root), ignore=None, options=options).is_current()


def test_a_vault_that_looks_as_it_did_is_current_at_a_glance(root: Path) -> None:
    assert not is_current(root)

    index(root)

    assert is_current(root)
    assert not is_current(root, IndexOptions(chunks=ChunkOptions(50, 90), vector_store=False))
    assert not is_current(root, IndexOptions(fit=None, vector_store=False))


@pytest.mark.parametrize("change", ["edit", "add", "remove", "rename", "ignore", "attachment", "move"])
def test_any_change_is_seen_at_a_glance(change: str, root: Path) -> None:
    index(root)
    note = root / "Tide.md"
    match change:
        case "edit":
            note.write_text(note.read_text("utf-8").replace("shows", "knows"), "utf-8")
            os.utime(note, ns=(1, 1))
        case "add":
            write(root, {"Идеи/New.md": "new"})
        case "remove":
            note.unlink()
        case "rename":
            note.rename(root / "Tido.md")
        case "move":
            note.rename(root / "Идеи/Tide.md")
        case "ignore":
            write(root, {".vaultcignore": "Tide.md"})
        case _:
            write(root, {"picture.png": ""})

    assert not is_current(root)

    index(root)

    assert is_current(root)


def test_a_run_that_left_something_undone_is_not_current(root: Path) -> None:
    index(root)
    (root / "Binary.md").write_bytes(bytes(range(256)) * 10)
    index(root)

    assert not is_current(root)  # what could not be read is tried again

    (root / "Binary.md").unlink()
    index(root)
    with open_catalog(root / ".vaultc/catalog.db") as catalog:
        catalog.set_setting("unfinished", "1")

    assert not is_current(root)


def test_a_vault_is_indexed_without_vectors_when_asked_and_with_them_again(root: Path, tmp_path: Path) -> None:
    index(root)

    without = index(root, IndexOptions(fit=None, vector_store=False))
    with open_catalog(root / ".vaultc/catalog.db") as catalog:
        counts = catalog.counts()
    again = index(root)

    assert (without.stats.embedded, without.stats.modified, counts.embeddings) == (0, 0, 0)
    assert again.stats.embedded == 4
    assert contents(open_state(root)) == full(root, tmp_path / "scratch")


KILLED = """
import sys, pathlib
from vaultc.disk.state import open_state
from vaultc.index.job import IndexJob, IndexOptions
root = pathlib.Path(sys.argv[1])
print("go", flush=True)
IndexJob(root, open_state(root), options=IndexOptions(vector_store=False, batch=2)).run()
"""


@pytest.mark.parametrize("delay_s", [0.02, 0.1, 0.3])
def test_a_killed_run_is_finished_by_the_next(delay_s: float, root: Path, tmp_path: Path) -> None:
    write(root, {f"n{n}.md": f"# N{n}\n\n{n} words [[n{n + 1}]] and water.\n" for n in range(60)})
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", KILLED, str(root)], stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)

    index(root)

    assert contents(open_state(root)) == full(root, tmp_path / "scratch")


def test_a_second_writer_is_turned_away(root: Path) -> None:
    state = open_state(root)

    with vault_lock(state.path), pytest.raises(StoreError, match=f"process {os.getpid()}"):
        index(root)


def test_a_damaged_catalog_is_set_aside_and_made_again(root: Path) -> None:
    index(root)
    path = root / ".vaultc/catalog.db"
    path.write_bytes(os.urandom(5000))
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)

    result = index(root)

    assert result.stats.added == 4
    assert [found.rule.code for found in result.diagnostics] == ["V203"]
    assert len(list(path.parent.glob("catalog.broken-*.db"))) == 1
    assert index(root).diagnostics == ()


SLIPS = (KeyError, ValueError, TypeError, AttributeError, AssertionError, RecursionError, ZeroDivisionError)


@pytest.mark.parametrize("place", ["walk", "diff", "resolve_links", "renew_embeddings"])
@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.__name__)
def test_a_slip_of_ours_is_no_damage_and_leaves_the_catalog_as_it_is(
    slip: type[Exception], place: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(root)
    catalog = open_state(root).catalog
    with open_catalog(catalog) as opened:
        opened.set_setting("unfinished", "1")  # so that links and vectors are looked at
    before = catalog.read_bytes()

    def slipping(*_: object, **__: object) -> None:
        raise slip("x")

    monkeypatch.setattr(job_module, place, slipping)
    with pytest.raises(slip):
        index(root)

    assert catalog.read_bytes() == before
    assert [path.name for path in catalog.parent.glob("*.db*")] == ["catalog.db"]
    monkeypatch.undo()
    assert index(root).diagnostics == ()


def test_a_slip_over_a_catalog_that_is_damaged_has_it_made_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(root)
    db = sqlite3.connect(open_state(root).catalog)
    db.execute("DELETE FROM notes WHERE id = 1")
    db.commit()
    db.close()
    calls: list[int] = []

    def slipping(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise KeyError("x")
        return walk(*arguments, **options)

    monkeypatch.setattr(job_module, "walk", slipping)

    found = index(root).diagnostics

    assert [one.rule.code for one in found] == ["V203"]
    assert "some rows hang on nothing" in found[0].message


def test_our_own_mistake_in_a_statement_is_no_damage(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(root)
    catalog = open_state(root).catalog
    before = catalog.read_bytes()
    monkeypatch.setattr(Catalog, "files", lambda self: self._db.rows("SELECT ?", (1, 2)))

    with pytest.raises(sqlite3.ProgrammingError):
        index(root)

    assert catalog.read_bytes() == before


def test_other_sizes_of_chunks_cut_all_notes_anew(root: Path) -> None:
    index(root)
    options = IndexOptions(chunks=ChunkOptions(target_words=3, max_words=5), vector_store=False)

    stats = index(root, options).stats

    assert stats.modified == 4
    assert stats.chunks > 4


def test_another_fit_embeds_all_anew(root: Path) -> None:
    index(root)

    stats = index(root, IndexOptions(vector_store=False, fit=FitOptions(dimensions=2))).stats

    assert (stats.modified, stats.embedded) == (0, 4)


def test_verify_mends_what_was_tampered_with(root: Path, tmp_path: Path) -> None:
    index(root)
    good = contents(open_state(root))
    db = sqlite3.connect(root / ".vaultc/catalog.db")
    db.execute("UPDATE chunks SET text = 'made up' WHERE ord = 0 AND note = 1")
    db.execute("UPDATE search SET text = 'made up' WHERE rowid = 2")
    db.execute("UPDATE embeddings SET vector = zeroblob(length(vector)) WHERE rowid = 3")
    db.commit()
    db.close()

    stats = index(root, verify=True).stats

    assert stats.modified == 2
    assert contents(open_state(root)) == good


def test_verify_finds_a_change_that_kept_size_and_time(root: Path) -> None:
    index(root)
    status = (root / "Garden.md").stat()
    (root / "Garden.md").write_text((root / "Garden.md").read_text().replace("Tomatoes", "Potatoes"))
    os.utime(root / "Garden.md", ns=(status.st_atime_ns, status.st_mtime_ns))

    assert index(root).stats.modified == 0
    assert index(root, verify=True).stats.modified == 1


@pytest.mark.native
@pytest.mark.parametrize("notes", [{}, {"a.md": ""}, {"a.md": "one word"}, {"a.md": "x", "b.md": "— …"}])
def test_vaults_of_hardly_anything_are_indexed(notes: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    write(tmp_path / "vault", notes)

    for _ in range(2):
        stats = index(tmp_path / "vault", IndexOptions()).stats

    assert stats.notes == len(notes)


LINES = st.sampled_from(
    ["# Вода", "Прилив и луна. ^a", "[[b]] и [[c#Вода]]", "![[a#^a]]", "The tide is high.", "#tag", "", "[[sub/d]]"]
)
TEXTS = st.lists(LINES, max_size=5).map("\n".join)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(["a.md", "b.md", "sub/b.md", "c.md", "sub/d.idea"]), TEXTS),
        st.tuples(st.just("remove"), st.sampled_from(["a.md", "b.md", "sub/b.md", "c.md"]), st.just("")),
        st.tuples(st.just("move"), st.sampled_from(["a.md", "b.md", "c.md"]), st.sampled_from(["c.md", "sub/e.md"])),
        st.tuples(st.just("index"), st.just(""), st.just("")),
    ),
    min_size=2,
    max_size=9,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_an_incremental_index_equals_a_full_one(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    root = folder / "vault"
    root.mkdir()
    for number, (what, name, value) in enumerate(steps):
        if what == "write":
            write(root, {name: value})
            os.utime(root / name, ns=(number, number))
        elif what == "remove":
            (root / name).unlink(missing_ok=True)
        elif what == "move" and (root / name).exists():
            (root / value).parent.mkdir(exist_ok=True)
            (root / name).replace(root / value)
        elif what == "index":
            index(root)

    index(root)

    assert contents(open_state(root)) == full(root, folder / "scratch")


@pytest.mark.native
def test_the_vector_store_follows_the_catalog(root: Path) -> None:
    both = IndexOptions(lock_timeout_s=0.0)
    state = open_state(root)
    index(root, both)
    write(root, {"New.md": "Луна поднимает воду.\n"})
    (root / "Garden.md").unlink()
    assert index(root, both).diagnostics == ()

    with open_catalog(state.catalog) as catalog:
        digests, matrix = catalog.embeddings.matrix(Digest(catalog.setting("embedder") or ""))
        with open_store(catalog, state.vectors) as store:
            store.check(4, digests, matrix)
            found = [store.query(row, 4) for row in matrix]

    for row, near in zip(matrix, found, strict=True):
        exact = sorted(zip((matrix @ row).round(4).tolist(), digests, strict=True), reverse=True)
        assert [round(score, 3) for _, score in near] == pytest.approx([score for score, _ in exact], abs=2e-3)
        assert near[0][0] == exact[0][1]
    assert len(list(state.vectors.iterdir())) == 1


@pytest.mark.native
@pytest.mark.parametrize("damage", ["delete", "overwrite", "row"])
def test_a_damaged_vector_store_is_rebuilt_without_embedding(damage: str, root: Path) -> None:
    both = IndexOptions(lock_timeout_s=0.0)
    state = open_state(root)
    index(root, both)
    for path in list(state.vectors.rglob("*.sqlite3")):
        if damage == "delete":
            shutil.rmtree(path.parent)
        elif damage == "overwrite":
            path.write_bytes(os.urandom(path.stat().st_size))
        else:
            db = sqlite3.connect(state.catalog)
            db.execute("INSERT INTO paid VALUES ('b2:never')")
            db.commit()
            db.close()

    result = index(root, both)

    assert [found.rule.code for found in result.diagnostics] == ["V201"]
    assert result.stats.embedded == 0
    assert index(root, both).diagnostics == ()
    with open_catalog(state.catalog) as catalog, open_store(catalog, state.vectors) as store:
        assert store.count() == 4
