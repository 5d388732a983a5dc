"""What the code of a model may reach: ways around the gate, each refused, and plain programs, each let through."""

from __future__ import annotations

import argparse
import ast
import calendar
import configparser
import csv
import decimal
import difflib
import functools
import graphlib
import gzip
import hashlib
import importlib
import io
import json
import logging
import pathlib
import random
import re
import sqlite3
import string
import textwrap
import types
import zoneinfo
from collections import deque
from contextlib import ExitStack
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from compiler.derive.innocent import MODULES as INNOCENT
from compiler.derive.innocent import TESTS as INNOCENT_TESTS
from compiler.derive.innocent_programs import MODULES as PROGRAMS
from compiler.derive.ways_around import MODULES_THAT_ARE_NOT_ON_THE_LIST, WAYS_AROUND, WAYS_AROUND_IN_TESTS

from vaultc.compiler.derive.allowed import MODULES, READ_DUNDERS, REFUSED_ATTRIBUTES
from vaultc.compiler.derive.code_gate import missing_names
from vaultc.compiler.derive.fixtures import fixture_faults
from vaultc.compiler.derive.forms import form_faults
from vaultc.compiler.derive.reach import Home, reach_faults, read_code

KETTLE = frozenset({"cli", "limits", "model"})


def reached(text: str, *, is_test: bool = False) -> list[str]:
    """Give what is refused of `text`, as a file of the package `kettle`."""
    code, faults = read_code(ast.parse(text), Home("kettle", KETTLE, is_test))
    found = [*faults, *reach_faults(code), *form_faults(code, text)]
    return [*found, *fixture_faults(code)] if is_test else found


@pytest.mark.parametrize("module", sorted(MODULES_THAT_ARE_NOT_ON_THE_LIST))
def test_a_module_that_is_not_on_the_list_is_not_imported(module: str) -> None:
    faults = reached(f"import {module}")

    assert len(faults) == 1
    assert re.match(rf"line 1: it (may not import|imports) {re.escape(module)}", faults[0])
    assert reached(f"from {module} import something")


@pytest.mark.parametrize(("text", "reason"), WAYS_AROUND)
def test_a_way_around_the_gate_is_refused(text: str, reason: str) -> None:
    faults = reached(text)

    assert any(reason in fault for fault in faults), faults
    assert all(re.match(r"line \d+: ", fault) for fault in faults)


@pytest.mark.parametrize(("text", "reason"), WAYS_AROUND_IN_TESTS)
def test_a_way_around_the_gate_is_refused_in_tests(text: str, reason: str) -> None:
    faults = reached(text, is_test=True)

    assert any(reason in fault for fault in faults), faults
    assert all(re.match(r"line \d+: ", fault) for fault in faults)


@pytest.mark.parametrize("text", [*INNOCENT, *PROGRAMS])
def test_a_plain_module_passes(text: str) -> None:
    assert reached(text) == []


@pytest.mark.parametrize("text", INNOCENT_TESTS)
def test_a_plain_file_of_tests_passes(text: str) -> None:
    assert reached(text, is_test=True) == []


def test_every_name_on_the_list_is_there_and_is_no_module() -> None:
    for module, names in MODULES.items():
        found = importlib.import_module(module)
        for name in names - {"annotations"}:
            assert hasattr(found, name), f"{module}.{name}"
            assert not isinstance(getattr(found, name), types.ModuleType), f"{module}.{name}"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_name_on_the_list_leads_to_a_module_by_attributes_that_pass() -> None:
    """A private name counts as one that passes: the file may give it to something of its own."""
    listed_here = [
        (getattr(importlib.import_module(module), name), f"{module}.{name}")
        for module in MODULES
        for name in MODULES[module]
    ]
    waiting = deque([*listed_here, *((item, type(item).__name__) for item in _made())])
    seen: set[object] = set()
    while waiting:
        value, path = waiting.popleft()
        assert not isinstance(value, types.ModuleType), path
        key = value if isinstance(value, type) else ("one of", type(value))
        if key in seen:
            continue
        seen.add(key)
        for name in dir(value):
            is_special = name.startswith("__") and name.endswith("__")
            if name not in REFUSED_ATTRIBUTES and (not is_special or name in READ_DUNDERS):
                waiting.append((getattr(value, name, None), f"{path}.{name}"))
    assert len(seen) > 300


def _made() -> list[object]:
    return [
        pathlib.Path("a"), argparse.ArgumentParser(), logging.getLogger("a"), json.JSONDecoder(), json.JSONEncoder(),
        io.StringIO(), random.Random(1), configparser.ConfigParser(), string.Template("a"), HTMLParser(),
        ElementTree.Element("a"), ExitStack(), functools.partial(print), zoneinfo.ZoneInfo("UTC"),
        gzip.GzipFile(fileobj=io.BytesIO(), mode="wb"), sqlite3.connect(":memory:"), calendar.TextCalendar(),
        csv.DictReader([]), graphlib.TopologicalSorter[str](), difflib.SequenceMatcher(), textwrap.TextWrapper(),
        AttributeError("a"), ImportError("a"), hashlib.sha256(), decimal.getcontext(),
    ]  # fmt: skip


def test_a_module_that_a_neighbour_imports_is_not_had_from_it() -> None:
    limits = "import json\nfrom collections import abc\nfrom kettle import model\nLEFT = 1\n"
    texts = {"kettle/limits.py": limits, "kettle/model.py": "RIGHT = 2\n"}
    ways = {
        "from kettle.limits import json\n": "json",
        "from kettle.limits import abc\n": "abc",
        "from kettle.limits import model\n": "model",
        "import kettle.limits\nX = kettle.limits.json.loads\n": "json",
        "from kettle import limits\nX = limits.json\n": "json",
        "import kettle.limits as l\nX = l.json\n": "json",
    }

    for text, name in ways.items():
        assert missing_names({**texts, "tests/test_a.py": text}, "kettle") == {
            "tests/test_a.py": f"kettle.limits declares no {name}"
        }
    assert missing_names({**texts, "tests/test_a.py": "from kettle import limits\nX = limits.LEFT\n"}, "kettle") == {}
