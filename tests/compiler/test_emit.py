from __future__ import annotations

import contextlib
import pkgutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from compiler.packages import lowered
from compiler.places import MODULE, NOTE, SEAL, Place, changed
from compiler.units import poliv

from vaultc.compiler.emit import Emitter
from vaultc.core.endings import BESIDE
from vaultc.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_first_compile_creates_and_a_second_writes_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path)

    first = place.actions()
    before = place.tree()
    second = place.actions()

    assert set(first.values()) == {"created"}
    assert {NOTE, MODULE, "vaultc.map.json", "pyproject.toml"} <= set(first)
    assert set(second.values()) == {"unchanged"}
    assert place.tree() == before


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path)
    before = place.tree()

    dry = place.emitter().emit(place.unit, is_dry_run=True)

    assert place.tree() == before
    assert {item.path: item.action for item in dry.writes} == place.actions()


def test_what_nobody_touched_is_updated(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.actions()

    actions = place.actions(changed(place.unit))

    assert actions[NOTE] == "updated"
    assert actions[MODULE] == "updated"
    assert "Boiling" in (place.vault / NOTE).read_text(encoding="utf-8")


def test_what_only_the_person_changed_is_left_alone(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.actions()
    (place.out / MODULE).write_text("# mine\n", encoding="utf-8")

    result = place.emitter().emit(place.unit)

    assert {item.path: item.action for item in result.writes}[MODULE] == "kept"
    assert result.diagnostics == ()
    assert (place.out / MODULE).read_text(encoding="utf-8") == "# mine\n"
    assert not (place.out / (MODULE + BESIDE)).exists()


def test_what_both_changed_is_kept_and_the_new_one_laid_beside(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.actions()
    (place.vault / NOTE).write_text("mine\n", encoding="utf-8")
    later = changed(place.unit)

    result = place.emitter().emit(later)
    before = place.tree()
    again = place.emitter().emit(later)

    assert {item.path: item.action for item in result.writes}[NOTE] == "kept"
    assert [item.rule.code for item in result.diagnostics] == ["V402"]
    assert (place.vault / NOTE).read_text(encoding="utf-8") == "mine\n"
    assert "Boiling" in (place.vault / (NOTE + BESIDE)).read_text(encoding="utf-8")
    assert place.tree() == before
    assert [item.rule.code for item in again.diagnostics] == ["V402"]


def test_a_new_version_that_was_put_in_place_is_tidied_away(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.actions()
    (place.vault / NOTE).write_text("mine\n", encoding="utf-8")
    later = changed(place.unit)
    place.emitter().emit(later)
    (place.vault / NOTE).write_bytes((place.vault / (NOTE + BESIDE)).read_bytes())

    result = place.emitter().emit(later)

    assert {item.path: item.action for item in result.writes}[NOTE] == "unchanged"
    assert not (place.vault / (NOTE + BESIDE)).exists()


def test_a_new_version_that_was_deleted_does_not_come_back(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.actions()
    (place.vault / NOTE).write_text("mine\n", encoding="utf-8")
    later = changed(place.unit)
    place.emitter().emit(later)
    (place.vault / (NOTE + BESIDE)).unlink()

    result = place.emitter().emit(later)

    assert result.diagnostics == ()
    assert not (place.vault / (NOTE + BESIDE)).exists()


def test_a_file_that_a_person_deleted_stays_deleted_and_is_told_of_once(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.actions()
    (place.out / MODULE).unlink()
    (place.vault / NOTE).unlink()

    dry = place.emitter().emit(place.unit, is_dry_run=True)
    first = place.emitter().emit(place.unit)
    second = place.emitter().emit(changed(place.unit))

    for result in (dry, first, second):
        found = {item.path: item.action for item in result.writes}
        assert (found[MODULE], found[NOTE]) == ("kept", "kept")
    assert [len(result.diagnostics) for result in (dry, first, second)] == [2, 2, 0]
    assert not (place.out / MODULE).exists()
    assert not (place.vault / NOTE).exists()


def test_a_deleted_file_that_was_put_back_is_written_again(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.actions()
    text = (place.out / MODULE).read_bytes()
    (place.out / MODULE).unlink()
    place.actions()
    (place.out / MODULE).write_bytes(text)

    found = place.actions(changed(place.unit))

    assert found[MODULE] == "updated"


def test_a_folder_that_was_deleted_whole_is_made_again(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.actions()
    before = place.tree()
    for path in sorted(place.out.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()

    place.actions()

    assert place.tree() == before


def test_a_file_that_vaultc_never_wrote_is_not_overwritten(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.out.mkdir()
    (place.out / "README.md").write_text("my readme\n", encoding="utf-8")

    result = place.emitter().emit(place.unit)
    before = place.tree()
    place.emitter().emit(place.unit)

    assert [item.rule.code for item in result.diagnostics] == ["V408"]
    assert (place.out / "README.md").read_text(encoding="utf-8") == "my readme\n"
    assert (place.out / ("README.md" + BESIDE)).exists()
    assert place.tree() == before


def test_a_file_that_is_no_longer_generated_goes_unless_it_waschanged(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.actions()
    gone = ("kettle_timer/storage.py", "tests/test_storage.py")
    (place.out / gone[1]).write_text("# mine\n", encoding="utf-8")
    fewer = replace(place.unit, code=tuple(file for file in place.unit.code if file.path not in gone))

    actions = place.actions(fewer)

    assert actions[gone[0]] == "removed"
    assert not (place.out / gone[0]).exists()
    assert (place.out / gone[1]).read_text(encoding="utf-8") == "# mine\n"


@pytest.mark.parametrize("at", [0, 1, 3, 8, 20])
def test_a_run_that_was_broken_off_is_finished_by_the_next(
    tmp_path: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    place.actions()
    later = changed(place.unit)
    count = 0

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count > at:
                raise KeyboardInterrupt
            return real(*given, **options)

        return call

    for name in ("emit.put_expected", "emit.remove_expected", "manifest.write_atomic", "manifest.remove"):
        target = f"vaultc.compiler.{name}"
        monkeypatch.setattr(target, failing(pkgutil.resolve_name(target)))
    with contextlib.suppress(KeyboardInterrupt):
        place.emitter().emit(later)
    monkeypatch.undo()
    third = changed(changed(replace(later, summary="")))
    third = replace(third, artifacts=tuple(replace(item, text=item.text + "\n") for item in third.artifacts))

    result = place.emitter().emit(third)

    assert result.diagnostics == ()
    for item in third.artifacts:
        assert (place.vault / item.path).read_text(encoding="utf-8") == item.text
    assert set(place.actions(third).values()) == {"unchanged"}
    assert not list(place.vault.rglob("*" + BESIDE))


@pytest.mark.parametrize("where", ["vault/.obsidian/code", "vault/.git", "vault/.hidden/x", "vault/.vaultc", "vault"])
def test_a_folder_where_no_code_belongs_is_refused(tmp_path: Path, where: str) -> None:
    place = Place(tmp_path)
    before = place.tree()

    with pytest.raises(UsageError):
        place.emitter(tmp_path / where).emit(place.unit)

    assert place.tree() == before


def test_a_file_and_the_folder_of_another_idea_are_refused(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.actions()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    other, notes = poliv()
    mine = place.emitter()

    with pytest.raises(UsageError, match="is a file"):
        place.emitter(tmp_path / "file").emit(place.unit)
    with pytest.raises(UsageError, match="holds the code of"):
        Emitter(mine.vault, mine.state, mine.out, notes, SEAL).emit(lowered(other, notes))
