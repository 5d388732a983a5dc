"""Text of notes, paths and models is shown on a terminal, never obeyed by it."""

from __future__ import annotations

import ast
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultc.cli import render
from vaultc.cli.github import _data, _property
from vaultc.cli.render import SafeConsole, json_text, plain

OBEYED = {chr(number) for number in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
HOSTILE = "a\x1b[31mb\x9b2Jc\u202ed\x7f\u2066"


def test_a_console_shows_what_would_move_it_and_keeps_its_own_colours() -> None:
    file = io.StringIO()
    console = SafeConsole(file=file, force_terminal=True, soft_wrap=True, highlight=False)

    console.print(HOSTILE, style="bold", markup=False)

    assert file.getvalue() == "\x1b[1ma\\x1b[31mb\\x9b2Jc\\u202ed\\x7f\\u2066\x1b[0m\n"


@given(st.text(st.characters() | st.sampled_from(["\udc80", "\udcff"])))  # as file names that are no UTF-8 have
def test_json_for_a_terminal_says_the_same_and_holds_nothing_that_it_obeys(text: str) -> None:
    written = json_text({"text": text})

    assert not set(written) & OBEYED
    assert json.loads(written)["text"].encode("utf-8", "surrogatepass") == text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("escape", [_data, _property])
@given(text=st.text())
def test_a_workflow_command_is_one_line_whatever_a_note_holds(escape: object, text: str) -> None:
    assert callable(escape)
    written = escape(plain(text, keeps_lines=True))

    assert written.isprintable()
    if escape is _property:
        assert not set(written) & set(":,")


def test_results_are_printed_by_one_function_that_shows_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    render.say(HOSTILE)

    assert capsys.readouterr().out == "a\\x1b[31mb\\x9b2Jc\\u202ed\\x7f\\u2066\n"


def test_no_command_prints_past_it() -> None:
    folder = Path(render.__file__).parent
    found = []
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
            name = ast.unparse(node.func) if is_call and isinstance(node, ast.Call) else ""
            if name in {"typer.echo", "typer.secho", "print", "sys.stdout.write"} and path.name != "render.py":
                found.append(f"{path.name}: {name}")

    assert found == ["app.py: typer.echo"]  # the version
