"""Each setting, command and option is reached: described where a person looks, and used where it works."""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import re
import shlex
import textwrap
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
import typer.main
from conftest import ROOT

from vaultc.cli.app import app
from vaultc.config import Config, ModelEntry, RoleEntry, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = ROOT / "src" / "vaultc"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {path: path.read_text("utf-8") for path in PAGES}
GROUPS = {group.name for group in fields(Config)}
TABLES: dict[str, ModelEntry | RoleEntry] = {"models": ModelEntry(), "roles": RoleEntry()}

# Settings


def settings() -> dict[str, object]:
    """Give every setting with its default; those of tables with NAME for the name."""
    found = {row.key: row.value for row in Settings(Config(), {}).rows()}
    for table, entry in TABLES.items():
        found |= {f"{table}.NAME.{item.name}": getattr(entry, item.name) for item in fields(entry)}
    return found


def toml(value: object) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def reads() -> set[str]:
    """Give what the sources read of the groups of settings, as `group.key`, and as `models.NAME.key`."""
    kinds = {type(entry).__name__: f"{table}.NAME" for table, entry in TABLES.items()}
    kinds |= {type(getattr(Config(), name)).__name__: name for name in GROUPS - set(TABLES)}
    held = [(name, name) for name in GROUPS - set(TABLES)]
    held += [("entry", "models.NAME"), ("role", "roles.NAME"), ("roles[role]", "roles.NAME")]
    keys = {key.rpartition(".")[2] for key in settings()}
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        text = path.read_text("utf-8")
        if path.name != "config.py" and "config" in text:
            nodes = list(ast.walk(ast.parse(text)))
            names = [*_names(nodes, kinds), *held]
            for node in nodes:
                if isinstance(node, ast.Attribute) and node.attr in keys and isinstance(node.ctx, ast.Load):
                    of = ast.unparse(node.value).rpartition(".")[2]
                    found |= {f"{group}.{node.attr}" for name, group in names if name == of}
    return found


def _names(nodes: list[ast.AST], kinds: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Give the names that stand for a group in a module: what is assigned from one, and what is annotated as one."""
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute | ast.Call):
            said = ast.unparse(node.value)
            groups = [name for name in GROUPS if said.endswith(f".{name}")]
            groups += [kind for name, kind in kinds.items() if re.search(rf"\b{name}\(", said)]
            yield from ((ast.unparse(target), group) for target in node.targets for group in groups)
        elif isinstance(node, ast.arg) and node.annotation is not None:
            for name in re.findall(r"\w+", ast.unparse(node.annotation)):
                if name in kinds:
                    yield node.arg, kinds[name]


def test_every_setting_is_read() -> None:
    assert sorted(settings().keys() - reads()) == []


def test_every_setting_stands_in_the_page_of_settings_with_its_default() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| `([^`]*)` \| .{10,} \|$", TEXTS[ROOT / "docs" / "settings.md"], re.MULTILINE)

    assert dict(rows) == {key: toml(value) for key, value in settings().items()}
    assert [key for key, _ in rows] == list(settings()), "in the order of `vaultc config show`"


# Commands

Command = Any
"""A command of click, which typer carries along in a place of its own."""


def commands(command: Command, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    """Give every command with the words that call it."""
    inner = getattr(command, "commands", {})
    if not inner:
        yield words, command
    for name, one in inner.items():
        yield from commands(one, (*words, name))


ALL = dict(commands(typer.main.get_command(app)))


def options_of(command: Command) -> list[Any]:
    return [param for param in command.params if param.param_type_name == "option" and param.name != "help"]


def spelt(command: Command) -> set[str]:
    """Give each way in which an option of a command is written."""
    return {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help", "-h"}


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_option_says_what_it_does_and_is_used(words: tuple[str, ...]) -> None:
    command = ALL[words]
    function = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(command.callback))))
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}

    assert command.help
    for param in command.params:
        if param.name != "help":
            assert param.name in used, f"{param.name} changes nothing"
            assert getattr(param, "help", None), f"{param.name} says nothing"


def test_every_command_stands_in_the_page_of_commands_with_its_options() -> None:
    page = TEXTS[ROOT / "docs" / "commands.md"]

    for words, command in ALL.items():
        section = page.partition(f"\n## vaultc {' '.join(words)}\n")[2].partition("\n## ")[0]
        assert section, f"vaultc {' '.join(words)}"
        for param in options_of(command):
            assert re.search(rf"{re.escape(param.opts[0])}\b", section), f"{words}: {param.opts[0]}"


def shown() -> Iterator[tuple[str, str]]:
    """Give each call of vaultc in a document, with where it stands: in blocks of code, and between backticks."""
    for path, text in TEXTS.items():
        where = str(path.relative_to(ROOT))
        blocks = re.findall(r"^(```+)\w*\n(.*?)^\1$", text, re.MULTILINE | re.DOTALL)
        lines = [line for _, block in blocks for line in block.splitlines()]
        lines += re.findall(r"`([^`\n]+)`", re.sub(r"^(```+).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL))
        for line in lines:
            for call in re.findall(r"(?:^|\$ |&& |; |\| |^ *Example: )(vaultc .*)", line):
                yield where, call


def called(line: str) -> list[str]:
    """Give the words of a call up to where the shell, or a sentence, goes on."""
    try:
        words = shlex.split(re.split(r"\s[|>&;#]|\s{2,}|`", line)[0], comments=True)
    except ValueError:
        return line.split()[:2]
    return words[: words.index("→")] if "→" in words else words


def test_every_call_that_the_documents_show_is_one() -> None:
    groups = {known[0] for known in ALL if len(known) > 1}
    wrong: list[str] = []
    seen = 0
    for where, line in shown():
        words = called(line)[1:]
        found = next((known for known in ALL if tuple(words[: len(known)]) == known), None)
        if found is None:
            named = list(itertools.takewhile(re.compile(r"[a-z][a-z-]*").fullmatch, words))
            if named and not (len(named) == 1 and named[0] in groups):
                wrong.append(f"{where}: {line}")
            continue
        seen += 1
        given = [word.partition("=")[0] for word in words[len(found) :] if re.match(r"--?[a-z]", word)]
        wrong += [f"{where}: {line}: {option}" for option in given if option not in spelt(ALL[found])]

    assert wrong == []
    assert seen > 100
