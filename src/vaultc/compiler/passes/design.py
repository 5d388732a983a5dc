"""Design: components, interfaces and decisions that serve every requirement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.outline.assemble import outline
from vaultc.compiler.tools import Level, Tools

if TYPE_CHECKING:
    from vaultc.compiler.unit import Unit


def design(unit: Unit, tools: Tools) -> Unit:
    """Give the unit with its design: the computed one, and what a model adds to it through the gates."""
    found = outline(unit)
    unit = replace(unit, components=found.components, interfaces=found.interfaces, entities=found.entities)
    if tools.brain is None or tools.level is Level.OUTLINE:
        return unit
    if tools.level is Level.GUIDED:
        from vaultc.compiler.derive.guided import guide

        return guide(unit, tools)
    from vaultc.compiler.derive.design import derive_design

    return derive_design(unit, tools)
