"""The computed design: components, interfaces and completed entities from what the notes state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name, snake, unique
from vaultc.compiler.outline.commands import command_interfaces
from vaultc.compiler.outline.groups import COMMANDS, CORE, Group, group_requirements
from vaultc.compiler.outline.guards import LimitGuard, attach_limits, guards, served_by_entity
from vaultc.compiler.outline.keys import with_keys
from vaultc.compiler.outline.operations import example_operations, operations
from vaultc.compiler.outline.shared import SharedWords
from vaultc.compiler.outline.signatures import called_name
from vaultc.compiler.outline.verbatim import functions_of, python_modules
from vaultc.compiler.unit import (
    Component,
    Derivation,
    Entity,
    EntityKind,
    Field,
    Interface,
    InterfaceKind,
    Unit,
)
from vaultc.compiler.wording import say
from vaultc.core.digest import short_id
from vaultc.language.stems import content_stems

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vaultc.core.source import Quote

MODEL, LIMITS, STORAGE, CLI, ROUTES = "model", "limits", "storage", "cli", "routes"
_MAX_ORIGINS = 12


@dataclass(frozen=True, slots=True)
class Outline:
    """What the computed design adds to a unit."""

    components: tuple[Component, ...]
    interfaces: tuple[Interface, ...]
    entities: tuple[Entity, ...]


def outline(unit: Unit) -> Outline:
    """Give the design of `unit` that follows from its notes alone. Every requirement is served."""
    stated = tuple(item for item in unit.interfaces if not item.component)
    unit = replace(unit, entities=with_keys(unit, attach_limits(unit)), interfaces=stated)
    found = guards(unit)
    modules = {MODEL, LIMITS, STORAGE, CLI, ROUTES, unit.idea.package}
    parts: list[tuple[Component, tuple[Interface, ...]]] = []
    verbatim = _verbatim_parts(unit, modules)
    parts += [part for part in (_model_part(unit), _limits_part(unit, found)) if part is not None]
    parts += verbatim
    routes = _routes_part(unit)
    parts += [routes] if routes is not None else []
    covered = {id_ for component, _ in parts for id_ in component.serves}
    rest = [item for item in unit.requirements if item.id not in covered]
    groups = group_requirements(unit, rest)
    taken = {item.code_name for _, own in parts for item in own}
    for group in groups:
        if group.name != COMMANDS:
            parts.append(_group_part(unit, group, modules, taken))
    _add_example_functions(unit, parts, modules, taken)
    storage = _storage_part(unit)
    if storage is not None:
        parts.append(storage)
    of_commands = next((group for group in groups if group.name == COMMANDS), None)
    parts.append(_cli_part(unit, of_commands, [component for component, _ in parts]))
    components = tuple(component for component, _ in parts)
    needs = SharedWords(content_stems(item.text) for item in unit.requirements)
    called = frozenset(map(called_name, unit.examples))
    interfaces = tuple(_with_requirement(unit, item, needs, called) for _, own in parts for item in own)
    return Outline(components, interfaces, unit.entities)


def _with_requirement(unit: Unit, interface: Interface, needs: SharedWords, called: frozenset[str]) -> Interface:
    """Give an operation that only an example or a usage line states the requirement that speaks of the same thing.

    What is left undone then names a requirement: the one that shares most words with it, none where none shares any.
    `needs` are the stems of the requirements, in order, `called` the functions that examples call.
    """
    is_stated = interface.kind is not InterfaceKind.FUNCTION or interface.code_name in called
    if interface.serves or not unit.requirements or not is_stated:
        return interface
    told = " ".join(quote.text for quote in interface.origins)
    own = set(content_stems(f"{interface.code_name.replace('_', ' ')} {interface.summary} {told}"))
    most, at = needs.most(own)
    return replace(interface, serves=(unit.requirements[at].id,)) if most else interface


def fallback_origins(unit: Unit) -> tuple[Quote, ...]:
    """Give what an element leans on when nothing more precise is known: the head of the idea."""
    own = [passage.quote for passage in unit.context if passage.role == "idea"]
    return tuple(own[:1] or [passage.quote for passage in unit.context][:1] or list(unit.quotes())[:1])


def some(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """Give the first quotations, each once."""
    return tuple(dict.fromkeys(quotes))[:_MAX_ORIGINS]


def component_id(code_name: str) -> str:
    """Give the id of the component whose module has this name."""
    return short_id("C", ("component", code_name))


def root_records(unit: Unit) -> tuple[Entity, ...]:
    """Give the records that are not part of another record: what files hold."""
    records = [item for item in unit.entities if item.kind is EntityKind.RECORD and item.fields]
    nested = {name for item in records for field in item.fields for name in _names_in(field.type)}
    roots = tuple(item for item in records if class_name(item) not in nested and item.code_name not in nested)
    roots = roots or tuple(records)
    # The thing and its file are often told of apart ("Station", "Station file"): one of them is read and written.
    shapes: dict[frozenset[str], Entity] = {}
    for item in roots:
        shapes.setdefault(frozenset(field.code_name for field in item.fields), item)
    for item in roots:
        shape = frozenset(field.code_name for field in item.fields)
        if item.is_lone and not shapes[shape].is_lone:
            shapes[shape] = item
    return tuple(item for item in roots if shapes[frozenset(field.code_name for field in item.fields)] is item)


def _names_in(annotation: str) -> set[str]:
    return set("".join(char if char.isalnum() or char == "_" else " " for char in annotation).split())


def _model_part(unit: Unit) -> tuple[Component, tuple[Interface, ...]] | None:
    if not unit.entities:
        return None
    language = unit.idea.language
    id_ = component_id(MODEL)
    origins = some(quote for entity in unit.entities for quote in entity.origins)
    serves = tuple(dict.fromkeys(id_ for owners in served_by_entity(unit).values() for id_ in owners))
    known = {item.id for item in unit.requirements}
    interfaces = tuple(
        Interface(
            id=short_id("I", ("next_state", class_name(entity))),
            component=id_,
            kind=InterfaceKind.FUNCTION,
            name=f"{say(language, 'next_state')}: {entity.name}",
            code_name=next_state_name(entity),
            summary=say(language, "next_state"),
            params=(Field("state", "state", class_name(entity)), Field("event", "event", "str")),
            returns=class_name(entity),
            serves=(),
            origins=entity.origins,
        )
        for entity in unit.entities
        if entity.kind is EntityKind.STATES and entity.transitions
    )
    component = Component(
        id=id_,
        name=say(language, "model"),
        code_name=MODEL,
        duty=say(language, "model_duty"),
        serves=tuple(item for item in serves if item in known),
        uses=(),
        origins=origins,
        derived=Derivation(say(language, "derived_model"), origins),
        holds=tuple(entity.id for entity in unit.entities),
    )
    return component, interfaces


def next_state_name(entity: Entity) -> str:
    """Give the name of the function that moves a state machine on."""
    return f"next_{snake(entity.name)}"


def _limits_part(unit: Unit, found: tuple[LimitGuard, ...]) -> tuple[Component, tuple[Interface, ...]] | None:
    if not found and not unit.declared:
        return None
    language = unit.idea.language
    id_ = component_id(LIMITS)
    quotes = [quote for guard in found for quote in guard.origins]
    origins = some((*quotes, *(quote for item in unit.declared for quote in item.origins)))
    known = {item.id for item in unit.requirements}
    interfaces = tuple(
        Interface(
            id=guard.id,
            component=id_,
            kind=InterfaceKind.FUNCTION,
            name=guard.subject,
            code_name=guard.code_name,
            summary=f"{say(language, 'guard')}: {guard.subject}",
            params=(Field(guard.subject, "value", "float", limits=guard.limits),),
            returns="None",
            serves=tuple(item for item in guard.serves if item in known),
            origins=guard.origins,
        )
        for guard in found
    )
    component = Component(
        id=id_,
        name=say(language, "limits"),
        code_name=LIMITS,
        duty=say(language, "limits_duty"),
        serves=tuple(dict.fromkeys(item for interface in interfaces for item in interface.serves)),
        uses=(),
        origins=origins,
        derived=Derivation(say(language, "derived_limits"), origins),
        holds=tuple(item.id for item in unit.declared),
    )
    return component, interfaces


def _routes_part(unit: Unit) -> tuple[Component, tuple[Interface, ...]] | None:
    """Give the part that answers the routes which the notes state, or None."""
    stated = [item for item in unit.interfaces if item.kind is InterfaceKind.HTTP]
    if not stated:
        return None
    id_, language = component_id(ROUTES), unit.idea.language
    taken: set[str] = set()
    own = tuple(replace(item, component=id_, code_name=unique(item.code_name, taken)) for item in stated)
    serves = tuple(dict.fromkeys(need for item in own for need in item.serves))
    origins = some(quote for item in own for quote in item.origins)
    return Component(id_, say(language, "routes"), ROUTES, say(language, "routes_duty"), serves, (), origins), own


def _verbatim_parts(unit: Unit, modules: set[str]) -> list[tuple[Component, tuple[Interface, ...]]]:
    parts = []
    for name, item in python_modules(unit).items():
        modules.add(name)
        id_ = component_id(name)
        component = Component(id_, item.path, name, say(unit.idea.language, "verbatim_duty"), (), (), (item.origin,))
        own = tuple(replace(interface, component=id_) for interface in functions_of(name, item))
        parts.append((component, own))
    return parts


def _group_part(
    unit: Unit, group: Group, modules: set[str], taken: set[str]
) -> tuple[Component, tuple[Interface, ...]]:
    language = unit.idea.language
    is_core = group.name == CORE
    name = say(language, "core") if is_core else group.name
    name = name if group.part == 1 else f"{name} {group.part}"
    code_name = unique("core" if is_core else snake(group.name), modules)
    id_ = component_id(code_name)
    own = operations(unit, group, id_, taken)
    classes = {class_name(entity) for entity in unit.entities}
    uses_model = any(_names_in(param.type) & classes for item in own for param in item.params)
    component = Component(
        id=id_,
        name=name,
        code_name=code_name,
        duty=say(language, "core_duty") if is_core else say(language, "group_duty", name=group.name),
        serves=tuple(item.id for item in group.requirements),
        uses=(component_id(MODEL),) if uses_model else (),
        origins=some(group.origins),
    )
    return component, own


def _add_example_functions(
    unit: Unit, parts: list[tuple[Component, tuple[Interface, ...]]], modules: set[str], taken: set[str]
) -> None:
    language = unit.idea.language
    found = example_operations(unit, taken)
    if not found:
        return
    index = next((at for at, (component, _) in enumerate(parts) if component.code_name == "core"), None)
    if index is None:
        code_name = unique("core", modules)
        origins = some(quote for item in found for quote in item.origins)
        duty = say(language, "core_duty")
        parts.append((Component(component_id(code_name), say(language, "core"), code_name, duty, (), (), origins), ()))
        index = len(parts) - 1
    component, own = parts[index]
    parts[index] = (component, (*own, *(replace(item, component=component.id) for item in found)))


def _storage_part(unit: Unit) -> tuple[Component, tuple[Interface, ...]] | None:
    roots = root_records(unit)
    if not roots:
        return None
    language = unit.idea.language
    id_ = component_id(STORAGE)
    origins = some(quote for entity in roots for quote in entity.origins)
    interfaces: list[Interface] = []
    for entity in roots:
        path = Field("path", "path", "Path")
        records = Field(entity.name, "records", f"list[{class_name(entity)}]")
        for verb, params, returns in (("load", (path,), records.type), ("save", (path, records), "None")):
            interfaces.append(
                Interface(
                    id=short_id("I", (verb, class_name(entity))),
                    component=id_,
                    kind=InterfaceKind.FUNCTION,
                    name=f"{say(language, f'{verb}_name')} {entity.name}",
                    code_name=storage_name(verb, entity),
                    summary=say(language, verb),
                    params=params,
                    returns=returns,
                    serves=(),
                    origins=entity.origins,
                    derived=Derivation(say(language, "derived_storage"), entity.origins),
                )
            )
    component = Component(
        id=id_,
        name=say(language, "storage"),
        code_name=STORAGE,
        duty=say(language, "storage_duty"),
        serves=(),
        uses=(component_id(MODEL),),
        origins=origins,
        derived=Derivation(say(language, "derived_storage"), origins),
    )
    return component, tuple(interfaces)


def storage_name(verb: str, entity: Entity) -> str:
    """Give the name of the function that loads, saves or converts the records of `entity`."""
    name = "".join(
        f"_{char.lower()}" if char.isupper() and at else char.lower() for at, char in enumerate(class_name(entity))
    )
    if verb in ("load", "save"):
        ending = "" if name.endswith("s") else "es" if name.endswith(("x", "ch", "sh")) else "s"
        plural = f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else name + ending
        return f"{verb}_{plural}"
    return f"{name}_{verb}"


def _cli_part(unit: Unit, group: Group | None, others: list[Component]) -> tuple[Component, tuple[Interface, ...]]:
    language = unit.idea.language
    id_ = component_id(CLI)
    requirements = group.requirements if group is not None else ()
    own = command_interfaces(unit, id_, requirements, root_records(unit))
    origins = some((*(quote for item in own for quote in item.origins), *(group.origins if group else ())))
    origins = origins or fallback_origins(unit)
    component = Component(
        id=id_,
        name=say(language, "cli"),
        code_name=CLI,
        duty=say(language, "cli_duty"),
        serves=tuple(item.id for item in requirements),
        uses=tuple(item.id for item in others if item.code_name != LIMITS),
        origins=origins,
        derived=Derivation(say(language, "derived_cli"), origins),
    )
    return component, own
