"""Nothing that a person wrote is overwritten: the new version is laid beside it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.tool import files_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acceptance.conftest import Workspace
    from cli.conftest import Done

IDEA = "Ideas/Tide clock.md"
NOTE = "Ideas/Tide clock.architecture.md"
CODE = "tide_clock/prediction.py"
BESIDE = ".vaultc-new"


@pytest.fixture
def out(copied: Workspace) -> Path:
    """Where the code goes."""
    return copied.tool.cwd / "code"


@pytest.fixture
def compile_idea(run: Callable[..., Done], copied: Workspace) -> Callable[..., Done]:
    """Compile the idea, its tests not run."""

    def call(out: Path, *options: object) -> Done:
        return run("compile", IDEA, "--out", out, "--vault", copied.vault, "--no-run-tests", "--json", *options)

    return call


def actions(report: dict[str, Any]) -> dict[str, str]:
    """Give what became of each file, by the end of its path."""
    return {write["path"]: write["action"] for write in report["writes"]}


def change_the_idea(workspace: Workspace) -> None:
    note = workspace.vault / IDEA
    text = note.read_bytes().decode("utf-8")
    words = "- The clock must compute the rate of change"
    assert words in text
    note.write_bytes(text.replace(words, "- The clock must ring a bell at high water.\n" + words).encode("utf-8"))


def test_what_a_person_changed_is_kept_and_told_of_only_when_there_is_something_new(
    compile_idea: Callable[..., Done], copied: Workspace, out: Path
) -> None:
    compile_idea(out)
    note, code = copied.vault / NOTE, out / CODE
    for file in (note, code):
        file.write_bytes(file.read_bytes() + "\n# моя правка\n".encode())
    mine = (note.read_bytes(), code.read_bytes())

    again = compile_idea(out)

    assert again.code == 0, again.err
    assert (note.read_bytes(), code.read_bytes()) == mine
    found = actions(again.json)
    assert (found[NOTE], found[str(code)]) == ("kept", "kept")
    assert not [path for path in files_of(copied.tool.cwd) if path.endswith(BESIDE)]

    change_the_idea(copied)
    third = compile_idea(out)

    assert third.code in {0, 1}, third.err
    assert (note.read_bytes(), code.read_bytes()) == mine
    assert "ring a bell" in note.with_name(note.name + BESIDE).read_text("utf-8")
    assert "ring a bell" in code.with_name(code.name + BESIDE).read_text("utf-8")
    told = [item for item in third.json["diagnostics"] if BESIDE in item["message"]]
    assert {NOTE, CODE} <= {word for item in told for word in item["message"].split(" was ")[:1]}
    assert all(item["help"] for item in told)


def test_the_new_version_that_was_laid_beside_goes_when_the_person_takes_it(
    compile_idea: Callable[..., Done], copied: Workspace, out: Path
) -> None:
    compile_idea(out)
    code = out / CODE
    beside = code.with_name(code.name + BESIDE)
    code.write_bytes(code.read_bytes() + b"\n# mine\n")
    change_the_idea(copied)
    compile_idea(out)
    assert beside.is_file()

    shutil.copyfile(beside, code)
    again = compile_idea(out)

    assert again.code == 0, again.err
    assert not beside.exists()
    assert "ring a bell" in code.read_text("utf-8")


def test_files_that_were_there_before_are_left_alone(
    compile_idea: Callable[..., Done], copied: Workspace, out: Path
) -> None:
    (out / "tests").mkdir(parents=True)
    foreign = {
        "README.md": b"# my own readme\n",
        "tests/test_mine.py": b"def test_mine() -> None: ...\n",
        "notes.txt": "мои заметки\n".encode(),
    }
    for path, data in foreign.items():
        (out / path).write_bytes(data)

    done = compile_idea(out)

    assert done.code in {0, 1}, done.err
    assert {path: (out / path).read_bytes() for path in foreign} == foreign
    assert (out / f"README.md{BESIDE}").is_file()
    assert (out / CODE).is_file()
    assert actions(done.json)[str(out / "README.md")] == "kept"
    assert any("README.md" in item["message"] and item["help"] for item in done.json["diagnostics"])

    again = compile_idea(out)

    assert {path: (out / path).read_bytes() for path in foreign} == foreign
    assert set(actions(again.json).values()) == {"unchanged", "kept"}


def test_a_note_of_the_person_at_the_place_of_an_artifact_is_left_alone(
    compile_idea: Callable[..., Done], copied: Workspace, out: Path
) -> None:
    mine = copied.vault / NOTE
    mine.write_bytes("# Моё, не трогать\n".encode())

    done = compile_idea(out)

    assert done.code in {0, 1}, done.err
    assert mine.read_bytes() == "# Моё, не трогать\n".encode()
    assert (copied.vault / (NOTE + BESIDE)).is_file()


def test_a_file_that_was_deleted_stays_deleted_and_is_told_of_once(
    compile_idea: Callable[..., Done], copied: Workspace, out: Path
) -> None:
    compile_idea(out)
    (out / CODE).unlink()

    again = compile_idea(out)
    third = compile_idea(out)

    assert actions(again.json)[str(out / CODE)] == "kept"
    assert actions(third.json)[str(out / CODE)] == "kept"
    assert not (out / CODE).exists()
    told = [
        [item for item in done.json["diagnostics"] if "deleted by you" in item["message"]] for done in (again, third)
    ]
    assert [len(items) for items in told] == [1, 0]


def test_a_file_that_is_no_longer_generated_goes_unless_it_was_changed(
    compile_idea: Callable[..., Done], copied: Workspace, out: Path
) -> None:
    note = copied.vault / IDEA
    whole = note.read_bytes()
    compile_idea(out)
    before = set(files_of(out))
    start, end = whole.index(b"### Prediction"), whole.index(b"### Behaviour")
    note.write_bytes(whole[:start] + whole[end:])

    done = compile_idea(out)

    gone = before - set(files_of(out))
    assert done.code in {0, 1}, done.err
    assert CODE in gone
    assert {write["action"] for write in done.json["writes"] if write["path"].endswith(CODE)} == {"removed"}

    note.write_bytes(whole)
    compile_idea(out)
    (out / CODE).write_bytes((out / CODE).read_bytes() + b"\n# mine\n")
    note.write_bytes(whole[:start] + whole[end:])
    compile_idea(out)

    assert (out / CODE).read_bytes().endswith(b"# mine\n")


def test_the_code_of_one_idea_is_not_written_over_that_of_another(
    run: Callable[..., Done], compile_idea: Callable[..., Done], copied: Workspace, out: Path
) -> None:
    compile_idea(out)
    before = files_of(out)

    other = run("compile", "Reading ledger", "--out", out, "--vault", copied.vault)

    assert other.code == 2
    assert IDEA in other.err
    assert "help" in other.err
    assert files_of(out) == before


def test_the_vault_itself_is_no_place_for_code(compile_idea: Callable[..., Done], copied: Workspace) -> None:
    before = files_of(copied.vault)

    done = compile_idea(copied.vault)

    assert done.code == 2
    assert "holds the vault itself" in done.err
    assert files_of(copied.vault) == before


def test_a_link_in_the_output_folder_is_not_written_through(
    compile_idea: Callable[..., Done], copied: Workspace, out: Path
) -> None:
    elsewhere = copied.tool.cwd / "elsewhere"
    elsewhere.mkdir()
    out.mkdir()
    (out / "tide_clock").symlink_to(elsewhere, target_is_directory=True)

    done = compile_idea(out)

    assert done.code == 3
    assert "link" in done.err
    assert "Traceback" not in done.err
    assert list(elsewhere.iterdir()) == []


def test_a_dry_run_says_what_it_would_write_and_writes_nothing(
    compile_idea: Callable[..., Done], copied: Workspace, out: Path
) -> None:
    before = files_of(copied.vault)

    done = compile_idea(out, "--dry-run")

    assert done.code == 0, done.err
    assert set(actions(done.json).values()) == {"created"}
    assert files_of(copied.vault) == before
    assert not out.exists()
