"""The requirements of each idea, by line, against a person's own reading of the notes.

`requirements.jsonl` labels lines: `explicit` (a modal word says so), `implicit` (a bare statement of what the
program does, or a task), `either` (two readers may differ: goals, data, notes that are linked as a whole) and
`none`. `modality` is null where no word of the line tells.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.tool import EXAMPLE_VAULT, IDEAS, misplaced, text_of

if TYPE_CHECKING:
    from acceptance.conftest import Workspace

LABELS = Path(__file__).with_name("requirements.jsonl")
FLOOR = 0.9
NEAR = 0.06
"""Of one language to the other: less than two or three of the labelled lines."""
Line = tuple[str, int]


@dataclass(frozen=True, repr=False)
class Reading:
    """What was labelled and what was found for one idea, by line."""

    labels: list[dict[str, Any]]
    ir: dict[str, Any]

    def lines(self, *labels: str) -> set[Line]:
        """Give the lines with one of `labels`."""
        return {(row["path"], row["line"]) for row in self.labels if row["label"] in labels}

    def found(self) -> dict[Line, set[str]]:
        """Give the lines on which requirements were found, with their modalities."""
        found: dict[Line, set[str]] = {}
        for item in self.ir["requirements"]:
            for place in item["origins"]:
                found.setdefault((place["path"], place["line"]), set()).add(item["modality"])
        return found

    def missed(self) -> set[Line]:
        """Give the labelled lines that were not found."""
        return self.lines("explicit", "implicit") - set(self.found())

    def recall(self) -> float:
        """Give the share of the labelled lines that were found."""
        return 1 - len(self.missed()) / len(self.lines("explicit", "implicit"))

    def wrong(self) -> set[Line]:
        """Give the lines that were found and say nothing that the product must do."""
        return set(self.found()) - self.lines("explicit", "implicit", "either")

    def precision(self) -> float:
        """Give the share of the found lines that are requirements."""
        return 1 - len(self.wrong()) / len(self.found())


def labels() -> list[dict[str, Any]]:
    return [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def readings(indexed: Workspace) -> dict[str, Reading]:
    found = {}
    for name, idea in IDEAS.items():
        done = indexed.tool("compile", idea, "--until", "extract", "--show-ir", "--json", "--vault", indexed.vault)
        assert done.code == 0, done.err
        assert done.json["writes"] == []
        assert misplaced(done.json, indexed.vault) == []
        found[name] = Reading([row for row in labels() if row["idea"] == idea], done.json["ir"])
    return found


def test_the_labels_name_lines_that_say_something() -> None:
    rows = labels()
    keys = [(row["idea"], row["path"], row["line"], row["modality"]) for row in rows]

    assert len(set(keys)) == len(keys)
    assert {row["idea"] for row in rows} == set(IDEAS.values())
    for row in rows:
        line = text_of(EXAMPLE_VAULT / row["path"]).split("\n")[row["line"] - 1]
        assert line.strip(), row
        assert row["label"] in {"explicit", "implicit", "either", "none"}
        assert row["modality"] in {None, "must", "should", "may", "must_not", "should_not"}


@pytest.mark.parametrize("idea", IDEAS)
def test_nearly_every_requirement_of_an_idea_is_found(readings: dict[str, Reading], idea: str) -> None:
    reading = readings[idea]

    assert reading.recall() >= FLOOR, sorted(reading.missed())


@pytest.mark.parametrize("idea", IDEAS)
def test_nearly_everything_found_is_a_requirement(readings: dict[str, Reading], idea: str) -> None:
    reading = readings[idea]

    assert reading.precision() >= FLOOR, sorted(reading.wrong())


@pytest.mark.parametrize("idea", IDEAS)
def test_what_is_plainly_no_requirement_is_not_taken_for_one(readings: dict[str, Reading], idea: str) -> None:
    reading = readings[idea]

    assert set(reading.found()) & reading.lines("none") == set()


@pytest.mark.parametrize("idea", IDEAS)
def test_a_modal_word_is_understood(readings: dict[str, Reading], idea: str) -> None:
    found = readings[idea].found()
    rows = [row for row in readings[idea].labels if row["modality"] and (row["path"], row["line"]) in found]

    wrong = [row for row in rows if row["modality"] not in found[row["path"], row["line"]]]

    assert rows
    assert wrong == []


def test_russian_is_read_as_well_as_english(readings: dict[str, Reading]) -> None:
    english, russian = readings["tide"], readings["poliv"]

    assert abs(russian.recall() - english.recall()) <= NEAR
    assert abs(russian.precision() - english.precision()) <= NEAR
