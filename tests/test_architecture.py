"""The shape of the house: sizes, codes, pages, light start."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from conftest import ROOT

from vaultc.core import rules
from vaultc.core.diagnostic import Rule

SOURCES = sorted((ROOT / "src" / "vaultc").rglob("*.py"))
MAX_LINES = 400
# Not pydantic: typer looks into it by itself where it is installed.
HEAVY = {"chromadb", "llama_cpp", "tiktoken", "watchdog", "sklearn", "numpy", "markdown_it", "yaml", "httpx"}
RULES = [value for value in vars(rules).values() if isinstance(value, Rule)]


@functools.cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}


def test_files_stay_small() -> None:
    lines = {str(path.relative_to(ROOT)): path.read_text("utf-8").count("\n") for path in SOURCES}

    large = {path: count for path, count in lines.items() if count > MAX_LINES}

    assert len(lines) > 100
    assert large == {}, "cut them by meaning"


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "helpers", "common", "base", "types", "constants", "misc"}

    found = [path for path in SOURCES if path.stem in drawers]

    assert found == []


def test_rule_codes_and_names_are_unique() -> None:
    codes = [rule.code for rule in RULES]
    names = [rule.name for rule in RULES]

    assert len(set(codes)) == len(codes)
    assert len(set(names)) == len(names)


def test_each_rule_has_its_page_and_each_page_its_rule() -> None:
    pages = {path.stem: path.read_text("utf-8") for path in (ROOT / "docs" / "diagnostics").glob("*.md")}

    assert sorted(pages) == sorted(rule.code for rule in RULES)
    for rule in RULES:
        assert pages[rule.code].startswith(f"# {rule.code} {rule.name}\n")


def test_each_rule_is_used() -> None:
    names = {name for name, value in vars(rules).items() if isinstance(value, Rule)}
    used: set[str] = set()
    for path, tree in trees().items():
        if path.name != "rules.py":
            used |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert names - used == set()


@pytest.mark.parametrize("arguments", [["--help"], ["compile", "--help"], ["ask", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from vaultc.cli.app import main\n"
        f"sys.argv = ['vaultc', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        f"print('HEAVY', sorted({HEAVY!r} & set(sys.modules)))\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("HEAVY []")


def test_nothing_is_unpickled() -> None:
    """A pickle in a state folder would be code that anyone who can write there runs as the person.

    Marshal holds no code of its own accord, and is read from our own process alone, never from a file.
    """
    loaders = {"pickle", "cPickle", "dill", "shelve", "diskcache", "joblib", "marshal"}
    ours = "readers.py: marshal"
    found: list[str] = []
    for path, tree in trees().items():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{path.name}: {name}" for name in names if name.split(".")[0] in loaders]

    assert found == [ours]


def test_no_module_imports_itself_in_a_circle() -> None:
    """Also not by imports inside functions or for types alone: what needs each other belongs together."""
    names = {
        ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__") for path in SOURCES
    }
    imported = {name: _imports(name) & names for name in names}
    sorter = TopologicalSorter(imported)

    sorter.prepare()  # raises CycleError, which names the circle


def _imports(module: str) -> set[str]:
    path = ROOT / "src" / Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found - {module}


READER = "disk/read.py"
OPENERS = {
    "disk/box.py": "runs alone, before the program that it becomes, and knows no module of ours",
    "disk/confine.py": "reads the pipe of a child that it made",
    "disk/folders.py": "opens folders",
    "disk/part.py": "opens what it writes, and locks it",
    "disk/escape.py": "runs in a box, and tries to get out of it",
    "disk/probe.py": "reads a program of our package, and the bait that it laid",
    "disk/scratch.py": "opens folders",
    "disk/watch.py": "reads what the system tells of processes",
    "server/mcp.py": "opens the null device",
    "disk/lock.py": "locks, and holds what it opens to be a file",
    "disk/write.py": "opens folders, and files to be written",
    "vault/opening.py": "opens folders",
    "index/database.py": "SQLite opens by itself; what stands there is looked at first",
    "app/standing.py": "a database in memory",
    "index/vectors.py": "opens the folder that its child runs in",
    "model/process/child.py": "opens the null device for a child",
    "cli/app.py": "opens the null device",
    "model/fit/hardware.py": "reads what the system tells of itself",
    "model/prompt.py": "reads a prompt of our package",
    "cli/sarif.py": "reads a page of our package",
    "language/lexicon.py": "reads words of our package",
    "compiler/pipeline.py": "reads the sources of our package",
    "config.py": "stands below the reader",
}
"""Modules that open a file by name without `disk/read.py`, each with its reason."""
_MODE = set("rwaxbt+")


def opens_a_file(node: ast.AST) -> bool:
    """Tell whether a call opens or reads a file by its name."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id in {"open", "fromfile"}
    if not isinstance(node.func, ast.Attribute):
        return False
    name, owner = node.func.attr, node.func.value.id if isinstance(node.func.value, ast.Name) else ""
    first = node.args[0] if node.args else None
    if name == "open":
        is_mode = isinstance(first, ast.Constant) and isinstance(first.value, str) and set(first.value) <= _MODE
        return owner in {"os", "io", "gzip", "bz2", "lzma", "tarfile", "zipfile", "Image"} or first is None or is_mode
    if name in {"read_text", "read_bytes"}:
        return not node.args or name == "read_text"
    return (owner, name) in {("sqlite3", "connect"), ("mmap", "mmap"), ("np", "fromfile"), ("np", "memmap")}


def test_files_are_opened_by_one_reader() -> None:
    """A FIFO in place of a file that is opened otherwise is a wait without end."""
    root = ROOT / "src" / "vaultc"
    found = {
        str(path.relative_to(root))
        for path in SOURCES
        if any(opens_a_file(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    }

    assert found - {"config.py"} == {READER, *OPENERS} - {"config.py"}


def test_json_of_files_is_read_by_one_parser() -> None:
    """Deep nesting is a RecursionError of the library, which no reader of a file expects."""
    root = ROOT / "src" / "vaultc"
    found: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"load", "loads"} and isinstance(node.value, ast.Name):
                found |= {str(path.relative_to(root))} if node.value.id == "json" else set()

    assert {name for name in found if name.startswith(("app/", "evaluation/", "index/", "retrieve/", "vault/"))} == {
        "index/child.py",  # what our own child says
        "vault/board.py",  # a canvas, whose faults it tells by their place
    }


def test_contributing_names_what_there_is() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:py|md|toml))`", text))
    named |= set(re.findall(r"(?<=pytest )tests/[\w./]+", text))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    places = (ROOT, ROOT / "src" / "vaultc" / "language")
    missing = {name for name in named if not any((place / name).exists() for place in places)}

    assert len(named) > 40
    assert missing == set()
    assert set(re.findall(r"`make ([a-z]+)", text)) <= targets
