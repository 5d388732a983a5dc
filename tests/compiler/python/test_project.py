"""A name of an idea that is alive in another format is plain words in each file that is made of it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from compiler.packages import lowered, written
from compiler.units import kettle
from markdown_it import MarkdownIt

from vaultc.compiler.unit import InterfaceKind, Unit

if TYPE_CHECKING:
    from pathlib import Path

TITLES = [
    "<img src=x onerror=alert(1)>",
    "[here](javascript:alert) and ![x](http://x/y.png)",
    "<!-- --> <script>alert(1)</script>",
    "a \"quoted\" and 'quoted' one",
    'ends in """',
    "back\\slash \\u0041 \\",
    "100% of %(prog)s and %s",
    "``` fence",
    "# heading | table",
    "- [ ] task",
    "{braces} ${x} {{y}}",
]


def named(title: str) -> Unit:
    """Give the kettle under another name, compiled; a command is used by that name, too."""
    unit, notes = kettle()
    commands = tuple(
        replace(item, usage=f"kettle {title}") if item.kind is InterfaceKind.COMMAND else item
        for item in unit.interfaces
    )
    unit = replace(unit, idea=replace(unit.idea, title=title), summary=title, interfaces=commands)
    return lowered(unit, notes)


@pytest.mark.parametrize("title", TITLES)
def test_a_name_is_plain_words_in_markdown_toml_python_and_json(title: str) -> None:
    unit = named(title)

    files = {file.path: file.text for file in unit.code}
    readme = MarkdownIt("commonmark").parse(files["README.md"])
    inner = [child.type for token in readme for child in token.children or ()]
    assert not {"html_inline", "link_open", "image"} & set(inner)
    assert "html_block" not in {token.type for token in readme}
    assert readme[1].children is not None
    assert "".join(child.content for child in readme[1].children) == title.replace("\\", "\\")
    assert len([token for token in readme if token.type == "heading_open"]) == 4
    project = tomllib.loads(files["pyproject.toml"])["project"]
    assert project["description"] == title.replace("\\", "/").replace('"""', "'''")
    for path, text in files.items():
        if path.endswith(".py"):
            ast.parse(text)
    for artifact in unit.artifacts:
        if artifact.path.endswith(".canvas"):
            json.loads(artifact.text)


@pytest.mark.parametrize("title", [title for title in TITLES if "%" in title])
def test_the_help_of_the_program_says_the_name(title: str, tmp_path: Path) -> None:
    folder = written(named(title), tmp_path)

    shown = subprocess.run(
        [sys.executable, "-m", "kettle_timer", "--help"], cwd=folder, capture_output=True, text=True, check=True
    )

    assert title in shown.stdout
