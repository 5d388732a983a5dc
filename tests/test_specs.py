"""Specifications: Markdown files in `specs/` that people read and this module checks.

A section holds files (`` `name.md`: `` and a fence behind it) and marks under their lines. A mark is a run of `^`
under the columns it speaks of, and what is expected there:

    V101 words          a diagnostic of this rule, whose message holds the words; every diagnostic must be marked
    → path              a link to this file (`→ path # heading`, `→ path ^ block`), `→ nothing` for one to no file
    no link             no link touches these columns
    tag name, no tag    a tag, or none
    field key = value   an inline field with this value
    text kind           a mark of this kind (code, math, comment, html_comment, struck, highlight)
    block kind          a block of this kind starts at the first of these columns and ends at the last or later
    heading level       a heading with these words
    item depth          a list item that starts here lies so deep, from 0
    callout kind        a callout of this kind with this title
    cell                a cell of a table with these words
    code language       a fence whose code is these columns
    property json       a property with this value

"Beside them: `a.png`, `b.pdf`." names files that need no content.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT

from vaultc.core.link import ResolvedLink
from vaultc.core.source import Source, Span, VaultPath, vault_path
from vaultc.syntax.parse import parse_note
from vaultc.vault.check import link_findings
from vaultc.vault.names import names_index
from vaultc.vault.resolve import outline_of, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vaultc.core.diagnostic import Diagnostic
    from vaultc.core.link import Unresolved
    from vaultc.core.note import Note

DECISIONS = ROOT / "docs" / "design" / "006-link-decisions.md"
SPECS = [*sorted((ROOT / "tests" / "specs").glob("*.md")), DECISIONS]
MARK = re.compile(
    r"^ *(\^+) (V\d{3}|→|no link|no tag|tag|field|text|block|heading|item|callout|cell|code|property)(?: (.*))?$"
)
FILE = re.compile(r"^`([^`]+)`:$")
BESIDE = re.compile(r"^Beside them: (.*)\.$")


@dataclass(frozen=True)
class Expected:
    """A mark of a specification: where, what kind, what is said."""

    span: Span
    kind: str
    said: str


@dataclass
class Section:
    """One section: its files, with the marks taken out, and the marks."""

    name: str
    files: dict[VaultPath, str] = field(default_factory=dict)
    expected: list[Expected] = field(default_factory=list)


def sections() -> Iterator[Section]:
    for spec in SPECS:
        section: Section | None = None
        lines = iter(spec.read_text("utf-8").split("\n"))
        name: str | None = None
        for line in lines:
            if line.startswith("## "):
                section = Section(f"{spec.stem}: {line[3:]}")
                yield section
            elif section is not None and (match := FILE.match(line)):
                name = match.group(1)
            elif section is not None and (match := BESIDE.match(line)):
                section.files.update({vault_path(path): "" for path in re.findall(r"`([^`]+)`", match.group(1))})
            elif section is not None and name is not None and re.match(r"`{3,}md$", line):
                add_file(section, vault_path(name), lines, line.removesuffix("md"))
                name = None


def add_file(section: Section, path: VaultPath, lines: Iterator[str], fence: str) -> None:
    text, last = "", 0
    for line in lines:
        if line == fence:
            break
        match = MARK.match(line)
        if match is None:
            last = len(text)
            text += line + "\n"
        else:
            span = Span(path, last + match.start(1), last + match.end(1))
            section.expected.append(Expected(span, match.group(2), match.group(3) or ""))
    section.files[path] = text


@dataclass(frozen=True)
class Read:
    """A section's files as vaultc reads them."""

    sources: dict[VaultPath, Source]
    notes: dict[VaultPath, Note]
    links: list[ResolvedLink | Unresolved]
    diagnostics: list[Diagnostic]


def read(section: Section) -> Read:
    sources = {path: Source(path, text) for path, text in section.files.items()}
    parsed = {path: parse_note(source) for path, source in sources.items() if path.endswith((".md", ".idea"))}
    notes = {path: note for path, (note, _) in parsed.items()}
    names = names_index(sources, {path: note.aliases for path, note in notes.items()})
    links = [
        resolve(link, path, names, lambda target: outline_of(notes[target]))
        for path, note in notes.items()
        for link in note.links
    ]
    diagnostics = [diagnostic for _, found in parsed.values() for diagnostic in found]
    return Read(sources, notes, links, [*diagnostics, *link_findings(links, names)])


def check_diagnostic(got: Read, kind: str, want: Expected) -> bool:
    return any(
        found.span == want.span and found.rule.code == kind and want.said in found.message for found in got.diagnostics
    )


def shown_link(link: ResolvedLink | Unresolved) -> str:
    if not isinstance(link, ResolvedLink):
        return "nothing"
    inside = f" # {link.heading}" if link.heading is not None else f" ^ {link.block}" if link.block is not None else ""
    return f"{link.path}{inside}"


def check_link(got: Read, want: Expected) -> bool:
    return [shown_link(link) for link in got.links if link.link.span == want.span] == [want.said]


def check_property(got: Read, want: Expected) -> bool:
    return any(
        found.span == want.span and found.value == json.loads(want.said)
        for found in got.notes[want.span.path].properties
    )


def check_field(got: Read, want: Expected) -> bool:
    return any(
        found.span == want.span and f"{found.key} = {found.value}" == want.said
        for found in got.notes[want.span.path].fields
    )


def check_item(got: Read, want: Expected) -> bool:
    note = got.notes[want.span.path]
    return any(
        note.blocks[item.block].span.start == want.span.start and str(item.depth) == want.said for item in note.items
    )


CHECKS: dict[str, Callable[[Read, Expected], bool]] = {
    "→": check_link,
    "no link": lambda got, want: not any(link.link.span.overlaps(want.span) for link in got.links),
    "tag": lambda got, want: any(
        tag.span == want.span and tag.name == want.said for tag in got.notes[want.span.path].tags
    ),
    "no tag": lambda got, want: not any(tag.span.overlaps(want.span) for tag in got.notes[want.span.path].tags),
    "field": check_field,
    "text": lambda got, want: any(
        mark.span == want.span and mark.kind == want.said for mark in got.notes[want.span.path].marks
    ),
    "block": lambda got, want: any(
        block.kind == want.said and block.span.start == want.span.start and block.span.end >= want.span.end
        for block in got.notes[want.span.path].blocks
    ),
    "heading": lambda got, want: any(
        head.text_span == want.span and str(head.level) == want.said for head in got.notes[want.span.path].headings
    ),
    "item": check_item,
    "callout": lambda got, want: any(
        callout.title_span == want.span and callout.kind == want.said for callout in got.notes[want.span.path].callouts
    ),
    "cell": lambda got, want: any(
        cell.span == want.span
        for table in got.notes[want.span.path].tables
        for row in (table.header, *table.rows)
        for cell in row
    ),
    "code": lambda got, want: any(
        fence.code_span == want.span and fence.language == want.said for fence in got.notes[want.span.path].fences
    ),
    "property": check_property,
}


@pytest.mark.parametrize("section", list(sections()), ids=lambda section: section.name)
def test_notes_mean_what_the_specification_says(section: Section) -> None:
    assert section.expected, "a section without marks checks nothing"

    got = read(section)

    for want in section.expected:
        is_code = want.kind.startswith("V")
        holds = check_diagnostic(got, want.kind, want) if is_code else CHECKS[want.kind](got, want)
        place = got.sources[want.span.path].place(want.span)
        assert holds, f"{place.path}:{place.line}:{place.col}: {place.text!r}: not {want.kind} {want.said}"
    marked = {(want.span, want.kind) for want in section.expected}
    unexpected = [found for found in got.diagnostics if (found.span, found.rule.code) not in marked]
    assert unexpected == []


def test_the_page_of_decisions_names_tests_that_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", DECISIONS.read_text("utf-8")))
    known = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }

    assert named
    assert named - known == set()


def test_a_shifted_mark_fails() -> None:
    section = Section("shifted")
    add_file(section, vault_path("a.md"), iter(["See [[gone]].", "   ^^^^^^^^ → nothing"]), "```")

    got = read(section)

    assert not check_link(got, section.expected[0])
