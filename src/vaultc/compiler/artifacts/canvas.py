"""The architecture as an Obsidian canvas: the idea, the components in columns by dependency, what uses what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vaultc.compiler.artifacts.architecture import artifact_path
from vaultc.compiler.artifacts.markdown import escape
from vaultc.compiler.elements import elements_of, evidence_of
from vaultc.compiler.outline.assemble import fallback_origins
from vaultc.compiler.outline.procedures import in_order
from vaultc.compiler.unit import Artifact, Segment, SegmentKind
from vaultc.vault.canvas import GENERATED, IDEA_CARD

if TYPE_CHECKING:
    from vaultc.compiler.unit import Unit

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 340, 200, 140, 60


def canvas(unit: Unit) -> Artifact:
    """Give the canvas of `unit`: JSON Canvas 1.0, one node or edge a line, ids that stay."""
    columns = _columns(unit)
    nodes: list[tuple[dict[str, Any], str]] = []
    idea = {"id": IDEA_CARD, "type": "file", "file": unit.idea.path, "x": -(_WIDTH + _GAP_X), "y": 0}
    # The mark says that the canvas is no evidence. It stands in a card, for those Obsidian keeps as they are.
    nodes.append(({**idea, "width": _WIDTH, "height": _HEIGHT * 2, GENERATED: "canvas"}, ""))
    rows: dict[int, int] = {}
    for component in in_order(unit.components):
        column = columns[component.id]
        row = rows.get(column, 0)
        rows[column] = row + 1
        text = f"## {escape(component.name)}\n\n{escape(component.duty)}"
        node = {
            "id": component.id,
            "type": "text",
            "text": text,
            "x": column * (_WIDTH + _GAP_X),
            "y": row * (_HEIGHT + _GAP_Y),
            "width": _WIDTH,
            "height": _HEIGHT,
        }
        nodes.append((node, component.id))
    edges = [_edge(component.id, used) for component in unit.components for used in component.uses if used in columns]
    roots = [item for item in unit.components if columns[item.id] == 0]
    edges += [_edge("idea", item.id) for item in roots]
    return _written(unit, nodes, edges)


def _columns(unit: Unit) -> dict[str, int]:
    """Give the column of each component: 0 for those that use nothing."""
    columns: dict[str, int] = {}
    for component in in_order(unit.components):
        columns[component.id] = 1 + max((columns[used] for used in component.uses if used in columns), default=-1)
    return columns


def _edge(source: str, target: str) -> dict[str, Any]:
    return {
        "id": f"{source}-{target}", "fromNode": source, "fromSide": "left" if source != "idea" else "right",
        "toNode": target, "toSide": "right" if source != "idea" else "left",
    }  # fmt: skip


def _written(unit: Unit, nodes: list[tuple[dict[str, Any], str]], edges: list[dict[str, Any]]) -> Artifact:
    known = elements_of(unit)
    fallback = unit.summary_origins or fallback_origins(unit)
    lines = ["{", '\t"nodes":[']
    segments = []
    for index, (node, id_) in enumerate(nodes):
        lines.append(f"\t\t{_json(node)}{',' if index + 1 < len(nodes) else ''}")
        ids: tuple[str, ...] = (id_,) if id_ else ()
        quotes = evidence_of(ids, known) or fallback
        segments.append(Segment(SegmentKind.DATA, id_ or "idea", len(lines), len(lines), ids, quotes))
    lines += ["\t],", '\t"edges":[']
    start = len(lines) + 1
    lines += [f"\t\t{_json(edge)}{',' if index + 1 < len(edges) else ''}" for index, edge in enumerate(edges)]
    if edges:
        ids = tuple(item.id for item in unit.components)
        quotes = evidence_of(ids, known) or fallback
        segments.append(Segment(SegmentKind.DATA, "edges", start, len(lines), ids, quotes))
    lines += ["\t]", "}"]
    return Artifact(artifact_path(unit, ".canvas"), "\n".join(lines) + "\n", tuple(segments))


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
