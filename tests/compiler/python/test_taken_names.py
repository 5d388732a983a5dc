"""Names of the notes that generated code imports or takes from Python: the package still passes its own checks."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from compiler.packages import lowered
from compiler.units import kettle

from vaultc.compiler.cache import MemoryCache
from vaultc.compiler.check_package import check_package
from vaultc.compiler.naming import IMPORTED
from vaultc.compiler.passes.gather import make_idea
from vaultc.compiler.passes.order import PIPELINE
from vaultc.compiler.pipeline import compile_idea
from vaultc.compiler.tools import Tools
from vaultc.compiler.unit import Entity, EntityKind, Example, Field, Interface, InterfaceKind, Unit
from vaultc.core.source import vault_path
from vaultc.language.lexicon import listed
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = sorted(
    listed(
        """
        date time datetime timedelta list str int float bool object dict set tuple Path Decimal field dataclass json re
        Enum StrEnum len ValueError UTC Mapping self Final print isinstance ast pytest sys argparse class type id
        """
    )
)
TYPES = [
    "date", "time", "datetime", "timedelta", "list[str]", "dict[str, str]", "Path", "Decimal", "str", "int", "float",
    "bool", "object", "Mapping[str, str]",
]  # fmt: skip
CLASSES = ["Path", "Decimal", "Mapping", "StrEnum", "Final", "Iterable", "Callable", "NoReturn"]
FUNCTIONS = ["date", "time", "datetime", "json", "field", "dataclass", "ast", "pytest", "inspect"]
COMMANDS = [
    ("date", "date"),
    ("time", "time"),
    ("path", "Path"),
    ("json", "str"),
    ("sys", "Path"),
    ("argparse", "date"),
]
ENGLISH = """# Diary

The diary must keep entries.

| field | type | default |
|---|---|---|
| date | date | |
| time | time | 09:00 |
| list | list of text | |
| path | file path | |
| field | list of text | |
"""
RUSSIAN = """# Дневник

Дневник должен хранить записи.

| поле | тип | по умолчанию |
|---|---|---|
| дата | дата | |
| время | время | 09:00 |
| список | список строк | |
| путь | путь | |
"""


def _named() -> Unit:
    """Give the kettle with fields, classes, functions and parameters of these names, in each type once or more."""
    unit, notes = kettle()
    quote = unit.context[0].quote
    fields = [
        Field(name, name, TYPES[at % len(TYPES)], at % 2 == 0, None if at % 2 == 0 else "None")
        for at, name in enumerate(FIELDS)
    ]
    fields += [Field(f"x {name}", f"x_{at}", name, False, "None") for at, name in enumerate(TYPES)]
    fields.append(Field("many", "many", "list[date]", False, "[]"))
    records = [Entity("E-0c0000", EntityKind.RECORD, "Clash", "Clash", (quote,), fields=tuple(fields))]
    records += [
        Entity(f"E-0c00{at:02}", EntityKind.RECORD, name, name, (quote,), fields=(Field("path", "path", "Path"),))
        for at, name in enumerate(CLASSES, 1)
    ]
    cases = tuple(Example(f"X-0c00{at:02}", f"{name}(1)", "2", (quote,)) for at, name in enumerate(FUNCTIONS))
    commands = tuple(
        Interface(
            f"I-0c00{at:02}", "", InterfaceKind.COMMAND, f"kettle {name}", f"run_{name}", f"Does {name}",
            (Field(name, name, type_), Field("other", "other", "date", False, "None")), "int", (), (quote,),
            usage=f"kettle {name} <{name}>",
        )
        for at, (name, type_) in enumerate(COMMANDS)
    )  # fmt: skip
    unit = replace(unit, entities=(*unit.entities, *records), examples=cases, interfaces=commands)
    return lowered(unit, notes)


def _faults(unit: Unit) -> list[str]:
    return [
        f"{item.name}: {item.detail}" for item in check_package(unit.code, unit.idea.package) if item.status == "failed"
    ]


@pytest.mark.native
def test_a_package_with_names_that_it_imports_passes_its_own_checks() -> None:
    unit = _named()

    assert _faults(unit) == []
    assert sum("_(1) == 2" in file.text for file in unit.code) == 1


@pytest.mark.native
@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN])
def test_an_idea_with_a_date_called_date_passes_its_own_checks(text: str, tmp_path: Path) -> None:
    path = vault_path("Diary.md")
    (tmp_path / path).write_text(text, encoding="utf-8")
    reader = VaultReader(tmp_path)
    tools = Tools(reader, lambda _query, _limit: (), lambda _paths: (), lambda _files, _package: ())

    unit = compile_idea(make_idea(path, reader.read(path)), tools, PIPELINE, cache=MemoryCache()).unit

    (model,) = [file.text for file in unit.code if file.path.endswith("/model.py")]
    assert "    date_: date" in model
    assert "    time_: time = " in model
    assert _faults(unit) == []


def test_what_generated_modules_import_is_known_to_be_taken() -> None:
    found = set()
    for file in _named().code:
        for node in ast.walk(ast.parse(file.text)) if file.language == "python" else ():
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] != "kettle_timer":
                found |= {alias.name for alias in node.names} - {"annotations"}

    assert len(found) > 12
    assert found - {"kettle_timer"} <= IMPORTED
