from __future__ import annotations

from dataclasses import replace

import pytest
from compiler.packages import lowered
from compiler.units import kettle

from vaultc.compiler.artifacts.architecture import file_stem
from vaultc.compiler.passes.code import check_code
from vaultc.compiler.report import diagnostics_of
from vaultc.compiler.unit import Unit, Verbatim
from vaultc.core.source import vault_path
from vaultc.disk.policy import check_relative


def compiled(*files: tuple[str, str]) -> Unit:
    """Give the kettle compiled, with fences of these names and texts in its note."""
    unit, notes = kettle()
    origin = unit.context[0].quote
    given = tuple(Verbatim(path, "text", text, origin) for path, text in files)
    return lowered(replace(unit, verbatim=given), notes)


def texts(unit: Unit) -> dict[str, str]:
    """Give the files by path; each path is there once, also where case does not count."""
    folded = [file.path.casefold() for file in unit.code]
    assert len(folded) == len(set(folded))
    assert list(check_code(unit)) == []
    return {file.path: file.text for file in unit.code}


def moved(unit: Unit) -> dict[str, str]:
    """Give where files of the notes lie that cannot stand where they are named."""
    return {item.target: item.reason for item in unit.refusals if item.task == "place"}


@pytest.mark.parametrize("name", ["README.md", "Readme.md", "pyproject.toml", "PYPROJECT.TOML"])
def test_a_project_file_of_the_notes_stands_in_place_of_ours(name: str) -> None:
    unit = compiled((name, "mine\n"))

    assert texts(unit)[name] == "mine\n"
    assert moved(unit) == {}


def test_our_pyproject_names_the_readme_as_the_notes_write_it() -> None:
    assert 'readme = "Readme.md"' in texts(compiled(("Readme.md", "mine\n")))["pyproject.toml"]


@pytest.mark.parametrize(
    "name",
    [
        "vaultc.map.json", "VaultC.Map.json", "conftest.py", "tests/__init__.py", "test_model.py",
        "README.md.vaultc-new", "tests/test_model.py/data.json",
    ],
)  # fmt: skip
def test_a_file_that_cannot_stand_is_laid_aside_and_told_of(name: str) -> None:
    plain = texts(compiled())

    unit = compiled((name, "mine\n"))

    assert texts(unit) == plain | {f"from_notes/{name}.txt": "mine\n"}
    assert moved(unit) == {name: f"from_notes/{name}.txt"}
    (told,) = [item for item in diagnostics_of(unit) if item.rule.code == "V409"]
    assert told.message == f"{name} of the notes cannot stand at that path; it lies at from_notes/{name}.txt"


def test_no_file_of_the_notes_is_lost_where_several_have_one_name() -> None:
    given = [
        ("data.json", "1\n"), ("Data.json", "2\n"), ("data.json", "3\n"), ("a/conftest.py", "4\n"),
        ("b/conftest.py", "5\n"), ("data.json/x.txt", "6\n"), ("deep/x/y.txt", "7\n"), ("deep/x", "8\n"),
    ]  # fmt: skip

    found = texts(compiled(*given))

    assert {text for text in found.values() if len(text) == 2} == {text for _, text in given}
    assert found["data.json"] == "1\n"
    assert found["from_notes/Data.json.txt"] == "2\n"


def test_the_second_of_two_modules_of_one_name_is_laid_aside() -> None:
    unit = compiled(("rating.py", "A = 1\n"), ("rating.py", "A = 2\n"))

    assert texts(unit)["kettle_timer/rating.py"] == "A = 1\n"
    assert moved(unit) == {"rating.py": "from_notes/rating.py.txt"}


@pytest.mark.parametrize(
    "stem", ["CON", "con.x", "a:b", "a\\b", "x" * 300, "ё" * 120, "..", ".a", "a\x01b", "a\u202eb"]
)
def test_a_title_that_is_no_file_name_gives_one(stem: str) -> None:
    idea = vault_path(f"Ideas/{stem}.md")

    found = file_stem(stem, idea)

    check_relative(f"Ideas/{found}.architecture.md")
    assert found != stem
    assert found != file_stem(stem, vault_path("Other.md"))


@pytest.mark.parametrize("stem", ["Kettle timer", "Полив теплицы", "😀", "a. b", "<b>", "lead. trail."])
def test_a_title_that_is_a_file_name_stays(stem: str) -> None:
    assert file_stem(stem, vault_path(f"{stem}.md")) == stem
