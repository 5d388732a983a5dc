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

from vaultc.compiler.derive.allowed import MODULES, READ_DUNDERS, REFUSED_ATTRIBUTES
from vaultc.compiler.derive.code_gate import missing_names
from vaultc.compiler.derive.fixtures import fixture_faults
from vaultc.compiler.derive.forms import form_faults
from vaultc.compiler.derive.reach import Home, reach_faults, read_code
from vaultc.language.lexicon import listed

KETTLE = frozenset({"cli", "limits", "model"})


def reached(text: str, *, is_test: bool = False) -> list[str]:
    """Give what is refused of `text`, as a file of the package `kettle`."""
    code, faults = read_code(ast.parse(text), Home("kettle", KETTLE, is_test))
    found = [*faults, *reach_faults(code), *form_faults(code, text)]
    return [*found, *fixture_faults(code)] if is_test else found


MODULES_THAT_ARE_NOT_ON_THE_LIST = listed(
    """
    timeit _socket _posixsubprocess cProfile profile pdb bdb doctest code trace pickle marshal shelve ctypes _ctypes
    importlib importlib.util runpy pkgutil zipimport os posix shutil subprocess multiprocessing socket ssl http.client
    urllib.request xmlrpc.client smtplib asyncio threading _thread concurrent.futures logging.handlers logging.config
    builtins inspect gc traceback linecache tokenize tempfile zipfile tarfile getpass platform webbrowser unittest.mock
    codecs gettext site sysconfig test.support idlelib lib2to3 pydoc pyclbr modulefinder json.decoder re._parser
    xml.dom antigravity this numpy
    """
)

WAYS_AROUND = [
    # A module that another one happens to import.
    ("import pathlib\nX = pathlib.os", "pathlib.os"),
    ("import shlex\nX = shlex.os.system", "shlex.os"),
    ("import json\nX = json.decoder.scanner", "json.decoder"),
    ("import dataclasses\nX = dataclasses.sys", "dataclasses.sys"),
    ("import enum\nX = enum.sys.modules", "enum.sys"),
    ("import re\nX = re._parser", "re._parser"),
    ("import random\nX = random._os", "random._os"),
    ("import statistics\nX = statistics.sys", "statistics.sys"),
    ("import collections\nX = collections._sys", "collections._sys"),
    ("import argparse\nX = argparse._os", "argparse._os"),
    ("from pathlib import os", "pathlib.os"),
    ("from json import decoder", "json.decoder"),
    ("from typing import sys", "typing.sys"),
    ("from kettle.limits import __builtins__", "__builtins__"),
    ("import kettle.limits\nX = kettle.limits.__dict__", "__dict__"),
    # A module as a value.
    ("import json\nm = json\nX = m.decoder", "json is a module"),
    ("import json\nX = [json]", "json is a module"),
    ("import json\ndef f(m: object = json) -> object:\n    return m", "json is a module"),
    ("import json\nX = (lambda m: m.decoder)(json)", "json is a module"),
    ("import json\ndef f() -> object:\n    return json", "json is a module"),
    ("import json\nX = (m := json).decoder", "json is a module"),
    ("import json\nfor m in json, 1:\n    X = m", "json is a module"),
    ("import json\nmatch json:\n    case m:\n        X = m", "json is a module"),
    ("import collections.abc\nX = [collections.abc]", "collections.abc is a module"),
    ("from collections import abc\nX = abc", "abc is a module"),
    ("from kettle import limits\nX = [limits]", "limits is a module"),
    ("import json\njson.loads = print", "change the module json"),
    ("import json\ndel json.loads", "change the module json"),
    ("import json as m\ndef f() -> None:\n    import sys as m", "already stands for json"),
    ("from math import pi as d\nfrom dataclasses import dataclass as d\nX = d(object)", "already stands for math.pi"),
    ("import json as d\nfrom math import pi as d", "already stands for json"),
    ("class A:\n    import json\nX = A.json.decoder", "inside of a class"),
    ("import json\ndef json() -> int:\n    return 1", "json is the module"),
    # Code by text.
    ("X = eval('1')", "use eval"),
    ("X = exec", "use exec"),
    ("X = compile('1', '', 'eval')", "use compile"),
    ("X = __import__('os')", "use __import__"),
    ("\uff45\uff56\uff41\uff4c('1')", "use eval"),
    ("X = \U0001d452\U0001d463\U0001d44e\U0001d459('1')", "use eval"),
    ("X = [eval for eval in [eval]][0]('1')", "use eval"),
    ("class A:\n    X = eval\n    eval = 1", "use eval"),
    ("def f(x: \"__import__('os').system('id')\") -> None:\n    return None", "use __import__"),
    ("x: 'eval' = 1", "use eval"),
    ("x: 'a b' = 1", "is no type"),
    ("import typing\nX = typing.get_type_hints", "typing.get_type_hints"),
    ("from typing import ForwardRef", "typing.ForwardRef"),
    ("import typing\nX = typing._eval_type", "typing._eval_type"),
    ("from functools import singledispatch", "functools.singledispatch"),
    ("from dataclasses import make_dataclass", "dataclasses.make_dataclass"),
    ("X = type('A', (), {})", "type may only"),
    ("t = type\nX = t('A', (), {})", "type may only"),
    ("X = type(*['A', (), {}])", "type may only"),
    ("import types\nX = types.FunctionType", "types.FunctionType"),
    ("from types import CodeType, ModuleType", "types.CodeType"),
    ("from types import new_class", "types.new_class"),
    ("breakpoint()", "use breakpoint"),
    ("help('modules')", "use help"),
    ("def f() -> None:\n    '''Give it.\n\n    >>> import os\n    '''\n    print(1)", ">>> is code"),
    # Attributes by text.
    ("X = getattr([], '__cla' + 'ss__')", "use getattr"),
    ("setattr(X, 'a', 1)", "use setattr"),
    ("from operator import attrgetter", "operator.attrgetter"),
    ("import operator\nX = operator.methodcaller('a')", "operator.methodcaller"),
    ("import functools\nX = functools.reduce(getattr, ['a'], [])", "use getattr"),
    ("from functools import update_wrapper", "functools.update_wrapper"),
    ("from functools import wraps", "functools.wraps"),
    ("X = vars()", "use vars"),
    ("X = globals()['a']", "use globals"),
    ("X = dir([])", "use dir"),
    ("X = '{0.__class__}'.format([])", "an f-string"),
    ("X = '{0[a]}'.format({})", "an f-string"),
    ("X = '{:{0.__class__}}'.format([])", "an f-string"),
    ("T = '{0.__class__}'\nX = T.format([])", "an f-string"),
    ("X = list(map('{0.__class__}'.format, [[]]))", "an f-string"),
    ("X = '{a.__class__}'.format_map({'a': []})", ".format_map"),
    ("from string import Formatter", "string.Formatter"),
    ("from contextlib import redirect_stdout", "contextlib.redirect_stdout"),
    ("object.__setattr__(X, '__class__', int)", ".__setattr__"),
    ("f = object.__setattr__", ".__setattr__"),
    ("class A:\n    def __init__(self) -> None:\n        object.__setattr__(self, '__class__', int)", ".__setattr__"),
    ("import argparse\nX = argparse.ArgumentParser().parse_args([], print)", ".parse_args"),
    ("import argparse\nX = argparse.ArgumentParser().parse_args([], namespace=print)", ".parse_args"),
    ("import argparse\nX = argparse.ArgumentParser().parse_args\nX([], print)", ".parse_args"),
    # What hangs on values.
    ("X = [].__class__.__mro__", ".__class__"),
    ("X = object.__subclasses__()", ".__subclasses__"),
    ("X = type([]).mro()", ".mro"),
    ("X = (lambda: 1).__globals__", ".__globals__"),
    ("X = (lambda: 1).__code__", ".__code__"),
    ("X = (lambda: 1).__closure__", ".__closure__"),
    ("X = print.__self__", ".__self__"),
    ("X = [].append.__reduce_ex__", ".__reduce_ex__"),
    ("X = (a for a in []).gi_frame.f_back", ".gi_frame"),
    ("try:\n    X = 1\nexcept ValueError as e:\n    X = e.__traceback__.tb_frame.f_globals", ".tb_frame"),
    ("try:\n    X = 1\nexcept AttributeError as e:\n    X = e.obj", ".obj"),
    ("X = f'{[].__class__}'", ".__class__"),
    ("X = __builtins__", "use __builtins__"),
    ("X = __loader__", "use __loader__"),
    ("X = __spec__.loader", "use __spec__"),
    ("import sys\nX = sys.modules", "sys.modules"),
    ("import sys\nX = sys._getframe()", "sys._getframe"),
    ("import sys\nX = sys.exc_info()", "sys.exc_info"),
    ("import sys\nsys.path.append('/tmp')", "sys.path"),
    ("import sys\nsys.setprofile(print)", "sys.setprofile"),
    ("import sys\nsys.excepthook = print", "change the module sys"),
    ("import warnings\nX = warnings.catch_warnings()._module", "warnings.catch_warnings"),
    ("from pathlib import Path\nclass A:\n    _flavour = 1\nX = Path('a')._flavour.pathmod", "._flavour"),
    ("X = [a._parser for a in []]", "private to something else"),
    ("match []:\n    case object(__class__=c):\n        X = c", ".__class__"),
    ("class A:\n    __match_args__ = ('__globals__',)", ".__globals__"),
    ("N = '__globals__'\nclass A:\n    __match_args__ = (N,)", "plain text"),
    # Classes.
    ("class A(metaclass=type('M', (type,), {})):\n    x = 1", "may not be given"),
    ("class M(type):\n    x = 1", "may not build on type"),
    ("import argparse\nclass A(argparse._SubParsersAction):\n    x = 1", "may not build on"),
    ("A = object\nclass B(A):\n    x = 1", "may not build on A"),
    ("class A:\n    def __getattr__(self, name: str) -> int:\n        return 1", "define __getattr__"),
    ("class A:\n    def __reduce__(self) -> object:\n        return (print, ())", "define __reduce__"),
    ("class A:\n    __annotations__ = {'x: int = print()': int}", "define __annotations__"),
    ("def __getattr__(name: str) -> int:\n    return 1", "define __getattr__"),
    # Classes that are made from names.
    ("T = type(int)\nX = T('A', (), {})", "type may only"),
    ("X = type(type(1))('A', (), {'__match_args__': ('__globals__',)})", "type may only"),
    ("from abc import ABCMeta\nX = ABCMeta('A', (), {})", "abc.ABCMeta is no value"),
    (
        "import dataclasses\nimport typing\n"
        "X = dataclasses.dataclass(typing.TypedDict('A', {'x: int = print() #': int}))",
        "dataclass may only",
    ),
    ("from typing import TypedDict\nX = TypedDict('A', {'x: int = print() #': int})", "write a class"),
    ("from dataclasses import dataclass\nd = dataclass", "dataclass may only"),
    ("from dataclasses import field\nf = field()\nclass A:\n    x: int = f\nf.name = 'x=print()'", "field(...) may"),
    ("from dataclasses import fields", "dataclasses.fields"),
    ("from enum import Enum\nX = Enum('A', {'__match_args__': ('__globals__',)})", "write a class"),
    (
        "from abc import ABC\nfrom dataclasses import dataclass\nfrom types import TracebackType\n@dataclass\n"
        "class A(ABC):\n    tb_frame: object\nA.register(TracebackType)",
        "define tb_frame",
    ),
    ("from json import JSONEncoder\nJSONEncoder.default = print", "change json.JSONEncoder"),
    # Names that are taken.
    ("def open(path: str) -> str:\n    return path", "open is a builtin"),
    ("def f() -> None:\n    global print\n    print = 1", "print is a builtin"),
    ("import json as print", "print is a builtin"),
    ("from math import pi\npi = 3", "pi is imported"),
    ("from math import *", "imports *"),
    ("from . import limits", "relative import"),
    ("from kettle import nowhere", "no module kettle.nowhere"),
    ("X = nowhere", "not defined"),
    # Files, processes, the network.
    ("from pathlib import Path\nPath('a').unlink()", ".unlink"),
    ("from pathlib import Path\nPath('a').rename('b')", ".rename"),
    ("from pathlib import Path\nPath('a').chmod(0o777)", ".chmod"),
    ("from pathlib import Path\nPath('a').symlink_to('b')", ".symlink_to"),
    ("import uuid\nX = uuid.getnode()", "uuid.getnode"),
    ("import logging\nX = logging.FileHandler('a')", "logging.FileHandler"),
    ("import sqlite3\nsqlite3.connect('a').enable_load_extension(True)", ".enable_load_extension"),
    ("import urllib.parse\nX = urllib.request", "urllib.request"),
    ("import io\nX = io.open_code('a')", "io.open_code"),
    ("async def f() -> int:\n    return 1", "asynchronous"),
    # What the text is not.
    ("# -*- coding: rot13 -*-\nX = 1", "rot13"),
    ("# vim: set fileencoding=utf-7 :\nX = 1", "utf-7"),
    ("X = 1  # \u202e eman", "U+202E"),
    ("X = 'a\u200bb'", "U+200B"),
    ("X = int('1')  # type: ignore", "check of types"),
    ("# mypy: ignore-errors\nX = 1", "check of types"),
]
WAYS_AROUND_IN_TESTS = [
    ("def test_a(request: object) -> None:\n    assert request", "may not ask pytest for request"),
    ("def test_a(pytestconfig: object) -> None:\n    assert pytestconfig", "pytestconfig"),
    ("class TestA:\n    def test_a(self, pytester: object) -> None:\n        assert pytester", "pytester"),
    ("import pytest\n@pytest.fixture\ndef a(request: object) -> object:\n    return request", "request"),
    ("import pytest\n@pytest.fixture(name='request', params=[1])\ndef a() -> int:\n    return 1", "decorator"),
    (
        "import pytest\n@pytest.mark.usefixtures('request')\ndef test_a() -> None:\n    assert 1",
        "pytest.mark.usefixtures",
    ),
    (
        "import pytest\n@pytest.mark.parametrize('pytestconfig', [1], indirect=True)\n"
        "def test_a(pytestconfig: object) -> None:\n    assert pytestconfig",
        "parametrize",
    ),
    ("import pytest\nX = pytest.mark.parametrize", "parametrize"),
    ("import pytest\nX = pytest.importorskip('os')", "pytest.importorskip"),
    ("import pytest\nX = pytest.main", "pytest.main"),
    ("import pytest\n@pytest.mark.skipif('1')\ndef test_a() -> None:\n    assert 1", "pytest.mark.skipif"),
    ("pytest_plugins = ['os']", "pytest_plugins"),
    ("def pytest_generate_tests(metafunc: object) -> None:\n    print(metafunc)", "pytest_generate_tests"),
    ("def setup_module(module: object) -> None:\n    print(module)", "setup_module"),
    ("def test_a(monkeypatch: object) -> None:\n    monkeypatch.setattr('os.system', print)", "in place of"),
    ("def test_a(monkeypatch: object) -> None:\n    f = monkeypatch.setattr\n    f('os.system', print)", "in place of"),
    ("def test_a(monkeypatch: object) -> None:\n    monkeypatch.delattr('os.system')", ".delattr"),
    ("def test_a(monkeypatch: object) -> None:\n    monkeypatch.syspath_prepend('/tmp')", ".syspath_prepend"),
    (
        "import pytest\ndef test_a() -> None:\n    with pytest.raises(ValueError) as e:\n        e.traceback[0]",
        ".traceback",
    ),
    ("import pytest\ndef test_a() -> None:\n    with pytest.raises(ValueError) as e:\n        e.tb", ".tb"),
    ("import sys\ndef _n(e: str, a: tuple[object, ...]) -> None:\n    print(a[3])\nsys.addaudithook(_n)", "as text"),
    (
        "import sys\ndef d(f: object) -> object:\n    return lambda e, a: a[3]\n"
        "@d\ndef _n(e: str, a: tuple[object, ...]) -> None:\n    print(e)\nsys.addaudithook(_n)",
        "as text",
    ),
    ("import sys\nsys.addaudithook(lambda e, a: None)", "as text"),
    ("import sys\nf = sys.addaudithook", "as text"),
    ("def test_a(capsys: object) -> None:\n    assert capsys.request.module", ".request"),
    ("def test_a(caplog: object) -> None:\n    assert caplog._item", "._item"),
    (
        "import pytest\n@pytest.fixture\ndef pytestconfig(pytestconfig: object) -> object:\n    return pytestconfig",
        "pytestconfig",
    ),
    (
        "import pytest\nif 0:\n    @pytest.fixture\n    def pytestconfig() -> int:\n        return 1\n"
        "def test_a(pytestconfig: object) -> None:\n    assert pytestconfig",
        "pytestconfig",
    ),
    (
        "import pytest\n@pytest.fixture\ndef pytestconfig() -> int:\n    return 1\ndel pytestconfig\n"
        "def test_a(pytestconfig: object) -> None:\n    assert pytestconfig",
        "pytestconfig",
    ),
    (
        "import pytest\n@pytest.mark.parametrize('pytestconfig', [1])\ndef test_a(pytestconfig: int) -> None:\n"
        "    assert 1\ndef test_b(pytestconfig: object) -> None:\n    assert pytestconfig",
        "test_b may not ask",
    ),
    ("import pytest\ndef f(request: object) -> object:\n    return request\ng = pytest.fixture()(f)", "by a decorator"),
    ("test_a = lambda request: request", "test_a is no test"),
    ("from kettle.cli import main as test_a", "test_a is no test"),
    ("class TestA:\n    x = 1\nTestA.test_a = print", ".test_a is no test"),
    (
        "def d(f: object) -> object:\n    def inner(request: object) -> object:\n        return request\n"
        "    return inner\n@d\ndef test_a() -> None:\n    assert 1",
        "may only be decorated",
    ),
    ("import inspect\nX = inspect.currentframe()", "inspect.currentframe"),
    ("import ast\nX = ast.sys", "ast.sys"),
    ("import kettle\nX = kettle.__dict__", "kettle.__dict__"),
    ("from unittest import mock", "may not import unittest"),
    ("X = int('1')  # type: ignore", "check of types"),
]


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


@pytest.mark.parametrize("text", INNOCENT)
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
