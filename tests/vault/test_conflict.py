"""Names of conflicting copies, and of what only looks like one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes import write_vault
from hypothesis import given
from hypothesis import strategies as st

from vaultc.vault.conflict import conflict_of
from vaultc.vault.ignore import read_ignore
from vaultc.vault.walk import walk

if TYPE_CHECKING:
    from pathlib import Path

COPIES = {
    "a/Note.sync-conflict-20260301-101500-ABCDEFG.md": "a/Note.md",
    "Note.sync-conflict-20260301-101500.md": "Note.md",
    "chart.v2.sync-conflict-20260301-101500-ABCDEFG.png": "chart.v2.png",
    "Makefile.sync-conflict-20260301-101500-ABCDEFG": "Makefile",
    "Часы (conflicted copy 2026-03-01 101500).md": "Часы.md",
    "Note (Anna's conflicted copy 2026-03-01).md": "Note.md",
    "Note (Anna’s conflicted copy 2026-03-01).md": "Note.md",
    "Note (Conflicted copy MyMacBook2 202411281430).md": "Note.md",
    "Note (Case Conflict).md": "Note.md",
    "Note (conflict 2026-03-01-10-15-00).md": "Note.md",
    "Note (laptop case conflicted copy).md": "Note.md",
}
OTHERS = [
    "Note 2.md",
    "Note (conflict resolution).md",
    "Conflicts of interest (2026).md",
    "How to read a sync-conflict-file.md",
    "sync-conflict-20260301.md",
    "(conflicted copy 2026-03-01).md",
    "conflicted copy 2026/Note.md",
    "Note (conflicted copy 2026) continued.md",
]


@pytest.mark.parametrize(("path", "original"), COPIES.items())
def test_a_conflicting_copy_names_its_original(path: str, original: str) -> None:
    assert conflict_of(path) == original


@pytest.mark.parametrize("path", OTHERS)
def test_a_name_that_only_speaks_of_conflicts_is_a_note(path: str) -> None:
    assert conflict_of(path) is None


@given(st.text(alphabet=" ().conflicted copy'2/-sync", max_size=60))
def test_an_original_is_shorter_and_lies_in_the_same_folder(path: str) -> None:
    original = conflict_of(path)

    assert original is None or (len(original) < len(path) and original.rpartition("/")[0] == path.rpartition("/")[0])


def test_a_conflicting_copy_is_no_note_but_a_target(tmp_path: Path) -> None:
    write_vault(tmp_path, {"n.md": "", "n (Conflicted copy laptop 202603011015).md": "", "n 2.md": ""})

    files = walk(tmp_path, ignore=read_ignore(tmp_path)).files

    assert [(file.path, file.is_note) for file in files] == [
        ("n (Conflicted copy laptop 202603011015).md", False),
        ("n 2.md", True),
        ("n.md", True),
    ]
