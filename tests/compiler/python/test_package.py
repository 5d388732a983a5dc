from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from compiler.packages import checked, lowered, run, written
from compiler.units import Notes, kettle, poliv

from vaultc.compiler.unit import Constant, Entity, EntityKind, Field, SegmentKind, Transition, Unit, Verbatim

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("make", [kettle, poliv])
def test_a_package_runs_its_tests_types_and_format(
    make: Callable[[], tuple[Unit, Notes]], tmp_path: Path, types_seen: Path
) -> None:
    unit, notes = make()

    folder = written(lowered(unit, notes), tmp_path)

    tests = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--disable-plugin-autoload")
    assert tests.returncode == 0, tests.stdout
    assert "xfailed" in tests.stdout
    types = run(folder, "-m", "mypy", "--strict", f"--cache-dir={types_seen}", ".")
    assert types.returncode == 0, types.stdout
    layout = run(folder, "-m", "ruff", "format", "--isolated", "--diff", "--line-length", "100", ".")
    assert layout.returncode == 0, layout.stdout


def test_the_command_line_of_a_package_answers(tmp_path: Path) -> None:
    unit, notes = kettle()
    folder = written(lowered(unit, notes), tmp_path)

    shown = run(folder, "-m", "kettle_timer", "start", "--help")
    undone = run(folder, "-m", "kettle_timer", "start", "--kind", "green")
    wrong = run(folder, "-m", "kettle_timer", "boil")

    assert shown.returncode == 0
    assert "--minutes" in shown.stdout
    assert undone.returncode == 3
    assert "R-" in undone.stderr
    assert wrong.returncode == 2


def test_every_definition_leads_to_a_note() -> None:
    unit, notes = poliv()

    files = lowered(unit, notes).code

    for file in files:
        assert file.segments, file.path
        for segment in file.segments:
            assert segment.origins or (segment.derived and segment.derived.leans_on), (file.path, segment.name)
            assert 1 <= segment.start_line <= segment.end_line <= file.text.count("\n")


def test_a_body_that_is_not_determined_names_its_requirement() -> None:
    unit, notes = kettle()

    done = lowered(unit, notes)

    need = unit.requirements[0]
    module = next(file for file in done.code if file.path.endswith("brewing.py"))
    assert f'"{need.id}: {need.text}"' in module.text


def test_verbatim_code_is_taken_over_as_it_is() -> None:
    unit, notes = kettle()
    text = '"""Bell."""\n\n\ndef ring(times: int) -> str:\n    """Ring."""\n    return "ding " * times\n'
    data = '{"a": 1}'
    given = tuple(
        Verbatim(path, language, body, unit.summary_origins[0])
        for path, language, body in (("bell.py", "python", text), ("data/sample.json", "json", data))
    )

    done = lowered(replace(unit, verbatim=given), notes)

    by_path = {file.path: file for file in done.code}
    assert by_path["kettle_timer/bell.py"].text == text
    assert by_path["data/sample.json"].text == data + "\n"
    assert by_path["kettle_timer/bell.py"].segments[0].kind is SegmentKind.VERBATIM


def _hostile() -> tuple[Unit, Notes]:
    unit, notes = kettle()
    quote = unit.summary_origins[0]
    nasty = 'a "quoted" \'word\' \\ {brace} %s """ end'
    record = Entity(
        "E-0c0001",
        EntityKind.RECORD,
        nasty,
        "class",
        (quote,),
        fields=(
            Field("import", "import", "str"),
            Field("x", "x", "evil(1)"),
            Field("y", "y", "list[Path]", is_required=False, default="__import__('os')"),
            Field("z", "z", "dict[str, str]", is_required=False, default="{}"),
            Field("self", "self", "timedelta | None", is_required=False),
        ),
    )
    states = Entity(
        "E-0c0002",
        EntityKind.STATES,
        "Состояние «x»",
        "состояние",
        (quote,),
        transitions=(
            Transition("не готов", "готов", 'нажал "пуск"', (quote,)),
            Transition("готов", "не готов", "", (quote,)),
            Transition("готов", "class", "", (quote,)),
        ),
    )
    constant = Constant("K-0c0001", nasty, "EVIL", "str", "__import__('os').system('true')", "", (quote,))
    need = replace(unit.requirements[0], id="R-0c0001", text=nasty + " must " + "long " * 80)
    return replace(
        unit,
        entities=(*unit.entities, record, states),
        constants=(*unit.constants, constant),
        requirements=(*unit.requirements, need),
        summary=nasty,
    ), notes


def test_words_of_notes_never_become_code(tmp_path: Path, types_seen: Path) -> None:
    unit, notes = _hostile()

    done = lowered(unit, notes)

    assert not any("system('true')" in file.text for file in done.code if file.path.endswith(".py"))
    assert not any("evil(1)" in file.text for file in done.code if file.path.endswith(".py"))
    folder = written(done, tmp_path)
    tests = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--disable-plugin-autoload")
    assert tests.returncode == 0, tests.stdout
    types = run(folder, "-m", "mypy", "--strict", f"--cache-dir={types_seen}", ".")
    assert types.returncode == 0, types.stdout


@pytest.mark.native
def test_the_box_agrees_with_a_run_by_hand() -> None:
    unit, notes = kettle()

    checks = {item.name: item for item in checked(lowered(unit, notes).code, "kettle_timer")}

    assert checks["parse"].status == "passed"
    assert checks["tests"].status in ("passed", "skipped")
    if checks["tests"].status == "passed":
        assert checks["tests"].passed > 0
        assert checks["tests"].xfailed > 0


@pytest.mark.native
def test_a_package_that_does_not_parse_or_fails_is_told_so() -> None:
    unit, notes = kettle()
    files = lowered(unit, notes).code
    broken = tuple(replace(file, text="def (") if file.path.endswith("brewing.py") else file for file in files)
    failing = tuple(replace(file, text=file.text.replace('"idle", "heating"', '"idle", "boiling"')) for file in files)

    parse = checked(broken, "kettle_timer")
    tests = {item.name: item for item in checked(failing, "kettle_timer")}

    assert [(item.name, item.status) for item in parse] == [("parse", "failed")]
    assert "brewing.py" in parse[0].detail
    if tests["tests"].status != "skipped":
        assert tests["tests"].status == "failed"
        assert tests["tests"].failed == 1
        assert "tests/test_model.py" in tests["tests"].detail
