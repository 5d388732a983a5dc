"""`vaultc links`: served from the index, and the same as reading every note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes import write_vault

from vaultc.app.linking import LinkRow
from vaultc.vault.files import read_source
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done


def read_again(root: Path) -> list[dict[str, Any]]:
    """Give the links as reading and resolving every note gives them."""
    aliases: dict[Any, tuple[str, ...]] = {}
    reader = VaultReader(root, aliases=lambda: aliases)
    notes = {path: reader.read(path) for path in reader.paths()}
    aliases.update({path: parsed.note.aliases for path, parsed in notes.items() if parsed.note.aliases})
    return [
        LinkRow(parsed.source.place(link.span), reader.resolve(link, path)).as_json()
        for path, parsed in sorted(notes.items())
        for link in parsed.note.links
    ]


def test_links_of_the_index_are_those_of_reading_every_note(run: Callable[..., Done], vault: Path) -> None:
    assert run("links", "--vault", vault, "--json").json["links"] == read_again(vault)


def test_links_follow_what_changed_since_the_last_run(run: Callable[..., Done], tmp_path: Path) -> None:
    vault = write_vault(tmp_path / "v", {"a.md": "[[b]] [[AI]] [[b#H]]", "c.md": "---\naliases: AI\n---\n"})
    before = run("links", "--vault", vault, "--json").json["links"]
    write_vault(vault, {"x/b.md": "# H\n\n[[a]]", "c.md": ""})

    after = run("links", "--vault", vault, "--json").json["links"]

    assert [row["missing"] for row in before] == ["note", "note", "note"]
    assert after == read_again(vault)
    assert [row["resolved"] and row["resolved"]["heading"] for row in after] == [None, None, "H", None]


@pytest.mark.native
def test_listing_links_and_checking_them_parses_no_note(
    run: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = write_vault(tmp_path / "v", {"a.md": "[[b]] [[gone]]", "b.md": "[[a#x]]", "c.md": "no link"})
    run("index", vault)
    read: list[str] = []
    real = read_source

    def counted(root: Any, file: Any) -> Any:
        read.append(file.path)
        return real(root, file)

    monkeypatch.setattr("vaultc.vault.reader.parse_file", None)
    monkeypatch.setattr("vaultc.app.session.read_source", counted)

    assert len(run("links", "--vault", vault, "--json").json["links"]) == 3
    assert sorted(read) == ["a.md", "b.md"]
    assert len(run("links", "b", "--vault", vault, "--json").json["backlinks"]) == 1
    assert run("check", "--vault", vault, "--only", "V101,V103,V106", "--json").json["by_rule"] == {
        "V101": 1,
        "V103": 1,
        "V106": 1,
    }
