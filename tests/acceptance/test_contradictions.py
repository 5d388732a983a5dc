"""What was planted in the example vault is found, and nothing beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.tool import EXAMPLE_VAULT, ROOT, misplaced, text_of

if TYPE_CHECKING:
    from acceptance.conftest import Workspace

TRUTH = ROOT / "tests" / "example" / "truth.jsonl"


def planted(label: str) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in TRUTH.read_text("utf-8").splitlines()]
    return [row for row in rows if row["label"] == label]


def stands_at(side: dict[str, str], place: dict[str, Any]) -> bool:
    """Tell whether `place` lies on the words that `side` labels."""
    if place["path"] != side["file"]:
        return False
    start = text_of(EXAMPLE_VAULT / side["file"]).index(side["text"])
    return bool(place["start"] < start + len(side["text"]) and start < place["end"])


def is_row(row: dict[str, Any], finding: dict[str, Any]) -> bool:
    """Tell whether the finding is the pair of the row, in either order."""
    a, b = finding["a"], finding["b"]
    return (stands_at(row["a"], a) and stands_at(row["b"], b)) or (stands_at(row["a"], b) and stands_at(row["b"], a))


@pytest.fixture(scope="module")
def contradictions(indexed: Workspace) -> list[dict[str, Any]]:
    done = indexed.tool("findings", "contradictions", "--vault", indexed.vault, "--json")
    assert done.code == 0, done.err
    assert misplaced(done.json, indexed.vault) == []
    return list(done.json["findings"])


@pytest.fixture(scope="module")
def missing_links(indexed: Workspace) -> list[dict[str, Any]]:
    done = indexed.tool("findings", "links", "--vault", indexed.vault, "--json")
    assert done.code == 0, done.err
    assert misplaced(done.json, indexed.vault) == []
    return list(done.json["findings"])


def test_at_least_twelve_of_the_planted_contradictions_are_found(contradictions: list[dict[str, Any]]) -> None:
    found = [row for row in planted("contradiction") if any(is_row(row, item) for item in contradictions)]

    assert len(found) >= 12
    assert sum(row["lang"] == "ru" for row in found) >= 3
    assert sum(row["lang"] == "ru-en" for row in found) >= 1
    assert {"number", "date", "status", "negation", "modality"} <= {row["type"] for row in found}


@pytest.mark.parametrize("row", planted("lookalike"), ids=lambda row: f"{row['id']}-{row['type']}")
def test_a_pair_that_only_looks_like_a_contradiction_is_let_be(
    contradictions: list[dict[str, Any]], row: dict[str, Any]
) -> None:
    assert not [item for item in contradictions if is_row(row, item)]


def test_nothing_that_was_not_planted_is_reported(contradictions: list[dict[str, Any]]) -> None:
    rows = planted("contradiction")

    unplanted = [item for item in contradictions if not any(is_row(row, item) for row in rows)]

    assert [(item["a"]["text"], item["b"]["text"]) for item in unplanted] == []


def test_no_pair_is_reported_twice(contradictions: list[dict[str, Any]]) -> None:
    pairs = [frozenset(((i["a"]["path"], i["a"]["start"]), (i["b"]["path"], i["b"]["start"]))) for i in contradictions]

    assert len(set(pairs)) == len(pairs)


def test_at_least_six_of_the_planted_missing_links_are_found(missing_links: list[dict[str, Any]]) -> None:
    found = [
        row
        for row in planted("missing_link")
        if any(stands_at(row["a"], item["a"]) and item["target"] == row["target"] for item in missing_links)
    ]

    assert len(found) >= 6
    assert any(row["lang"] == "ru" for row in found)


@pytest.mark.parametrize("question", ["find contradictions", "найди противоречия"])
def test_asking_gives_the_same_pairs_as_the_analysis(
    indexed: Workspace, contradictions: list[dict[str, Any]], question: str
) -> None:
    asked = indexed.tool("ask", question, "--vault", indexed.vault, "--json")

    assert asked.code == 0, asked.err
    assert [item["id"] for item in asked.json["findings"]] == [item["id"] for item in contradictions]


@pytest.mark.parametrize("question", ["find missing links", "найди недостающие ссылки"])
def test_asking_for_missing_links_is_the_same_analysis_too(
    indexed: Workspace, missing_links: list[dict[str, Any]], question: str
) -> None:
    asked = indexed.tool("ask", question, "--vault", indexed.vault, "--json")

    assert asked.code == 0, asked.err
    assert [item["id"] for item in asked.json["findings"]] == [item["id"] for item in missing_links]
