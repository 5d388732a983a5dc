"""A model's design and the computed one put together: nothing that the notes ask for is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.outline.assemble import CLI, LIMITS, MODEL, component_id
from vaultc.compiler.outline.signatures import called_name
from vaultc.compiler.outline.verbatim import python_modules
from vaultc.compiler.passes.laws import check_design
from vaultc.compiler.unit import InterfaceKind

if TYPE_CHECKING:
    from vaultc.compiler.unit import Component, Interface, Unit


def merge_design(unit: Unit, components: tuple[Component, ...], interfaces: tuple[Interface, ...]) -> Unit:
    """Give `unit` with the given design; computed parts stay for what it does not serve or hold.

    Where the laws do not hold afterwards, the computed design stands as a whole.
    """
    verbatim = python_modules(unit)
    clash = {item.code_name for item in components if item.code_name in verbatim}
    components = tuple(item for item in components if item.code_name not in clash)
    kept_ids = {item.id for item in components}
    old_ids = {item.id for item in unit.components}
    interfaces = tuple(item for item in interfaces if item.component in kept_ids or item.component in old_ids)
    parts = {item.code_name: _with_served(item, interfaces) for item in components}
    own = {name: [item for item in interfaces if item.component == part.id] for name, part in parts.items()}
    served = {id_ for part in parts.values() for id_ in part.serves}
    for old in unit.components:
        needed = _needed(unit, old, served, interfaces, is_verbatim=old.code_name in verbatim)
        added = [item for item in interfaces if item.component == old.id and old.code_name not in parts]
        if needed is None and not added:
            continue
        part, functions = needed if needed is not None else (replace(old, serves=()), [])
        present = parts.get(old.code_name)
        if present is None:
            parts[old.code_name], own[old.code_name] = part, [*functions, *added]
        else:
            serves = tuple(dict.fromkeys((*present.serves, *part.serves)))
            parts[old.code_name] = replace(present, serves=serves)
            own[old.code_name] += functions
        served |= set(part.serves)
    parts = _with_homes(unit, parts)
    ids = {part.id for part in parts.values()}
    parts = {name: replace(part, uses=tuple(id_ for id_ in part.uses if id_ in ids)) for name, part in parts.items()}
    merged = replace(
        unit, components=tuple(parts.values()), interfaces=tuple(item for name in parts for item in own.get(name, ()))
    )
    for name in sorted(clash):
        merged = merged.with_refusal("design", name, "the notes give the code of this module whole")
    broken = next(iter(check_design(merged)), None)
    return merged if broken is None else unit.with_refusal("design", unit.idea.package, broken)


def _with_served(component: Component, interfaces: tuple[Interface, ...]) -> Component:
    """Give the component with what its operations serve counted as served by it."""
    own = (id_ for item in interfaces if item.component == component.id for id_ in item.serves)
    return replace(component, serves=tuple(dict.fromkeys((*component.serves, *own))))


def _needed(
    unit: Unit, old: Component, served: set[str], interfaces: tuple[Interface, ...], *, is_verbatim: bool
) -> tuple[Component, list[Interface]] | None:
    """Give what must stay of a computed component: what nothing else serves, offers or is called by."""
    functions = [item for item in unit.interfaces if item.component == old.id]
    if is_verbatim:
        return old, functions
    offered = {item.code_name for item in interfaces}
    offered_ids = {item.id for item in interfaces}
    cases = {called_name(item) for item in unit.examples}
    kept = []
    for item in functions:
        is_stated_command = item.kind is InterfaceKind.COMMAND and bool(item.usage)
        is_needed = (
            (set(item.serves) and not set(item.serves) <= served)
            or item.code_name in cases
            or (old.code_name == CLI and (item.code_name == "main" or is_stated_command))
        )
        if is_needed and item.code_name not in offered and item.id not in offered_ids:
            kept.append(item)
    left = tuple(id_ for id_ in old.serves if id_ not in served)
    if not kept and not left:
        return None
    return replace(old, serves=left), kept


def _with_homes(unit: Unit, parts: dict[str, Component]) -> dict[str, Component]:
    """Give every entity and constant a module: the one that holds it, else `model` and `limits`."""
    held = {id_ for part in parts.values() for id_ in part.holds}
    taken: set[str] = set()
    for name, part in parts.items():
        own = tuple(id_ for id_ in part.holds if id_ not in taken)
        taken |= set(own)
        parts[name] = replace(part, holds=own)
    computed = {item.code_name: item for item in unit.components}
    for name, ids in (
        (MODEL, tuple(item.id for item in unit.entities if item.id not in held)),
        (LIMITS, tuple(item.id for item in unit.declared if item.id not in held)),
    ):
        if not ids:
            continue
        home = name if name in parts or name in computed else MODEL
        if home == LIMITS and home not in parts and MODEL in parts:
            home = MODEL
        if home not in parts and home in computed:
            parts = {home: replace(computed[home], serves=(), holds=()), **parts}
        if home in parts:
            parts[home] = replace(parts[home], holds=(*parts[home].holds, *ids))
    return _using_homes(parts)


def _using_homes(parts: dict[str, Component]) -> dict[str, Component]:
    """Let each component use the modules that hold data."""
    homes = [component_id(name) for name in (MODEL, LIMITS) if name in parts]
    found = {}
    for name, part in parts.items():
        added = [] if name in (MODEL, LIMITS) else [id_ for id_ in homes if id_ not in part.uses]
        found[name] = replace(part, uses=(*part.uses, *added))
    return found
