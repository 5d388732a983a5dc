"""Hostile trees: links, depth, names, what is no file, what vanishes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes import deep_note, write_vault
from hypothesis import given
from hypothesis import strategies as st

from vaultc.vault.files import read_source
from vaultc.vault.ignore import Ignore
from vaultc.vault.reader import VaultReader
from vaultc.vault.walk import Walk, parts_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = Ignore()
FOLLOWING = Ignore(follows_links=True)


def paths(found: Walk) -> list[str]:
    return [file.path for file in found.files]


def reports(found: Walk) -> list[tuple[str, str]]:
    return [(item.rule.code, item.span.path) for item in found.diagnostics]


def texts(root: Path, found: Walk) -> dict[str, str]:
    read = {file.path: read_source(root, file).source for file in found.files}
    return {path: source.text for path, source in read.items() if source is not None}


_DEPTH = 2_000


@pytest.fixture(scope="module")
def deep() -> Iterator[Path]:
    """Give a vault of 2,000 folders inside each other, with a note in the last; in memory where that can be."""
    memory = Path("/dev/shm")
    root = Path(tempfile.mkdtemp(prefix="vaultc-deep-", dir=memory if memory.is_dir() else None))
    (root / "other.md").write_text("[[note]]")
    with deep_note(root, _DEPTH, "note.md", b"# Deep\n[[other]]\n"):
        yield root
    shutil.rmtree(root)


def test_two_thousand_folders_inside_each_other_are_read(deep: Path) -> None:
    found = walk(deep, ignore=PLAIN)

    assert reports(found) == []
    assert paths(found) == ["inner/" * 2_000 + "note.md", "other.md"]
    assert texts(deep, found)[found.files[0].path] == "# Deep\n[[other]]\n"


def test_a_note_two_thousand_folders_deep_is_a_target_of_links(deep: Path) -> None:
    reader = VaultReader(deep)
    link = reader.read(reader.paths()[1]).note.links[0]

    found = reader.resolve(link, reader.paths()[1])

    assert getattr(found, "path", None) == reader.paths()[0]
    assert reader.read(reader.paths()[0]).note.title == "note"


def test_links_are_followed_where_the_settings_say_so(tmp_path: Path) -> None:
    outside = write_vault(tmp_path / "outside", {"in/deep.md": "far", "one.md": "1"})
    root = write_vault(tmp_path / "vault", {"a.md": "a"})
    (root / "out").symlink_to(outside)
    (root / "b.md").symlink_to(outside / "one.md")

    found = walk(root, ignore=FOLLOWING)

    # `out/one.md` is the file that `b.md` leads to, which comes first.
    assert texts(root, found) == {"a.md": "a", "b.md": "1", "out/in/deep.md": "far"}
    assert reports(found) == [("V114", "out/one.md")]
    assert [file.is_linked for file in found.files] == [False, True, True]


def test_loops_end_and_a_real_path_wins_over_a_link(tmp_path: Path) -> None:
    root = write_vault(tmp_path / "vault", {"z/real.md": "r", "z/in/note.md": "n"})
    (root / "z" / "in" / "up").symlink_to(root)
    (root / "z" / "self").symlink_to(root / "z")
    (root / "a").symlink_to(root / "z")
    (root / "b.md").symlink_to(root / "z" / "real.md")
    (root / "round").symlink_to(root / "round")
    (root / "gone.md").symlink_to(root / "nowhere")

    found = walk(root, ignore=FOLLOWING)

    assert paths(found) == ["z/in/note.md", "z/real.md"]
    assert {path for _, path in reports(found)} == {"a", "b.md", "gone.md", "round", "z/in/up", "z/self"}


def test_two_links_to_one_folder_are_read_once_under_the_first_path(tmp_path: Path) -> None:
    outside = write_vault(tmp_path / "outside", {"x.md": "x"})
    root = write_vault(tmp_path / "vault", {"a.md": ""})
    (outside / "back").symlink_to(root)
    for name in ("two", "one"):
        (root / name).symlink_to(outside)

    found = walk(root, ignore=FOLLOWING)

    assert paths(found) == ["a.md", "one/x.md"]
    assert reports(found) == [("V114", "one/back"), ("V114", "two")]


def test_a_linked_note_is_read_again_when_what_it_leads_to_has_changed(tmp_path: Path) -> None:
    outside = write_vault(tmp_path / "outside", {"x.md": "before"})
    root = write_vault(tmp_path / "vault", {"a.md": ""})
    (root / "x.md").symlink_to(outside / "x.md")
    reader = VaultReader(root, FOLLOWING)
    before = reader.read(reader.paths()[1]).source.text

    (outside / "x.md").write_text("after that")

    assert (before, reader.read(reader.paths()[1]).source.text) == ("before", "after that")


@pytest.mark.parametrize("ignore", [PLAIN, FOLLOWING])
def test_what_is_no_regular_file_is_never_opened(
    tmp_path: Path, ignore: Ignore, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_vault(tmp_path / "v", {"a.md": "a"})
    os.mkfifo(root / "pipe.md")
    monkeypatch.chdir(root)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.md")
        for name, target in (
            ("zero.md", "/dev/zero"),
            ("memory.md", "/proc/self/mem"),
            ("status.md", "/proc/self/status"),
            ("proc", "/proc"),
            ("to pipe.md", "pipe.md"),
        ):
            (root / name).symlink_to(target)
        opened: list[bytes] = []
        real_open = os.open

        def watched_open(path: Any, *rest: Any, **named: Any) -> int:
            opened.append(os.fsencode(path))
            return real_open(path, *rest, **named)

        monkeypatch.setattr(os, "open", watched_open)

        found = walk(root, ignore=ignore)
        read = texts(root, found)

    assert read == {"a.md": "a"}
    assert {path for _, path in reports(found)} == {
        *("memory.md", "pipe.md", "proc", "socket.md", "status.md", "to pipe.md", "zero.md")
    }
    assert {name for name in opened if name.endswith(b".md")} == {b"a.md"}


def test_names_of_every_kind_are_files(tmp_path: Path) -> None:
    names = [
        *("a\nb.md", "tab\t.md", "\u202eright.md", "quote'\".md", "$(touch x).md", "note#h^b|c.md", "--rebuild.md"),
        *("A.md", "a.md", " leading.md", "trailing .md", "dots...md", "x" * 252 + ".md", "я" * 126 + ".md", "CON.md"),
        *("back\\slash.md", "\x1b[31m.md", "100%.md", "a:b.md", "x.md.", "y.md ", "👩‍👩‍👧.md", "%20.md", "[[x]].md"),
    ]
    write_vault(tmp_path, {name: name for name in names})

    found = walk(tmp_path, ignore=PLAIN)

    assert texts(tmp_path, found) == {name: name for name in names}
    assert reports(found) == []


@given(st.sets(st.binary(min_size=1, max_size=6).filter(lambda name: not {0, 47} & set(name)), max_size=12))
def test_every_name_in_a_folder_has_a_path_of_its_own(names: set[bytes]) -> None:
    parts = parts_of(names)

    assert parts.keys() == names
    assert len(set(parts.values())) == len(names)
    assert all(part.encode() and "/" not in part for part in parts.values())
    assert parts == parts_of(sorted(names, reverse=True))


@given(st.lists(st.sampled_from(["й", "и\u0306", "é", "e\u0301", "a", "\u212b", "A\u030a", "Å"]), max_size=4))
def test_names_that_look_alike_stay_apart(pieces: list[str]) -> None:
    names = {"".join(pieces[:cut] + pieces[cut + 1 :]).encode() or b"x" for cut in range(len(pieces) + 1)}

    assert len(set(parts_of(names).values())) == len(names)


def test_twins_of_folders_keep_their_files_apart(tmp_path: Path) -> None:
    write_vault(
        tmp_path,
        {"й/a.md": "one", "и\u0306/a.md": "two", "\udcff.md".encode("utf-8", "surrogateescape").decode("latin-1"): "x"},
    )

    found = walk(tmp_path, ignore=PLAIN)

    assert texts(tmp_path, found)["й/a.md"] == "one"
    assert texts(tmp_path, found)["и\u0306/a.md"] == "two"


def test_two_names_that_are_not_utf8_are_two_files(tmp_path: Path) -> None:
    for name in (b"\xe9.md", b"\xe8.md", "\ufffd.md".encode()):
        (tmp_path / os.fsdecode(name)).write_bytes(name)

    found = walk(tmp_path, ignore=PLAIN)

    assert {file.path: file.disk for file in found.files} == {
        "\ufffd.md": "\ufffd.md".encode(),
        "\\xe8.md": b"\xe8.md",
        "\\xe9.md": b"\xe9.md",
    }
    assert [code for code, _ in reports(found)] == ["V117", "V117"]


def test_a_folder_that_cannot_be_read_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    root = write_vault(tmp_path / "v", {"a.md": "a", "shut/b.md": "b", "closed.md": "c"})
    (root / "shut").chmod(0)
    (root / "closed.md").chmod(0)
    program = (
        "import os,sys,pathlib\n"
        "from vaultc.vault.walk import walk\nfrom vaultc.vault.files import read_source\n"
        "from vaultc.vault.ignore import Ignore\n"
        "root = pathlib.Path('.')\n"  # opened before the rights were given up
        "os.getuid() == 0 and os.setuid(65534)\n"
        "found = walk(root, ignore=Ignore())\n"
        "print([f.path for f in found.files], [(d.rule.code, d.span.path) for d in found.diagnostics])\n"
        "print([(f.path, [d.rule.code for d in read_source(root, f).diagnostics]) for f in found.files])\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True, timeout=60
        )
    finally:
        (root / "shut").chmod(0o700)

    assert done.stdout.splitlines() == [
        "['a.md', 'closed.md'] [('V114', 'shut')]",
        "[('a.md', []), ('closed.md', ['V110'])]",
    ]


def test_a_folder_that_vanishes_while_it_is_walked_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_vault(tmp_path, {"a/one.md": "", "b/two.md": "", "c.md": ""})
    real = os.scandir

    def scandir(path: Any) -> Any:
        if isinstance(path, bytes) and path.endswith(b"/b"):
            shutil.rmtree(tmp_path / "b")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)

    found = walk(tmp_path, ignore=PLAIN)

    assert paths(found) == ["a/one.md", "c.md"]
    assert reports(found) == [("V114", "b")]


def test_a_vault_without_notes_or_with_hidden_folders_alone_is_empty(tmp_path: Path) -> None:
    empty = write_vault(tmp_path / "empty", {})
    empty.mkdir()
    hidden = write_vault(tmp_path / "hidden", {".obsidian/app.json": "{}", ".git/x.md": "", ".vaultc/y.md": ""})

    assert walk(empty, ignore=PLAIN) == Walk((), ())
    assert walk(hidden, ignore=PLAIN) == Walk((), ())


@pytest.mark.parametrize("name", ["a\nb", "\udcff", "quote'\"", "и\u0306", "trailing ", "--rebuild"])
def test_a_vault_may_have_any_name(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    root.mkdir()
    (root / "a.md").write_text("a")

    assert texts(root, walk(root, ignore=PLAIN)) == {"a.md": "a"}
