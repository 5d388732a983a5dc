"""The three ideas of the example vault, compiled without a model: what must hold of everything that is written."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from compiler.packages import checked
from conftest import EXAMPLE_VAULT

from vaultc.compiler.cache import MemoryCache
from vaultc.compiler.derive.fixtures import fixture_faults
from vaultc.compiler.derive.forms import form_faults
from vaultc.compiler.derive.reach import Home, reach_faults, read_code
from vaultc.compiler.laws import all_quotes, is_verbatim
from vaultc.compiler.outline.verbatim import python_modules
from vaultc.compiler.passes.gather import make_idea
from vaultc.compiler.passes.order import PIPELINE
from vaultc.compiler.pipeline import Compiled, compile_idea
from vaultc.compiler.tools import Tools
from vaultc.core.source import Source, vault_path
from vaultc.syntax.parse import parse_note
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vaultc.compiler.unit import Contradiction, Unit
    from vaultc.core.chunk import Passage
    from vaultc.core.source import VaultPath

pytestmark = pytest.mark.native

IDEAS = ["Ideas/Tide clock.md", "Идеи/Полив теплицы.md", "Ideas/Reading ledger.idea"]
READER = VaultReader(EXAMPLE_VAULT)
CACHE = MemoryCache()


def _tools() -> Tools:
    def search(query: str, limit: int) -> tuple[Passage, ...]:
        return ()

    def contradictions(paths: Iterable[VaultPath]) -> tuple[Contradiction, ...]:
        return ()

    return Tools(READER, search, contradictions, checked)


@lru_cache
def _compiled(path: str) -> Compiled:
    idea = make_idea(vault_path(path), READER.read(vault_path(path)))
    return compile_idea(idea, _tools(), PIPELINE, cache=CACHE)


def _unit(path: str) -> Unit:
    return _compiled(path).unit


@pytest.mark.parametrize("path", IDEAS)
def test_the_package_parses_imports_type_checks_and_passes_its_tests(path: str) -> None:
    checks = _unit(path).checks

    assert {item.status for item in checks} <= {"passed", "skipped"}, checks
    if all(item.status == "passed" for item in checks):
        tests = next(item for item in checks if item.name == "tests")
        assert tests.passed > 20
        assert tests.failed == 0


def _is_of_a_mark(fault: str) -> bool:
    return "pytest.mark.xfail" in fault or "may only be decorated by" in fault


@pytest.mark.parametrize("path", IDEAS)
def test_computed_code_reaches_only_what_the_code_of_a_model_may(path: str) -> None:
    """Code that the notes give whole is the person's own, and passes no gate. A computed test may be one to fail."""
    unit = _unit(path)
    own = set(python_modules(unit))
    modules = frozenset(item.code_name for item in unit.components)

    for file in unit.code:
        if file.language == "python" and not own & {Path(file.path).stem.removeprefix("test_")}:
            home = Home(unit.idea.package, modules, file.path.startswith("tests/"))
            code, faults = read_code(ast.parse(file.text), home)
            faults += [*reach_faults(code), *form_faults(code, file.text), *fixture_faults(code)]
            assert [fault for fault in faults if not _is_of_a_mark(fault)] == [], file.path


@pytest.mark.parametrize("path", IDEAS)
def test_every_quotation_stands_in_its_note(path: str) -> None:
    quotes = set(all_quotes(_unit(path)))

    assert len(quotes) > 30
    for quote in quotes:
        assert is_verbatim(quote, READER.read(quote.span.path).source), quote


@pytest.mark.parametrize("path", IDEAS)
def test_every_function_class_and_section_leads_to_a_note(path: str) -> None:
    unit = _unit(path)

    for file in unit.code:
        for segment in file.segments:
            assert segment.origins or (segment.derived and segment.derived.leans_on), (file.path, segment.name)
        if file.path.endswith(".py"):
            named = {segment.name for segment in file.segments}
            nodes = [node for node in ast.parse(file.text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
            assert {node.name for node in nodes} <= named, file.path
    for artifact in unit.artifacts:
        assert artifact.segments
        assert all(item.origins or (item.derived and item.derived.leans_on) for item in artifact.segments)


@pytest.mark.parametrize("path", IDEAS)
def test_every_requirement_reaches_code_and_a_test(path: str) -> None:
    unit = _unit(path)

    code: set[str] = set()
    tests: set[str] = set()
    for file in unit.code:
        found = tests if file.path.startswith("tests/") else code
        found.update(id_ for item in file.segments for id_ in item.ids)
    for need in unit.requirements:
        assert need.id in code, need.text
        assert need.id in tests, need.text


@pytest.mark.parametrize("path", IDEAS)
def test_every_wikilink_that_is_written_resolves(path: str) -> None:
    for artifact in _unit(path).artifacts:
        if not artifact.path.endswith(".md"):
            continue
        links = parse_note(Source(artifact.path, artifact.text))[0].links
        assert links
        for link in links:
            found = READER.resolve(link, artifact.path)
            assert getattr(found, "missing", "unresolved") is None, link


@pytest.mark.parametrize("path", IDEAS)
def test_identifiers_are_ascii(path: str) -> None:
    for file in _unit(path).code:
        if file.path.endswith(".py"):
            assert file.path.isascii()
            names = [node.id for node in ast.walk(ast.parse(file.text)) if isinstance(node, ast.Name)]
            assert all(name.isascii() for name in names)


@pytest.mark.parametrize("path", IDEAS)
def test_a_second_compile_runs_nothing_and_a_fresh_one_gives_the_same_bytes(path: str) -> None:
    first = _compiled(path)
    idea = first.unit.idea

    second = compile_idea(idea, _tools(), PIPELINE, cache=CACHE)
    fresh = compile_idea(idea, _tools(), PIPELINE, cache=MemoryCache(), until="code")

    not_run = [item.name for item in second.ran if not item.was_known]
    assert set(not_run) <= {"gather", "check"}  # a check that could not be run is tried again
    assert second.unit == first.unit
    assert [file.text for file in fresh.unit.code] == [file.text for file in first.unit.code]
