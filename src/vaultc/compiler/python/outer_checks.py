"""Tests of what touches files and arguments: storage and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultc.compiler.naming import snake
from vaultc.compiler.outline.assemble import root_records, storage_name
from vaultc.compiler.outline.commands import subcommand
from vaultc.compiler.python.cases import PYTEST, broken_call, case, parametrized, with_mark
from vaultc.compiler.python.command_line import commands_of, is_one_command, listings_of, program_of
from vaultc.compiler.python.layout import WIDTH, CodeBlock, literal

if TYPE_CHECKING:
    from vaultc.compiler.python.scope import Scope
    from vaultc.compiler.unit import Component, Entity, Interface, Unit


def storage_tests(unit: Unit, scope: Scope, module: str) -> tuple[CodeBlock, ...]:
    """Give the tests of reading and writing: a round trip, no file, a broken file."""
    blocks = []
    for entity in root_records(unit):
        load, save = storage_name("load", entity), storage_name("save", entity)
        sample = scope.call_of(entity)
        names = frozenset(
            {"from pathlib import Path", *(f"from {scope.package}.{module} import {item}" for item in (load, save))}
        )
        imports = names | scope.imports_of(sample)
        one = f"    records = [{sample}]"
        made = [one] if len(one) <= WIDTH else ["    records = [", *broken_call("        ", sample), "    ]"]
        if len(one) > WIDTH:
            made[-2] += ","
        body = [
            '    path = tmp_path / "records.json"',
            *made,
            f"    {save}(path, records)",
            f"    assert {load}(path) == records",
        ]
        stem = snake(entity.name)
        blocks.append(case(f"{stem}_round_trip", f"{entity.id}: {entity.name}", body, ["tmp_path: Path"], imports))
        only_load = frozenset({"from pathlib import Path", f"from {scope.package}.{module} import {load}"})
        body = [f'    assert {load}(tmp_path / "none.json") == []']
        blocks.append(case(f"{stem}_without_a_file", entity.id, body, ["tmp_path: Path"], only_load))
        body = [
            '    path = tmp_path / "records.json"',
            '    path.write_text("[1]", encoding="utf-8")',
            "    with pytest.raises(ValueError):",
            f"        {load}(path)",
        ]
        blocks.append(case(f"{stem}_refuses_other_data", entity.id, body, ["tmp_path: Path"], only_load | {PYTEST}))
        if entity.sample:
            blocks.append(_sample_test(entity, stem, load, save, names))
    return tuple(blocks)


def _sample_test(entity: Entity, stem: str, load: str, save: str, imports: frozenset[str]) -> CodeBlock:
    """Give the test that the file of the notes is read, and written again as it is but for blanks and defaults."""
    body = [
        f"    given = Path(__file__).parents[1] / {literal(entity.sample)}",
        f"    records = {load}(given)",
        f'    {save}(tmp_path / "again.json", records)',
        '    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))',
        '    stated = json.loads(given.read_text(encoding="utf-8"))',
        "    assert records",
        f'    assert {load}(tmp_path / "again.json") == records',
        "    assert type(again) is type(stated)",
        "    if isinstance(stated, dict):",
        "        assert set(stated) <= set(again)",
    ]
    if not entity.is_lone:
        body = [*body[:-2], "    assert len(again) == len(stated)"]
    doc = f"{entity.id}: {entity.name}"
    return case(f"{stem}_sample_is_read", doc, body, ["tmp_path: Path"], imports | {"import json"})


def command_line_tests(unit: Unit, component: Component, scope: Scope) -> tuple[CodeBlock, ...]:
    """Give the tests of the command line: help, a wrong command, missing arguments, listings."""
    package, module = scope.package, component.code_name
    commands = commands_of(unit, component)
    imports = frozenset({PYTEST, f"from {package}.{module} import main"})
    ids = component.id
    blocks = []
    argv = ['["--help"]', *(f'[{literal(subcommand(item))}, "--help"]' for item in commands)]
    body = ["    with pytest.raises(SystemExit) as stop:", "        main(argv)", "    assert stop.value.code == 0",
            f"    assert {literal(program_of(unit, component))} in capsys.readouterr().out"]  # fmt: skip
    params = ["argv: list[str]", "capsys: pytest.CaptureFixture[str]"]
    blocks.append(with_mark(parametrized("argv", argv), case("help_is_printed", ids, body, params, imports)))
    is_flat = is_one_command(commands)
    wrong = ['["no-such-command"]'] if commands and not is_flat else ['["--no-such-option"]']
    needy = [item for item in commands if any(param.is_required for param in item.params)]
    wrong += ["[]"] if needy and is_flat else [f"[{literal(subcommand(item))}]" for item in needy]
    body = ["    with pytest.raises(SystemExit) as stop:", "        main(argv)", "    assert stop.value.code == 2"]
    blocks.append(
        with_mark(
            parametrized("argv", wrong), case("wrong_arguments_are_refused", ids, body, ["argv: list[str]"], imports)
        )
    )
    listings = listings_of(unit)
    for item in commands:
        entity = listings.get(item.id)
        if entity is not None:
            blocks.append(_listing_test(item, entity, scope, module))
    return tuple(blocks)


def _listing_test(interface: Interface, entity: Entity, scope: Scope, module: str) -> CodeBlock:
    save = storage_name("save", entity)
    sample = scope.call_of(entity)
    one = f"    {save}(path, [{sample}])"
    if len(one) > WIDTH:
        made = ["    record = " + sample] if len(sample) + 13 <= WIDTH else broken_call("    record = ", sample)
        made.append(f"    {save}(path, [record])")
    else:
        made = [one]
    body = [
        '    path = tmp_path / "records.json"',
        *made,
        f"    assert main([{literal(subcommand(interface))}, str(path)]) == 0",
        "    assert len(capsys.readouterr().out.splitlines()) == 1",
    ]
    imports = {"from pathlib import Path", PYTEST, f"from {scope.package}.{module} import main",
               f"from {scope.package}.storage import {save}", *scope.imports_of(sample)}  # fmt: skip
    params = ["tmp_path: Path", "capsys: pytest.CaptureFixture[str]"]
    return case(interface.code_name, f"{interface.id}: {interface.summary}", body, params, frozenset(imports))
