"""Answers of a strong model to every call of the kettle's compile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultc.compiler.unit import Unit

PATH = "Ideas/Kettle timer.md"


def ids(unit: Unit) -> dict[str, str]:
    """Give the ids of the kettle's requirements by a short name."""
    words = {
        "ready": "ready time of a brew",
        "lid": "lid is open",
        "temp": "temperature of a brew",
        "pause": "pause",
        "net": "network",
        "left": "minutes left",
        "start": "`kettle start`",
    }
    return {name: next(r.id for r in unit.requirements if part in r.text) for name, part in words.items()}


def design(unit: Unit) -> str:
    """Give a good design."""
    r = ids(unit)
    value = {
        "components": [
            {
                "name": "Timing",
                "code_name": "timing",
                "duty": "Computes when a brew is ready and what is left.",
                "serves": [r["ready"], r["lid"], r["left"], r["net"]],
                "uses": ["model", "limits"],
                "quotes": [{"path": PATH, "text": "The timer must compute the ready time"}],
            },
            {
                "name": "Model",
                "code_name": "model",
                "duty": "Holds the brew and the states of the kettle.",
                "serves": [r["temp"]],
                "uses": [],
                "holds": ["Brew", "TeaKind", "KettleState"],
                "derived": "The brew needs one home.",
            },
            {
                "name": "Limits",
                "code_name": "limits",
                "duty": "Holds constants and the check of a pause.",
                "serves": [r["pause"]],
                "uses": [],
                "holds": ["DEFAULT_MINUTES"],
            },
            {
                "name": "Command line",
                "code_name": "cli",
                "duty": "Runs kettle start.",
                "serves": [r["start"]],
                "uses": ["timing", "model", "limits"],
            },
        ],
        "interfaces": [
            {
                "component": "timing",
                "code_name": "ready_time",
                "signature": "(start: datetime, minutes: int) -> datetime",
                "summary": "Gives the time when the tea is ready.",
                "serves": [r["ready"]],
            },
            {
                "component": "timing",
                "code_name": "may_run",
                "signature": "(lid_open: bool) -> bool",
                "summary": "Tells whether the timer runs: not while the lid is open.",
                "serves": [r["lid"]],
            },
            {
                "component": "timing",
                "code_name": "format_minutes",
                "signature": "(value: int) -> str",
                "summary": "Gives minutes with two digits.",
                "serves": [r["left"]],
            },
            {
                "component": "limits",
                "code_name": "check_pause",
                "signature": "(minutes: float) -> None",
                "summary": "Refuses a pause of more than 15 min.",
                "serves": [r["pause"]],
            },
            {
                "component": "cli",
                "code_name": "run_start",
                "signature": "(kind: str, minutes: int | None = None) -> int",
                "summary": "Prints the ready time.",
                "serves": [r["start"]],
                "kind": "command",
                "command": "kettle start",
            },
        ],
        "decisions": [
            {
                "title": "Whole minutes",
                "chosen": "minutes are whole numbers",
                "alternatives": ["seconds"],
                "reason": "the notes speak of minutes with two digits",
                "quotes": [{"path": PATH, "text": "should show the minutes left"}],
                "derived": "Two digits leave no room for parts of a minute.",
            }
        ],
    }
    return json.dumps(value)


def steps(unit: Unit, operation: str, need: str) -> str:
    """Give pseudocode for one operation."""
    found = [
        {"text": "Refuse minutes below zero.", "depth": 0, "serves": [ids(unit)[need]]},
        {"text": "Give the result.", "depth": 0},
    ]
    return json.dumps({"procedures": [{"operation": operation, "steps": found}]})


def fenced(code: str) -> str:
    """Give code as a model answers it."""
    return f"Here is the file.\n\n```python\n{code.strip()}\n```\n"


def timing(unit: Unit, interfaces: dict[str, str]) -> str:
    """Give the module `timing`."""
    r = ids(unit)
    return f'''
"""Timing: when the tea is ready."""

from __future__ import annotations

from datetime import datetime, timedelta


def ready_time(start: datetime, minutes: int) -> datetime:
    """Give the time when the tea is ready.

    Implements: {r["ready"]}, {interfaces["ready_time"]}
    """
    return start + timedelta(minutes=_whole(minutes))


def may_run(lid_open: bool) -> bool:
    """Tell whether the timer runs.

    Implements: {r["lid"]}, {interfaces["may_run"]}
    """
    return not lid_open


def format_minutes(value: int) -> str:
    """Give minutes with two digits.

    Implements: {r["left"]}, {interfaces["format_minutes"]}
    """
    return f"{{value:02d}}"


def _whole(minutes: int) -> int:
    """Refuse minutes below zero."""
    if minutes < 0:
        raise ValueError(f"minutes must be >= 0, got {{minutes}}")
    return minutes
'''


def timing_tests(unit: Unit) -> str:
    """Give the tests of `timing`."""
    r = ids(unit)
    return f'''
"""Tests of timing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kettle_timer.timing import format_minutes, may_run, ready_time


def test_tea_is_ready_after_its_minutes() -> None:
    """{r["ready"]}: start plus minutes."""
    start = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    assert ready_time(start, 3) == datetime(2026, 1, 1, 12, 3, tzinfo=UTC)


def test_minutes_below_zero_are_refused() -> None:
    """{r["ready"]}."""
    with pytest.raises(ValueError, match="minutes"):
        ready_time(datetime(2026, 1, 1, tzinfo=UTC), -1)


def test_an_open_lid_stops_the_timer() -> None:
    """{r["lid"]}."""
    assert not may_run(True)
    assert may_run(False)


def test_minutes_have_two_digits() -> None:
    """{r["left"]}."""
    assert format_minutes(3) == "03"
'''


def limits(unit: Unit, interfaces: dict[str, str]) -> str:
    """Give the module `limits`."""
    return f'''
"""Limits and constants."""

from __future__ import annotations

from typing import Final

DEFAULT_MINUTES: Final[int] = 3


def check_pause(minutes: float) -> None:
    """Refuse a pause of more than 15 min.

    Implements: {ids(unit)["pause"]}, {interfaces["check_pause"]}
    """
    if not minutes <= 15:
        raise ValueError(f"pause must be <= 15 min, got {{minutes}}")
'''


def limits_tests(unit: Unit) -> str:
    """Give the tests of `limits`."""
    return f'''
"""Tests of limits."""

from __future__ import annotations

import pytest

from kettle_timer.limits import DEFAULT_MINUTES, check_pause


@pytest.mark.parametrize("minutes", [0.0, 15.0])
def test_a_pause_of_at_most_15_minutes_is_allowed(minutes: float) -> None:
    """{ids(unit)["pause"]}."""
    check_pause(minutes)
    assert DEFAULT_MINUTES == 3


def test_a_longer_pause_is_refused() -> None:
    """{ids(unit)["pause"]}."""
    with pytest.raises(ValueError, match="pause"):
        check_pause(15.1)
'''


def cli(unit: Unit, interfaces: dict[str, str]) -> str:
    """Give the module `cli`."""
    return f'''
"""Command line."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from kettle_timer.limits import DEFAULT_MINUTES
from kettle_timer.model import TeaKind
from kettle_timer.timing import ready_time


def main(argv: list[str] | None = None) -> int:
    """Run the command line.

    Implements: {interfaces["main"]}
    """
    parser = argparse.ArgumentParser(prog="kettle")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start")
    start.add_argument("--kind", required=True)
    start.add_argument("--minutes", type=int)
    args = parser.parse_args(argv)
    return run_start(args.kind, args.minutes)


def run_start(kind: str, minutes: int | None = None) -> int:
    """Print the ready time.

    Implements: {ids(unit)["start"]}, {interfaces["run_start"]}
    """
    tea = TeaKind(kind)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    ready = ready_time(now, DEFAULT_MINUTES if minutes is None else minutes)
    print(f"{{tea.value}}: {{ready:%H:%M}}")
    return 0
'''


def cli_tests(unit: Unit) -> str:
    """Give the tests of `cli`."""
    return f'''
"""Tests of the command line."""

from __future__ import annotations

import pytest

from kettle_timer.cli import main


def test_start_prints_the_ready_time(capsys: pytest.CaptureFixture[str]) -> None:
    """{ids(unit)["start"]}."""
    assert main(["start", "--kind", "green"]) == 0
    assert capsys.readouterr().out.startswith("green: ")


def test_a_command_is_needed() -> None:
    """{ids(unit)["start"]}."""
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
'''


def model(unit: Unit, interfaces: dict[str, str]) -> str:
    """Give the module `model`."""
    return f'''
"""Data model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TeaKind(StrEnum):
    """Kinds of tea."""

    GREEN = "green"
    BLACK = "black tea"


class KettleState(StrEnum):
    """What the kettle does."""

    IDLE = "idle"
    HEATING = "heating"


@dataclass(frozen=True, slots=True)
class Brew:
    """A brew.

    Implements: {ids(unit)["temp"]}
    """

    name: str
    temperature: float
    steeped: datetime | None = None
    kind: TeaKind | None = None

    def __post_init__(self) -> None:
        if not 60 <= self.temperature <= 100:
            raise ValueError(f"temperature must be 60 to 100, got {{self.temperature}}")
'''


def model_tests(unit: Unit) -> str:
    """Give the tests of `model`."""
    return f'''
"""Tests of the data model."""

from __future__ import annotations

import pytest

from kettle_timer.model import Brew


@pytest.mark.parametrize("temperature", [60.0, 100.0])
def test_temperatures_up_to_the_bounds(temperature: float) -> None:
    """{ids(unit)["temp"]}."""
    assert Brew("x", temperature).temperature == temperature


@pytest.mark.parametrize("temperature", [59.9, 100.1])
def test_temperatures_beyond_the_bounds(temperature: float) -> None:
    """{ids(unit)["temp"]}."""
    with pytest.raises(ValueError, match="temperature"):
        Brew("x", temperature)
'''


def everything(unit: Unit, designed: Unit) -> dict[str, str]:
    """Give the answers to all calls; `designed` is the unit after the design pass with this design."""
    names = {item.code_name: item.id for item in designed.interfaces}
    return {
        "design/kettle_timer": design(unit),
        "pseudocode/timing": steps(unit, "ready_time", "ready"),
        "pseudocode/limits": steps(unit, "check_pause", "pause"),
        "pseudocode/cli": steps(unit, "run_start", "start"),
        "pseudocode/model": json.dumps({"procedures": []}),
        "code/kettle_timer/timing.py": fenced(timing(unit, names)),
        "code/kettle_timer/limits.py": fenced(limits(unit, names)),
        "code/kettle_timer/cli.py": fenced(cli(unit, names)),
        "code/kettle_timer/model.py": fenced(model(unit, names)),
        "tests/tests/test_timing.py": fenced(timing_tests(unit)),
        "tests/tests/test_limits.py": fenced(limits_tests(unit)),
        "tests/tests/test_cli.py": fenced(cli_tests(unit)),
        "tests/tests/test_model.py": fenced(model_tests(unit)),
    }
