"""Commands of the person's program: wherever a line of usage stands, and no line of another program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from compiler.extract.reading import region

from vaultc.compiler.extract.usage import find_usage

if TYPE_CHECKING:
    from vaultc.compiler.unit import Interface


def found(text: str, *names: str) -> dict[str, Interface]:
    """Give the commands of a note by name."""
    return {command.name: command for command in find_usage([region(text)], names or ("Book shelf", "book"))}


def params(command: Interface) -> list[tuple[str, str, bool]]:
    """Give name, type and need of each parameter."""
    return [(param.name, param.type, param.is_required) for param in command.params]


def test_a_usage_line_is_a_command_with_parameters() -> None:
    text = """`book add "Title" [--author NAME] [--pages N] --shelf a|b [--dry-run]`\n"""

    command = found(text)["book add"]

    assert params(command) == [
        ("Title", "str", True),
        ("--author", "str", False),
        ("--pages", "int", False),
        ("--shelf", "str", True),
        ("--dry-run", "bool", False),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Say `book lend TITLE [--to WHOM]` and it is written down.",
        "- `book lend TITLE [--to WHOM]` — lends it",
        "## `book lend TITLE [--to WHOM]`",
        "| command | does |\n|---|---|\n| book lend TITLE [--to WHOM] | lends it |",
        "```\n$ book lend TITLE [--to WHOM]   # lends it\nlent\n```",
        "```text\nusage: book lend TITLE [--to WHOM]\n```",
        "```sh\npython -m book lend TITLE [--to WHOM]\n```",
        "First `pip install book`, then `book lend TITLE [--to WHOM]`, and `git push --force`.",
    ],
)
def test_a_usage_line_is_read_wherever_it_stands(text: str) -> None:
    commands = found(f"# Book shelf\n\n{text}\n")

    assert list(commands) == ["book lend"]
    assert params(commands["book lend"]) == [("TITLE", "str", True), ("--to", "str", False)]


def test_under_a_heading_of_commands_the_program_may_be_left_out() -> None:
    commands = found("# Lamp\n\n## Commands\n\n- `dim PERCENT` dims it\n- `off`\n", "Lamp")

    assert set(commands) == {"lamp dim", "lamp off"}


def test_the_words_of_a_command_may_be_russian() -> None:
    commands = found("Запуск: `polka ПАПКА [--тихо]`, и всё.\n", "Полка")

    assert params(commands["polka"]) == [("ПАПКА", "Path", True), ("--тихо", "bool", False)]


@pytest.mark.parametrize(
    "code",
    [
        "git push --force",
        "pip install -r FILE",
        "SELECT title FROM books",
        "lend(title, to)",
        "src/book/lend.py",
        "x = 1",
    ],
)
def test_what_is_no_call_of_the_program_is_no_command(code: str) -> None:
    assert found(f"See `{code}` for it.\n") == {}


def test_the_program_that_bears_the_name_wins_over_others() -> None:
    text = "Like `fetch URL [--fast]` and `fetch all URL`, but `book add TITLE` only.\n"

    assert list(found(text)) == ["book add"]


def test_what_may_be_repeated_is_a_list_and_alternatives_are_commands_of_their_own() -> None:
    commands = found("`book drop TITLE...` and `book open|close` and `book list [--csv | --json]`\n")

    assert params(commands["book drop"]) == [("TITLE", "list[str]", True)]
    assert params(commands["book list"]) == [("--csv", "bool", False), ("--json", "bool", False)]
    assert {"book open", "book close"} <= set(commands)


def test_what_a_line_says_of_a_command_is_its_summary() -> None:
    commands = found("- `book add TITLE` puts a book on the shelf. Quickly.\n")

    assert commands["book add"].summary == "puts a book on the shelf"
