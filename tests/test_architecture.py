"""The shape of the house: sizes, codes, pages, light start."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT

from vaultc.core import rules
from vaultc.core.diagnostic import Rule

if TYPE_CHECKING:
    from pathlib import Path

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
