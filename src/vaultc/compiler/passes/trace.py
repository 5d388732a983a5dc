"""Trace: the notes and the canvas that show the unit, each section with what it leans on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.artifacts.architecture import architecture
from vaultc.compiler.artifacts.canvas import canvas
from vaultc.compiler.artifacts.pseudo import pseudo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.tools import Tools
    from vaultc.compiler.unit import Unit


def trace(unit: Unit, tools: Tools) -> Unit:
    """Give the unit with its artifacts."""
    return replace(unit, artifacts=(architecture(unit, tools.reader), pseudo(unit, tools.reader), canvas(unit)))


def check_trace(unit: Unit) -> Iterator[str]:
    """Give the sections of artifacts that lead to no note."""
    for artifact in unit.artifacts:
        last = artifact.text.count("\n")
        for segment in artifact.segments:
            if not segment.origins and (segment.derived is None or not segment.derived.leans_on):
                yield f"{artifact.path}:{segment.start_line}: {segment.name} leads to no note"
            if not 1 <= segment.start_line <= segment.end_line <= last:
                yield f"{artifact.path}: the segment {segment.name} lies outside the file"
