"""Builders for the tests of extraction: a note as text to the unit that the rules make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes import source

from vaultc.compiler.extract.region import Region
from vaultc.compiler.extract.statements import Statement, statements
from vaultc.compiler.passes.extract import by_rules
from vaultc.compiler.passes.gather import make_idea
from vaultc.compiler.unit import Unit
from vaultc.core.digest import digest_text
from vaultc.syntax.parse import parse_note
from vaultc.vault.reader import ParsedNote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.core.source import Quote


def parsed(text: str, path: str = "Idea.md") -> ParsedNote:
    """Parse `text` as the note `path`."""
    read = source(text, path)
    note, diagnostics = parse_note(read)
    return ParsedNote(read, note, digest_text(text), diagnostics)


def region(text: str, path: str = "Idea.md", role: str = "idea") -> Region:
    """Give the body of a note as a region."""
    note = parsed(text, path)
    return Region(note.source, note.note, note.note.body, role)


def said(text: str) -> list[Statement]:
    """Give the statements of a note."""
    return list(statements(region(text)))


def extracted(text: str, path: str = "Idea.md") -> Unit:
    """Give what the rules extract from a note that stands alone."""
    whole = region(text, path)
    idea = make_idea(whole.source.path, ParsedNote(whole.source, whole.note, digest_text(text), ()))
    return by_rules(Unit(idea), (whole,), list(statements(whole)))


def all_quotes(unit: Unit) -> Iterator[Quote]:
    """Give every quotation of a unit, of fields, steps, limits and transitions too."""
    yield from unit.quotes()
    yield from unit.summary_origins
    for need in unit.requirements:
        yield from (limit.quote for limit in need.limits)
    for entity in unit.entities:
        for field in entity.fields:
            yield from field.origins
            yield from (limit.quote for limit in field.limits)
        for step in entity.transitions:
            yield from step.origins
    for flow in unit.flows:
        for part in flow.steps:
            yield from part.origins
    for example in unit.examples:
        yield from example.origins
    for code in unit.verbatim:
        yield code.origin
