"""What a file of tests may have from pytest: fixtures by the names of parameters, marks, patches; no hooks."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from vaultc.compiler.derive.allowed import FIXTURES, PATCHED, REFUSED_IN_TESTS
from vaultc.compiler.derive.reach import is_stored, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.derive.reach import Code

_MARK = "pytest.mark.parametrize"
_FIXTURE = "pytest.fixture"
_HOOKS = ("pytest_", "setup_", "teardown_", "setUp", "tearDown")
_AUDIT = "sys.addaudithook"


def fixture_faults(code: Code) -> Iterator[str]:
    """Give what a file of tests asks of pytest, or of the interpreter, that it may not have."""
    yield from _name_faults(code)
    own = _own_fixtures(code)
    for node in code.nodes:
        if isinstance(node, ast.FunctionDef) and (node.name.startswith("test") or _fixture_of(node, code) is not None):
            yield from _function_faults(node, own, code)
        if isinstance(node, ast.Attribute | ast.Name):
            fault = _use_fault(node, code)
            if fault:
                yield line_of(node) + fault


def _name_faults(code: Code) -> Iterator[str]:
    """Give names by which pytest would collect or call something whose parameters cannot be seen."""
    for item in code.bindings:
        if item.scope == "function":
            continue
        if item.name.startswith(_HOOKS):
            yield f"{line_of(item.node)}it may not define {item.name}, a hook of pytest"
        elif item.name.startswith("test") and not isinstance(item.node, ast.FunctionDef):
            yield f"{line_of(item.node)}{item.name} is no test: only a function may have such a name"
    for node in code.nodes:
        if isinstance(node, ast.Attribute) and is_stored(node) and node.attr.startswith("test"):
            yield f"{line_of(node)}.{node.attr} is no test: only a function may have such a name"


def _function_faults(node: ast.FunctionDef, own: frozenset[str], code: Code) -> Iterator[str]:
    """Give what a test or a fixture is asked through its parameters and decorators that it may not be."""
    for item in node.decorator_list:
        if code.dotted(item.func if isinstance(item, ast.Call) else item) not in (_MARK, _FIXTURE):
            yield f"{line_of(node)}{node.name} may only be decorated by pytest.fixture and pytest.mark.parametrize"
    known = FIXTURES | _parametrized(node, code) | (own - {node.name, *_given_name(_fixture_of(node, code))})
    args = [*node.args.posonlyargs, *node.args.args]
    needed = args[: len(args) - len(node.args.defaults)]
    needed += [arg for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if default is None]
    for arg in needed:
        if arg.arg not in known and arg.arg not in ("self", "cls"):
            yield f"{line_of(arg)}{node.name} may not ask pytest for {arg.arg}"


def _fixture_of(node: ast.FunctionDef, code: Code) -> ast.expr | None:
    """Give the decorator that makes a function a fixture."""
    for item in node.decorator_list:
        if code.dotted(item.func if isinstance(item, ast.Call) else item) == _FIXTURE:
            return item
    return None


def _given_name(made: ast.expr | None) -> list[str]:
    values = [item.value for item in made.keywords if item.arg == "name"] if isinstance(made, ast.Call) else []
    return [str(item.value) for item in values if isinstance(item, ast.Constant)]


def _own_fixtures(code: Code) -> frozenset[str]:
    """Give the fixtures that are surely there: functions at the top of the file whose names are given once.

    In place of one that is not, pytest would give its own of that name.
    """
    found = set()
    for node in code.tree.body:
        made = _fixture_of(node, code) if isinstance(node, ast.FunctionDef) else None
        if made is None or not isinstance(node, ast.FunctionDef):
            continue
        if sum(item.name == node.name and item.scope == "module" for item in code.bindings) == 1:
            found.add(next(iter(_given_name(made)), node.name))
    return frozenset(found)


def _parametrized(node: ast.FunctionDef, code: Code) -> frozenset[str]:
    """Give the parameters whose values stand above the function, or above its class."""
    outer = code.parent(node)
    above = [*node.decorator_list, *(outer.decorator_list if isinstance(outer, ast.ClassDef) else [])]
    found: set[str] = set()
    for item in above:
        if isinstance(item, ast.Call) and code.dotted(item.func) == _MARK and item.args:
            first = item.args[0]
            parts = first.elts if isinstance(first, ast.Tuple | ast.List) else [first]
            texts = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
            found |= {name.strip() for text in texts for name in text.split(",")}
    return frozenset(found)


def _use_fault(node: ast.Attribute | ast.Name, code: Code) -> str:
    parent = code.parent(node)
    call = parent if isinstance(parent, ast.Call) and parent.func is node else None
    dotted = code.dotted(node)
    if dotted == _MARK:
        is_plain = call is not None and len(call.args) == 2 and all(item.arg == "ids" for item in call.keywords)
        return "" if is_plain else "parametrize may only be given names, values and ids"
    if dotted == _FIXTURE:
        made = code.parent(call) if call is not None else parent
        is_plain = isinstance(made, ast.FunctionDef) and (call or node) in made.decorator_list
        return "" if is_plain and (call is None or _is_plain_fixture(call)) else "a fixture is made by a decorator"
    if dotted == _AUDIT:
        return "" if call is not None and _is_plain_hook(call, code) else "a hook may only read its arguments as text"
    if isinstance(node, ast.Attribute) and node.attr in REFUSED_IN_TESTS:
        return f"it may not use .{node.attr}"
    if isinstance(node, ast.Attribute) and node.attr == "setattr":
        first = call.args[0] if call is not None and len(call.args) == 2 and not call.keywords else None
        is_known = isinstance(first, ast.Constant) and first.value in PATCHED
        return "" if is_known else "it may only put something else in place of " + ", ".join(sorted(PATCHED))
    return ""


def _is_plain_fixture(call: ast.Call) -> bool:
    values = {item.arg: item.value for item in call.keywords}
    return (
        not call.args
        and values.keys() <= {"name", "scope", "autouse"}
        and all(isinstance(item, ast.Constant) for item in values.values())
    )


def _is_plain_hook(call: ast.Call, code: Code) -> bool:
    """Tell whether a hook is a function of the file that takes the event and reads its arguments as `str(args[0])`.

    The arguments of an event are frames, code and loaders, too.
    """
    name = call.args[0].id if len(call.args) == 1 and isinstance(call.args[0], ast.Name) else ""
    given = [item.node for item in code.bindings if item.name == name]
    if len(given) != 1 or not isinstance(given[0], ast.FunctionDef) or given[0].decorator_list:
        return False
    args = given[0].args
    if len(args.args) != 2 or args.posonlyargs or args.vararg or args.kwonlyargs or args.kwarg:
        return False
    uses = [item for item in ast.walk(given[0]) if isinstance(item, ast.Name) and item.id == args.args[1].arg]
    return all(_is_read_as_text(item, code) for item in uses)


def _is_read_as_text(node: ast.Name, code: Code) -> bool:
    part = code.parent(node)
    if not isinstance(part, ast.Subscript) or not isinstance(part.slice, ast.Constant):
        return False
    call = code.parent(part)
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "str"
        and call.args == [part]
        and not call.keywords
    )
