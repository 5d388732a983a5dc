from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.errors import UsageError
from vaultc.disk.policy import Root, check_relative

REFUSED = [
    "",
    "/etc/x",
    "../x",
    "a/../../x",
    "a/./b",
    "a//b",
    "a/",
    ".obsidian/app.json",
    "a/.git/config",
    ".ssh",
    "C:\\x",
    "C:x.md",
    "x.md:ads",
    "a\\b",
    "nul\x00.md",
    "line\nend.md",
    "tab\t.md",
    "del\x7f.md",
    "sep\u2028.md",
    "rtl\u202egnp.md",
    "CON.md",
    "con",
    "lpt1.txt",
    "Aux .md",
    "dot.",
    "blank ",
    "a/b./c",
    "ж" * 128,
    "/".join(["ж" * 100] * 25),
    "lone\ud800.md",
]
ALLOWED = [
    "a.md",
    "Идеи/Приливные часы.md",
    "a/b/c d.idea",
    "What is it?.md",
    "console.md",
    "й.md",
    "👩‍💻.md",
    "ж" * 127,
]


@pytest.mark.parametrize("path", REFUSED)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="refused"):
        check_relative(path)


@pytest.mark.parametrize("path", ALLOWED)
def test_a_plain_path_is_given_back_unchanged(path: str) -> None:
    assert check_relative(path) == path


def test_hidden_names_pass_only_where_the_root_allows_them() -> None:
    assert Root(Path("x"), allow_hidden=True).check(".gitignore") == (".gitignore",)

    with pytest.raises(UsageError, match="hidden"):
        Root(Path("x")).check(".gitignore")


def test_a_root_with_suffixes_refuses_other_files() -> None:
    root = Root(Path("x"), suffixes=frozenset({".md", ".canvas"}))

    assert root.check("a/B.MD") == ("a", "B.MD")
    with pytest.raises(UsageError, match=r"\.canvas, \.md"):
        root.check("a/b.sh")


@given(st.text())
def test_what_passes_stays_below_its_root(path: str) -> None:
    try:
        parts = Root(Path("/base/of"), allow_hidden=True).check(path)
    except UsageError:
        return

    assert Path("/base/of", *parts).is_relative_to("/base/of")
    assert ".." not in parts
    assert len(parts) == len(Path("/base/of", path).parts) - 3
