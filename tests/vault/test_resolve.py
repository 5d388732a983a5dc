"""Names, resolution, the graph and the findings about links. The rules themselves stand in tests/specs/links.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes import note, vault
from hypothesis import given
from hypothesis import strategies as st

from vaultc.core.link import ResolvedLink, Unresolved
from vaultc.core.source import VaultPath, vault_path
from vaultc.vault.check import link_findings
from vaultc.vault.graph import LinkGraph, link_graph
from vaultc.vault.names import names_index
from vaultc.vault.resolve import NoteOutline, heading_key, outline_of, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vaultc.core.note import Note


def resolved(notes: Mapping[VaultPath, Note], others: Iterable[str] = ()) -> list[ResolvedLink | Unresolved]:
    names = names_index([*notes, *map(vault_path, others)], {path: found.aliases for path, found in notes.items()})
    return [
        resolve(link, path, names, lambda target: outline_of(notes[target]))
        for path, found in notes.items()
        for link in found.links
    ]


def path_of(link: ResolvedLink | Unresolved) -> str | None:
    return link.path if isinstance(link, ResolvedLink) else None


def test_notes_with_our_own_endings_resolve_after_markdown_ones() -> None:
    notes = vault({"a.md": "[[Clock]] [[Lamp]] [[Lamp.idea]]", "Clock.md": "", "Clock.idea": "", "Lamp.idea": ""})

    assert [path_of(link) for link in resolved(notes)] == ["Clock.md", "Lamp.idea", "Lamp.idea"]


def test_a_backslash_is_no_folder() -> None:
    notes = vault({"a/s.md": "[[a\\n]]", "a/n.md": ""})

    assert [path_of(link) for link in resolved(notes)] == [None]


def test_a_leading_slash_is_the_root() -> None:
    notes = vault({"x/s.md": "[t](/n.md) [[/x/n]] [[/s]]", "n.md": "", "x/n.md": ""})

    assert [path_of(link) for link in resolved(notes)] == ["n.md", "x/n.md", None]


def test_the_file_whose_ending_is_written_wins() -> None:
    notes = vault({"s.md": "[[x.png]] [[x]]", "x.png.md": "", "x.md": ""})

    assert [path_of(link) for link in resolved(notes, ["x.png", "x.canvas"])] == ["x.png", "x.md"]


def test_names_that_differ_by_case_prefer_the_written_one() -> None:
    notes = vault({"s.md": "[[Log]] [[log]] [[LOG]]", "Log.md": "", "log.md": ""})

    assert [path_of(link) for link in resolved(notes)] == ["Log.md", "log.md", "Log.md"]


def test_a_composed_link_finds_a_no_break_space_and_a_decomposed_letter() -> None:
    notes = vault({"s.md": "[[Часы\u00a0прилива]] [[И\u0306од]]", "Часы прилива.md": "", "Йод.md": ""})

    assert [path_of(link) for link in resolved(notes)] == ["Часы прилива.md", "Йод.md"]


def test_letters_with_and_without_dots_differ() -> None:
    assert [path_of(link) for link in resolved(vault({"s.md": "[[Елка]]", "Ёлка.md": ""}))] == [None]


def test_an_unresolved_link_names_the_notes_with_that_alias() -> None:
    link = resolved(vault({"s.md": "[[ии]]", "Искусственный интеллект.md": "---\naliases: [ИИ]\n---\n"}))[0]

    assert isinstance(link, Unresolved)
    assert link.alias_candidates == ("Искусственный интеллект.md",)


def test_headings_compare_by_their_key() -> None:
    assert heading_key("Wifi  2.4, (home)") == "wifi 2 4 home"
    assert heading_key("Jack’s `a_b`-c") == "jack’s a_b -c"
    assert heading_key("**Жирный**") == "жирный"


def test_the_first_heading_that_fits_the_chain_is_found() -> None:
    outline = outline_of(note("# A\n## B\n# B\n## A\n### B\n"))
    headings = outline.headings

    assert outline.heading(["B"]) is headings[1]
    assert outline.heading(["B", "A"]) is headings[3]
    assert outline.heading(["B", "A", "B"]) is headings[4]
    assert outline.heading(["A", "A"]) is None
    assert outline.heading([]) is None


def test_block_ids_compare_without_case() -> None:
    assert NoteOutline(block_ids=("x", "abc")).block("ABC") == "abc"
    assert NoteOutline(block_ids=("x",)).block("d") is None


paths = st.lists(
    st.builds(
        lambda folders, name: vault_path("/".join([*folders, name])),
        st.lists(st.sampled_from(["a", "B", "ё"]), max_size=3),
        st.sampled_from(["n.md", "N.md", "m.md", "n.png", "n.idea"]),
    ),
    min_size=1,
    unique=True,
)
TARGETS = ["n", "N", "a/n", "b/n.md", "./n", "../n", "/n", "n.png", "ё/n", "gone"]


@given(paths, st.randoms(use_true_random=False), st.sampled_from(TARGETS))
def test_the_order_of_files_decides_nothing(files: list[VaultPath], random: object, target: str) -> None:
    link = note(f"[[{target}]]", "a/s.md").links[0]
    shuffled = list(files)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random

    first = resolve(link, VaultPath("a/s.md"), names_index(files), lambda _: None)
    second = resolve(link, VaultPath("a/s.md"), names_index(shuffled), lambda _: None)

    assert first == second
    assert path_of(first) is None or path_of(first) in files


def test_the_graph_knows_neighbours_backlinks_and_orphans() -> None:
    notes = vault({"a.md": "[[b]] [[b]] [[a]] ![[x.png]]", "b.md": "", "c.md": "[[c]] ![[x.png]]", "d.md": "[[b]]"})

    graph = link_graph(notes, resolved(notes, ["x.png"]))

    assert graph.targets(VaultPath("a.md")) == ("b.md", "x.png")
    assert [link.link.span.path for link in graph.backlinks(VaultPath("b.md"))] == ["a.md", "a.md", "d.md"]
    assert graph.neighbours(VaultPath("b.md")) == ("a.md", "d.md")
    assert graph.orphans() == ("c.md",)
    assert LinkGraph(()).orphans() == ()


def test_a_broken_link_names_what_looks_alike() -> None:
    notes = vault({"s.md": "[[Часы прлива]] [[zzz]] [[ИИ]]", "Часы прилива.md": "", "Ум.md": "---\naliases: ИИ\n---\n"})
    names = names_index(notes, {path: found.aliases for path, found in notes.items()})

    helps = [found.help for found in link_findings(resolved(notes), names)]

    assert helps == [
        'did you mean "Часы прилива.md"?',
        "create the note, or correct the name",
        '"ИИ" is an alias of "Ум.md"; write [[note|ИИ]]',
    ]


def test_no_day_is_offered_for_another_day() -> None:
    notes = vault({"s.md": "[[2026-03-05]] [[Отчёт 7 за мрт]]", "2026-03-04.md": "", "Отчёт 7 за март.md": ""})

    helps = [found.help for found in link_findings(resolved(notes), names_index(notes))]

    assert helps == ["create the note, or correct the name", 'did you mean "Отчёт 7 за март.md"?']


def test_a_file_that_is_missing_is_called_a_file() -> None:
    notes = vault({"s.md": "![[chart.png]] [[v2.0 plan]] [[Dr. Smith]]"})

    messages = [found.message for found in link_findings(resolved(notes), names_index(notes))]

    assert messages == [
        'no file is named "chart.png"',
        'no note is named "v2.0 plan"',
        'no note is named "Dr. Smith"',
    ]
