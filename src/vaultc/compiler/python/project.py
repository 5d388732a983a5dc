"""The files around the modules: pyproject.toml, README.md, `__init__` and `__main__`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vaultc.compiler.artifacts.markdown import escape, fence_around
from vaultc.compiler.elements import elements_of, evidence_of
from vaultc.compiler.outline.operations import is_operation
from vaultc.compiler.python.command_line import commands_of, program_of
from vaultc.compiler.python.layout import docstring, plain_text
from vaultc.compiler.unit import CodeFile, Derivation, Segment, SegmentKind
from vaultc.compiler.wording import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultc.compiler.unit import Component, Unit
    from vaultc.core.source import Quote

README = "README.md"


def project_files(unit: Unit, cli: Component | None, *, is_open: bool, readme: str = README) -> tuple[CodeFile, ...]:
    """Give the files around the modules of `unit`; `is_open` tells that some of it is not done yet.

    `readme` is the path of the readme: the notes may give one that is written in other letters.
    """
    files = [_pyproject(unit, cli, readme), _readme(unit, cli, is_open=is_open), _init(unit)]
    if cli is not None:
        files.append(_main(unit, cli))
    return tuple(files)


def whole_file(unit: Unit, path: str, language: str, text: str, ids: Sequence[str], name: str) -> CodeFile:
    """Give a file with one segment, derived: the project needs it. It leans on what the idea says it is."""
    leans = unit.summary_origins[:1] or evidence_of(ids, elements_of(unit))[:1] or _first(unit)
    derived = Derivation(say(unit.idea.language, "derived_project"), leans)
    last = text.count("\n") or 1
    return CodeFile(path, language, text, (Segment(SegmentKind.DATA, name, 1, last, (), (), derived=derived),))


def _pyproject(unit: Unit, cli: Component | None, readme: str) -> CodeFile:
    package = unit.idea.package
    name = package.replace("_", "-")
    description = toml_string(plain_text(unit.summary or unit.idea.title)[:200])
    lines = [
        "[build-system]",
        'requires = ["hatchling"]',
        'build-backend = "hatchling.build"',
        "",
        "[project]",
        f'name = "{name}"',
        'version = "0.1.0"',
        f"description = {description}",
        f"readme = {toml_string(readme)}",
        'requires-python = ">=3.11"',
        "dependencies = []",
        "",
    ]
    if cli is not None:
        lines += ["[project.scripts]", f'{toml_string(program_of(unit, cli))} = "{package}.{cli.code_name}:main"', ""]
    lines += [
        "[tool.hatch.build.targets.wheel]",
        f'packages = ["{package}"]',
        "",
        "[tool.pytest.ini_options]",
        'pythonpath = ["."]',
        'testpaths = ["tests"]',
        "",
        "[tool.mypy]",
        "strict = true",
    ]
    ids = [cli.id] if cli is not None else [item.id for item in unit.components[:1]]
    return whole_file(unit, "pyproject.toml", "toml", "\n".join(lines) + "\n", ids, "pyproject")


def _readme(unit: Unit, cli: Component | None, *, is_open: bool) -> CodeFile:
    language = unit.idea.language
    package = unit.idea.package
    known = elements_of(unit)
    title = escape(unit.idea.title)
    parts: list[tuple[str, list[str], list[str]]] = []
    intro = say(language, "readme_intro", title=title)
    intro += f" {say(language, 'readme_open')}" if is_open else ""
    head = [
        f"# {title}",
        "",
        *([escape(unit.summary), ""] if unit.summary else []),
        intro,
        "",
        say(language, "trace_hint"),
    ]
    parts.append((title, head, [item.id for item in unit.requirements[:1]] or list(known)[:1]))
    program = program_of(unit, cli) if cli is not None else package
    usage = ["pip install .", f"{program} --help"]
    if cli is not None:
        usage += [plain_text(item.usage) for item in commands_of(unit, cli) if item.usage]
    fence = fence_around("\n".join(usage))
    section = [f"## {say(language, 'install')}", "", f"{fence}sh", *usage, fence]
    parts.append((say(language, "install"), section, [cli.id] if cli is not None else list(known)[:1]))
    rows = [f"- `{package}/{item.code_name}.py`: {escape(item.name)}. {escape(item.duty)}" for item in unit.components]
    parts.append((say(language, "components"), [f"## {say(language, 'components')}", "", *rows],
                  [item.id for item in unit.components]))  # fmt: skip
    open_ = [item for item in unit.requirements if is_operation(item) and not item.is_done]
    tests = [f"## {say(language, 'tests')}", "", "```sh", "python -m pytest", "python -m mypy .", "```"]
    parts.append((say(language, "tests"), tests, [item.id for item in open_[:8]] or list(known)[:1]))
    lines: list[str] = []
    segments = []
    for name, own, ids in parts:
        start = len(lines) + 1
        lines += [*own, ""]
        origins = unit.summary_origins[:1] or evidence_of(ids, known)[:1] or _first(unit)
        segments.append(Segment(SegmentKind.SECTION, name, start, len(lines) - 1, (), origins))
    return CodeFile("README.md", "markdown", "\n".join(lines).rstrip("\n") + "\n", tuple(segments))


def _first(unit: Unit) -> tuple[Quote, ...]:
    return tuple(passage.quote for passage in unit.context[:1])


def toml_string(text: str) -> str:
    """Give `text` as a basic string of TOML, whose escapes are those of JSON."""
    return json.dumps("".join(char if char.isprintable() else " " for char in text), ensure_ascii=False)


def _init(unit: Unit) -> CodeFile:
    ids = [item.id for item in unit.components]
    text = docstring(unit.summary or unit.idea.title, (), ids) + '\n\n__version__ = "0.1.0"\n'
    return whole_file(unit, f"{unit.idea.package}/__init__.py", "python", text, ids, unit.idea.package)


def _main(unit: Unit, cli: Component) -> CodeFile:
    package = unit.idea.package
    text = docstring(say(unit.idea.language, "main"), (), (cli.id,)) + (
        f"\n\nimport sys\n\nfrom {package}.{cli.code_name} import main\n\n"
        'if __name__ == "__main__":\n    sys.exit(main())\n'
    )
    return whole_file(unit, f"{package}/__main__.py", "python", text, [cli.id], "__main__")
