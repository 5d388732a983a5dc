"""A whole compile at level FULL with scripted answers: good, malformed, empty, lying, looping."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from compiler import answers
from compiler.packages import checked
from compiler.units import Notes, kettle, tools

from vaultc.compiler.laws import quotes_hold
from vaultc.compiler.passes.code import check_code, code
from vaultc.compiler.passes.design import design
from vaultc.compiler.passes.laws import check_design
from vaultc.compiler.passes.pseudocode import check_pseudocode, pseudocode
from vaultc.compiler.passes.trace import check_trace, trace
from vaultc.compiler.tools import Level
from vaultc.compiler.unit import By, Check, CodeFile, Unit
from vaultc.disk.sandbox import available
from vaultc.model.scripted import ChatScript

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.model.protocols import Prompt

needs_box = pytest.mark.skipif(available() is None, reason="no sandbox here")


def _good() -> dict[str, str]:
    unit, notes = kettle()
    script = ChatScript({"design": answers.design(unit)})
    return answers.everything(unit, design(unit, tools(notes, Level.FULL, script)))


def _compile(
    script: ChatScript,
    check: Callable[[tuple[CodeFile, ...], str], tuple[Check, ...]] | None = None,
    hand: ChatScript | None = None,
) -> tuple[Unit, Notes]:
    unit, notes = kettle()
    given = tools(notes, Level.FULL, script, hand or script, check)
    unit = design(unit, given)
    assert list(check_design(unit)) == []
    unit = pseudocode(unit, given)
    assert list(check_pseudocode(unit)) == []
    unit = code(unit, given)
    assert list(check_code(unit)) == []
    unit = trace(unit, given)
    assert list(check_trace(unit)) == []
    assert list(quotes_hold(unit, given)) == []
    return unit, notes


def _by(unit: Unit) -> dict[str, By]:
    return {file.path: file.by for file in unit.code}


def _outline() -> dict[str, str]:
    unit, notes = kettle()
    given = tools(notes)
    lowered = code(pseudocode(design(unit, given), given), given)
    return {file.path: file.text for file in lowered.code}


def test_good_answers_make_a_program_without_open_ends() -> None:
    script = ChatScript(_good())

    unit, _ = _compile(script)

    assert unit.refusals == ()
    assert not any("NotImplementedError" in file.text or "xfail" in file.text for file in unit.code)
    assert _by(unit)["kettle_timer/timing.py"] is By.MODEL
    assert [item.title for item in unit.decisions if item.by is By.MODEL] == ["Whole minutes"]


@pytest.mark.native
@needs_box
def test_the_program_passes_its_checks_in_the_box() -> None:
    unit, _ = _compile(ChatScript(_good()), checked)

    checks = {item.name: item for item in checked(unit.code, "kettle_timer")}

    assert {item.status for item in checks.values()} == {"passed"}
    assert checks["tests"].passed == 13
    assert checks["tests"].xfailed == 0


def test_helpers_of_a_model_lead_to_notes_as_helpers() -> None:
    unit, _ = _compile(ChatScript(_good()))

    module = next(file for file in unit.code if file.path == "kettle_timer/timing.py")
    helper = next(item for item in module.segments if item.name == "_whole")

    assert helper.derived is not None
    assert helper.derived.reason == "helper of ready_time"
    assert helper.derived.leans_on


@pytest.mark.parametrize(
    "answer",
    ["", "I cannot help with that.", "{", '{"components": 3}', "[" * 50_000, "lorem ipsum " * 90_000, "null", '"x"'],
)
def test_a_useless_answer_to_every_call_leaves_the_outline(answer: str) -> None:
    unit, _ = _compile(ChatScript(lambda _: answer))

    assert {file.path: file.text for file in unit.code} == _outline()
    assert {item.task for item in unit.refusals} == {"design", "pseudocode", "code"}


def test_a_script_without_answers_leaves_the_outline() -> None:
    unit, _ = _compile(ChatScript({}))

    assert {file.path: file.text for file in unit.code} == _outline()
    assert all("no answer" in item.reason for item in unit.refusals)


def test_a_lying_quotation_loses_its_element_and_nothing_else() -> None:
    good = _good()
    value = json.loads(good["design/kettle_timer"])
    value["components"][0]["quotes"] = [{"path": answers.PATH, "text": "The timer must call home every night."}]
    script = ChatScript({**good, "design/kettle_timer": json.dumps(value)})

    unit, _ = _compile(script)

    assert any("call home" in item.reason for item in unit.refusals)
    assert all(item.code_name != "timing" for item in unit.components)
    assert any(item.code_name == "brewing" for item in unit.components)


def test_a_requirement_that_the_model_forgot_stays_served() -> None:
    good = _good()
    value = json.loads(good["design/kettle_timer"])
    unit, _ = kettle()
    ready = answers.ids(unit)["ready"]
    value["components"][0]["serves"].remove(ready)
    value["interfaces"] = [item for item in value["interfaces"] if item["code_name"] != "ready_time"]
    script = ChatScript({**good, "design/kettle_timer": json.dumps(value)})

    lowered, _ = _compile(script)

    server = [item for item in lowered.components if ready in item.serves]
    assert [item.code_name for item in server] == ["brewing"]


@pytest.mark.parametrize(
    "change",
    [
        {"code_name": "../evil"},
        {"code_name": "Timing"},
        {"code_name": "import"},
        {"code_name": "тайминг"},
        {"code_name": "kettle_timer"},
        {"duty": ""},
        {"serves": ["R-ffffff"], "quotes": []},
    ],
)
def test_a_component_with_a_bad_name_or_ground_is_refused(change: dict[str, object]) -> None:
    good = _good()
    value = json.loads(good["design/kettle_timer"])
    value["components"][0] |= change
    script = ChatScript({**good, "design/kettle_timer": json.dumps(value)})

    unit, _ = _compile(script)

    assert any(item.task == "design" for item in unit.refusals)
    assert all(item.code_name.isascii() and "/" not in item.code_name for item in unit.components)


@pytest.mark.parametrize(
    "signature",
    [
        "(x: Evil) -> int",
        "(x) -> int",
        "(*args: int) -> int",
        "(x: int) -> int: evil()",
        "): pass",
        "(x: 'int') -> int",
    ],
)
def test_a_signature_that_is_none_is_refused(signature: str) -> None:
    good = _good()
    value = json.loads(good["design/kettle_timer"])
    value["interfaces"][0]["signature"] = signature
    script = ChatScript({**good, "design/kettle_timer": json.dumps(value)})

    unit, _ = _compile(script)

    assert any(item.target == "ready_time" for item in unit.refusals)


def test_a_bad_module_takes_its_dependants_back_to_the_computed_versions() -> None:
    good = _good()
    script = ChatScript({**good, "code/kettle_timer/timing.py": answers.fenced("import socket\n")})

    unit, _ = _compile(script)

    by = _by(unit)
    assert by["kettle_timer/timing.py"] is By.RULE
    assert by["tests/test_timing.py"] is By.RULE
    assert by["kettle_timer/cli.py"] is By.MODEL
    assert ("code", "kettle_timer/timing.py") in {(item.task, item.target) for item in unit.refusals}


def test_a_module_that_imports_what_is_not_there_is_given_up() -> None:
    good = _good()
    cli = good["code/kettle_timer/cli.py"].replace("import ready_time", "import ready_time, lost_name")
    script = ChatScript({**good, "code/kettle_timer/cli.py": cli})

    unit, _ = _compile(script)

    assert _by(unit)["kettle_timer/cli.py"] is By.RULE
    assert any("lost_name" in item.reason for item in unit.refusals)


def test_weak_tests_give_way_to_tests_of_the_surface() -> None:
    good = _good()
    script = ChatScript({**good, "tests/tests/test_timing.py": answers.fenced("def test_x() -> None:\n    x = 1\n")})

    unit, _ = _compile(script)

    file = next(item for item in unit.code if item.path == "tests/test_timing.py")
    assert file.by is By.RULE
    assert "operations_are_offered" in file.text
    assert "xfail" not in file.text


@pytest.mark.native
@needs_box
def test_wrong_code_is_mended_once_and_then_stands() -> None:
    good = _good()
    wrong = good["code/kettle_timer/timing.py"].replace("return not lid_open", "return lid_open")
    script = ChatScript(
        {
            **good,
            "code/kettle_timer/timing.py": wrong,
            "mend/kettle_timer/timing.py": good["code/kettle_timer/timing.py"],
            "mend/tests/test_timing.py": good["tests/tests/test_timing.py"],
        }
    )

    unit, _ = _compile(script, checked)

    assert _by(unit)["kettle_timer/timing.py"] is By.MODEL
    assert "return not lid_open" in next(file.text for file in unit.code if file.path == "kettle_timer/timing.py")
    assert all(item.status == "passed" for item in checked(unit.code, "kettle_timer"))


@pytest.mark.native
@needs_box
def test_wrong_code_that_is_not_mended_is_given_up_and_the_package_still_passes() -> None:
    good = _good()
    wrong = good["code/kettle_timer/timing.py"].replace("return not lid_open", "return lid_open")
    script = ChatScript({**good, "code/kettle_timer/timing.py": wrong})

    unit, _ = _compile(script, checked)

    assert any(item.task in ("code", "tests") for item in unit.refusals)
    assert all(item.status == "passed" for item in checked(unit.code, "kettle_timer"))


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [{"text": ""}],
        [{"text": "Deeper.", "depth": 4}],
        [{"text": "Serve it.", "serves": ["R-ffffff"]}],
        [{"text": "Сделать это как следует и сразу."}],
        [{"text": "x" * 5000}],
    ],
)
def test_steps_that_fail_the_gate_leave_the_computed_ones(steps: list[dict[str, object]]) -> None:
    good = _good()
    value = {"procedures": [{"operation": "ready_time", "steps": steps}, {"operation": "no_such", "steps": steps}]}
    script = ChatScript({**good, "pseudocode/timing": json.dumps(value)})

    unit, _ = _compile(script)

    ready = next(item for item in unit.interfaces if item.code_name == "ready_time")
    procedure = next(item for item in unit.procedures if item.interface == ready.id)
    assert procedure.by is By.RULE
    assert {item.target for item in unit.refusals} == {"timing.ready_time", "timing.no_such"}


def test_what_the_hand_cannot_write_the_brain_writes_when_the_hand_is_done() -> None:
    asked: list[str] = []
    good = _good()

    def hand(prompt: Prompt) -> str:
        asked.append(f"hand {prompt.task}")
        return "" if prompt.target == "kettle_timer/timing.py" else good[f"{prompt.task}/{prompt.target}"]

    def brain(prompt: Prompt) -> str:
        if prompt.task in ("code", "tests"):
            asked.append(f"brain {prompt.task}")
        return good[f"{prompt.task}/{prompt.target}"]

    unit, _ = _compile(ChatScript(brain), hand=ChatScript(hand))

    assert _by(unit)["kettle_timer/timing.py"] is By.MODEL
    assert [item.target for item in unit.refusals] == ["kettle_timer/timing.py"]
    writers = [line.split()[0] for line in asked]
    assert writers == sorted(writers, reverse=True)  # in one go each: a giant is loaded once
    assert {"brain code", "hand code"} <= set(asked)


def test_what_neither_can_write_is_computed() -> None:
    good = _good()
    bad = {**good, "code/kettle_timer/timing.py": "no code"}

    unit, _ = _compile(ChatScript(bad), hand=ChatScript(bad))

    assert _by(unit)["kettle_timer/timing.py"] is By.RULE
    assert [item.target for item in unit.refusals].count("kettle_timer/timing.py") >= 2


def test_a_file_of_the_brain_that_would_cost_one_of_the_hand_is_not_taken() -> None:
    good = _good()

    def hand(prompt: Prompt) -> str:
        return "" if prompt.target == "kettle_timer/timing.py" else good[f"{prompt.task}/{prompt.target}"]

    def check(files: tuple[CodeFile, ...], _: str) -> tuple[Check, ...]:
        written = {file.path for file in files if file.by is By.MODEL}
        if "kettle_timer/timing.py" in written:
            return (Check("types", "failed", "kettle_timer/limits.py:1: error: it does not fit"),)
        return (Check("types", "passed", ""),)

    unit, _ = _compile(ChatScript(good), check, ChatScript(hand))

    assert _by(unit)["kettle_timer/limits.py"] is By.MODEL
    assert _by(unit)["kettle_timer/timing.py"] is By.RULE
    assert any("a file of the hand would not hold" in item.reason for item in unit.refusals)
