"""Patterns of an ignore file mean what they mean to git."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.vault.gitignore import folder_pattern, ignore_patterns
from vaultc.vault.ignore import Ignore

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("a.md", "ab", "#a", "!a", "a b", "[a]", ".h", "c")
PATHS = (*NAMES, *(f"{folder}/{name}" for folder in ("a", "d", "d/a", "d/b c", "x/y/z") for name in NAMES))
SETS = ("[ab]", "[!a]", "[^b-d]", "[[:alpha:]]")
SIGNS = ["a", "b", "d", "x", "y", "c", ".md", "*", "?", "**", "/", "!", "#", "\\", " ", *SETS]
LINES = st.lists(st.lists(st.sampled_from(SIGNS), min_size=1, max_size=6).map("".join), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty repository with the files of `PATHS`."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    root = tmp_path_factory.mktemp("repository")
    git(root, "init", "-q")
    for path in PATHS:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return root


def git(root: Path, *arguments: str, given: str = "") -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, input=given, text=True, capture_output=True, env=environment, check=False).stdout


def left_out(lines: list[str]) -> set[str]:
    """Give the paths that a walk leaves out: it does not enter what is left out."""
    ignore = Ignore(ignore_patterns(lines))
    found = set()
    for path in PATHS:
        parts = path.split("/")
        above = ("/".join(parts[:count]) for count in range(1, len(parts)))
        if any(ignore.leaves_out(folder, is_folder=True) for folder in above) or ignore.leaves_out(
            path, is_folder=False
        ):
            found.add(path)
    return found


@settings(max_examples=60)
@given(lines=LINES)
def test_what_is_left_out_is_what_git_ignores(lines: list[str], repository: Path) -> None:
    (repository / ".gitignore").write_text("\n".join(lines) + "\n")

    told = git(repository, "check-ignore", "--no-index", "--stdin", "-z", given="\0".join(PATHS))

    assert left_out(lines) == set(told.split("\0")) - {""}


@pytest.mark.parametrize(
    ("line", "fitting", "other"),
    [
        ("notes/**", ["notes/a", "notes/b/c"], ["notes"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["b", "ab"]),
        (r"\#a", ["#a", "d/#a"], ["a"]),
        (r"\!a", ["!a"], ["a"]),
        (r"a\ ", ["a "], ["a"]),
        ("a   ", ["a"], ["a "]),
        (" a", [" a"], ["a"]),
        ("[а-я]*.md", ["день.md"], ["day.md"]),
        ("[]x]", ["]", "x"], ["y"]),
        ("[[:digit:]]", ["7"], ["a"]),
        ("[a", [], ["[a", "a"]),
        ("[[:nothing:]]", [], ["n"]),
        ("d//a", [], ["d/a"]),
        ("a\\", [], ["a", "a\\"]),
        ("a.md\r", ["a.md"], []),
    ],
)
def test_signs_of_a_pattern(line: str, fitting: list[str], other: list[str]) -> None:
    ignore = Ignore(ignore_patterns([line]))

    assert [path for path in (*fitting, *other) if ignore.leaves_out(path, is_folder=False)] == fitting


def test_what_a_folder_takes_out_is_not_taken_back_inside_it() -> None:
    assert "d/a/ab" in left_out(["d/", "!ab"])
    assert "d/a/ab" not in left_out(["d/**", "!d/a/", "!ab"])


@pytest.mark.parametrize("name", ["state", "a [b]", "x*y?", "back\\slash"])
def test_the_pattern_of_a_folder_fits_that_folder_alone(name: str) -> None:
    pattern = folder_pattern(f"in/{name}")

    assert pattern.fits(f"in/{name}")
    assert not pattern.fits(name)
    assert not pattern.fits("in/xzy")
    assert Ignore((pattern,)).leaves_out(f"in/{name}", is_folder=True)
    assert not Ignore((pattern,)).leaves_out(f"in/{name}", is_folder=False)
