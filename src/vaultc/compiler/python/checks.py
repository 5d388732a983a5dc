"""Tests of generated modules: real ones for what the notes determine, strict xfails for what they do not."""

from __future__ import annotations

import ast
from itertools import islice
from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name, is_identifier, member_names, snake
from vaultc.compiler.outline.assemble import next_state_name
from vaultc.compiler.outline.guards import checked_limits, holds, inner_value, step_of
from vaultc.compiler.outline.signatures import called_name, called_source, plain_call
from vaultc.compiler.python.cases import PYTEST, broken_call, case, parametrized, with_mark, xfail
from vaultc.compiler.python.functions import parameters, reason_of, short_reason
from vaultc.compiler.python.layout import WIDTH, CodeBlock, docstring, literal
from vaultc.compiler.python.records import event_of, is_value, moves
from vaultc.compiler.python.scope import attribute_names, is_optional, states_of
from vaultc.compiler.trees import expression
from vaultc.compiler.unit import EntityKind, Modality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.compiler.elements import Element
    from vaultc.compiler.outline.guards import LimitGuard
    from vaultc.compiler.python.scope import Scope
    from vaultc.compiler.unit import Constant, Entity, Example, Field, Interface, Limit, Requirement

_NETWORK = frozenset(
    ["network", "internet", "online", "cloud", "сеть", "сети", "интернет", "интернета", "облако", "облака", "облаков"]
)


# Every state with every event that it does not tell is the square of a machine; so many show that it refuses.
_MOST_REFUSED = 300


def bounds_of(limits: Sequence[Limit], *, is_whole: bool) -> tuple[list[float], list[float]]:
    """Give values at and beside each bound: those that keep all limits, those that break one."""
    step = 1.0 if is_whole else step_of(limits)
    values = sorted({round(limit.value + side * step, 9) for limit in limits for side in (-1, 0, 1)})
    inner = inner_value(limits, is_whole=is_whole)
    good = [value for value in values if all(holds(value, limit) for limit in limits)]
    if inner is not None and not good:
        good = [inner]
    return good, [value for value in values if value not in good]


def guard_tests(guard: LimitGuard, package: str, module: str) -> tuple[CodeBlock, ...]:
    """Give the tests of a check of limits: at, below and above each bound."""
    good, bad = bounds_of(guard.limits, is_whole=False)
    imports = frozenset({PYTEST, f"from {package}.{module} import {guard.code_name}"})
    doc = f"{', '.join(guard.serves)}: {guard.subject}"
    blocks = []
    if good:
        body = [f"    {guard.code_name}(value)"]
        test = case(f"{guard.code_name}_accepts", doc, body, ["value: float"], imports)
        blocks.append(with_mark(parametrized("value", [repr(value) for value in good]), test))
    if bad:
        body = ['    with pytest.raises(ValueError, match="must (be|have)"):', f"        {guard.code_name}(value)"]
        test = case(f"{guard.code_name}_refuses", doc, body, ["value: float"], imports)
        blocks.append(with_mark(parametrized("value", [repr(value) for value in bad]), test))
    return tuple(blocks)


def constant_test(constants: Sequence[Constant], scope: Scope, module: str) -> CodeBlock | None:
    """Give the test that the constants stand as the notes state them."""
    kept = [
        item
        for item in constants
        if is_value(item.value, scope.annotation(item.type)) and is_identifier(item.code_name)
    ]
    if not kept:
        return None
    imports = {f"from {scope.package}.{module} import {item.code_name}" for item in kept}
    body = []
    for item in kept:
        imports |= scope.imports_of(item.value, module)
        body.append(f"    assert {item.code_name} == {item.value}  # {item.id}")
    return case("constants_are_as_stated", ", ".join(item.id for item in kept), body, (), frozenset(imports))


def entity_tests(entity: Entity, scope: Scope, module: str, ids: Sequence[str]) -> tuple[CodeBlock, ...]:
    """Give the tests of a class."""
    if entity.kind is EntityKind.RECORD:
        return _record_tests(entity, scope, module, ids)
    name, values = class_name(entity), states_of(entity)
    imports = frozenset({f"from {scope.package}.{module} import {name}"})
    expected = ", ".join(map(literal, values))
    body = [f"    assert [item.value for item in {name}] == [{expected}]"]
    if len(body[0]) > WIDTH:
        body = [
            f"    assert [item.value for item in {name}] == [",
            *(f"        {literal(v)}," for v in values),
            "    ]",
        ]
    blocks = [
        case(f"{snake(entity.name)}_has_the_stated_values", f"{', '.join(ids)}: {entity.name}", body, (), imports)
    ]
    if entity.kind is EntityKind.STATES and moves(entity):
        blocks += _state_tests(entity, scope, module, ids)
    return tuple(blocks)


def _state_tests(entity: Entity, scope: Scope, module: str, ids: Sequence[str]) -> list[CodeBlock]:
    name, function = class_name(entity), next_state_name(entity)
    members = dict(zip(states_of(entity), member_names(states_of(entity)), strict=True))
    imports = frozenset({PYTEST, *(f"from {scope.package}.{module} import {item}" for item in (name, function))})
    legal = [
        f"({name}.{members[item.source]}, {literal(event_of(item))}, {name}.{members[item.target]})"
        for item in moves(entity)
    ]
    doc = f"{', '.join(ids)}: {entity.name}"
    params = [f"state: {name}", "event: str", f"expected: {name}"]
    first = case(
        f"{function}_follows_the_arrows", doc, [f"    assert {function}(state, event) == expected"], params, imports
    )
    told = {(item.source, event_of(item)) for item in moves(entity)}
    events = list(dict.fromkeys(event_of(item) for item in moves(entity)))
    refused = (
        f"({name}.{members[state]}, {literal(event)})"
        for state in states_of(entity)
        for event in events
        if (state, event) not in told
    )
    illegal = list(islice(refused, _MOST_REFUSED))
    if len(illegal) == _MOST_REFUSED:
        doc += f" (the first {_MOST_REFUSED})"
    blocks = [with_mark(parametrized("state, event, expected", legal), first)]
    if illegal:
        body = ['    with pytest.raises(ValueError, match="no transition"):', f"        {function}(state, event)"]
        second = case(f"{function}_refuses_other_events", doc, body, [f"state: {name}", "event: str"], imports)
        blocks.append(with_mark(parametrized("state, event", illegal), second))
    return blocks


def maker_block(entity: Entity, scope: Scope) -> CodeBlock:
    """Give the function of a test module that makes a valid value of a large record, for the tests that need one."""
    sample = scope.sample_of(entity)
    head = [
        f"def {scope.maker(entity)}() -> {class_name(entity)}:",
        docstring(f"{entity.id}: {entity.name}", (), (), 4),
    ]
    return CodeBlock("\n".join([*head, *broken_call("    return ", sample)]), scope.imports_of(sample))


def _record_tests(entity: Entity, scope: Scope, module: str, ids: Sequence[str]) -> tuple[CodeBlock, ...]:
    name = class_name(entity)
    doc = f"{', '.join(ids)}: {entity.name}"
    sample = scope.call_of(entity)
    imports = {f"from {scope.package}.{module} import {name}", *scope.imports_of(sample)}
    fields = list(zip(entity.fields, attribute_names(entity), strict=True))
    body = [f"    record = {sample}"] if len(sample) + 13 <= WIDTH else broken_call("    record = ", sample)
    required = [attribute for field, attribute in fields if not is_optional(field)]
    body += [
        f"    assert record.{attribute} == {scope.sample_field(field, entity, 1)}"
        for field, attribute in fields
        if attribute in required[:1]
    ]
    body += ["    assert record == record"] if not required else []
    blocks = [case(f"{snake(entity.name)}_holds_its_fields", doc, body, (), frozenset(imports))]
    for field, attribute in fields:
        if checked_limits(field):
            blocks += _limit_tests(entity, field, attribute, scope, frozenset(imports), doc)
    return tuple(blocks)


def _limit_tests(
    entity: Entity, field: Field, attribute: str, scope: Scope, imports: frozenset[str], doc: str
) -> list[CodeBlock]:
    type_ = scope.annotation(field.type).partition(" | ")[0]
    is_whole = type_ != "float"
    good, bad = bounds_of(checked_limits(field), is_whole=is_whole)
    good, bad = (
        [v for v in good if type_ in ("int", "float") or v >= 0],
        [v for v in bad if type_ in ("int", "float") or v >= 0],
    )
    value = "value" if type_ in ("int", "float") else '"x" * value'
    if type_.startswith("list["):
        value = f"[{scope.sample(type_[5:-1], 1, entity)}] * value"
    elif type_.startswith("dict["):
        value = '{str(item): "x" for item in range(value)}'
    made = scope.call_of(entity)
    if made == f"{scope.maker(entity)}()":
        call = f"replace({made}, {attribute}={value})"
        imports |= {"from dataclasses import replace"} | scope.imports_of(value)
    else:
        call = scope.sample_of(entity, 0, **{attribute: value})
        imports |= scope.imports_of(call)
    shown = [str(int(item)) if is_whole else repr(item) for item in (*good, *bad)]
    kept, broken = shown[: len(good)], shown[len(good) :]
    stem = f"{snake(entity.name)}_{attribute}".strip("_")
    params = [f"value: {'int' if is_whole else 'float'}"]
    blocks = []
    if kept:
        body = [f"    {call}"] if len(call) + 4 <= WIDTH else broken_call("    ", call)
        blocks.append(with_mark(parametrized("value", kept), case(f"{stem}_accepts", doc, body, params, imports)))
    if broken:
        inner = [f"        {call}"] if len(call) + 8 <= WIDTH else broken_call("        ", call)
        body = ['    with pytest.raises(ValueError, match="must (be|have)"):', *inner]
        blocks.append(with_mark(parametrized("value", broken), case(f"{stem}_refuses", doc, body, params, imports)))
    return blocks


def open_test(interface: Interface, scope: Scope, module: str, known: Mapping[str, Element]) -> CodeBlock:
    """Give the test of an operation that is not determined: a call that raises NotImplementedError."""
    required = [param for param in interface.params if param.default is None]
    args = [f"{param.code_name}={scope.sample(scope.annotation(param.type))}" for param in required]
    call = f"{interface.code_name}({', '.join(args)})"
    body = [f"    {call}"] if len(call) + 4 <= WIDTH else broken_call("    ", call)
    imports = frozenset({f"from {scope.package}.{module} import {interface.code_name}"}) | scope.imports_of(call)
    reason = reason_of(interface, known)
    doc = f"{', '.join((*interface.serves, interface.id))}: {interface.summary or interface.name}"
    return with_mark(xfail(reason), case(interface.code_name, doc, body, (), imports))


def rule_test(requirement: Requirement, package: str) -> CodeBlock:
    """Give the test of a rule that always holds: a real one where it forbids the network, else an open one."""
    reason = short_reason(requirement.id, requirement.text)
    name = f"rule_{requirement.id.lower().replace('-', '_')}"
    if is_offline_rule(requirement):
        body = [
            f'    paths = Path({package}.__path__[0]).glob("*.py")',
            "    names = {name for path in paths for name in _imports(path)}",
            '    assert not names & {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "asyncio"}',
        ]
        imports = frozenset({"import ast", "from pathlib import Path", f"import {package}"})
        return case(f"{name}_no_network", reason, body, (), imports)
    body = [f"    raise NotImplementedError({literal(requirement.id)})"]
    return with_mark(xfail(reason), case(name, reason, body))


def is_offline_rule(requirement: Requirement) -> bool:
    """Tell whether the requirement forbids the network, which the imports of the package can show."""
    words = set("".join(char.lower() if char.isalpha() else " " for char in requirement.text).split())
    return requirement.modality is Modality.MUST_NOT and bool(words & _NETWORK)


IMPORTS_HELPER = CodeBlock(
    "\n".join(
        [
            "def _imports(path: Path) -> set[str]:",
            '    tree = ast.parse(path.read_text(encoding="utf-8"))',
            "    found: set[str] = set()",
            "    for node in ast.walk(tree):",
            "        if isinstance(node, ast.Import):",
            '            found |= {alias.name.split(".")[0] for alias in node.names}',
            "        elif isinstance(node, ast.ImportFrom) and node.module:",
            '            found.add(node.module.split(".")[0])',
            "    return found",
        ]
    ),
    frozenset({"import ast", "from pathlib import Path"}),
)


def example_tests(
    examples: Sequence[Example], serves: Mapping[str, Sequence[str]], package: str, module: str, *, is_open: bool
) -> tuple[CodeBlock, ...]:
    """Give the tests of the stated cases of functions of one module; strict xfails where nothing does them yet.

    `serves` are the requirements by function.
    """
    by_name: dict[str, list[Example]] = {}
    for example in examples:
        if plain_call(example) is not None:
            by_name.setdefault(called_name(example), []).append(example)
    blocks = []
    for name, own in by_name.items():
        needs = tuple(serves.get(name, ()))
        ids = ", ".join((*needs, *(item.id for item in own)))
        body = [f"    assert {_plain_source(called_source(item))} == {_plain_source(item.expected)}" for item in own]
        block = case(f"{name}_as_stated", ids, body, (), frozenset({f"from {package}.{module} import {name}"}))
        blocks.append(
            with_mark(xfail(short_reason((*needs, own[0].id)[0], f"{own[0].call} == {own[0].expected}")), block)
            if is_open
            else block
        )
    return tuple(blocks)


def _plain_source(text: str) -> str:
    """Give an expression on one line and without a comment that would swallow what follows it."""
    if "#" not in text and "\n" not in text:
        return text
    tree = expression(text.strip())
    return text if tree is None else ast.unparse(tree)


def surface_test(interfaces: Sequence[Interface], scope: Scope, module: str) -> CodeBlock:
    """Give the test that a module offers its operations with their parameters: for code that a model wrote."""
    imports = {"import inspect", *(f"from {scope.package}.{module} import {item.code_name}" for item in interfaces)}
    body = []
    for item in interfaces:
        names = [text.partition(":")[0] for text in parameters(item, scope)]
        body.append(
            f"    assert list(inspect.signature({item.code_name}).parameters)[: {len(names)}] == {_names(names)}"
        )
    ids = ", ".join(dict.fromkeys(id_ for item in interfaces for id_ in (*item.serves, item.id)))
    return case("operations_are_offered", ids, body, (), frozenset(imports))


def _names(names: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
