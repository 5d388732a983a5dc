"""The gate for code that a model wrote: what it reaches is allowed, what was asked for is there, nothing is left open.

Nothing here runs the code. Each function gives reasons; no reasons, and the file may go on to the box.
"""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultc.compiler.derive.fixtures import fixture_faults
from vaultc.compiler.derive.forms import form_faults
from vaultc.compiler.derive.reach import Home, is_dunder, reach_faults, read_code
from vaultc.compiler.elements import all_ids_in
from vaultc.compiler.naming import class_name
from vaultc.compiler.outline.signatures import called_name, plain_call
from vaultc.compiler.python.functions import parameters
from vaultc.compiler.python.scope import attribute_names, states_of
from vaultc.compiler.unit import EntityKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from vaultc.compiler.elements import Element
    from vaultc.compiler.python.scope import Scope
    from vaultc.compiler.unit import Constant, Entity, Example, Interface

_MAX_CHARS = 200_000
_MAX_REASONS = 12
_OPEN_WORDS = (
    "todo", "fixme", "xxx:", "placeholder", "your code here", "rest of the code", "not implemented", "omitted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contract:
    """What a module must declare and may import."""

    package: str
    modules: frozenset[str]
    entities: tuple[Entity, ...]
    constants: tuple[Constant, ...]
    interfaces: tuple[Interface, ...]
    examples: tuple[Example, ...]
    scope: Scope
    known: Mapping[str, Element]

    def home(self, *, is_test: bool) -> Home:
        """Give where the module, or the file of its tests, stands."""
        return Home(self.package, self.modules, is_test)


def faults_in_module(text: str, contract: Contract) -> list[str]:
    """Give why `text` is not the module that `contract` asks for."""
    return _faults(text, lambda tree: _faults_in_module(tree, text, contract))


def faults_in_tests(text: str, contract: Contract) -> list[str]:
    """Give why `text` is not a file of tests of the module."""
    return _faults(text, lambda tree: _faults_in_tests(tree, text, contract))


def _faults(text: str, find: Callable[[ast.Module], Iterator[str]]) -> list[str]:
    tree = parsed(text)
    if isinstance(tree, str):
        return [tree]
    try:
        return list(dict.fromkeys(find(tree)))[:_MAX_REASONS]
    except RecursionError:
        return ["it is nested too deeply"]


def _faults_in_module(tree: ast.Module, text: str, contract: Contract) -> Iterator[str]:
    yield from _reach(tree, text, contract, is_test=False)
    yield from _open_ends(tree, text)
    yield from _ids(text, contract)
    yield from _declared(tree, contract)


def _faults_in_tests(tree: ast.Module, text: str, contract: Contract) -> Iterator[str]:
    yield from _reach(tree, text, contract, is_test=True)
    yield from _open_ends(tree, text)
    yield from _ids(text, contract)
    tests = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    if not tests:
        yield "there is no test function"
    yield from (f"{node.name} asserts nothing" for node in tests if not _asserts(node))
    yield from (f"{node.name} is skipped or expected to fail" for node in tests if _is_marked_off(node))
    yield from _lost_examples(tree, contract.examples)


def parsed(text: str) -> ast.Module | str:
    """Give the syntax tree of `text`, or why there is none."""
    if len(text) > _MAX_CHARS:
        return f"the file has more than {_MAX_CHARS} characters"
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"it does not parse: {error}"
    return tree if tree.body else "it is empty"


def _reach(tree: ast.Module, text: str, contract: Contract, *, is_test: bool) -> Iterator[str]:
    code, faults = read_code(tree, contract.home(is_test=is_test))
    yield from faults
    yield from reach_faults(code)
    yield from form_faults(code, text)
    if is_test:
        yield from fixture_faults(code)


def _open_ends(tree: ast.Module, text: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.unparse(node):
            yield f"line {node.lineno}: it raises NotImplementedError; write the body"
        elif isinstance(node, ast.FunctionDef) and _is_hollow(node):
            yield f"line {node.lineno}: {node.name} has no body"
    for token in tokens(text):
        if token.type == tokenize.COMMENT and any(word in token.string.lower() for word in _OPEN_WORDS):
            yield f"line {token.start[0]}: the comment leaves something open: {token.string[:60]}"


def tokens(text: str) -> list[tokenize.TokenInfo]:
    """Give the tokens of Python text; none where it cannot be read."""
    try:
        return list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return []


def _is_hollow(node: ast.FunctionDef) -> bool:
    body = [item for item in node.body if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))]
    return all(isinstance(item, ast.Pass) for item in body)


def _ids(text: str, contract: Contract) -> Iterator[str]:
    for id_ in all_ids_in(text):
        if id_ not in contract.known:
            yield f"it names {id_}, which is not there"


def _declared(tree: ast.Module, contract: Contract) -> Iterator[str]:
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    names = _assigned(tree.body)
    for entity in contract.entities:
        yield from _class_faults(entity, classes)
    for constant in contract.constants:
        if constant.code_name not in names:
            yield f"the constant {constant.code_name} is missing"
    for interface in contract.interfaces:
        node = functions.get(interface.code_name)
        if node is None:
            yield f"the function {interface.code_name} is missing"
            continue
        wanted = [text.partition(":")[0] for text in parameters(interface, contract.scope)]
        args = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
        extra = len(args) - len(wanted)
        if args[: len(wanted)] != wanted or extra > len(node.args.defaults):
            yield f"{interface.code_name} must take ({', '.join(wanted)}), not ({', '.join(args)})"
        if not [id_ for id_ in all_ids_in(ast.get_docstring(node) or "") if id_ in contract.known]:
            wanted_ids = ", ".join((*interface.serves, interface.id))
            yield f"the docstring of {interface.code_name} must end with a line `Implements: {wanted_ids}`"


def _assigned(body: Sequence[ast.stmt]) -> set[str]:
    found = set()
    for node in body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def _class_faults(entity: Entity, classes: Mapping[str, ast.ClassDef]) -> Iterator[str]:
    name = class_name(entity)
    node = classes.get(name)
    if node is None:
        yield f"the class {name} is missing"
        return
    if entity.kind is EntityKind.RECORD:
        lost = [item for item in attribute_names(entity) if item not in _assigned(node.body)]
    else:
        values = {item.value for item in ast.walk(node) if isinstance(item, ast.Constant)}
        lost = [item for item in states_of(entity) if item not in values]
    if lost:
        yield f"the class {name} lacks {', '.join(lost)}"


def _asserts(node: ast.FunctionDef) -> bool:
    for item in ast.walk(node):
        if isinstance(item, ast.Assert) and not isinstance(item.test, ast.Constant):
            return True
        if isinstance(item, ast.Attribute) and item.attr == "raises":
            return True
    return False


def _is_marked_off(node: ast.FunctionDef) -> bool:
    words = " ".join(ast.unparse(item) for item in node.decorator_list)
    calls = {item.attr for item in ast.walk(node) if isinstance(item, ast.Attribute)}
    return "xfail" in words or "skip" in words or bool(calls & {"skip", "xfail", "importorskip"})


def _lost_examples(tree: ast.Module, examples: Iterable[Example]) -> Iterator[str]:
    """Give the stated cases whose function, arguments and result the tests do not all name."""
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    literals = {_literal(node) for node in ast.walk(tree)}
    for example in examples:
        read = plain_call(example)
        if read is None:
            continue
        _, args, expected = read
        if called_name(example) not in called or any(repr(value) not in literals for value in (*args, expected)):
            yield f"the stated case {example.call} == {example.expected} is not tested"


def _literal(node: ast.AST) -> str:
    try:
        return repr(ast.literal_eval(node)) if isinstance(node, ast.expr) else ""
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return ""


def missing_names(texts: Mapping[str, str], package: str) -> dict[str, str]:
    """Give the files that have from a module of the package what it does not declare, and the first such name."""
    declared = {path: declared_names(text, package) for path, text in texts.items()}
    modules = frozenset(path.removesuffix(".py").partition("/")[2] for path in texts if path.startswith(f"{package}/"))
    faults: dict[str, str] = {}
    for path, text in texts.items():
        tree = parsed(text)
        for module, name in _had(tree, Home(package, modules, is_test=True)) if isinstance(tree, ast.Module) else ():
            if not is_dunder(name) and name not in declared.get(f"{module.replace('.', '/')}.py", set()):
                faults.setdefault(path, f"{module} declares no {name}")
    return faults


def _had(tree: ast.Module, home: Home) -> list[tuple[str, str]]:
    """Give the names that a file imports from modules of its package, or uses of them, each with its module.

    A file that is nested too deeply to be read is one that the notes give: it passed no gate.
    """
    try:
        return list(_names_had(tree, home))
    except RecursionError:
        return []


def _names_had(tree: ast.Module, home: Home) -> Iterator[tuple[str, str]]:
    code, _ = read_code(tree, home)
    for node in code.nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{home.package}."):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Attribute) and code.module_of(node) is None:
            module = code.module_of(node.value) or ""
            if module.startswith(f"{home.package}."):
                yield module, node.attr


def declared_names(text: str, package: str) -> set[str]:
    """Give the names that a module offers: its own, and those that it has from its package; no module of others."""
    tree = parsed(text)
    if isinstance(tree, str):
        return set()
    found = _assigned(tree.body)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}."):
            found |= {alias.asname or alias.name for alias in node.names}
    return found
