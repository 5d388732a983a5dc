"""Code: modules, tests and project files."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from vaultc.compiler.python.package import with_package
from vaultc.compiler.tools import Level, Tools
from vaultc.compiler.trees import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.unit import Unit


def code(unit: Unit, tools: Tools) -> Unit:
    """Give the unit with its files: the computed package, file by file replaced by what a model wrote well."""
    unit = with_package(unit)
    if tools.level is not Level.FULL or (tools.hand is None and tools.brain is None):
        return unit
    from vaultc.compiler.derive.files import derive_files

    return derive_files(unit, tools)


def check_code(unit: Unit) -> Iterator[str]:
    """Give what does not hold: each path once, Python that parses, every definition traced."""
    paths = Counter(file.path for file in unit.code)
    for path in sorted(path for path, count in paths.items() if count > 1):
        yield f"two files share the path {path}"
    for file in unit.code:
        if file.path.endswith(".py"):
            tree = parsed(file.text)
            if tree is None:
                yield f"{file.path} does not parse"
                continue
            named = {segment.name for segment in file.segments}
            for node in tree.body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name not in named:
                    yield f"{file.path}: {node.name} leads to no note"
        for segment in file.segments:
            if not segment.origins and (segment.derived is None or not segment.derived.leans_on):
                yield f"{file.path}:{segment.start_line}: {segment.name or segment.kind} leads to no note"
