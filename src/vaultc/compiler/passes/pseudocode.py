"""Pseudocode: one procedure for each interface, in the order of dependency."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.outline.procedures import procedures
from vaultc.compiler.tools import Level, Tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.unit import Unit


def pseudocode(unit: Unit, tools: Tools) -> Unit:
    """Give the unit with its procedures: the computed ones, replaced where a model's steps pass the gate."""
    unit = replace(unit, procedures=procedures(unit))
    if tools.level is not Level.FULL or tools.brain is None:
        return unit
    from vaultc.compiler.derive.steps import derive_steps

    return derive_steps(unit, tools)


def check_pseudocode(unit: Unit) -> Iterator[str]:
    """Give what does not hold: every interface has exactly one procedure, and each procedure has steps."""
    have = [item.interface for item in unit.procedures]
    for interface in unit.interfaces:
        if have.count(interface.id) != 1:
            yield f"the interface {interface.code_name} has {have.count(interface.id)} procedures, not one"
    for procedure in unit.procedures:
        if not procedure.steps:
            yield f"the procedure {procedure.name} has no steps"
