"""Flows: numbered steps under a heading, and the arrows of flowcharts and sequence diagrams, in order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.compiler.extract.mermaid import Diagram, DiagramKind, read_diagram
from vaultc.compiler.extract.plain import is_struck, plain
from vaultc.compiler.extract.region import trimmed
from vaultc.compiler.extract.statements import leads
from vaultc.compiler.extract.topics import Topic, topic_of, topic_of_path
from vaultc.compiler.unit import Flow, Step
from vaultc.core.digest import short_id
from vaultc.language.actions import action_of
from vaultc.language.lexicon import phrases
from vaultc.language.reading import read
from vaultc.language.stems import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.core.note import Block, Fence, ListItem

_MIN_STEPS = 2
_MAX_NAME_WORDS = 8  # a longer lead line is a sentence
_NUMBERING = re.compile(r"^(?=\d{1,3}\.)\d{1,3}(?:\.\d{1,3}){0,5}\.?\s+(?=\D)")
_NOT_FLOWS = frozenset({Topic.HISTORY, Topic.REFERENCES, Topic.QUESTIONS, Topic.DECISIONS, Topic.RISKS, Topic.EXAMPLES})


def find_flows(regions: Sequence[Region]) -> tuple[Flow, ...]:
    """Give the flows of the regions in reading order, each once. A list of requirements is no flow."""
    found: dict[str, Flow] = {}
    for region in regions:
        for flow in (*_numbered(region), *_drawn(region)):
            found.setdefault(flow.id, flow)
    return tuple(found.values())


def _numbered(region: Region) -> Iterator[Flow]:
    lead_of = leads(region)
    for group in _groups(region):
        first = region.note.blocks[group[0].block]
        headings = region.headings(first)
        lead = lead_of.get(group[0].block)
        topic = topic_of_path((*headings, lead) if lead else headings)
        steps = tuple(_steps(region, group))
        if topic in _NOT_FLOWS or (topic in _LISTED and not _is_procedure(lead or (headings[-1:] or ("",))[0], steps)):
            continue
        if all(_is_scenario(step.text) for step in steps if step.depth == 0):
            continue
        if sum(step.depth == 0 for step in steps) < _MIN_STEPS:
            continue
        is_name = lead is not None and len(lead.split()) <= _MAX_NAME_WORDS
        name = _NUMBERING.sub("", lead if lead and is_name else headings[-1] if headings else region.note.title)
        origins = tuple(quote for step in steps for quote in step.origins)
        yield Flow(short_id("F", ("flow", *(step.text for step in steps))), name, steps, origins)


def _is_procedure(head: str, steps: Sequence[Step]) -> bool:
    """Tell whether a numbered list among requirements is an order of steps: its own head says so, or has no topic.

    Under a head without a topic each step has to tell a deed without a word of duty.
    """
    topic = topic_of(head)
    if topic is not Topic.OTHER:
        return topic is Topic.FLOW
    outer = [step for step in steps if step.depth == 0]
    return all(not read(step.text).marks and action_of(step.text) is not None for step in outer)


def _is_scenario(text: str) -> bool:
    """Tell whether a step is a scenario of acceptance: "Given a dish, when …"; several of them are no order."""
    first = next(iter(text.split()), "")
    return fold(first.strip("*_:,.")) in phrases("actions", "scenario")


# Numbered items under these headings are items of a list, not steps.
_LISTED = frozenset(
    {
        Topic.REQUIREMENTS,
        Topic.FEATURES,
        Topic.OPTIONAL,
        Topic.EXCLUDED,
        Topic.CONSTRAINTS,
        Topic.GOAL,
        Topic.PROBLEM,
        Topic.QUALITY,
    }
)


def _groups(region: Region) -> Iterator[list[ListItem]]:
    """Give the runs of list items whose outer items are numbered, with what is nested in them."""
    group: list[ListItem] = []
    key: tuple[int, int | None] | None = None
    for item in region.note.items:
        block = region.note.blocks[item.block]
        if not region.holds(block.text) or region.is_foreign(block):
            continue
        if item.depth > 0 and group:
            group.append(item)
            continue
        here = (block.section, block.parent)
        starts_anew = item.number is None or key != here or item.number <= 1 or not _is_next(region, group, item)
        if group and starts_anew:
            yield group
            group = []
        if item.number is not None:
            group.append(item)
            key = here
    if group:
        yield group


def _is_next(region: Region, group: list[ListItem], item: ListItem) -> bool:
    """Tell whether only list items stand between the group's last item and `item`."""
    between = region.note.blocks[group[-1].block + 1 : item.block] if group else ()
    return all(block.parent is not None or block.kind == "list_item" for block in between)


def _steps(region: Region, group: list[ListItem]) -> Iterator[Step]:
    for item in group:
        block: Block = region.note.blocks[item.block]
        span = trimmed(region.source, block.text.start, block.text.end)
        if span.start < span.end and not is_struck(region, span):
            yield Step(plain(region, span), (region.quote(span),), item.depth)


def diagrams(region: Region) -> Iterator[tuple[Block, Fence, Diagram]]:
    """Give the Mermaid diagrams of a region that can be read."""
    for block, fence in region.fences():
        if fence.language == "mermaid":
            diagram = read_diagram(fence.code)
            if diagram is not None:
                yield block, fence, diagram


def _drawn(region: Region) -> Iterator[Flow]:
    for block, fence, diagram in diagrams(region):
        if diagram.kind not in {DiagramKind.FLOWCHART, DiagramKind.SEQUENCE} or len(diagram.edges) < _MIN_STEPS:
            continue
        offset = fence.code_span.start
        steps = tuple(
            Step(
                _arrow_words(edge.source, edge.target, edge.label),
                (region.quote(region.source.span(offset + edge.start, offset + edge.end)),),
            )
            for edge in diagram.edges
        )
        headings = region.headings(block)
        origins = tuple(quote for step in steps for quote in step.origins)
        name = headings[-1] if headings else region.note.title
        yield Flow(short_id("F", ("flow", *(step.text for step in steps))), name, steps, origins)


def _arrow_words(source: str, target: str, label: str) -> str:
    return f"{source} → {target}: {label}" if label else f"{source} → {target}"
