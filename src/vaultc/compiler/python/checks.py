"""Tests of generated modules: real ones for what the notes determine, strict xfails for what they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.naming import class_name, member_names, snake
from vaultc.compiler.outline.assemble import next_state_name, root_records, storage_name
from vaultc.compiler.outline.commands import subcommand
from vaultc.compiler.outline.guards import checked_limits, holds, inner_value, step_of
from vaultc.compiler.outline.signatures import plain_call
from vaultc.compiler.python.command_line import commands_of, listing_of, program_of
from vaultc.compiler.python.functions import parameters, reason_of, short_reason
from vaultc.compiler.python.layout import WIDTH, Block, docstring, literal, long_literal, signature
from vaultc.compiler.python.records import event_of, is_value, moves
from vaultc.compiler.python.scope import attribute_names, is_optional, states_of
from vaultc.compiler.unit import EntityKind, Modality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vaultc.compiler.elements import Element
    from vaultc.compiler.outline.guards import Guard
    from vaultc.compiler.python.scope import Scope
    from vaultc.compiler.unit import Component, Constant, Entity, Example, Field, Interface, Limit, Requirement, Unit

_PYTEST = "import pytest"
_NETWORK = frozenset(
    ["network", "internet", "online", "cloud", "сеть", "сети", "интернет", "интернета", "облако", "облака", "облаков"]
)


def bounds_of(limits: Sequence[Limit], *, is_whole: bool) -> tuple[list[float], list[float]]:
    """Give values at and beside each bound: those that keep all limits, those that break one."""
    step = 1.0 if is_whole else step_of(limits)
    values = sorted({round(limit.value + side * step, 9) for limit in limits for side in (-1, 0, 1)})
    inner = inner_value(limits, is_whole=is_whole)
    good = [value for value in values if all(holds(value, limit) for limit in limits)]
    if inner is not None and not good:
        good = [inner]
    return good, [value for value in values if value not in good]


def _test(
    name: str, doc: str, body: Sequence[str], params: Sequence[str] = (), imports: frozenset[str] = frozenset()
) -> Block:
    lines = [signature(f"test_{name}", params, "None"), docstring(doc, (), (), 4), *body]
    return Block("\n".join(lines), imports)


def _parametrized(names: str, values: Sequence[str]) -> str:
    one = f'@pytest.mark.parametrize("{names}", [{", ".join(values)}])'
    if len(one) <= WIDTH:
        return one
    if "," in names:
        return (
            '@pytest.mark.parametrize(\n    "'
            + names
            + '",\n    [\n'
            + "".join(f"        {v},\n" for v in values)
            + "    ],\n)"
        )
    return f'@pytest.mark.parametrize(\n    "{names}",\n    [{", ".join(values)}],\n)'


def _with_mark(mark: str, block: Block) -> Block:
    return Block(f"{mark}\n{block.text}", block.imports | {_PYTEST})


def guard_tests(guard: Guard, package: str, module: str) -> tuple[Block, ...]:
    """Give the tests of a check of limits: at, below and above each bound."""
    good, bad = bounds_of(guard.limits, is_whole=False)
    imports = frozenset({_PYTEST, f"from {package}.{module} import {guard.code_name}"})
    doc = f"{', '.join(guard.serves)}: {guard.subject}"
    blocks = []
    if good:
        body = [f"    {guard.code_name}(value)"]
        test = _test(f"{guard.code_name}_accepts", doc, body, ["value: float"], imports)
        blocks.append(_with_mark(_parametrized("value", [repr(value) for value in good]), test))
    if bad:
        body = ['    with pytest.raises(ValueError, match="must be"):', f"        {guard.code_name}(value)"]
        test = _test(f"{guard.code_name}_refuses", doc, body, ["value: float"], imports)
        blocks.append(_with_mark(_parametrized("value", [repr(value) for value in bad]), test))
    return tuple(blocks)


def constant_test(constants: Sequence[Constant], scope: Scope, module: str) -> Block | None:
    """Give the test that the constants stand as the notes state them."""
    kept = [item for item in constants if is_value(item.value, scope.annotation(item.type))]
    if not kept:
        return None
    imports = {f"from {scope.package}.{module} import {item.code_name}" for item in kept}
    body = []
    for item in kept:
        imports |= scope.imports_of(item.value, module)
        body.append(f"    assert {item.code_name} == {item.value}  # {item.id}")
    return _test("constants_are_as_stated", ", ".join(item.id for item in kept), body, (), frozenset(imports))


def entity_tests(entity: Entity, scope: Scope, module: str, ids: Sequence[str]) -> tuple[Block, ...]:
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
        _test(f"{snake(entity.name)}_has_the_stated_values", f"{', '.join(ids)}: {entity.name}", body, (), imports)
    ]
    if entity.kind is EntityKind.STATES and moves(entity):
        blocks += _state_tests(entity, scope, module, ids)
    return tuple(blocks)


def _state_tests(entity: Entity, scope: Scope, module: str, ids: Sequence[str]) -> list[Block]:
    name, function = class_name(entity), next_state_name(entity)
    members = dict(zip(states_of(entity), member_names(states_of(entity)), strict=True))
    imports = frozenset({_PYTEST, *(f"from {scope.package}.{module} import {item}" for item in (name, function))})
    legal = [
        f"({name}.{members[item.source]}, {literal(event_of(item))}, {name}.{members[item.target]})"
        for item in moves(entity)
    ]
    doc = f"{', '.join(ids)}: {entity.name}"
    params = [f"state: {name}", "event: str", f"expected: {name}"]
    first = _test(
        f"{function}_follows_the_arrows", doc, [f"    assert {function}(state, event) == expected"], params, imports
    )
    told = {(item.source, event_of(item)) for item in moves(entity)}
    events = list(dict.fromkeys(event_of(item) for item in moves(entity)))
    illegal = [
        f"({name}.{members[state]}, {literal(event)})"
        for state in states_of(entity)
        for event in events
        if (state, event) not in told
    ]
    blocks = [_with_mark(_parametrized("state, event, expected", legal), first)]
    if illegal:
        body = ['    with pytest.raises(ValueError, match="no transition"):', f"        {function}(state, event)"]
        second = _test(f"{function}_refuses_other_events", doc, body, [f"state: {name}", "event: str"], imports)
        blocks.append(_with_mark(_parametrized("state, event", illegal), second))
    return blocks


def _record_tests(entity: Entity, scope: Scope, module: str, ids: Sequence[str]) -> tuple[Block, ...]:
    name = class_name(entity)
    doc = f"{', '.join(ids)}: {entity.name}"
    sample = scope.sample_of(entity)
    imports = {f"from {scope.package}.{module} import {name}", *scope.imports_of(sample)}
    fields = list(zip(entity.fields, attribute_names(entity), strict=True))
    body = [f"    record = {sample}"] if len(sample) + 13 <= WIDTH else _broken_call("    record = ", sample)
    required = [attribute for field, attribute in fields if not is_optional(field)]
    body += [f"    assert {_same(attribute, field, scope)}" for field, attribute in fields if attribute in required[:1]]
    body += ["    assert record == record"] if not required else []
    blocks = [_test(f"{snake(entity.name)}_holds_its_fields", doc, body, (), frozenset(imports))]
    for field, attribute in fields:
        if checked_limits(field):
            blocks += _limit_tests(entity, field, attribute, scope, frozenset(imports), doc)
    return tuple(blocks)


def _same(attribute: str, field: Field, scope: Scope) -> str:
    return f"record.{attribute} == {scope.sample_field(field, 1)}"


def _limit_tests(
    entity: Entity, field: Field, attribute: str, scope: Scope, imports: frozenset[str], doc: str
) -> list[Block]:
    type_ = scope.annotation(field.type).partition(" | ")[0]
    is_whole = type_ != "float"
    good, bad = bounds_of(checked_limits(field), is_whole=is_whole)
    good, bad = (
        [v for v in good if type_ in ("int", "float") or v >= 0],
        [v for v in bad if type_ in ("int", "float") or v >= 0],
    )
    value = "value" if type_ in ("int", "float") else '"x" * value'
    if type_.startswith("list["):
        value = f"[{scope.sample(type_[5:-1], (), 1)}] * value"
    elif type_.startswith("dict["):
        value = '{str(item): "x" for item in range(value)}'
    call = scope.sample_of(entity, 0, **{attribute: value})
    imports = imports | scope.imports_of(call)
    shown = [str(int(item)) if is_whole else repr(item) for item in (*good, *bad)]
    kept, broken = shown[: len(good)], shown[len(good) :]
    stem = f"{snake(entity.name)}_{attribute}".strip("_")
    params = [f"value: {'int' if is_whole else 'float'}"]
    blocks = []
    if kept:
        body = [f"    {call}"] if len(call) + 4 <= WIDTH else _broken_call("    ", call)
        blocks.append(_with_mark(_parametrized("value", kept), _test(f"{stem}_accepts", doc, body, params, imports)))
    if broken:
        inner = [f"        {call}"] if len(call) + 8 <= WIDTH else _broken_call("        ", call)
        body = ['    with pytest.raises(ValueError, match="must be"):', *inner]
        blocks.append(_with_mark(_parametrized("value", broken), _test(f"{stem}_refuses", doc, body, params, imports)))
    return blocks


def _broken_call(head: str, call: str) -> list[str]:
    """Give `Name(a=…, b=…)` with one argument a line."""
    name, _, rest = call.partition("(")
    indent = len(head) - len(head.lstrip())
    args = _split_args(rest[:-1])
    return [f"{head}{name}(", *(f"{' ' * (indent + 4)}{arg}," for arg in args), f"{' ' * indent})"]


def _split_args(text: str) -> list[str]:
    args, depth, start, quoted = [], 0, 0, False
    for at, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif not quoted and char in "([{":
            depth += 1
        elif not quoted and char in ")]}":
            depth -= 1
        elif not quoted and char == "," and depth == 0:
            args.append(text[start:at].strip())
            start = at + 1
    last = text[start:].strip()
    return [*args, last] if last else args


def xfail(reason: str) -> str:
    """Give the mark of a test that must fail until the requirement is done."""
    one = f"@pytest.mark.xfail(raises=NotImplementedError, strict=True, reason={literal(reason)})"
    if len(one) <= WIDTH:
        return one
    two = f"    raises=NotImplementedError, strict=True, reason={literal(reason)}"
    if len(two) <= WIDTH:
        return f"@pytest.mark.xfail(\n{two}\n)"
    text = long_literal(reason, 4).lstrip()
    if "\n" not in text and len(text) + 11 <= WIDTH:
        inner = f"    reason={text},"
    else:
        inner = f"    reason=(\n{long_literal(reason, 8)}\n    ),"
    return f"@pytest.mark.xfail(\n    raises=NotImplementedError,\n    strict=True,\n{inner}\n)"


def open_test(interface: Interface, scope: Scope, module: str, known: Mapping[str, Element]) -> Block:
    """Give the test of an operation that is not determined: a call that raises NotImplementedError."""
    required = [param for param in interface.params if param.default is None]
    args = [f"{param.code_name}={scope.sample(scope.annotation(param.type))}" for param in required]
    call = f"{interface.code_name}({', '.join(args)})"
    body = [f"    {call}"] if len(call) + 4 <= WIDTH else _broken_call("    ", call)
    imports = frozenset({f"from {scope.package}.{module} import {interface.code_name}"}) | scope.imports_of(call)
    reason = reason_of(interface, known)
    return _with_mark(xfail(reason), _test(interface.code_name, reason, body, (), imports))


def rule_test(requirement: Requirement, package: str) -> Block:
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
        return _test(f"{name}_no_network", reason, body, (), imports)
    body = [f"    raise NotImplementedError({literal(requirement.id)})"]
    return _with_mark(xfail(reason), _test(name, reason, body))


def is_offline_rule(requirement: Requirement) -> bool:
    """Tell whether the requirement forbids the network, which the imports of the package can show."""
    words = set("".join(char.lower() if char.isalpha() else " " for char in requirement.text).split())
    return requirement.modality is Modality.MUST_NOT and bool(words & _NETWORK)


IMPORTS_HELPER = Block(
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


def example_tests(examples: Sequence[Example], package: str, module: str, *, is_open: bool) -> tuple[Block, ...]:
    """Give the tests of the stated cases of functions of one module; strict xfails where nothing does them yet."""
    by_name: dict[str, list[Example]] = {}
    for example in examples:
        if plain_call(example) is not None:
            by_name.setdefault(example.call.partition("(")[0].strip(), []).append(example)
    blocks = []
    for name, own in by_name.items():
        ids = ", ".join(item.id for item in own)
        body = [f"    assert {item.call} == {item.expected}" for item in own]
        block = _test(f"{name}_as_stated", ids, body, (), frozenset({f"from {package}.{module} import {name}"}))
        blocks.append(
            _with_mark(xfail(short_reason(own[0].id, f"{own[0].call} == {own[0].expected}")), block)
            if is_open
            else block
        )
    return tuple(blocks)


def storage_tests(unit: Unit, scope: Scope, module: str) -> tuple[Block, ...]:
    """Give the tests of reading and writing: a round trip, no file, a broken file."""
    blocks = []
    for entity in root_records(unit):
        load, save = storage_name("load", entity), storage_name("save", entity)
        sample = scope.sample_of(entity)
        names = frozenset(
            {"from pathlib import Path", *(f"from {scope.package}.{module} import {item}" for item in (load, save))}
        )
        imports = names | scope.imports_of(sample)
        one = f"    records = [{sample}]"
        made = [one] if len(one) <= WIDTH else ["    records = [", *_broken_call("        ", sample), "    ]"]
        if len(one) > WIDTH:
            made[-2] += ","
        body = [
            '    path = tmp_path / "records.json"',
            *made,
            f"    {save}(path, records)",
            f"    assert {load}(path) == records",
        ]
        stem = snake(entity.name)
        blocks.append(_test(f"{stem}_round_trip", f"{entity.id}: {entity.name}", body, ["tmp_path: Path"], imports))
        only_load = frozenset({"from pathlib import Path", f"from {scope.package}.{module} import {load}"})
        body = [f'    assert {load}(tmp_path / "none.json") == []']
        blocks.append(_test(f"{stem}_without_a_file", entity.id, body, ["tmp_path: Path"], only_load))
        body = [
            '    path = tmp_path / "records.json"',
            '    path.write_text("[1]", encoding="utf-8")',
            "    with pytest.raises(ValueError):",
            f"        {load}(path)",
        ]
        blocks.append(_test(f"{stem}_refuses_other_data", entity.id, body, ["tmp_path: Path"], only_load | {_PYTEST}))
    return tuple(blocks)


def command_line_tests(unit: Unit, component: Component, scope: Scope) -> tuple[Block, ...]:
    """Give the tests of the command line: help, a wrong command, missing arguments, listings."""
    package, module = scope.package, component.code_name
    commands = commands_of(unit, component)
    imports = frozenset({_PYTEST, f"from {package}.{module} import main"})
    ids = component.id
    blocks = []
    argv = ['["--help"]', *(f'[{literal(subcommand(item))}, "--help"]' for item in commands)]
    body = ["    with pytest.raises(SystemExit) as stop:", "        main(argv)", "    assert stop.value.code == 0",
            f"    assert {literal(program_of(unit, component))} in capsys.readouterr().out"]  # fmt: skip
    params = ["argv: list[str]", "capsys: pytest.CaptureFixture[str]"]
    blocks.append(_with_mark(_parametrized("argv", argv), _test("help_is_printed", ids, body, params, imports)))
    wrong = ['["no-such-command"]'] if commands else ['["--no-such-option"]']
    wrong += [f"[{literal(subcommand(item))}]" for item in commands if any(param.is_required for param in item.params)]
    body = ["    with pytest.raises(SystemExit) as stop:", "        main(argv)", "    assert stop.value.code == 2"]
    blocks.append(
        _with_mark(
            _parametrized("argv", wrong), _test("wrong_arguments_are_refused", ids, body, ["argv: list[str]"], imports)
        )
    )
    for item in commands:
        entity = listing_of(unit, item)
        if entity is not None:
            blocks.append(_listing_test(item, entity, scope, module))
    return tuple(blocks)


def _listing_test(interface: Interface, entity: Entity, scope: Scope, module: str) -> Block:
    save = storage_name("save", entity)
    sample = scope.sample_of(entity)
    one = f"    {save}(path, [{sample}])"
    if len(one) > WIDTH:
        made = ["    record = " + sample] if len(sample) + 13 <= WIDTH else _broken_call("    record = ", sample)
        made.append(f"    {save}(path, [record])")
    else:
        made = [one]
    body = [
        '    path = tmp_path / "records.json"',
        *made,
        f"    assert main([{literal(subcommand(interface))}, str(path)]) == 0",
        "    assert len(capsys.readouterr().out.splitlines()) == 1",
    ]
    imports = {"from pathlib import Path", _PYTEST, f"from {scope.package}.{module} import main",
               f"from {scope.package}.storage import {save}", *scope.imports_of(sample)}  # fmt: skip
    params = ["tmp_path: Path", "capsys: pytest.CaptureFixture[str]"]
    return _test(interface.code_name, f"{interface.id}: {interface.summary}", body, params, frozenset(imports))


def surface_test(interfaces: Sequence[Interface], scope: Scope, module: str) -> Block:
    """Give the test that a module offers its operations with their parameters: for code that a model wrote."""
    imports = {"import inspect", *(f"from {scope.package}.{module} import {item.code_name}" for item in interfaces)}
    body = []
    for item in interfaces:
        names = [text.partition(":")[0] for text in parameters(item, scope)]
        body.append(
            f"    assert list(inspect.signature({item.code_name}).parameters)[: {len(names)}] == {_names(names)}"
        )
    ids = ", ".join(dict.fromkeys(id_ for item in interfaces for id_ in (*item.serves, item.id)))
    return _test("operations_are_offered", ids, body, (), frozenset(imports))


def _names(names: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
