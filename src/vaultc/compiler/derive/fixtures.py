"""What a file of tests may have from pytest: fixtures by the names of parameters, marks, patches; no hooks."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from vaultc.compiler.derive.allowed import FIXTURES, PATCHED, REFUSED_IN_TESTS
from vaultc.compiler.derive.reach import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.derive.reach import Code

_MARK = "pytest.mark.parametrize"
_HOOKS = ("pytest_", "setup_", "teardown_", "setUp", "tearDown")
_AUDIT = "sys.addaudithook"


def fixture_faults(code: Code) -> Iterator[str]:
    """Give what a file of tests asks of pytest, or of the interpreter, that it may not have."""
    known = FIXTURES | _own_fixtures(code) | _parametrized(code)
    for item in code.bindings:
        if item.name.startswith(_HOOKS) and item.scope != "function":
            yield f"{line_of(item.node)}it may not define {item.name}, a hook of pytest"
    for node in code.nodes:
        if isinstance(node, ast.FunctionDef) and (node.name.startswith("test") or _fixture_of(node, code) is not None):
            yield from _parameter_faults(node, known)
        if isinstance(node, ast.Attribute | ast.Name):
            fault = _use_fault(node, code)
            if fault:
                yield line_of(node) + fault


def _parameter_faults(node: ast.FunctionDef, known: frozenset[str]) -> Iterator[str]:
    args = [*node.args.posonlyargs, *node.args.args]
    needed = args[: len(args) - len(node.args.defaults)]
    needed += [arg for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if default is None]
    for arg in needed:
        if arg.arg not in known and arg.arg not in ("self", "cls"):
            yield f"{line_of(arg)}{node.name} may not ask pytest for {arg.arg}"


def _fixture_of(node: ast.FunctionDef, code: Code) -> ast.expr | None:
    """Give the decorator that makes a function a fixture."""
    for item in node.decorator_list:
        if code.dotted(item.func if isinstance(item, ast.Call) else item) == "pytest.fixture":
            return item
    return None


def _own_fixtures(code: Code) -> frozenset[str]:
    found = set()
    for node in code.nodes:
        made = _fixture_of(node, code) if isinstance(node, ast.FunctionDef) else None
        if made is None or not isinstance(node, ast.FunctionDef):
            continue
        given = {item.arg: item.value for item in made.keywords} if isinstance(made, ast.Call) else {}
        name = given.get("name")
        found.add(str(name.value) if isinstance(name, ast.Constant) else node.name)
    return frozenset(found)


def _parametrized(code: Code) -> frozenset[str]:
    """Give the names of parameters whose values stand in the file."""
    found: set[str] = set()
    for node in code.nodes:
        if isinstance(node, ast.Call) and code.dotted(node.func) == _MARK and node.args:
            first = node.args[0]
            parts = first.elts if isinstance(first, ast.Tuple | ast.List) else [first]
            texts = [str(item.value) for item in parts if isinstance(item, ast.Constant)]
            found |= {name.strip() for text in texts for name in text.split(",")}
    return frozenset(found)


def _use_fault(node: ast.Attribute | ast.Name, code: Code) -> str:
    parent = code.parent(node)
    call = parent if isinstance(parent, ast.Call) and parent.func is node else None
    dotted = code.dotted(node)
    if dotted == _MARK:
        is_plain = call is not None and len(call.args) == 2 and all(item.arg == "ids" for item in call.keywords)
        return "" if is_plain else "parametrize may only be given names, values and ids"
    if dotted == "pytest.fixture":
        is_bare = isinstance(parent, ast.FunctionDef)
        return "" if is_bare or (call is not None and _is_plain_fixture(call)) else "a fixture is made by a decorator"
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
    if len(given) != 1 or not isinstance(given[0], ast.FunctionDef):
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
