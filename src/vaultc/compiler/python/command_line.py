"""The command line of a package with argparse: parser, dispatch, one function a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name
from vaultc.compiler.outline.assemble import root_records, storage_name
from vaultc.compiler.outline.commands import subcommand
from vaultc.compiler.python.functions import open_block, parameters
from vaultc.compiler.python.layout import WIDTH, CodeBlock, docstring, literal, plain_text, signature
from vaultc.compiler.unit import InterfaceKind
from vaultc.compiler.wording import say
from vaultc.core.digest import short_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vaultc.compiler.elements import Element
    from vaultc.compiler.python.scope import Scope
    from vaultc.compiler.unit import Component, Entity, Field, Interface, Procedure, Unit

_PARSED = {
    "int": "int",
    "float": "float",
    "Path": "Path",
    "date": "date.fromisoformat",
    "datetime": "datetime.fromisoformat",
    "time": "time.fromisoformat",
    "Decimal": "Decimal",
}
_MAX_HELP = 110


def commands_of(unit: Unit, component: Component) -> tuple[Interface, ...]:
    """Give the commands of the command line."""
    return tuple(
        item for item in unit.interfaces if item.component == component.id and item.kind is InterfaceKind.COMMAND
    )


def program_of(unit: Unit, component: Component) -> str:
    """Give the name of the program: the first word of its commands, else the package with dashes."""
    stated = [item.name.split()[0] for item in commands_of(unit, component) if item.usage and item.name.split()]
    return stated[0] if stated else unit.idea.package.replace("_", "-")


def listings_of(unit: Unit) -> dict[str, Entity]:
    """Give the record that each computed listing command prints, by the id of the command."""
    found: dict[str, Entity] = {}
    for item in root_records(unit):
        found.setdefault(short_id("I", ("listing", class_name(item))), item)
    return found


def command_line_blocks(
    unit: Unit,
    component: Component,
    scope: Scope,
    procedures: Mapping[str, Procedure],
    known: Mapping[str, Element],
) -> tuple[CodeBlock, ...]:
    """Give the blocks of the module `cli`."""
    commands = commands_of(unit, component)
    blocks = [_parser(unit, component, commands, scope)]
    if commands:
        blocks.append(_dispatch(commands, component))
    blocks.append(_main(unit, component, has_commands=bool(commands)))
    listings = listings_of(unit)
    for item in commands:
        entity = listings.get(item.id)
        if entity is not None:
            blocks.append(_listing(item, entity, scope))
        else:
            blocks.append(open_block(item, procedures.get(item.id), scope, component.code_name, known))
    return tuple(blocks)


def _parser(unit: Unit, component: Component, commands: tuple[Interface, ...], scope: Scope) -> CodeBlock:
    description = _described(unit.summary or unit.idea.title)
    head = f"    parser = argparse.ArgumentParser(prog={literal(program_of(unit, component))}"
    one = f"{head}, description={literal(description)})"
    if len(one) > WIDTH:
        one = (
            f"    parser = argparse.ArgumentParser(\n        prog={literal(program_of(unit, component))},\n"
            f"        description={literal(description)},\n    )"
        )
        if len(f"        description={literal(description)},") > WIDTH:
            one = f"{head})\n    parser.description = {literal(_described(description, 70))}"
    lines = [
        signature("build_parser", [], "argparse.ArgumentParser"),
        docstring(f"{say(unit.idea.language, 'cli')}: {unit.idea.title}", (), (component.id,), 4),
        one,
    ]
    imports = {"import argparse"}
    is_flat = is_one_command(commands)
    if commands and not is_flat:
        lines.append('    commands = parser.add_subparsers(dest="command", required=True)')
    for item in commands:
        name = subcommand(item)
        if not is_flat:
            help_ = f"help={literal(_help(item.summary))}"
            lines += _added("    command = commands.add_parser", [literal(name), help_])
        for param in item.params:
            argument, needs = _argument(param, scope)
            lines += _added(f"    {'parser' if is_flat else 'command'}.add_argument", argument)
            imports |= needs
    lines.append("    return parser")
    return CodeBlock("\n".join(lines), frozenset(imports))


def is_one_command(commands: tuple[Interface, ...]) -> bool:
    """Tell whether the program is one command without a word of its own: `tide FILE [--days N]`."""
    return len(commands) == 1 and bool(commands[0].usage) and " " not in commands[0].name


def _added(head: str, args: list[str]) -> list[str]:
    one = f"{head}({', '.join(args)})"
    if len(one) <= WIDTH:
        return [one]
    if 8 + len(", ".join(args)) <= WIDTH:
        return [f"{head}(", f"        {', '.join(args)}", "    )"]
    return [f"{head}(", *(f"        {arg}," for arg in args), "    )"]


def _argument(param: Field, scope: Scope) -> tuple[list[str], set[str]]:
    type_ = scope.annotation(param.type).partition(" | ")[0]
    is_option = param.name.startswith("-")
    args = [literal(param.name if is_option else param.code_name)]
    imports: set[str] = set()
    if is_option:
        args.append(f"dest={literal(param.code_name)}")
    choices = [part.strip() for part in param.note.split(" | ")] if " | " in param.note else []
    if type_ == "bool" and is_option:
        return [*args, 'action="store_true"'], imports
    item = type_.removeprefix("list[").removesuffix("]")
    parser = _PARSED.get(item)
    if parser is not None:
        args.append(f"type={parser}")
        imports |= set(scope.imports_of(item))
    if choices and type_ == "str":
        args.append(f"choices=[{', '.join(map(literal, choices))}]")
    if is_option and param.is_required:
        args.append("required=True")
    if type_.startswith("list["):
        args.append(f"nargs={literal('+' if param.is_required else '*')}")
    elif not is_option and not param.is_required:
        args.append('nargs="?"')
    if not param.is_required and param.default not in (None, "None"):
        args.append(f"default={param.default}")
    return args, imports


def _help(text: str) -> str:
    """Give a help text of a command: argparse fills it in with `%`."""
    return _cut(text, _MAX_HELP).replace("%", "%%")


def _described(text: str, limit: int = _MAX_HELP) -> str:
    """Give a description of a program: argparse fills it in with `%` only where it names the program."""
    words = _cut(text, limit)
    return words.replace("%", "%%") if "%(prog)" in words else words


def _cut(text: str, limit: int) -> str:
    words = plain_text(text)
    return words if len(words) <= limit else words[: limit - 1].rsplit(" ", 1)[0].rstrip() + "…"


def _dispatch(commands: tuple[Interface, ...], component: Component) -> CodeBlock:
    lines = [
        signature("_dispatch", ["args: argparse.Namespace"], "int"),
        docstring("Call what the command names", (), (component.id,), 4),
    ]
    is_flat = is_one_command(commands)
    margin = " " * (4 if is_flat else 8)
    for item in commands:
        if not is_flat:
            lines.append(f"    if args.command == {literal(subcommand(item))}:")
        passed = [f"{param.code_name}=args.{param.code_name}" for param in item.params]
        one = f"{margin}return {item.code_name}({', '.join(passed)})"
        if len(one) > WIDTH:
            inner = f"{margin}    {', '.join(passed)}"
            rest = [inner] if len(inner) <= WIDTH else [f"{margin}    {arg}," for arg in passed]
            one = "\n".join([f"{margin}return {item.code_name}(", *rest, f"{margin})"])
        lines.append(one)
    if not is_flat:
        lines.append('    raise ValueError(f"no such command: {args.command}")')
    return CodeBlock("\n".join(lines))


def _main(unit: Unit, component: Component, *, has_commands: bool) -> CodeBlock:
    language = unit.idea.language
    main = next((item for item in unit.interfaces if item.component == component.id and item.code_name == "main"), None)
    ids = (component.id,) if main is None else (main.id,)
    lines = [
        signature("main", ["argv: list[str] | None = None"], "int"),
        docstring(say(language, "main"), ("2: bad arguments or files; 3: not done yet.",), ids, 4),
    ]
    if not has_commands:
        lines += ["    build_parser().parse_args(argv)", "    return 0"]
        return CodeBlock("\n".join(lines))
    lines += [
        "    args = build_parser().parse_args(argv)",
        "    try:",
        "        return _dispatch(args)",
        "    except NotImplementedError as error:",
        f'        print(f"{say(language, "not_done")}: {{error}}", file=sys.stderr)',
        "        return 3",
        "    except (OSError, ValueError) as error:",
        "        print(error, file=sys.stderr)",
        "        return 2",
    ]
    return CodeBlock("\n".join(lines), frozenset({"import sys"}))


def _listing(interface: Interface, entity: Entity, scope: Scope) -> CodeBlock:
    load, to_json = storage_name("load", entity), storage_name("to_json", entity)
    lines = [
        signature(interface.code_name, parameters(interface, scope), "int"),
        docstring(interface.summary, (), (interface.id, entity.id), 4),
        f"    for record in {load}(file):",
        f"        print(json.dumps({to_json}(record), ensure_ascii=False))",
        "    return 0",
    ]
    package = scope.package
    imports = {
        "import json",
        "from pathlib import Path",
        f"from {package}.storage import {load}",
        f"from {package}.storage import {to_json}",
    }
    return CodeBlock("\n".join(lines), frozenset(imports))
