"""Code that the notes give whole: where it goes in the package, and what it offers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from vaultc.compiler.naming import is_identifier, snake
from vaultc.compiler.trees import parsed, shown
from vaultc.compiler.unit import Field, Interface, InterfaceKind
from vaultc.core.digest import short_id

if TYPE_CHECKING:
    from vaultc.compiler.unit import Unit, Verbatim

_NO_MODULES = ("cli", "conftest", "setup")


def python_modules(unit: Unit) -> dict[str, Verbatim]:
    """Give the Python code that the notes name a file for, by the name of its module in the package."""
    found: dict[str, Verbatim] = {}
    for item in unit.verbatim:
        stem, dot, suffix = item.path.rpartition("/")[2].rpartition(".")
        if not dot or suffix != "py" or parsed(item.text) is None or stem.startswith("test_"):
            continue
        name = stem if is_identifier(stem) else snake(stem)
        if name not in _NO_MODULES and not stem.startswith("__"):
            found.setdefault(name, item)
    return found


def other_files(unit: Unit) -> list[Verbatim]:
    """Give the other named code."""
    own = set(map(id, python_modules(unit).values()))
    return [item for item in unit.verbatim if id(item) not in own]


def functions_of(module: str, item: Verbatim) -> tuple[Interface, ...]:
    """Give the public functions of verbatim code as interfaces, without their component."""
    tree = parsed(item.text)
    found = []
    for node in tree.body if tree is not None else ():
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        params = tuple(
            Field(arg.arg, arg.arg, shown(arg.annotation, "object") if arg.annotation else "object")
            for arg in (*node.args.posonlyargs, *node.args.args)
        )
        summary = (ast.get_docstring(node) or "").split("\n")[0]
        returns = shown(node.returns, "object") if node.returns else "object"
        id_ = short_id("I", ("verbatim", module, node.name))
        found.append(
            Interface(
                id_, "", InterfaceKind.FUNCTION, node.name, node.name, summary, params, returns, (), (item.origin,)
            )
        )
    return tuple(found)
