"""Records as the notes draw or tell them, before names and types are settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.extract.declared import declared
from vaultc.compiler.extract.fields import Bound, FieldDraft, RecordDraft
from vaultc.compiler.extract.flows import diagrams
from vaultc.compiler.extract.mermaid import DiagramKind
from vaultc.compiler.extract.statements import leads
from vaultc.compiler.extract.tables import of_table, rows_of
from vaultc.compiler.extract.told import of_keys, of_lists, of_statements
from vaultc.compiler.extract.type_words import TypeWords, read_type
from vaultc.language.translit import code_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.extract.mermaid import Box, Diagram
    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement


def draft_records(region: Region, said: Sequence[Statement]) -> Iterator[RecordDraft]:
    """Give the records that tables, lists, diagrams and sentences of a region give, in this order."""
    lead_of = leads(region)
    for block, table in rows_of(region):
        draft = of_table(region, block, table, lead_of.get(table.block, ""))
        if draft is not None:
            yield draft
    keyed = tuple(of_keys(region))
    taken = [quote.span for draft in keyed for quote in draft.origins]
    lists = tuple(of_lists(region, lead_of, taken))
    taken += [part.quote.span for draft in lists for part in draft.fields]
    yield from (*keyed, *lists)
    yield from _of_diagrams(region)
    yield from declared(region)
    yield from of_statements(region, said, taken)


def _of_diagrams(region: Region) -> Iterator[RecordDraft]:
    for _, fence, diagram in diagrams(region):
        if diagram.kind not in {DiagramKind.CLASSES, DiagramKind.RELATIONS}:
            continue
        offset = fence.code_span.start
        for box in diagram.boxes:
            own = tuple(
                FieldDraft(
                    member.name, read_type(member.type), member.note,
                    region.quote(region.source.span(offset + member.start, offset + member.end)),
                )
                for member in box.members
            )  # fmt: skip
            fields = (*own, *_held(region, offset, diagram, box))
            if fields:
                origin = region.quote(region.source.span(offset + box.start, offset + box.end))
                yield RecordDraft(box.name, fields, (origin,), region)


def _held(region: Region, offset: int, diagram: Diagram, box: Box) -> Iterator[FieldDraft]:
    """Give a field for the boxes that `box` holds: `Show *-- "0..200" Cue` gives a show its cues."""
    names = {code_name(member.name) for member in box.members}
    for edge in diagram.edges:
        is_one = edge.label in {"1", "0..1"}
        name = edge.target[:1].lower() + edge.target[1:] + ("" if is_one else "s")
        if edge.source != box.name or code_name(name) in names:
            continue
        span = region.source.span(offset + edge.start, offset + edge.end)
        most = edge.label.rpartition("..")[2]
        at = region.source.text.find(f'{most}"', span.start, span.end) if most.isdigit() and not is_one else -1
        bounds = (Bound(region.source.span(at, at + len(most)), "<="),) if at >= 0 else ()
        words = TypeWords(record=edge.target, is_list=not is_one)
        yield FieldDraft(name, words, "", region.quote(span), "", bounds, False if edge.label == "0..1" else None)
