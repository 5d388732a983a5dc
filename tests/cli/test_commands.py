"""Each command on the example vault, for a person and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cli.conftest import tree_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Done


def assert_places_stand(document: Any, vault: Path) -> int:
    """Check that every place in `document` slices to its text; give how many there were."""
    count = 0
    if isinstance(document, dict):
        if {"path", "start", "end", "text"} <= document.keys():
            text = (vault / document["path"]).read_bytes().decode("utf-8")
            assert text[document["start"] : document["end"]] == document["text"]
            assert text[: document["start"]].count("\n") + 1 == document["line"]
            return 1
        count += sum(assert_places_stand(value, vault) for value in document.values())
    elif isinstance(document, list):
        count += sum(assert_places_stand(value, vault) for value in document)
    return count


@pytest.mark.native
def test_a_second_index_reads_no_note(run: Callable[..., Done], vault: Path) -> None:
    first = run("index", vault, "--json").json["stats"]
    second = run("index", vault, "--json").json["stats"]

    assert first["added"] == first["notes"] >= 30
    assert second["unchanged"] == first["notes"]
    assert (second["added"], second["modified"], second["embedded"]) == (0, 0, 0)


@pytest.mark.native
def test_reading_commands_change_no_byte_of_the_vault(run: Callable[..., Done], vault: Path) -> None:
    before = tree_digest(vault)

    run("index", vault)
    run("ask", "find contradictions", "--vault", vault)
    run("ask", "how much power does the pump draw?", "--vault", vault)
    run("search", "насос", "--vault", vault)
    run("check", "--vault", vault)
    run("trace", "Ideas/Tide clock.md:12", "--vault", vault)

    assert tree_digest(vault) == before


def test_search_finds_inflected_russian_words(run: Callable[..., Done], indexed: Path) -> None:
    done = run("search", "датчиками влажности", "--vault", indexed, "--json")

    assert done.code == 0
    assert "Датчики влажности" in done.json["passages"][0]["note"]
    assert assert_places_stand(done.json, indexed) == len(done.json["passages"])


@pytest.mark.native
def test_the_vault_indexed_last_is_the_one_that_is_meant(run: Callable[..., Done], vault: Path) -> None:
    run("index", vault)

    done = run("search", "pump")

    assert done.code == 0
    assert done.out.strip()


def test_ask_without_a_model_extracts_with_citations(run: Callable[..., Done], indexed: Path) -> None:
    done = run("ask", "На какой высоте закрывается дамба?", "--vault", indexed, "--json").json

    assert done["model"] is None
    assert all(sentence["citations"] for sentence in done["sentences"] if sentence["supported"])
    assert_places_stand(done, indexed)


@pytest.mark.parametrize("question", ["find contradictions", "найди противоречия"])
def test_contradictions_are_an_analysis_of_the_whole_vault(
    run: Callable[..., Done], indexed: Path, question: str
) -> None:
    done = run("ask", question, "--vault", indexed, "--json")

    assert done.code == 0
    assert done.json["intent"] == "contradictions"
    assert len(done.json["findings"]) >= 8
    assert_places_stand(done.json, indexed)


def test_findings_and_check_tell_the_same_contradictions(run: Callable[..., Done], indexed: Path) -> None:
    findings = run("findings", "contradictions", "--vault", indexed, "--json").json["findings"]
    diagnostics = run("check", "--vault", indexed, "--json").json["diagnostics"]

    checked = sum(1 for item in diagnostics if item["code"] == "V502")
    assert checked == len(findings)


def test_check_prints_the_planted_broken_link(run: Callable[..., Done], indexed: Path) -> None:
    done = run("check", "--vault", indexed, "--format", "concise")

    assert "V101" in done.out


def test_links_tells_what_a_link_names_and_what_links_back(run: Callable[..., Done], indexed: Path) -> None:
    done = run("links", "Tide clock", "--vault", indexed, "--json").json

    names = {row["resolved"]["path"] for row in done["links"] if row["resolved"]}
    assert "Reference/Harmonic tides.md" in names
    assert done["backlinks"]
    assert_places_stand(done, indexed)


def test_status_doctor_and_settings_answer_as_json(run: Callable[..., Done], indexed: Path) -> None:
    assert run("status", "--vault", indexed, "--json").json["notes"] >= 30
    assert run("doctor", "--vault", indexed, "--json").json["checks"]
    assert run("config", "show", "--vault", indexed, "--json").json["settings"]
    assert "models" in run("model", "list", "--vault", indexed, "--json").json
