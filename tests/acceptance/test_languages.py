"""Artifacts in the language of the idea; identifiers in ASCII whatever the language."""

from __future__ import annotations

import ast
import io
import keyword
import re
import tokenize
from typing import TYPE_CHECKING

import pytest
from acceptance.tool import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from acceptance.tool import Compiled

_INERT = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)|!?\[\[[^\]]*\]\]|\b[A-Z]-[0-9a-f]{6}\b")
_CYRILLIC = re.compile("[А-Яа-яЁё]")
_LATIN_WORDS = re.compile(r"[A-Za-z]{2,}")
_HEADING = re.compile(r"#{1,6} ")


def prose(path: Path) -> Iterator[str]:
    """Give the lines of a note that are words of vaultc or of the notes: no frontmatter, fence, code, link or id."""
    body = text_of(path)
    if body.startswith("---\n"):
        body = body.split("---\n", 2)[2]
    inside = False
    for line in body.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            shown = _INERT.sub("", line)
            if re.search(r"\w", shown):
                yield shown


def test_headings_of_russian_artifacts_are_russian(compiled_all: dict[str, Compiled]) -> None:
    unit = compiled_all["poliv"]
    notes = (*unit.notes, unit.out / "README.md")
    headings = [line for note in notes for line in prose(note) if _HEADING.match(line)]

    assert len(headings) > 20
    assert [line for line in headings if not _CYRILLIC.search(line)] == []


def test_prose_of_russian_artifacts_is_russian(compiled_all: dict[str, Compiled]) -> None:
    unit = compiled_all["poliv"]
    lines = [line for note in (*unit.notes, unit.out / "README.md") for line in prose(note)]
    words = [line for line in lines if len(_LATIN_WORDS.findall(line)) > 2]

    foreign = [line for line in words if not _CYRILLIC.search(line)]

    assert len(lines) > 100
    assert foreign == []


def test_contradictions_in_a_russian_artifact_are_told_in_russian(compiled_all: dict[str, Compiled]) -> None:
    told = [line for line in prose(compiled_all["poliv"].notes[0]) if line.startswith("> [!warning]")]

    reasons = [line.rpartition("верны вместе:")[2] for line in told]

    assert len(reasons) >= 2
    assert [reason for reason in reasons if _LATIN_WORDS.search(reason) and not _CYRILLIC.search(reason)] == []
    for reason in reasons:
        assert not re.search(r"\b(power|voltage|price|against|different|and)\b", reason), reason


def test_english_artifacts_are_english(compiled_all: dict[str, Compiled]) -> None:
    unit = compiled_all["tide"]

    foreign = [line for note in (*unit.notes, unit.out / "README.md") for line in prose(note) if _CYRILLIC.search(line)]

    assert foreign == []


def test_every_identifier_is_ascii(compiled: Compiled) -> None:
    names = set()
    for path in compiled.modules():
        assert path.relative_to(compiled.out).as_posix().isascii()
        for token in tokenize.generate_tokens(io.StringIO(text_of(path)).readline):
            if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
                names.add(token.string)

    assert len(names) > 100
    assert [name for name in names if not name.isascii()] == []
    assert compiled.package.isascii()
    assert compiled.package.isidentifier()


def test_what_a_person_reads_of_a_russian_program_is_russian(compiled_all: dict[str, Compiled]) -> None:
    unit = compiled_all["poliv"]
    docstrings = []
    for path in sorted((unit.out / unit.package).rglob("*.py")):
        module = ast.parse(text_of(path))
        for node in (module, *(item for item in module.body if isinstance(item, ast.FunctionDef | ast.ClassDef))):
            public = isinstance(node, ast.Module) or not node.name.startswith("_")
            if public and (doc := ast.get_docstring(node)):
                docstrings.append(f"{path.name}: {doc.splitlines()[0]}")

    assert len(docstrings) > 20
    assert [line for line in docstrings if not _CYRILLIC.search(line)] == []


@pytest.mark.parametrize("path", ["README.md", "pyproject.toml"])
def test_the_title_of_the_idea_stands_in_the_project(compiled: Compiled, path: str) -> None:
    text = text_of(compiled.out / path)

    title = compiled.idea.rpartition("/")[2].rpartition(".")[0]
    assert title in text if path == "README.md" else compiled.package.replace("_", "-") in text
