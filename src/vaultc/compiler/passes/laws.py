"""What must hold of a design."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.unit import Unit


def check_design(unit: Unit) -> Iterator[str]:
    """Give what does not hold: every requirement served, every id known, every name once."""
    served = {id_ for item in unit.components for id_ in item.serves}
    for need in unit.requirements:
        if need.id not in served:
            yield f"no component serves the requirement {need.id} ({need.text[:60]})"
    components = {item.id for item in unit.components}
    names = [item.code_name for item in unit.components]
    if len(set(names)) != len(names):
        yield f"two components share a module name: {sorted({name for name in names if names.count(name) > 1})}"
    for item in unit.interfaces:
        if item.component not in components:
            yield f"the interface {item.code_name} belongs to no component"
    known = components | {item.id for item in unit.requirements}
    for component in unit.components:
        for id_ in (*component.uses, *component.serves):
            if id_ not in known:
                yield f"the component {component.code_name} names {id_}, which is not there"
        if not component.origins and component.derived is None:
            yield f"the component {component.code_name} leads to no note"
