"""VaultReader: the notes as they are on disk now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes import write_vault

from vaultc.core.digest import digest_bytes
from vaultc.core.errors import VaultError
from vaultc.core.link import Missing, ResolvedLink, Unresolved
from vaultc.core.source import VaultPath
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from pathlib import Path


def test_a_note_is_read_as_it_is_now(tmp_path: Path) -> None:
    reader = VaultReader(write_vault(tmp_path, {"a.md": "one"}))
    first = reader.read(VaultPath("a.md"))

    again = reader.read(VaultPath("a.md"))
    write_vault(tmp_path, {"a.md": "two words"})
    changed = reader.read(VaultPath("a.md"))

    assert again is first
    assert changed.source.text == "two words"
    assert changed.digest == digest_bytes(b"two words")
    assert changed.note.length == 9


def test_only_notes_are_listed_and_attachments_are_files(tmp_path: Path) -> None:
    reader = VaultReader(write_vault(tmp_path, {"b.md": "", "a.idea": "", "x.png": b"\x89"}))

    assert reader.paths() == ("a.idea", "b.md")
    assert [file.path for file in reader.files()] == ["a.idea", "b.md", "x.png"]


def test_what_cannot_be_read_is_an_error_with_its_place(tmp_path: Path) -> None:
    reader = VaultReader(write_vault(tmp_path, {"a.md": b"\0\1\2\3", "b.md": "x"}))
    (tmp_path / "b.md").unlink()

    with pytest.raises(VaultError, match=r"a\.md: the file is binary"):
        reader.read(VaultPath("a.md"))
    with pytest.raises(VaultError, match=r"b\.md: the file cannot be read"):
        reader.read(VaultPath("b.md"))
    with pytest.raises(VaultError, match=r"no note at c\.md"):
        reader.read(VaultPath("c.md"))


def test_diagnostics_of_decoding_and_parsing_come_together(tmp_path: Path) -> None:
    reader = VaultReader(write_vault(tmp_path, {"a.md": "---\nа: б: в\n---\n".encode("cp1251")}))

    parsed = reader.read(VaultPath("a.md"))

    assert [found.rule.code for found in parsed.diagnostics] == ["V111", "V112"]


def test_links_lead_into_notes(tmp_path: Path) -> None:
    reader = VaultReader(
        write_vault(tmp_path, {"a.md": "[[b#H]] [[b#no]] [[gone]] [[x.png#h]]", "b.md": "# H", "x.png": ""})
    )

    links = [reader.resolve(link, VaultPath("a.md")) for link in reader.read(VaultPath("a.md")).note.links]

    assert isinstance(links[0], ResolvedLink)
    assert links[0].heading == "H"
    assert isinstance(links[1], ResolvedLink)
    assert links[1].missing is Missing.HEADING
    assert isinstance(links[2], Unresolved)
    assert isinstance(links[3], ResolvedLink)
    assert links[3].missing is None


def test_aliases_are_asked_for_only_when_a_link_fails(tmp_path: Path) -> None:
    asked: list[int] = []

    def aliases() -> dict[VaultPath, tuple[str, ...]]:
        asked.append(1)
        return {VaultPath("b.md"): ("Bee",)}

    reader = VaultReader(write_vault(tmp_path, {"a.md": "[[b]] [[Bee]] [[bee]]", "b.md": ""}), aliases=aliases)
    links = reader.read(VaultPath("a.md")).note.links

    reader.resolve(links[0], VaultPath("a.md"))
    assert asked == []
    found = [reader.resolve(link, VaultPath("a.md")) for link in links[1:]]

    assert asked == [1]
    assert [link.alias_candidates for link in found if isinstance(link, Unresolved)] == [("b.md",), ("b.md",)]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Ideas/Tide clock.md", "Ideas/Tide clock.md"),
        ("tide clock", "Ideas/Tide clock.md"),
        ("[[Tide clock]]", "Ideas/Tide clock.md"),
        ("ideas/tide clock", "Ideas/Tide clock.md"),
        ("Lamp", "Lamp.idea"),
        ("x.png", None),
        ("gone", None),
        ("", None),
        ("../a", None),
    ],
)
def test_a_person_names_a_note(tmp_path: Path, text: str, path: str | None) -> None:
    reader = VaultReader(write_vault(tmp_path, {"Ideas/Tide clock.md": "", "Lamp.idea": "", "x.png": ""}))

    assert reader.note_named(text) == path


def test_a_canvas_links_to_files_from_the_root(tmp_path: Path) -> None:
    board = '{"nodes": [{"type": "file", "file": "n.md"}, {"type": "text", "text": "[[m]]"}]}'
    reader = VaultReader(write_vault(tmp_path, {"x/board.canvas": board, "n.md": "", "x/n.md": "", "x/m.md": ""}))

    links = [
        reader.resolve(link, VaultPath("x/board.canvas"))
        for link in reader.read(VaultPath("x/board.canvas")).note.links
    ]

    assert [link.path for link in links if isinstance(link, ResolvedLink)] == ["n.md", "x/m.md"]
    assert reader.note_named("x/board.canvas") == reader.note_named("board.canvas") == "x/board.canvas"
    assert reader.note_named("board") is None


def test_refresh_sees_new_files(tmp_path: Path) -> None:
    reader = VaultReader(write_vault(tmp_path, {"a.md": "[[b]]"}))
    write_vault(tmp_path, {"b.md": ""})

    reader.refresh()

    link = reader.read(VaultPath("a.md")).note.links[0]
    assert isinstance(reader.resolve(link, VaultPath("a.md")), ResolvedLink)


def test_a_source_is_read_without_parsing_and_follows_the_file(tmp_path: Path) -> None:
    reader = VaultReader(write_vault(tmp_path, {"a.md": "one", "b.png": "x", "c.md": b"\0\1\2\3"}))
    assert reader.read(VaultPath("a.md")).source.text == "one"
    write_vault(tmp_path, {"a.md": "three"})

    assert reader.source(VaultPath("a.md")).text == "three"
    assert reader.source(VaultPath("b.png")).text == "x"
    for path in ("c.md", "gone.md"):
        with pytest.raises(VaultError, match=path):
            reader.source(VaultPath(path))


def test_reading_leaves_the_vault_as_it_was(tmp_path: Path) -> None:
    write_vault(tmp_path, {"a.md": "[[b]]", "b/c.md": "x", ".obsidian/app.json": "{}"})
    before = sorted((str(path), path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))

    reader = VaultReader(tmp_path)
    for path in reader.paths():
        reader.read(path)

    assert sorted((str(path), path.stat().st_mtime_ns) for path in tmp_path.rglob("*")) == before
