"""Check: the generated package runs its own tests and type check in a box."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.compiler.tools import Tools
    from vaultc.compiler.unit import Unit


def check(unit: Unit, tools: Tools) -> Unit:
    """Give the unit with what the checks of its package found."""
    return replace(unit, checks=tools.check_package(unit.code, unit.idea.package))


def is_complete(unit: Unit) -> bool:
    """Tell whether every check could be run: only then is the result worth keeping."""
    return bool(unit.checks) and all(item.status != "skipped" for item in unit.checks)
