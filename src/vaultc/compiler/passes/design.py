"""Design: components, interfaces and decisions that serve every requirement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.outline.assemble import outline
from vaultc.compiler.tools import Level, Tools
from vaultc.core.errors import UsageError

if TYPE_CHECKING:
    from vaultc.compiler.unit import Unit


def design(unit: Unit, tools: Tools) -> Unit:
    """Give the unit with its design: the computed one, and what a model adds to it through the gates."""
    refuse_nothing(unit)
    found = outline(unit)
    unit = replace(unit, components=found.components, interfaces=found.interfaces, entities=found.entities)
    if tools.brain is None or tools.level is Level.OUTLINE:
        return unit
    if tools.level is Level.GUIDED:
        from vaultc.compiler.derive.guided import guide

        return guide(unit, tools)
    from vaultc.compiler.derive.design import derive_design

    return derive_design(unit, tools)


def refuse_nothing(unit: Unit) -> None:
    """Raise UsageError where the notes hold nothing that could be built."""
    if (
        unit.requirements
        or unit.constraints
        or unit.entities
        or unit.constants
        or unit.flows
        or unit.decisions
        or unit.interfaces
        or unit.verbatim
        or unit.examples
    ):
        return
    hint = (
        'write what it must do ("The clock must …", «Система должна …»), a table of fields, numbered steps, '
        "a decision with its reason, a command line, or code under a file name"
    )
    own = [passage for passage in unit.context if passage.role in ("idea", "embed")]
    if any(line.lstrip().startswith(("```", "~~~")) for item in own for line in item.quote.text.splitlines()):
        hint = 'its code has no file name: write one behind the fence, as in ```python title="clock.py"'
    message = (
        f'there is nothing to compile in "{unit.idea.path}": no requirement, data, flow, decision or code was found'
    )
    raise UsageError(message, hint=hint)
