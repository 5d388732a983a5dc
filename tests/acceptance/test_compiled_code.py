"""Code that a compile without a model writes: it imports, its types hold, its tests pass, every part leads to notes."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.tool import Compiled, misplaced, places_in, text_of

from vaultc.app.tracing import trace_place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from acceptance.conftest import Workspace

_ID = re.compile(r"\b[A-Z]-[0-9a-f]{6}\b")
_CALM = {"PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}


@pytest.fixture
def package(compiled: Compiled, tmp_path: Path) -> Path:
    """A copy of the generated folder, as a person would take it elsewhere."""
    copy = tmp_path / "taken"
    shutil.copytree(compiled.out, copy)
    return copy


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=_CALM, capture_output=True, encoding="utf-8", timeout=120
    )


def definitions(path: Path) -> Iterator[tuple[str, int]]:
    """Give every function and class of a file, with its line."""
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno


def requirement_ids(compiled: Compiled) -> set[str]:
    return {item["id"] for item in compiled.report["requirements"]}


def test_the_compile_used_no_model_and_its_checks_passed(compiled: Compiled) -> None:
    report = compiled.report

    assert (report["level"], report["model"], report["model_calls"]) == ("outline", None, 0)
    assert {check["name"]: check["status"] for check in report["checks"]} == {
        "parse": "passed",
        "import": "passed",
        "types": "passed",
        "tests": "passed",
    }
    assert report["requirements"]
    assert misplaced(report, compiled.vault) == []


def test_every_module_imports(compiled: Compiled, package: Path) -> None:
    names = [
        ".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((package / compiled.package).rglob("*.py"))
        if path.name != "__main__.py"
    ]
    lines = "\n".join(f"import {name}" for name in names)

    done = python(package, "-W", "error", "-c", f"import sys; sys.path.insert(0, '.')\n{lines}")

    assert len(names) > 3
    assert done.returncode == 0, done.stderr


def test_the_program_prints_its_help(compiled: Compiled, package: Path) -> None:
    done = python(package, "-m", compiled.package, "--help")

    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout


def test_its_own_tests_fail_nowhere_and_say_what_is_not_done(compiled: Compiled, package: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"

    done = python(
        package, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--disable-plugin-autoload", f"--junitxml={report}"
    )

    suite = ET.parse(report).getroot()[0]
    expected = list(suite.iter("skipped"))
    count = int(suite.get("tests", "0"))
    assert done.returncode == 0, done.stdout
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert count - len(expected) >= 20
    for case in expected:
        reason = case.get("message", "")
        named = set(_ID.findall(reason))
        assert case.get("type") == "pytest.xfail", reason
        assert named & requirement_ids(compiled), reason
        assert named <= compiled.map["elements"].keys(), reason
    check = next(item for item in compiled.report["checks"] if item["name"] == "tests")
    assert (check["passed"], check["failed"], check["xfailed"]) == (count - len(expected), 0, len(expected))


def test_its_types_hold_strictly(compiled: Compiled, package: Path, types_seen: Path) -> None:
    done = python(package, "-m", "mypy", "--strict", "--cache-dir", str(types_seen), compiled.package, "tests")

    assert done.returncode == 0, done.stdout


def test_every_id_in_the_code_is_one_of_the_map(compiled: Compiled) -> None:
    known = set(compiled.map["elements"])
    named = {id_ for path in compiled.modules() for id_ in _ID.findall(text_of(path))}

    assert named - known == set()
    assert requirement_ids(compiled) <= known


def test_every_requirement_is_named_in_the_code_or_its_tests(compiled: Compiled) -> None:
    named = {id_ for path in compiled.modules() for id_ in _ID.findall(text_of(path))}

    assert requirement_ids(compiled) - named == set()


def test_what_is_not_done_names_the_requirement(compiled: Compiled) -> None:
    unfinished = 0
    for path in compiled.modules():
        for node in ast.walk(ast.parse(text_of(path))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                call = node.exc
                if isinstance(call.func, ast.Name) and call.func.id == "NotImplementedError":
                    unfinished += 1
                    message = ast.literal_eval(call.args[0])
                    assert set(_ID.findall(message)) & requirement_ids(compiled), message

    assert unfinished


def leads_somewhere(segment: dict[str, Any]) -> bool:
    return bool(segment["origins"] or (segment["derived"] or {}).get("leans_on"))


def test_the_map_covers_every_function_and_class_and_each_leads_to_a_note(compiled: Compiled) -> None:
    files = compiled.map["files"]
    seen = 0
    for path in compiled.modules():
        segments = files[path.relative_to(compiled.out).as_posix()]["segments"]
        for name, line in definitions(path):
            holding = [item for item in segments if item["lines"][0] <= line <= item["lines"][1]]
            assert holding, f"{path.name}:{line} {name}"
            nearest = min(holding, key=lambda item: item["lines"][1] - item["lines"][0])
            assert nearest["kind"] != "header", f"{path.name}:{line} {name}"
            assert leads_somewhere(nearest), f"{path.name}:{line} {name}"
            seen += 1

    assert seen > 30


def test_every_file_of_the_map_is_as_the_map_says(compiled: Compiled) -> None:
    written = {write["path"] for write in compiled.report["writes"]}

    for path, file in compiled.map["files"].items():
        root = compiled.out if file["root"] == "out" else compiled.vault
        lines = text_of(root / path).splitlines()
        assert str(root / path) in written or path in written
        for segment in file["segments"]:
            first, last = segment["lines"]
            assert 1 <= first <= last <= len(lines), (path, segment["name"])
            assert leads_somewhere(segment), (path, segment["name"])


def test_every_quotation_of_the_map_stands_at_its_place(compiled: Compiled) -> None:
    document = compiled.map

    assert len(list(places_in(document))) > 100
    assert misplaced(document, compiled.vault) == []
    for element in document["elements"].values():
        assert element["origins"] or element["derived"]["leans_on"]


def test_trace_leads_from_every_function_and_class_to_words_of_a_note(compiled: Compiled) -> None:
    for path in sorted((compiled.out / compiled.package).rglob("*.py")):
        for name, line in definitions(path):
            trace = trace_place(f"{path}:{line}", compiled.vault).as_json()

            assert trace["to"], f"{path.name}:{line} {name}"
            assert trace["chain"][-1]["kind"] == "note"
            assert misplaced({"to": trace["to"]}, compiled.vault) == []


def test_trace_leads_back_from_a_requirement_to_its_code_and_test(compiled: Compiled) -> None:
    backwards: dict[tuple[str, int], set[str]] = {}
    for item in compiled.report["requirements"]:
        place = item["origins"][0]
        at = (place["path"], place["line"])
        if at not in backwards:
            chain = trace_place(f"{compiled.vault / at[0]}:{at[1]}", compiled.vault).as_json()["chain"]
            backwards[at] = {link["kind"] for link in chain} | {link["id"] for link in chain}

        assert item["id"] in backwards[at]
        assert {"requirement", "test"} <= backwards[at], item["text"]


def test_the_command_traces_a_line_of_code(compiled: Compiled, indexed: Workspace) -> None:
    path = compiled.out / compiled.package / "cli.py"
    line = next(number for name, number in definitions(path) if name == "main")

    done = indexed.tool("trace", f"{path}:{line}", "--vault", compiled.vault, "--json")

    assert done.code == 0, done.err
    assert done.json["from"]["line"] == line
    assert done.json["chain"][0]["kind"] == "code"
    assert {place["path"] for place in done.json["to"]} >= {compiled.idea}


def test_code_that_a_note_holds_is_taken_over_as_it_is(compiled_all: dict[str, Compiled]) -> None:
    ledger = compiled_all["ledger"]
    note = text_of(ledger.vault / ledger.idea)
    held = note.split('```python title="rating.py"\n', 1)[1].split("```\n", 1)[0]

    assert held.rstrip() in text_of(ledger.out / ledger.package / "rating.py")
