"""The example vault: what was planted is found, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes import KeptInMemory

from vaultc.findings.run import analyse
from vaultc.vault.reader import VaultReader

if TYPE_CHECKING:
    from vaultc.findings.whole import Findings

ROOT = Path(__file__).resolve().parents[2]
TRUTH = ROOT / "tests" / "example" / "truth.jsonl"


@pytest.fixture(scope="module")
def found() -> Findings:
    return analyse(VaultReader(ROOT / "examples" / "vault"), KeptInMemory())


def rows(label: str) -> list[dict[str, Any]]:
    lines = TRUTH.read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["label"] == label]


def stated(found: Findings) -> list[set[tuple[str, str]]]:
    return [{(quote.span.path, quote.text) for quote in (item.a, item.b)} for item in found.contradictions]


def is_reported(row: dict[str, Any], pairs: list[set[tuple[str, str]]]) -> bool:
    return {(row[side]["file"], row[side]["text"]) for side in ("a", "b")} in pairs


def test_planted_contradictions_are_found(found: Findings) -> None:
    pairs = stated(found)

    hits = [row["id"] for row in rows("contradiction") if is_reported(row, pairs)]

    assert len(hits) >= 12


def test_no_look_alike_and_nothing_unplanted_is_reported(found: Findings) -> None:
    planted = [{(row[side]["file"], row[side]["text"]) for side in ("a", "b")} for row in rows("contradiction")]

    assert [pair for pair in stated(found) if pair not in planted] == []


def test_planted_missing_links_are_found(found: Findings) -> None:
    places = {(item.target, quote.span.path, quote.text) for item in found.links for quote in item.evidence}

    hits = [row for row in rows("missing_link") if (row["target"], row["a"]["file"], row["a"]["text"]) in places]

    assert len(hits) >= 7


def test_every_quotation_stands_in_its_note(found: Findings) -> None:
    reader = VaultReader(ROOT / "examples" / "vault")

    quotes = [quote for item in found.contradictions for quote in (item.a, item.b)]
    quotes += [quote for link in found.links for quote in link.evidence]

    assert all(reader.read(quote.span.path).source.slice(quote.span) == quote.text for quote in quotes)
