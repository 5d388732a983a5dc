"""What the code of a model reaches: each import, name and attribute is on the list of what it may use, or refused.

Modules are only ever used as `module.name`, so that every use of one can be seen; nothing is reached by text.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vaultc.compiler.derive.allowed import (
    BUILTINS,
    DUNDERS,
    IN_TESTS,
    MODULE_DUNDERS,
    MODULES,
    PRIVATE,
    READ_DUNDERS,
    REFUSED_ATTRIBUTES,
    REFUSED_NAMES,
    offered,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_OF_PACKAGE = frozenset({"__version__"})
_OF_PACKAGE_IN_TESTS = frozenset({"__path__", "__version__"})


@dataclass(frozen=True, slots=True)
class Home:
    """Where code stands: its package, the modules there, and whether it is a file of tests."""

    package: str
    modules: frozenset[str]
    is_test: bool

    def is_module(self, dotted: str) -> bool:
        """Tell whether `dotted` is a module that may be imported, or leads to one."""
        root, _, rest = dotted.partition(".")
        if root == self.package:
            return not rest or rest in self.modules
        known = {*MODULES, *IN_TESTS} if self.is_test else {*MODULES}
        return any(name == dotted or name.startswith(f"{dotted}.") for name in known)


@dataclass(frozen=True, slots=True)
class Binding:
    """A name that is given to something: where, and in which scope: "module", "class" or "function"."""

    name: str
    node: ast.AST
    scope: str


@dataclass(frozen=True)
class Code:
    """The nodes of a file with those of annotations that are written as text, and what its names stand for."""

    tree: ast.Module
    home: Home
    nodes: tuple[ast.AST, ...] = ()
    parents: dict[int, ast.AST] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    bindings: tuple[Binding, ...] = ()
    annotated: frozenset[int] = frozenset()

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Give what `node` is a part of."""
        return self.parents.get(id(node))

    def module_of(self, node: ast.AST) -> str | None:
        """Give the module that an expression stands for, or None."""
        if isinstance(node, ast.Name):
            return self.modules.get(node.id)
        if isinstance(node, ast.Attribute):
            outer = self.module_of(node.value)
            dotted = f"{outer}.{node.attr}"
            return dotted if outer is not None and self.home.is_module(dotted) else None
        return None

    def dotted(self, node: ast.AST) -> str | None:
        """Give `module.name` for an expression that stands for something imported, or None."""
        if isinstance(node, ast.Name):
            return self.values.get(node.id)
        module = self.module_of(node.value) if isinstance(node, ast.Attribute) else None
        return f"{module}.{node.attr}" if isinstance(node, ast.Attribute) and module is not None else None

    def own_names(self) -> frozenset[str]:
        """Give the names that the file gives to attributes: on objects, and in its classes."""
        stored = {node.attr for node in self.nodes if isinstance(node, ast.Attribute) and is_stored(node)}
        return frozenset(stored | {item.name for item in self.bindings if item.scope == "class"})


def is_stored(node: ast.expr) -> bool:
    """Tell whether something is put into `node`."""
    return isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


def is_dunder(name: str) -> bool:
    """Tell whether `name` begins and ends with two underscores."""
    return name.startswith("__") and name.endswith("__")


def line_of(node: ast.AST) -> str:
    """Give how a reason begins."""
    return f"line {getattr(node, 'lineno', 1)}: "


def read_code(tree: ast.Module, home: Home) -> tuple[Code, list[str]]:
    """Give `tree` with what its names stand for, and why some of its imports and annotations cannot be taken."""
    texts, faults = _annotations_as_text(tree)
    nodes = tuple(node for part in (tree, *texts) for node in ast.walk(part))
    parents = {id(child): node for node in nodes for child in ast.iter_child_nodes(node)}
    modules: dict[str, str] = {}
    values: dict[str, str] = {}
    for node in nodes:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for name, dotted in _imported(node):
            known = modules.get(name) or values.get(name)
            if known not in (None, dotted):
                faults.append(f"{line_of(node)}{name} already stands for {known}")
            (modules if home.is_module(dotted) else values).setdefault(name, dotted)
    bare = Code(tree, home, nodes, parents, modules, values)
    types = [*(part for node in nodes for part in _annotations(node)), *texts]
    annotated = {id(item) for part in types for item in ast.walk(part)}
    return Code(tree, home, nodes, parents, modules, values, tuple(_bindings(bare)), frozenset(annotated)), faults


def reach_faults(code: Code) -> Iterator[str]:
    """Give what `code` imports, names or reaches that is not on the list."""
    own = code.own_names()
    yield from _binding_faults(code)
    bound = {item.name for item in code.bindings}
    for node in code.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _import_faults(node, code.home)
        elif isinstance(node, ast.Name):
            fault = _name_fault(node, code, bound)
            if fault:
                yield line_of(node) + fault
        elif isinstance(node, ast.Attribute):
            fault = _attribute_fault(node, code, own)
            if fault:
                yield line_of(node) + fault
        elif isinstance(node, ast.MatchClass):
            yield from (line_of(node) + fault for name in node.kwd_attrs if (fault := attribute_fault(name, own)))
        elif isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await):
            yield f"{line_of(node)}it may not be asynchronous"


def _annotations(node: ast.AST) -> list[ast.expr]:
    found = [getattr(node, "annotation", None), getattr(node, "returns", None)]
    return [item for item in found if isinstance(item, ast.expr)]


def _annotations_as_text(tree: ast.Module) -> tuple[list[ast.Expression], list[str]]:
    """Give annotations that are written as text as what they say: some of Python evaluates them."""
    found, faults = [], []
    for outer in ast.walk(tree):
        for node in [item for part in _annotations(outer) for item in _texts(part)]:
            try:
                part = ast.parse(str(node.value).strip(), mode="eval")
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                faults.append(f"{line_of(node)}the annotation {node.value!r:.60} is no type")
                continue
            for item in ast.walk(part):
                if "lineno" in item._attributes:
                    ast.copy_location(item, node)
            found.append(part)
    return found, faults


def _texts(node: ast.AST) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name | ast.Attribute):
        name = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
        if name in ("Literal", "Annotated"):
            return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Give the names that an import binds, and what each stands for."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, f"{node.module or ''}.{alias.name}"
        elif alias.asname is not None:
            yield alias.asname, alias.name
        else:
            root = alias.name.partition(".")[0]
            yield root, root


def _import_faults(node: ast.Import | ast.ImportFrom, home: Home) -> Iterator[str]:
    where = line_of(node)
    if isinstance(node, ast.Import):
        yield from (where + fault for alias in node.names if (fault := _module_fault(alias.name, home)))
        return
    module = node.module or ""
    if node.level:
        yield f"{where}it uses a relative import; name the package"
        return
    if any(alias.name == "*" for alias in node.names):
        yield f"{where}it imports * from {module}"
        return
    fault = _module_fault(module, home)
    if fault and not home.is_module(module):
        yield where + fault
        return
    for alias in node.names:
        fault = _member_fault(module, alias.name, home)
        if fault:
            yield where + fault


def _module_fault(name: str, home: Home) -> str:
    root = name.partition(".")[0]
    if root == home.package:
        return "" if home.is_module(name) else f"there is no module {name} in the package"
    if offered(name, is_test=home.is_test) is not None:
        return ""
    if root not in sys.stdlib_module_names and root != "pytest":
        return f"it imports {name}, which is not in the standard library"
    return f"it may not import {name}"


def _member_fault(module: str, name: str, home: Home) -> str:
    """Give why `name` of `module` may not be used, or nothing."""
    dotted = f"{module}.{name}"
    if module.partition(".")[0] == home.package:
        if is_dunder(name):
            allowed = _OF_PACKAGE_IN_TESTS if home.is_test else _OF_PACKAGE
            return "" if name in allowed else f"it may not use {dotted}"
        if module == home.package and not home.is_module(dotted):
            return f"there is no module {dotted} in the package"
        return ""
    if name in (offered(module, is_test=home.is_test) or ()) or home.is_module(dotted):
        return ""
    return f"it may not use {dotted}"


def _name_fault(node: ast.Name, code: Code, bound: set[str]) -> str:
    name, parent = node.id, code.parent(node)
    if name in code.modules:
        if isinstance(node.ctx, ast.Load) and isinstance(parent, ast.Attribute):
            return ""
        return f"{name} is a module: it may only be used as {name}.something"
    if is_dunder(name):
        allowed = MODULE_DUNDERS | {"__file__"} if code.home.is_test else MODULE_DUNDERS
        return "" if name in allowed or is_stored(node) else f"it may not use {name}"
    if is_stored(node):
        return ""
    if name in REFUSED_NAMES:
        return f"it may not use {name}"
    return "" if name in BUILTINS or name in bound else f"{name} is not defined"


def _attribute_fault(node: ast.Attribute, code: Code, own: frozenset[str]) -> str:
    module = code.module_of(node.value)
    if module is None and node.attr == "__setattr__":
        return ""  # the form of its call decides
    if module is None:
        return attribute_fault(node.attr, own, is_stored=is_stored(node))
    if is_stored(node):
        return f"it may not change the module {module}"
    if code.module_of(node) is not None:
        inside = isinstance(code.parent(node), ast.Attribute)
        return "" if inside else f"{module}.{node.attr} is a module: it may only be used as {node.attr}.something"
    return _member_fault(module, node.attr, code.home)


def attribute_fault(name: str, own: frozenset[str], *, is_stored: bool = False) -> str:
    """Give why the attribute `name` of some value may not be used, or nothing. `own` are names the file gives."""
    if name in REFUSED_ATTRIBUTES:
        return f"it may not use .{name}"
    if is_dunder(name):
        return "" if name in READ_DUNDERS and not is_stored else f"it may not use .{name}"
    if name.startswith("_") and name not in own and name not in PRIVATE:
        return f"it may not use .{name}, which is private to something else"
    return ""


def _bindings(code: Code) -> Iterator[Binding]:
    for node in code.nodes:
        if isinstance(node, ast.Name) and is_stored(node):
            yield Binding(node.id, node, _scope(node, code))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield Binding(node.name, node, _scope(node, code))
        elif isinstance(node, ast.arg):
            yield Binding(node.arg, node, "function")
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield Binding(node.name, node, _scope(node, code))
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield Binding(node.rest, node, _scope(node, code))
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield from (Binding(name, node, "module") for name in node.names)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (Binding(name, node, _scope(node, code)) for name, _ in _imported(node))


def _scope(node: ast.AST, code: Code) -> str:
    is_walrus = isinstance(code.parent(node), ast.NamedExpr)
    outer = code.parent(node)
    while outer is not None:
        if isinstance(outer, FUNCTIONS) or (isinstance(outer, _COMPREHENSIONS) and not is_walrus):
            return "function"
        if isinstance(outer, ast.ClassDef):
            return "class"
        outer = code.parent(outer)
    return "module"


def _binding_faults(code: Code) -> Iterator[str]:
    for item in code.bindings:
        where, name = line_of(item.node), item.name
        is_import = isinstance(item.node, ast.Import | ast.ImportFrom)
        if is_dunder(name) and not is_import:
            allowed = DUNDERS if item.scope == "class" else MODULE_DUNDERS
            if name not in allowed:
                yield f"{where}it may not define {name}"
        elif item.scope == "class" and name in REFUSED_ATTRIBUTES:
            yield f"{where}it may not define {name}, by which a pattern would reach it elsewhere"
        elif item.scope == "module" and (name in BUILTINS or name in REFUSED_NAMES):
            yield f"{where}{name} is a builtin of Python; nothing else may have its name"
        elif not is_import and name in code.modules and item.scope != "class":
            yield f"{where}{name} is the module {code.modules[name]}; nothing else may have its name"
        elif not is_import and item.scope == "module" and name in code.values:
            yield f"{where}{name} is imported as {code.values[name]}; nothing else may have its name"
        elif is_import and (is_dunder(name) or name in REFUSED_NAMES):
            yield f"{where}it may not import something as {name}"
        elif is_import and item.scope == "class":
            yield f"{where}{name} is imported inside of a class, which makes it an attribute; import it above"
