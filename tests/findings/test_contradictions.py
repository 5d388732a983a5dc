"""What is a contradiction and what only looks like one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes import note, source
from findings.pairs import CLASHES, HARMLESS

from vaultc.findings.claims import claims_of, names_of
from vaultc.findings.contradictions import ContradictionFinding, find_contradictions
from vaultc.findings.statements import statements

if TYPE_CHECKING:
    from vaultc.core.source import VaultPath
    from vaultc.findings.claim import Claim


def found_in(files: dict[str, str]) -> tuple[ContradictionFinding, ...]:
    claims: list[Claim] = []
    titles: dict[VaultPath, tuple[frozenset[str], ...]] = {}
    for path, text in files.items():
        parsed = note(text, path)
        titles[parsed.path] = names_of(parsed)
        claims += claims_of(source(text, path), parsed)
    return find_contradictions(claims, titles)


@pytest.mark.parametrize(("kind", "path_a", "text_a", "path_b", "text_b"), CLASHES)
def test_two_statements_that_cannot_both_hold_are_found(
    kind: str, path_a: str, text_a: str, path_b: str, text_b: str
) -> None:
    found = found_in({path_a: text_a, path_b: text_b})

    assert [item.kind for item in found] == [kind]
    for quote, text in ((item, text_a if item.span.path == path_a else text_b) for item in (found[0].a, found[0].b)):
        assert text[quote.span.start : quote.span.end] == quote.text


@pytest.mark.parametrize(("why", "path_a", "text_a", "path_b", "text_b"), HARMLESS)
def test_what_only_looks_like_a_contradiction_is_left_out(
    why: str, path_a: str, text_a: str, path_b: str, text_b: str
) -> None:
    assert found_in({path_a: text_a, path_b: text_b}) == (), why


def test_all_pairs_together_give_no_more_than_each_alone() -> None:
    files: dict[str, str] = {}
    for number, (_, _, text_a, _, text_b) in enumerate(HARMLESS):
        files[f"a{number}.md"], files[f"b{number}.md"] = text_a, text_b
    harmless = [
        item
        for item in found_in(files)
        if item.a.span.path[1:] == item.b.span.path[1:]
        and not HARMLESS[int(item.a.span.path[1:-3])][0].startswith(("template", "diary"))
    ]

    assert harmless == []


def test_a_table_row_claims_its_column_of_its_first_cell() -> None:
    table = "| Part | Weight |\n|---|---|\n| Saddle | 220 g |\n| Pedal | 300 g |\n"

    found = found_in({"Parts.md": table, "Bike.md": "The saddle weighs 280 g."})

    assert [(item.a.text, item.b.text) for item in found] == [("The saddle weighs 280 g.", "220 g")]


def test_a_property_claims_of_the_note() -> None:
    files = {"Kettle.md": "---\npower: 2 kW\n---\nBlue.\n", "Kitchen.md": "The kettle draws 1 kW."}

    assert [item.kind for item in found_in(files)] == ["numeric"]


def test_a_dataview_field_claims_of_the_note() -> None:
    files = {"Kettle.md": "power:: 2 kW\n", "Kitchen.md": "The kettle draws 1 kW."}

    assert [item.kind for item in found_in(files)] == ["numeric"]


def test_an_alias_in_the_other_language_names_the_same_note() -> None:
    files = {
        "Zephyr.md": "---\naliases: [Зефирка]\n---\nZephyr weighs 12 kg.\n",
        "Дневник.md": "Вес Зефирки — 15 кг.",
    }

    assert [item.kind for item in found_in(files)] == ["numeric"]


def test_a_pronoun_speaks_of_the_note() -> None:
    files = {"Kettle.md": "It draws 2 kW.", "Kitchen.md": "The kettle draws 1 kW."}

    assert [item.kind for item in found_in(files)] == ["numeric"]


def test_a_note_that_gives_both_values_explains_them() -> None:
    files = {
        "Kettle.md": "The kettle draws 1 kW.",
        "Kitchen.md": "The kettle draws 2 kW.\n\nThe kettle draws 1 kW.",
    }

    assert found_in(files) == ()


def test_a_clash_that_stands_in_a_copy_is_reported_once() -> None:
    files = {
        "Kettle.md": "The kettle draws 1 kW.",
        "B.md": "The kettle draws 2 kW.",
        "C.md": "The kettle draws 2 kW.",
    }

    assert len(found_in(files)) == 1


def test_the_reason_is_in_the_language_of_the_notes() -> None:
    russian = found_in({"Бойлер.md": "Мощность бойлера — 2 кВт.", "Счета.md": "Бойлер потребляет 1,5 кВт."})
    english = found_in({"Kettle.md": "It draws 2 kW.", "Kitchen.md": "The kettle draws 1 kW."})

    assert russian[0].reason == "Бойлер: мощность 2 кВт и 1,5 кВт"
    assert english[0].reason == "Kettle: power 2 kW and 1 kW"


def test_findings_do_not_depend_on_the_order_of_notes() -> None:
    files = {path: text for _, a, text_a, b, text_b in CLASHES[3:6] for path, text in ((a, text_a), (b, text_b))}

    assert found_in(files) == found_in(dict(reversed(files.items())))


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("The garden gate must be locked at noon.", "The garden gate must not be locked at noon.",
         "garden gate: must be locked at noon / must not be locked at noon"),
        ("Печь нужно топить берёзой.", "Печь нельзя топить берёзой.",
         "Печь: нужно топить берёзой / нельзя топить берёзой"),
        ("The night tram leaves at 21:40.", "The night tram leaves at 22:15.",
         "night tram leaves: time 21:40 and 22:15"),
        ("Мощность бойлера — 2 кВт.", "The boiler draws 3 kW.", "бойлера: мощность 2 кВт и 3 kW"),
    ],
)  # fmt: skip
def test_a_headline_names_the_subject_in_the_words_of_the_first_quotation(first: str, second: str, reason: str) -> None:
    (item,) = found_in({"A.md": first, "B.md": second})

    assert item.reason == reason


def test_the_sides_of_a_git_conflict_do_not_contradict_each_other_or_another_note() -> None:
    kind, path_a, text_a, path_b, text_b = CLASHES[0]
    conflict = f"<<<<<<< HEAD\n{text_a.strip()}\n=======\n{text_b.strip()}\n>>>>>>> b2\n"

    assert [item.kind for item in found_in({path_a: text_a, path_b: text_b})] == [kind]
    assert found_in({path_a: conflict}) == ()
    assert found_in({path_a: conflict, path_b: text_b}) == ()


def test_properties_fields_and_cells_in_a_git_conflict_state_nothing() -> None:
    side = "watts:: {0}\n\n| pump | watts |\n|---|---|\n| Big | {0} |\n"
    front = "---\n<<<<<<< a\nwatts: 60\n=======\nwatts: 70\n>>>>>>> b\n---\n"
    text = f"{front}<<<<<<< a\n{side.format(60)}=======\n{side.format(70)}>>>>>>> b\n"
    resolved = f"---\nwatts: 60\n---\n{side.format(60)}"

    stated = [found.text for found in statements(source(resolved, "Pump.md"), note(resolved, "Pump.md"))]

    assert stated == ["60", "60", "60"]
    assert list(statements(source(text, "Pump.md"), note(text, "Pump.md"))) == []
