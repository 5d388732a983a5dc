"""What a person wrote, and when: nothing of it is lost, whatever vaultc is about to write there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from compiler.places import MODULE, NOTE, Place, changed

from vaultc.compiler import emit
from vaultc.core.endings import BESIDE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vaultc.compiler.emit import Emitted

MINE = "what I wrote\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A vault with a compiled idea."""
    found = Place(tmp_path)
    found.actions()
    return found


def edited(place: Place, *paths: str) -> None:
    """Change generated files as a person does."""
    for path in paths:
        root = place.vault if path == NOTE else place.out
        (root / path).write_text(MINE, encoding="utf-8")


def again(place: Place, times: int) -> Emitted:
    """Compile an idea that was changed that many times."""
    unit = place.unit
    for number in range(times):
        unit = changed(unit, f"Boiling{number}")
    return place.emitter().emit(unit)


def test_what_a_person_wrote_into_the_new_version_is_kept_and_the_next_is_laid_beside_it(place: Place) -> None:
    edited(place, NOTE)
    again(place, 1)
    mine = place.vault / (NOTE + BESIDE)
    mine.write_text(MINE, encoding="utf-8")

    same, later = again(place, 1), again(place, 2)

    assert same.diagnostics == ()
    assert mine.read_text(encoding="utf-8") == MINE
    assert "Boiling1" in (place.vault / (NOTE + BESIDE + "-2")).read_text(encoding="utf-8")
    assert [item.message for item in later.diagnostics] == [
        f"{NOTE} was changed by you; it is kept, and the new version is {NOTE}{BESIDE}-2"
    ]


def test_new_versions_that_nobody_wrote_in_do_not_pile_up(place: Place) -> None:
    edited(place, NOTE)
    for times in range(1, 5):
        again(place, times)

    assert [path.name for path in place.vault.rglob("*" + BESIDE + "*")] == [f"Kettle timer.architecture.md{BESIDE}"]
    assert "Boiling3" in (place.vault / (NOTE + BESIDE)).read_text(encoding="utf-8")


def test_where_all_places_beside_are_taken_nothing_is_overwritten_and_it_is_said(place: Place) -> None:
    edited(place, NOTE)
    slots = [place.vault / (NOTE + BESIDE + end) for end in ("", *(f"-{number}" for number in range(2, 10)))]
    for slot in slots:
        slot.write_text(MINE, encoding="utf-8")

    before = sorted(place.vault.rglob("*"))

    result = again(place, 1)

    assert {slot.read_text(encoding="utf-8") for slot in slots} == {MINE}
    assert [path for path in sorted(place.vault.rglob("*")) if "base" not in path.parts] == [
        path for path in before if "base" not in path.parts
    ]
    assert "9 files beside it that you wrote in" in result.diagnostics[0].message


def saving(monkeypatch: pytest.MonkeyPatch, name: str, ending: str, save: Callable[[], None]) -> None:
    """Save once, right before `name` of the writer is called for a path with this ending."""
    real: Any = getattr(emit, name)
    waiting = [save]

    def call(root: Any, relative: str, *given: Any) -> bool:
        if relative.endswith(ending) and waiting:
            waiting.pop()()
        return bool(real(root, relative, *given))

    monkeypatch.setattr(emit, name, call)


@pytest.mark.parametrize("path", [NOTE, MODULE])
def test_what_is_saved_between_the_look_and_the_write_is_kept(
    place: Place, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    saving(monkeypatch, "put_expected", path, lambda: edited(place, path))

    result = again(place, 1)

    root = place.vault if path == NOTE else place.out
    assert (root / path).read_text(encoding="utf-8") == MINE
    assert "Boiling0" in (root / (path + BESIDE)).read_text(encoding="utf-8")
    assert {item.path: item.action for item in result.writes}[path] == "kept"
    assert [item.rule.code for item in result.diagnostics] == ["V402"]
    assert [item.rule.code for item in again(place, 1).diagnostics] == ["V402"]


def test_a_file_that_a_person_makes_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    saving(monkeypatch, "put_expected", NOTE, lambda: edited(place, NOTE))

    result = place.emitter().emit(place.unit)

    assert (place.vault / NOTE).read_text(encoding="utf-8") == MINE
    assert [item.rule.code for item in result.diagnostics] == ["V408"]


def test_a_file_that_a_person_deletes_meanwhile_stays_deleted(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    saving(monkeypatch, "put_expected", NOTE, (place.vault / NOTE).unlink)

    result = again(place, 1)

    assert not (place.vault / NOTE).exists()
    assert [item.message for item in result.diagnostics] == [f"{NOTE} was deleted by you; it stays deleted"]


def test_what_is_saved_beside_meanwhile_is_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    edited(place, NOTE)
    again(place, 1)
    beside = place.vault / (NOTE + BESIDE)

    def save() -> None:
        beside.write_text(MINE, encoding="utf-8")

    saving(monkeypatch, "put_expected", BESIDE, save)

    again(place, 2)

    assert beside.read_text(encoding="utf-8") == MINE
    assert "Boiling1" in (place.vault / (NOTE + BESIDE + "-2")).read_text(encoding="utf-8")


def test_what_is_saved_before_a_removal_is_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = place.without(MODULE)
    saving(monkeypatch, "remove_expected", MODULE, lambda: edited(place, MODULE))

    result = place.emitter().emit(fewer)

    assert (place.out / MODULE).read_text(encoding="utf-8") == MINE
    assert "removed" not in {item.action for item in result.writes}


def test_a_package_is_known_after_a_compile_into_another_folder(place: Place, tmp_path: Path) -> None:
    place.emitter(tmp_path / "other").emit(place.unit)
    edited(place, "README.md")

    result = again(place, 1)

    found = {item.path: item.action for item in result.writes}
    assert (found[MODULE], found["README.md"]) == ("updated", "kept")
    assert [item.rule.code for item in result.diagnostics] == []
    assert (place.out / "README.md").read_text(encoding="utf-8") == MINE


def test_a_vault_that_was_moved_with_its_code_is_known(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.emitter(place.vault / "code").emit(place.unit)
    place.vault = place.vault.rename(tmp_path / "moved")

    result = place.emitter(place.vault / "code").emit(changed(place.unit))

    assert {item.action for item in result.writes} <= {"updated", "unchanged"}
    assert result.diagnostics == ()


def test_bytes_that_no_file_is_based_on_are_swept(place: Place) -> None:
    base = next((place.vault / ".vaultc/units").glob("*/base"))
    before = sorted(path.name for path in base.iterdir())
    (base / "0123").write_bytes(b"left by a run that was killed")
    (base / "folder").mkdir()

    place.actions()

    assert sorted(path.name for path in base.iterdir() if path.is_file()) == before
