from __future__ import annotations

from dataclasses import replace

import pytest
from compiler import answers
from compiler.units import kettle, tools

from vaultc.compiler.derive.code_gate import Contract, faults_in_module, faults_in_tests, missing_names
from vaultc.compiler.derive.files import Build
from vaultc.compiler.passes.design import design
from vaultc.compiler.passes.pseudocode import pseudocode
from vaultc.compiler.tools import Level
from vaultc.model.scripted import ChatScript


def _ready() -> tuple[Contract, str, str]:
    unit, notes = kettle()
    script = ChatScript({"design": answers.design(unit)})
    given = tools(notes, Level.FULL, script)
    lowered = design(unit, given)
    lowered = pseudocode(lowered, tools(notes))
    build = Build(lowered, given, script)
    component = next(item for item in lowered.components if item.code_name == "timing")
    names = {item.code_name: item.id for item in lowered.interfaces}
    return build.contract(component), answers.timing(unit, names), answers.timing_tests(unit)


CONTRACT, MODULE, TESTS = _ready()


def test_a_good_module_and_good_tests_have_no_faults() -> None:
    assert faults_in_module(MODULE, CONTRACT) == []
    assert faults_in_tests(TESTS, CONTRACT) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("import socket", "may not import socket"),
        ("import os", "may not import os"),
        ("from urllib.request import urlopen", "may not import urllib.request"),
        ("import numpy", "not in the standard library"),
        ("from . import model", "relative import"),
        ("from kettle_timer.nowhere import x", "no module kettle_timer.nowhere"),
        ("from kettle_timer import nowhere", "no module kettle_timer.nowhere"),
        ("from math import *", "imports \\*"),
        ("X = eval('1')", "may not use eval"),
        ("Y = [].__class__.__subclasses__", "may not use .__subclasses__"),
        ("Z = __import__('os')", "may not use __import__"),
        ("def helper() -> None: ...", "helper has no body"),
        ("def helper() -> None:\n    pass", "helper has no body"),
        ("def helper() -> None:\n    raise NotImplementedError", "NotImplementedError"),
        ("async def helper() -> None:\n    return None", "asynchronous"),
        ("# TODO: the rest", "leaves something open"),
        ("# R-ffffff is served too", "R-ffffff, which is not there"),
        ("def broken(", "does not parse"),
    ],
)
def test_a_module_with_one_bad_line_is_refused(line: str, fault: str) -> None:
    faults = faults_in_module(f"{MODULE}\n\n{line}\n", CONTRACT)

    assert any(fault.replace("\\", "") in item for item in faults), faults


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("def ready_time(start: datetime, minutes: int)", "def ready_time(begin: datetime, minutes: int)", "must take"),
        ("def may_run", "def may_not_run", "may_run is missing"),
    ],
)
def test_a_module_that_breaks_its_contract_is_refused(old: str, new: str, fault: str) -> None:
    faults = faults_in_module(MODULE.replace(old, new), CONTRACT)

    assert any(fault in item for item in faults), faults


def test_a_function_that_names_no_element_is_refused() -> None:
    silent = "\n".join(line for line in MODULE.splitlines() if "Implements:" not in line)

    faults = faults_in_module(silent, CONTRACT)

    assert sum("must end with a line `Implements:" in item for item in faults) == 3


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('assert format_minutes(3) == "03"', 'assert format_minutes(4) == "04"', "stated case"),
        ("    assert not may_run(True)\n    assert may_run(False)\n", "    may_run(True)\n", "asserts nothing"),
        ("    assert not may_run(True)\n    assert may_run(False)\n", "    assert True\n", "asserts nothing"),
        ("def test_an_open", '@pytest.mark.skip(reason="x")\ndef test_an_open', "skipped"),
        ("import pytest", "import pytest\nimport subprocess", "may not import subprocess"),
        ("def test_", "def check_", "no test function"),
    ],
)
def test_weak_tests_are_refused(old: str, new: str, fault: str) -> None:
    assert old in TESTS

    faults = faults_in_tests(TESTS.replace(old, new), CONTRACT)

    assert any(fault in item for item in faults), faults


def test_missing_classes_fields_and_constants_are_named() -> None:
    unit, _ = kettle()
    contract = replace(CONTRACT, entities=unit.entities, constants=unit.constants)

    faults = faults_in_module(MODULE, contract)

    assert "the class Brew is missing" in faults
    assert "the constant DEFAULT_MINUTES is missing" in faults


@pytest.mark.parametrize(
    "text",
    [
        "", "\n" * 50_000, "(" * 100_000, "x = [" * 5_000, "a" * 300_000, "\x00", "# " * 100_000,
        f"x = a{'.b' * 1_500}", f"x: {'a | ' * 900}a = 1", f"x: {'list[' * 90}'a'{']' * 90} = 1",
    ],
)  # fmt: skip
def test_hostile_text_gives_reasons_and_never_an_error(text: str) -> None:
    assert faults_in_module(text, CONTRACT)
    assert faults_in_tests(text, CONTRACT)
    assert missing_names({"kettle_timer/a.py": text}, "kettle_timer") == {}


def test_an_import_of_a_name_that_no_module_declares_is_found() -> None:
    texts = {"p/a.py": "X = 1\n", "p/b.py": "from p.a import X, Y\n"}

    assert missing_names(texts, "p") == {"p/b.py": "p.a declares no Y"}
