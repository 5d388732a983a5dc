"""What is gathered for an idea: its sections, embeds, linked parts, passages near it; never what vaultc wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from compiler.units import kettle, tools
from fakes import write_vault

from vaultc.compiler.passes.extract import extract
from vaultc.compiler.passes.gather import LINKED_NOTE, LINKED_PART, binds, gather, make_idea
from vaultc.compiler.passes.order import PIPELINE
from vaultc.compiler.tools import Tools
from vaultc.compiler.unit import ContextPassage, Contradiction, Unit
from vaultc.core.chunk import Chunk, Legs, Passage
from vaultc.core.digest import digest_text
from vaultc.core.source import Span, vault_path
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.core.source import Quote

IDEA = vault_path("Ideas/Tide clock.md")
FILES = {
    "Ideas/Tide clock.md": "# Tide clock\n\nA clock for the harbour tide.\n\n"
    "See [[Datum#Zero]], [[Station#^keys]], [[Tomas]] and [[Gone]].\n\n"
    "## Requirements\n- The clock must show the tide.\n\n![[Loop]]\n",
    "Datum.md": "# Datum\n\n## Zero\n\nHeights must be given in metres.\n\n## Paint\n\nThe wall must be white.\n",
    "Station.md": "# Station\n\nIntro.\n\nThe name must be short. ^keys\n\nOther things must be long.\n",
    "Tomas.md": "# Tomas\n\nTomas must call his mother.\n\n"
    "The tide clock must have big letters.\n\nIt must rain soon.\n",
    "Loop.md": "Embedded: it must turn. ![[Loop2]]\n",
    "Loop2.md": "Second. ![[Loop]]\n",
    "Made.md": "---\nvaultc-kind: architecture\n---\nThe tide clock must be gold.\n",
    "Shop.md": "# Shop\n\nThe harbour tide washes the shop; prices must rise.\n",
}


def passage(root: Path, path: str, text: str, score: float) -> Passage:
    start = (root / path).read_text("utf-8").index(text)
    chunk = Chunk(Span(vault_path(path), start, start + len(text)), text, (), digest_text(text))
    return Passage(1, score, Legs(), chunk, ("words",))


def gathered(root: Path, *found: Passage) -> tuple[Unit, Tools]:
    reader = VaultReader(root)
    tools = Tools(reader, lambda query, limit: found, lambda paths: (), lambda files, name: ())
    return gather(Unit(make_idea(IDEA, reader.read(IDEA))), tools), tools


def by_role(unit: Unit, role: str) -> list[ContextPassage]:
    return [item for item in unit.context if item.role == role]


def test_an_idea_is_named_by_its_file(tmp_path: Path) -> None:
    root = write_vault(tmp_path, {"Идеи/Полив теплицы.md": "# Другое\n\nХочу поливать.\n", "Calendar.md": "# x\n"})
    reader = VaultReader(root)

    ru = make_idea(vault_path("Идеи/Полив теплицы.md"), reader.read(vault_path("Идеи/Полив теплицы.md")))
    clash = make_idea(vault_path("Calendar.md"), reader.read(vault_path("Calendar.md")))

    assert (ru.title, ru.language) == ("Полив теплицы", "ru")
    assert ru.package.isascii()
    assert ru.package.isidentifier()
    assert clash.package == "calendar_app"  # the standard library has a calendar


def test_every_passage_is_verbatim_and_none_is_empty(tmp_path: Path) -> None:
    unit, tools = gathered(write_vault(tmp_path, FILES))

    for item in unit.context:
        assert tools.reader.read(item.quote.span.path).source.slice(item.quote.span) == item.quote.text
        assert item.quote.text == item.quote.text.strip() != ""


def test_embeds_are_followed_and_a_cycle_ends(tmp_path: Path) -> None:
    unit, _ = gathered(write_vault(tmp_path, FILES))

    assert [item.quote.span.path for item in by_role(unit, "embed")] == ["Loop.md", "Loop2.md"]


def test_only_the_linked_part_and_what_names_the_idea_bind(tmp_path: Path) -> None:
    unit, tools = gathered(write_vault(tmp_path, FILES))

    links = {item.quote.text: item.reason for item in by_role(unit, "link")}
    needs = [need.text for need in extract(unit, tools).requirements]

    assert links["## Zero\n\nHeights must be given in metres."] == LINKED_PART
    assert links["The name must be short. ^keys"] == LINKED_PART
    assert links["The tide clock must have big letters."] == "tide; clock"
    assert LINKED_NOTE in links.values()
    assert "Heights must be given in metres." in needs
    assert "The tide clock must have big letters." in needs
    assert not [text for text in needs if "wall" in text or "mother" in text or "rain" in text or "Other" in text]


def test_retrieved_passages_are_near_ours_and_never_bind(tmp_path: Path) -> None:
    root = write_vault(tmp_path, FILES)
    near = passage(root, "Shop.md", "The harbour tide washes the shop; prices must rise.", 0.8)
    weak = passage(root, "Datum.md", "The wall must be white.", 0.9)
    low = passage(root, "Tomas.md", "Tomas must call his mother.", 0.01)
    made = passage(root, "Made.md", "The tide clock must be gold.", 0.9)

    unit, tools = gathered(root, near, weak, low, made)

    assert [item.quote.text for item in by_role(unit, "retrieved")] == [near.chunk.text]
    assert not any(binds(item) for item in by_role(unit, "retrieved"))
    assert not any("prices" in need.text for need in extract(unit, tools).requirements)


def test_a_passage_that_the_note_no_longer_holds_is_left_out(tmp_path: Path) -> None:
    root = write_vault(tmp_path, FILES)
    stale = passage(root, "Shop.md", "The harbour tide washes the shop; prices must rise.", 0.8)
    (root / "Shop.md").write_text("# Shop\n\nClosed.\n", "utf-8")

    unit, _ = gathered(root, stale)

    assert by_role(unit, "retrieved") == []


def test_a_clash_that_no_binding_passage_takes_part_in_is_not_the_ideas() -> None:
    unit, notes = kettle()
    lines = notes.texts[unit.idea.path]
    other = next(path for path in notes.texts if path != unit.idea.path)

    def quote(path: str, part: str) -> Quote:
        source = notes.read(vault_path(path)).source
        start = source.text.index(part)
        return source.quote(source.span(start, start + len(part)))

    own = quote(unit.idea.path, lines.splitlines()[-1])
    notes.texts[other] += "\n## Archive\n\nThe moon is made of cheese.\n"
    foreign = quote(other, "made of")
    ours, theirs = (
        Contradiction("C-0a0001", "ours", own, foreign),
        Contradiction("C-0a0002", "theirs", foreign, foreign),
    )
    given = replace(tools(notes), contradictions=lambda _paths: (ours, theirs))

    found = PIPELINE[0].run(Unit(unit.idea), given)

    assert found.contradictions == (ours,)
