"""The generated notes: verbatim quotations, links that resolve, diagrams that parse, sections that trace."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.tool import IDEAS, ROOT, Compiled, text_of

from vaultc.app.tracing import trace_place
from vaultc.core.link import Link, LinkKind, ResolvedLink
from vaultc.core.source import Span, vault_path
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cli.conftest import Done

MERMAID = ROOT / "tests" / "mermaid"
_EVIDENCE = re.compile(
    r"\[\[([^\[\]|]+)\|[^\[\]]*\]\], (?:line|строка) (\d+)(?:: (`+)( ?)(.+?)\4\3(…?))?$", re.MULTILINE
)
_WIKILINK = re.compile(r"!?\[\[([^\[\]|]+)(?:\|[^\[\]]*)?\]\]")
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_BLOCK_ID = re.compile(r"[A-Za-z0-9-]+")
_FENCE = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def reader(compiled_all: dict[str, Compiled]) -> VaultReader:
    """The vault's own resolver, on the vault as it is after the compiles."""
    return VaultReader(next(iter(compiled_all.values())).vault)


def resolved(reader: VaultReader, note: Path, target: str) -> ResolvedLink:
    source = vault_path(note.relative_to(reader.root).as_posix())
    name, _, behind = target.partition("#")
    block = behind[1:] if behind.startswith("^") else None
    headings = () if not behind or block else tuple(behind.split("#"))
    link = Link(LinkKind.WIKILINK, name, headings, block, "", Span(source, 0, 0))
    found = reader.resolve(link, source)
    assert isinstance(found, ResolvedLink), f"{note.name}: [[{target}]]"
    assert found.missing is None, f"{note.name}: [[{target}]]"
    return found


def wikilinks(path: Path) -> Iterator[str]:
    """Give the targets of the links of a note; what stands in code is none."""
    for line in _FENCE.sub("", text_of(path)).splitlines():
        for found in _WIKILINK.finditer(_CODE.sub("", line)):
            yield found[1]


def headings(path: Path) -> list[tuple[int, str]]:
    return [
        (number, line.lstrip("# "))
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if re.match(r"#{1,6} ", line)
    ]


@pytest.mark.parametrize("kind", [0, 1], ids=["architecture", "pseudocode"])
def test_every_quotation_stands_at_the_line_that_is_named(compiled: Compiled, reader: VaultReader, kind: int) -> None:
    note = compiled.notes[kind]
    seen = 0
    for found in _EVIDENCE.finditer(text_of(note)):
        target, line, _, _, words, more = found.groups()
        path = resolved(reader, note, target).path
        lines = text_of(compiled.vault / path).splitlines()
        if words is not None:
            assert words in lines[int(line) - 1], (path, line, words)
            assert more or lines[int(line) - 1].strip(), (path, line)
            seen += 1

    assert seen >= 15


def test_nothing_is_quoted_without_its_place(compiled: Compiled) -> None:
    for note in compiled.notes:
        for line in text_of(note).splitlines():
            if re.search(r", (line|строка) \d+", _CODE.sub("", line)):
                assert _EVIDENCE.search(line), line


def test_every_requirement_is_told_with_its_evidence(compiled: Compiled) -> None:
    lines = text_of(compiled.notes[0]).splitlines()

    for item in compiled.report["requirements"]:
        at = next((n for n, line in enumerate(lines) if line.startswith(f"- **{item['id']}**")), None)
        assert at is not None, item["id"]
        place = item["origins"][0]
        assert _EVIDENCE.search(lines[at + 1]), lines[at + 1]
        assert re.search(rf", (line|строка) {place['line']}\b", lines[at + 1])


def test_every_wikilink_resolves_to_a_note_heading_and_block_that_are_there(
    compiled: Compiled, reader: VaultReader
) -> None:
    targets = {(note, target) for note in compiled.notes for target in wikilinks(note)}

    assert len(targets) > 2
    for note, target in targets:
        resolved(reader, note, target)


def test_the_command_that_lists_links_finds_no_dangling_one(run: Callable[..., Done], compiled: Compiled) -> None:
    for note in compiled.notes:
        path = note.relative_to(compiled.vault).as_posix()

        rows = run("links", path, "--vault", compiled.vault, "--json").json["links"]

        assert rows
        assert {row["from"]["path"] for row in rows} == {path}
        assert [row for row in rows if row["resolved"] is None or row["missing"] is not None] == []


def test_block_references_are_legal_and_lead_to_a_block(compiled_all: dict[str, Compiled], reader: VaultReader) -> None:
    seen = 0
    for unit in compiled_all.values():
        for note in unit.notes:
            for target in wikilinks(note):
                _name, _, block = target.partition("#^")
                if block:
                    path = resolved(reader, note, target).path
                    assert _BLOCK_ID.fullmatch(block), target
                    assert re.search(rf"(^|\s)\^{block}[ \t]*$", text_of(unit.vault / path), re.MULTILINE), target
                    seen += 1

    assert seen


def test_every_section_leads_to_words_of_a_note(compiled: Compiled) -> None:
    for note in compiled.notes:
        sections = headings(note)
        assert len(sections) > 4
        for line, title in sections:
            trace = trace_place(f"{note}:{line}", compiled.vault).as_json()
            assert trace["to"], (note.name, title)
            assert all(text_of(compiled.vault / p["path"])[p["start"] : p["end"]] == p["text"] for p in trace["to"])


def test_the_map_has_a_segment_for_every_section(compiled: Compiled) -> None:
    files = compiled.map["files"]
    for note in compiled.notes:
        segments = files[note.relative_to(compiled.vault).as_posix()]["segments"]
        begun = {item["lines"][0] for item in segments if item["kind"] == "section"}
        assert {line for line, _ in headings(note)} <= begun


def test_the_canvas_is_a_json_canvas(compiled: Compiled) -> None:
    canvas: dict[str, Any] = json.loads(text_of(compiled.artifact(".canvas")))
    nodes, edges = canvas["nodes"], canvas["edges"]
    ids = [item["id"] for item in (*nodes, *edges)]

    assert canvas.keys() <= {"nodes", "edges"}
    assert len(set(ids)) == len(ids)
    assert len(nodes) > 3
    assert edges
    for node in nodes:
        assert node["type"] in {"text", "file", "link", "group"}
        assert all(type(node[key]) is int for key in ("x", "y", "width", "height"))
        assert node["width"] > 0
        assert node["height"] > 0
        assert node["type"] != "text" or node["text"].strip()
        assert node["type"] != "file" or (compiled.vault / node["file"]).is_file()
    for edge in edges:
        assert {edge["fromNode"], edge["toNode"]} <= {node["id"] for node in nodes}
        assert {edge.get("fromSide", "top"), edge.get("toSide", "top")} <= {"top", "right", "bottom", "left"}


def test_no_two_boxes_of_the_canvas_lie_on_each_other(compiled: Compiled) -> None:
    nodes = [n for n in json.loads(text_of(compiled.artifact(".canvas")))["nodes"] if n["type"] != "group"]

    for at, a in enumerate(nodes):
        for b in nodes[at + 1 :]:
            apart = (
                a["x"] + a["width"] <= b["x"]
                or b["x"] + b["width"] <= a["x"]
                or a["y"] + a["height"] <= b["y"]
                or b["y"] + b["height"] <= a["y"]
            )
            assert apart, (a["id"], b["id"])


@pytest.mark.skipif(
    shutil.which("node") is None or not (MERMAID / "node_modules" / "mermaid").is_dir(),
    reason="needs node and the parser: npm ci in tests/mermaid",
)
def test_every_diagram_is_read_by_the_parser_of_mermaid(compiled_all: dict[str, Compiled]) -> None:
    diagrams = {
        (name, note.name, number): text
        for name, unit in compiled_all.items()
        for note in unit.notes
        for number, text in enumerate(_FENCE.findall(text_of(note)))
    }
    wrong = 'flowchart TD\n  a["unclosed --> b'
    node = shutil.which("node") or "node"

    done = subprocess.run(
        [node, "parse.mjs"],
        cwd=MERMAID,
        input=json.dumps([*diagrams.values(), wrong]),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    *results, refused = json.loads(done.stdout)
    assert refused
    assert {name for name, _, _ in diagrams} == set(IDEAS)
    assert dict(zip(diagrams, results, strict=True)) == dict.fromkeys(diagrams)


def test_the_frontmatter_of_generated_notes_is_flat_and_says_whose_they_are(compiled: Compiled) -> None:
    for note, kind in zip(compiled.notes, ("architecture", "pseudocode"), strict=True):
        text = text_of(note)
        head = text.split("---\n", 2)[1]
        keys = re.findall(r"^([^\s:-][^:]*):", head, re.MULTILINE)

        assert text.startswith("---\n")
        assert keys
        assert all(key.startswith("vaultc-") for key in keys)
        assert f"vaultc-kind: {kind}\n" in head
        assert compiled.idea in head
