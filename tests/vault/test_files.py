"""Walking and reading a vault on disk."""

from __future__ import annotations

import os
import threading
import unicodedata
from typing import TYPE_CHECKING

import pytest
from fakes import write_vault

from vaultc.core.errors import VaultError
from vaultc.core.source import VaultPath
from vaultc.vault.files import FoundFile, read_source
from vaultc.vault.gitignore import ignore_patterns
from vaultc.vault.ignore import Ignore, read_ignore
from vaultc.vault.walk import walk

if TYPE_CHECKING:
    from pathlib import Path


def found(root: Path, ignore: Ignore | None = None) -> list[str]:
    return [file.path for file in walk(root, ignore=ignore or read_ignore(root)).files]


def file_at(root: Path, path: str) -> FoundFile:
    return next(file for file in walk(root, ignore=Ignore()).files if file.path == path)


def test_files_come_in_order_of_their_parts(tmp_path: Path) -> None:
    write_vault(tmp_path, {"b.md": "", "a/z.md": "", "a b/c.md": "", "a/b/c.png": "", "Я.idea": "", "a.pseudo": ""})

    files = walk(tmp_path, ignore=Ignore()).files

    assert [file.path for file in files] == ["a/b/c.png", "a/z.md", "a b/c.md", "a.pseudo", "b.md", "Я.idea"]
    assert [file.path for file in files if file.is_note] == ["a/z.md", "a b/c.md", "a.pseudo", "b.md", "Я.idea"]


def test_hidden_files_and_folders_are_not_there(tmp_path: Path) -> None:
    write_vault(
        tmp_path, {".obsidian/app.json": "{}", ".vaultc/x.md": "", ".trash/old.md": "", "a/.b.md": "", "a/c.md": ""}
    )

    assert found(tmp_path) == ["a/c.md"]


def test_links_of_the_file_system_are_reported_and_not_followed(tmp_path: Path) -> None:
    outside = write_vault(tmp_path / "outside", {"secret.md": "secret"})
    root = write_vault(tmp_path / "vault", {"a.md": ""})
    (root / "loop").symlink_to(root)
    (root / "out").symlink_to(outside)
    (root / "b.md").symlink_to(outside / "secret.md")

    result = walk(root, ignore=Ignore())

    assert [file.path for file in result.files] == ["a.md"]
    assert [(item.rule.code, item.span.path) for item in result.diagnostics] == [
        ("V114", "b.md"),
        ("V114", "loop"),
        ("V114", "out"),
    ]


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")

    result = walk(tmp_path, ignore=Ignore())

    assert result.files == ()
    assert [item.rule.code for item in result.diagnostics] == ["V114"]


def test_a_name_that_is_not_utf8_is_read_and_reported(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("x")

    result = walk(tmp_path, ignore=Ignore())

    assert [(file.path, file.disk) for file in result.files] == [("caf\ufffd.md", b"caf\xe9.md")]
    assert [(item.rule.code, item.span.path) for item in result.diagnostics] == [("V117", "caf\ufffd.md")]
    source = read_source(tmp_path, result.files[0]).source
    assert source is not None
    assert source.text == "x"


def test_a_decomposed_name_is_one_path_and_still_opens(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "Йод.md")
    write_vault(tmp_path, {name: "йод"})

    file = walk(tmp_path, ignore=Ignore()).files[0]
    result = read_source(tmp_path, file)

    assert file.path == unicodedata.normalize("NFC", "Йод.md")
    assert file.disk == name.encode()
    assert result.source is not None
    assert result.source.text == "йод"


def test_two_names_that_look_alike_are_two_files(tmp_path: Path) -> None:
    composed, decomposed = unicodedata.normalize("NFC", "й.md"), unicodedata.normalize("NFD", "й.md")
    write_vault(tmp_path, {composed: "one", decomposed: "two"})

    result = walk(tmp_path, ignore=Ignore())

    assert {file.path: file.disk for file in result.files} == {
        composed: composed.encode(),
        decomposed: decomposed.encode(),
    }
    assert [(item.rule.code, item.span.path) for item in result.diagnostics] == [("V117", decomposed)]


def test_odd_names_are_names(tmp_path: Path) -> None:
    names = [
        "a\nb.md",
        "$(touch x).md",
        "note#h^b|c.md",
        "\u202eright.md",
        "A.md",
        "a.md",
        "x" * 251 + ".md",
        "back\\slash.md",
    ]
    write_vault(tmp_path, {name: name for name in names})

    result = walk(tmp_path, ignore=Ignore())

    assert {file.path for file in result.files} == set(names)
    for file in result.files:
        source = read_source(tmp_path, file).source
        assert source is not None
        assert source.text == file.path


def test_no_vault_is_an_error(tmp_path: Path) -> None:
    write_vault(tmp_path, {"file": ""})

    with pytest.raises(VaultError, match="cannot read the vault"):
        walk(tmp_path / "gone", ignore=Ignore())
    with pytest.raises(VaultError, match="cannot read the vault"):
        walk(tmp_path / "file", ignore=Ignore())


def test_leftovers_of_compile_are_not_notes(tmp_path: Path) -> None:
    write_vault(
        tmp_path,
        {
            "a.md": "",
            "a.md.vaultc-new": "",
            "a.vaultc-new.md": "",
        },
    )

    assert found(tmp_path) == ["a.md"]


def test_the_ignore_file_leaves_out_and_takes_back(tmp_path: Path) -> None:
    write_vault(
        tmp_path,
        {
            ".vaultcignore": "# private\n*.tmp.md\n/Private/\narchive/**/old*.md\n!archive/x/oldest.md\n",
            "x.tmp.md": "",
            "Private/a.md": "",
            "b/Private/a.md": "",
            "archive/old.md": "",
            "archive/x/older.md": "",
            "archive/x/oldest.md": "",
        },
    )

    assert found(tmp_path) == ["archive/x/oldest.md", "b/Private/a.md"]


@pytest.mark.parametrize(
    ("pattern", "path", "is_folder", "fits"),
    [
        ("*.md", "a/b.md", False, True),
        ("a/*.md", "a/b.md", False, True),
        ("a/*.md", "x/a/b.md", False, False),
        ("/b.md", "a/b.md", False, False),
        ("**/b.md", "a/c/b.md", False, True),
        ("a/**", "a/c/b.md", False, True),
        ("b/", "a/b", True, True),
        ("b/", "a/b", False, False),
        ("?.md", "й.md", False, True),
        ("?.md", "ab.md", False, False),
    ],
)
def test_patterns(pattern: str, path: str, is_folder: bool, fits: bool) -> None:
    assert Ignore(ignore_patterns([pattern])).leaves_out(path, is_folder=is_folder) is fits


def test_a_hostile_pattern_takes_no_time() -> None:
    ignore = Ignore(ignore_patterns(["*a" * 100 + "b", "**/" * 100 + "b"]))

    assert not ignore.leaves_out("/".join(["a" * 200] * 20), is_folder=False)


def test_excluded_files_stay_targets_and_are_not_notes(tmp_path: Path) -> None:
    write_vault(
        tmp_path,
        {
            ".obsidian/app.json": '{"userIgnoreFilters": ["Templates/", "/^\\\\d+\\\\.md$/", "/(a+)+$/"]}',
            "Templates/t.md": "",
            "12.md": "",
            "a.md": "",
        },
    )

    ignore = read_ignore(tmp_path)
    files = walk(tmp_path, ignore=ignore).files

    assert [(file.path, file.is_note, file.is_excluded) for file in files] == [
        ("12.md", False, True),
        ("Templates/t.md", False, True),
        ("a.md", True, False),
    ]
    assert ignore.unread_filters == ("/(a+)+$/",)


@pytest.mark.parametrize(
    "settings_text", ["", "{", "[]", '{"userIgnoreFilters": "x"}', '{"userIgnoreFilters": [1, null]}']
)
def test_broken_settings_of_obsidian_exclude_nothing(tmp_path: Path, settings_text: str) -> None:
    write_vault(tmp_path, {".obsidian/app.json": settings_text, "a.md": ""})

    assert found(tmp_path) == ["a.md"]


def test_a_file_that_became_a_link_is_not_read(tmp_path: Path) -> None:
    outside = write_vault(tmp_path / "outside", {"secret.md": "secret"})
    root = write_vault(tmp_path / "vault", {"a/b.md": "mine"})
    file = file_at(root, "a/b.md")
    (root / "a/b.md").unlink()
    (root / "a/b.md").symlink_to(outside / "secret.md")

    swapped_file = read_source(root, file)
    (root / "a/b.md").unlink()
    (root / "a").rmdir()
    (outside / "b.md").write_text("secret")
    (root / "a").symlink_to(outside)
    swapped_folder = read_source(root, file)

    assert swapped_file.source is None
    assert swapped_folder.source is None


def test_a_file_that_became_a_pipe_does_not_block(tmp_path: Path) -> None:
    write_vault(tmp_path, {"a.md": "x"})
    file = file_at(tmp_path, "a.md")
    (tmp_path / "a.md").unlink()
    os.mkfifo(tmp_path / "a.md")

    result = read_source(tmp_path, file)

    assert [item.rule.code for item in result.diagnostics] == ["V110"]


def test_a_file_that_is_gone_is_a_diagnostic(tmp_path: Path) -> None:
    write_vault(tmp_path, {"a.md": "x"})
    file = file_at(tmp_path, "a.md")
    (tmp_path / "a.md").unlink()

    result = read_source(tmp_path, file)

    assert [item.rule.code for item in result.diagnostics] == ["V110"]


def test_a_path_with_dots_is_not_opened(tmp_path: Path) -> None:
    root = write_vault(tmp_path / "vault", {"a.md": ""})
    write_vault(tmp_path, {"secret.md": "secret"})

    result = read_source(root, FoundFile(VaultPath("x.md"), b"../secret.md", 6, 0, is_note=True))

    assert result.source is None


def test_what_is_read_is_one_state_of_the_file(tmp_path: Path) -> None:
    write_vault(tmp_path, {"a.md": "0" * 200_000})
    file = file_at(tmp_path, "a.md")
    stop = threading.Event()

    def rewrite() -> None:
        number = 0
        while not stop.is_set():
            number = (number + 1) % 10
            (tmp_path / "new").write_text(str(number) * 200_000)
            (tmp_path / "new").replace(tmp_path / "a.md")

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        results = [read_source(tmp_path, file) for _ in range(50)]
    finally:
        stop.set()
        writer.join()

    texts = {result.source.text for result in results if result.source is not None}
    assert texts
    assert all(len(text) == 200_000 and len(set(text)) == 1 for text in texts)
