"""The command line: the commands that the notes state, or one to look at the records where they state none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name, snake, unique
from vaultc.compiler.unit import Derivation, Entity, Field, Interface, InterfaceKind
from vaultc.compiler.wording import say
from vaultc.core.digest import short_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.unit import Requirement, Unit


def command_interfaces(
    unit: Unit, component: str, requirements: Sequence[Requirement], roots: Sequence[Entity]
) -> tuple[Interface, ...]:
    """Give the interfaces of the command line: `main`, and one for each command."""
    language = unit.idea.language
    taken = {"main", "build_parser"}
    told = [(need, need.text.replace("`", "")) for need in requirements]
    commands = [_stated(item, component, told, taken) for item in unit.interfaces if item.kind is InterfaceKind.COMMAND]
    if not commands:
        commands = [_listing(unit, entity, component, taken) for entity in roots]
    origins = tuple(dict.fromkeys(quote for item in commands for quote in item.origins))[:12]
    if not origins:
        origins = tuple(passage.quote for passage in unit.context[:1])
    main = Interface(
        id=short_id("I", ("main", unit.idea.package)),
        component=component,
        kind=InterfaceKind.FUNCTION,
        name="main" if language == "en" else say(language, "main"),
        code_name="main",
        summary=say(language, "main"),
        params=(Field("argv", "argv", "list[str] | None", is_required=False, default="None"),),
        returns="int",
        serves=(),
        origins=origins,
        derived=Derivation(say(language, "derived_cli"), origins),
    )
    return (main, *commands)


def subcommand(interface: Interface) -> str:
    """Give the word that calls the command: the last of `tide next`."""
    return interface.name.split()[-1] if interface.name else interface.code_name


def _stated(item: Interface, component: str, told: Sequence[tuple[Requirement, str]], taken: set[str]) -> Interface:
    """Give a command with the requirements that name it; `told` are all, with their words as one reads them."""
    serving = [need for need, text in told if item.name in text]
    name = unique(f"run_{snake(subcommand(item).replace('-', ' '))}".rstrip("_"), taken)
    summary = item.summary or (serving[0].text if serving else item.usage)
    params = tuple(_param(param) for param in item.params)
    origins = tuple(dict.fromkeys((*item.origins, *(quote for need in serving for quote in need.origins))))
    return replace(
        item,
        component=component,
        code_name=name,
        summary=summary,
        params=params,
        returns="int",
        serves=tuple(dict.fromkeys((*item.serves, *(need.id for need in serving)))),
        origins=origins,
    )


def _param(param: Field) -> Field:
    """Give a parameter whose type says that it may be missing."""
    is_open = not param.is_required and param.default == "None" and "None" not in param.type
    return replace(param, type=f"{param.type} | None") if is_open else param


def _listing(unit: Unit, entity: Entity, component: str, taken: set[str]) -> Interface:
    name = unique(f"list_{snake(entity.name)}".rstrip("_"), taken)
    summary = f"{say(unit.idea.language, 'list_records')}: {entity.name}"
    return Interface(
        id=short_id("I", ("listing", class_name(entity))),
        component=component,
        kind=InterfaceKind.COMMAND,
        name=f"{unit.idea.package} {name.replace('_', '-')}",
        code_name=name,
        summary=summary,
        params=(Field("file", "file", "Path"),),
        returns="int",
        serves=(),
        origins=entity.origins,
        derived=Derivation(say(unit.idea.language, "derived_cli"), entity.origins),
    )
