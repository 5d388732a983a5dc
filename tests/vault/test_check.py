"""Findings about links, lonely notes and conflicting copies, and what they advise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes import vault

from vaultc.core.source import VaultPath
from vaultc.vault.check import conflict_findings, link_findings, orphan_findings
from vaultc.vault.graph import link_graph
from vaultc.vault.names import names_index
from vaultc.vault.resolve import outline_of, resolve

if TYPE_CHECKING:
    from vaultc.core.diagnostic import Diagnostic
    from vaultc.core.link import ResolvedLink, Unresolved


def found_in(files: dict[str, str], *others: str) -> list[Diagnostic]:
    notes = vault(files)
    names = names_index([*notes, *map(VaultPath, others)], {path: note.aliases for path, note in notes.items()})
    links = [
        resolve(link, path, names, lambda target: outline_of(notes[target]))
        for path, note in notes.items()
        for link in note.links
    ]
    return list(link_findings(links, names, lambda target: outline_of(notes[target])))


def helps(files: dict[str, str], *others: str) -> list[str | None]:
    return [found.help for found in found_in(files, *others)]


def test_a_missing_heading_names_the_heading_that_looks_like_it() -> None:
    files = {
        "a.md": "[[b#Настройка Синка]] [[b#A#Wether]] [[b#zzz]] [[b#А2]]",
        "b.md": "# 🟦 A2\n# A\n## Настройка **Sync**-а\n## Weather\n",
    }

    assert helps(files) == [
        'did you mean "Настройка **Sync**-а"?',
        'did you mean "Weather"?',
        "the link opens the note at its top",
        'did you mean "🟦 A2"?',
    ]


def test_a_missing_block_names_the_id_that_looks_like_it() -> None:
    assert helps({"a.md": "[[b#^tide-tabel]] [[b#^q]]", "b.md": "x ^Tide-table\n"}) == [
        'did you mean "^Tide-table"?',
        "the link opens the note at its top",
    ]


def test_a_missing_file_names_the_file_that_looks_like_it_and_no_note() -> None:
    assert helps({"a.md": "![[chrat.png]] ![[x.pdf]] [[the chrat]]", "The chart.md": ""}, "img/chart.png") == [
        'did you mean "img/chart.png"?',
        "add the file",
        'did you mean "The chart.md"?',
    ]


def test_a_copy_of_a_sync_service_is_never_offered() -> None:
    assert helps({"a.md": "[[Tide clok]]"}, "Tide clock (conflicted copy 2026-03-01).md") == [
        "create the note, or correct the name"
    ]


def test_a_note_without_links_to_and_from_notes_stands_alone() -> None:
    notes = vault({"a.md": "[[b]]", "b.md": "", "c.md": "![[x.png]] [[gone]] [[c]]", "made.md": ""})
    names = names_index([*notes, VaultPath("x.png")])
    links: list[ResolvedLink | Unresolved] = [
        resolve(link, path, names, lambda _: None) for path, note in notes.items() for link in note.links
    ]

    found = list(orphan_findings(link_graph(notes, links), leave_out=[VaultPath("made.md")]))

    assert [(item.rule.code, item.span.path, item.span.end) for item in found] == [("V106", "c.md", 0)]


def test_a_conflicting_copy_leads_to_its_original() -> None:
    paths = ["Note.md", "Note (conflicted copy 2026-03-01).md", "Gone.sync-conflict-20260301-101500-ABCDEFG.md"]

    found = list(conflict_findings(map(VaultPath, paths)))

    assert [(item.span.path, [span.path for span, _ in item.related]) for item in found] == [
        ("Gone.sync-conflict-20260301-101500-ABCDEFG.md", []),
        ("Note (conflicted copy 2026-03-01).md", ["Note.md"]),
    ]
    assert '"Gone.md" here, which is gone' in found[0].message


def test_a_link_to_a_canvas_without_its_ending_is_told_how_to_write_it() -> None:
    found = helps({"a.md": "[[Board]]"}, "Boards/Board.canvas")

    assert found == ['"Boards/Board.canvas" is linked with its ending: [[Board.canvas]]']
