"""Doing it again costs nothing and changes nothing; looking changes nothing ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acceptance.tool import IDEAS, Compiled, files_of, stamps_of

import vaultc.index.reading
from vaultc.vault.kinds import parse_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import pytest
    from acceptance.conftest import Workspace
    from cli.conftest import Done


def test_a_second_compile_calls_no_model_and_writes_nothing(compiled: Compiled, indexed: Workspace) -> None:
    units = compiled.vault / ".vaultc" / "units"
    before = (files_of(compiled.vault), files_of(compiled.out), files_of(units))
    stamps = (stamps_of(compiled.vault), stamps_of(compiled.out), stamps_of(units))

    again = indexed.tool("compile", compiled.idea, "--out", compiled.out, "--vault", compiled.vault, "--json")

    assert again.code == 0, again.err
    assert again.json["model_calls"] == 0
    assert {write["action"] for write in again.json["writes"]} == {"unchanged"}
    assert len(again.json["writes"]) == len(compiled.report["writes"])
    assert again.json["requirements"] == compiled.report["requirements"]
    assert (files_of(compiled.vault), files_of(compiled.out), files_of(units)) == before
    assert (stamps_of(compiled.vault), stamps_of(compiled.out), stamps_of(units)) == stamps


def test_a_second_compile_runs_no_pass_again(compiled: Compiled, indexed: Workspace) -> None:
    indexed.tool("compile", compiled.idea, "--out", compiled.out, "--vault", compiled.vault)

    again = indexed.tool("compile", compiled.idea, "--out", compiled.out, "--vault", compiled.vault, "--json").json

    assert {item["name"] for item in again["passes"] if item["ran"]} <= {"gather"}


def test_a_second_compile_tells_a_person_that_there_was_nothing_to_do(compiled: Compiled, indexed: Workspace) -> None:
    again = indexed.tool("compile", compiled.idea, "--out", compiled.out, "--vault", compiled.vault)

    assert "nothing to write" in again.out
    assert "created" not in again.out


def test_two_compiles_from_nothing_give_the_same_bytes(compiled_all: dict[str, Compiled], fresh: Workspace) -> None:
    unit = compiled_all["poliv"]
    fresh.tool("index", fresh.vault)
    for name, idea in IDEAS.items():
        options = ("--no-run-tests",) if name != "poliv" else ()
        done = fresh.tool("compile", idea, "--out", fresh.tool.cwd / name, "--vault", fresh.vault, *options)
        assert done.code == 0, done.err

    assert files_of(fresh.tool.cwd / "poliv") == files_of(unit.out)
    assert files_of(fresh.vault) == files_of(unit.vault)


def test_a_second_index_parses_no_note(
    run: Callable[..., Done], fresh: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def counted(source: Any) -> Any:
        parsed.append(source.path)
        return parse_file(source)

    monkeypatch.setattr(vaultc.index.reading, "parse_file", counted)
    first = run("index", fresh.vault, "--json").json["stats"]
    parsed_first = len(parsed)
    parsed.clear()

    second = run("index", fresh.vault, "--json").json["stats"]

    assert parsed_first == first["notes"] >= 30
    assert parsed == []
    assert second["unchanged"] == first["notes"]
    assert (second["added"], second["modified"], second["embedded"]) == (0, 0, 0)


def test_a_changed_note_alone_is_parsed_again(
    run: Callable[..., Done], fresh: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("index", fresh.vault)
    parsed: list[str] = []

    def counted(source: Any) -> Any:
        parsed.append(source.path)
        return parse_file(source)

    monkeypatch.setattr(vaultc.index.reading, "parse_file", counted)
    note = fresh.vault / "Home.md"
    note.write_bytes(note.read_bytes() + "\nЕщё одна строка.\n".encode())

    stats = run("index", fresh.vault, "--json").json["stats"]

    assert parsed == ["Home.md"]
    assert (stats["modified"], stats["added"], stats["removed"]) == (1, 0, 0)


LOOKING: tuple[tuple[str, ...], ...] = (
    ("index", "{vault}"),
    ("index", "{vault}", "--verify"),
    ("index", "{vault}", "--rebuild"),
    ("ask", "find contradictions"),
    ("ask", "missing links"),
    ("ask", "how much power does the pump draw?"),
    ("search", "датчики влажности"),
    ("search", "tide", "--lexical", "-n", "3"),
    ("trace", "Ideas/Tide clock.md:33"),
    ("check",),
    ("links",),
    ("links", "Tide clock"),
    ("findings", "contradictions"),
    ("findings", "links"),
    ("status",),
    ("doctor",),
    ("config", "show"),
    ("model", "list"),
    ("compile", "Tide clock", "--until", "extract", "--show-ir"),
    ("compile", "Tide clock", "--dry-run", "--no-run-tests"),
)


def test_looking_changes_no_byte_of_the_vault(run: Callable[..., Done], copied: Workspace) -> None:
    vault, beside = copied.vault, set(copied.tool.cwd.iterdir())
    before = (files_of(vault), stamps_of(vault))

    for command in LOOKING:
        words = [word.format(vault=vault) for word in command]
        options = [] if command[0] == "index" else ["--vault", vault]
        done = run(*words, *options)
        assert done.code in {0, 1}, (command, done.err)
        assert (files_of(vault), stamps_of(vault)) == before, command

    assert set(copied.tool.cwd.iterdir()) == beside
