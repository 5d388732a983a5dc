"""The labels of the example vault say what really stands in its notes."""

from __future__ import annotations

import json
import math
import re
import struct
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
VAULT = ROOT / "examples" / "vault"
TRUTH = Path(__file__).with_name("truth.jsonl")
NOTE_KINDS = {".md", ".idea", ".pseudo"}


def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in TRUTH.read_text(encoding="utf-8").splitlines()]


def labelled(label: str) -> list[dict[str, Any]]:
    return [row for row in rows() if row["label"] == label]


def places() -> list[tuple[str, str, str]]:
    return [(row["id"], row[side]["file"], row[side]["text"]) for row in rows() for side in ("a", "b") if side in row]


def notes() -> list[Path]:
    return sorted(path for path in VAULT.rglob("*") if path.suffix in NOTE_KINDS)


@pytest.mark.parametrize(("row", "file", "text"), places())
def test_a_labelled_sentence_stands_exactly_once_in_its_note(row: str, file: str, text: str) -> None:
    note = (VAULT / file).read_bytes().decode("utf-8")

    assert note.count(text) == 1, f"{row}: {file}"


def test_ids_are_unique_and_rows_are_whole() -> None:
    ids = Counter(row["id"] for row in rows())

    assert set(ids.values()) == {1}
    for row in rows():
        assert row["lang"] in {"ru", "en", "ru-en"}
        assert set(row) - {"b", "target"} == {"id", "label", "type", "lang", "a"}
        assert ("target" in row) == (row["label"] == "missing_link")
        assert ("b" in row) == (row["label"] != "missing_link")


def test_both_sides_stand_in_different_notes() -> None:
    for row in rows():
        other = row["b"]["file"] if "b" in row else row["target"]

        assert row["a"]["file"] != other, row["id"]


def test_there_are_enough_of_each_kind() -> None:
    contradictions, lookalikes = labelled("contradiction"), labelled("lookalike")
    languages = Counter(row["lang"] for row in contradictions)

    assert len(contradictions) >= 14
    assert languages["ru"] >= 4
    assert languages["ru-en"] >= 2
    assert len(lookalikes) >= 14
    assert len(labelled("missing_link")) >= 6
    assert {"number", "date", "status", "negation", "modality"} <= {row["type"] for row in contradictions}
    assert {"equal_units", "superseded", "quoted", "question", "scope"} <= {row["type"] for row in lookalikes}


def test_a_missing_link_names_a_note_that_its_note_does_not_link() -> None:
    for row in labelled("missing_link"):
        target = VAULT / row["target"]
        linked = re.findall(r"\[\[([^\]|#]+)", (VAULT / row["a"]["file"]).read_text(encoding="utf-8"))

        assert target.is_file(), row["id"]
        assert target.stem not in linked, row["id"]
        assert target.name not in linked, row["id"]


def test_the_vault_has_about_thirty_notes_in_two_languages() -> None:
    texts = {path.relative_to(VAULT).as_posix(): path.read_text(encoding="utf-8") for path in notes()}
    russian = [name for name, text in texts.items() if len(re.findall("[а-яё]", text)) > len(re.findall("[a-z]", text))]

    assert 28 <= len(texts) <= 40
    assert len(russian) >= 8
    assert sum(name.startswith("Daily/") for name in texts) >= 6


def test_the_one_broken_and_the_one_ambiguous_link_are_the_planted_ones() -> None:
    by_name = Counter(path.stem.casefold() for path in notes())
    by_name.update(path.name.casefold() for path in VAULT.rglob("*") if path.is_file())
    broken, ambiguous = set(), set()
    for path in notes():
        for target in re.findall(r"\[\[([^\]|#\\]+)", path.read_text(encoding="utf-8")):
            count = by_name[target.split("/")[-1].casefold()]
            if count == 0:
                broken.add((path.stem, target))
            elif count > 1 and "/" not in target:
                ambiguous.add((path.stem, target))

    assert broken == {("Home", "Wind turbine")}
    assert ambiguous == {("2026-03-05", "Log")}


def test_every_canvas_is_a_json_canvas_whose_files_and_edges_lead_somewhere() -> None:
    boards = sorted(VAULT.rglob("*.canvas"))

    assert boards
    for board in boards:
        canvas = json.loads(board.read_text(encoding="utf-8"))
        ids = [node["id"] for node in canvas["nodes"]]

        assert len(set(ids)) == len(ids)
        assert {node["type"] for node in canvas["nodes"]} >= {"text", "file"}
        for node in canvas["nodes"]:
            assert all(isinstance(node[key], int) for key in ("x", "y", "width", "height"))
            assert node["type"] != "file" or (VAULT / node["file"]).is_file()
        for edge in canvas["edges"]:
            assert {edge["fromNode"], edge["toNode"]} <= set(ids)


def test_the_picture_is_a_whole_png() -> None:
    data = (VAULT / "Attachments" / "harbour-curve.png").read_bytes()
    kinds, at, pixels = [], 8, b""
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        (checksum,) = struct.unpack_from(">I", data, at + 8 + size)
        kinds.append(kind)
        pixels += body if kind == b"IDAT" else b""
        at += 12 + size

        assert zlib.crc32(kind + body) == checksum

    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    assert len(zlib.decompress(pixels)) == 120 * (1 + 160 * 3)


def station() -> dict[str, Any]:
    text = (VAULT / "Reference" / "Station file.md").read_text(encoding="utf-8")
    value: dict[str, Any] = json.loads(text.split('title="harbour.json"\n', 1)[1].split("```", 1)[0])
    return value


def swings(hours: float) -> tuple[float, float, float]:
    height, rate, bend = station()["mean_level_m"], 0.0, 0.0
    for part in station()["constituents"]:
        speed = math.radians(part["speed_deg_per_h"])
        angle = speed * hours - math.radians(part["phase_deg"])
        height += part["amplitude_m"] * math.cos(angle)
        rate -= part["amplitude_m"] * speed * math.sin(angle)
        bend -= part["amplitude_m"] * speed**2 * math.cos(angle)
    return height, rate, bend


def state(hours: float) -> str:
    _, rate, bend = swings(hours)
    if rate >= 0.10:
        return "rising"
    if rate <= -0.10:
        return "falling"
    return "high slack" if bend < 0 else "low slack"


def test_the_worked_example_of_the_tide_clock_comes_out_of_its_formula() -> None:
    note = (VAULT / "Ideas" / "Tide clock.md").read_text(encoding="utf-8")
    heights = note.split("| t   | height |", 1)[1].split("\n\n", 1)[0]
    states = note.split("| t    | state      |", 1)[1].split("\n\n", 1)[0]

    height_rows = re.findall(r"^\| (\d\S*) +\| (\S+) +\|$", heights, re.MULTILINE)
    state_rows = re.findall(r"^\| (\d\S*) +\| ([a-z ]+?) *\|$", states, re.MULTILINE)

    assert len(height_rows) == 7
    assert [f"{swings(float(hours))[0]:.2f}" for hours, _ in height_rows] == [height for _, height in height_rows]
    assert len(state_rows) == 5
    assert [state(float(hours)) for hours, _ in state_rows] == [name for _, name in state_rows]


def test_the_printed_events_of_the_tide_clock_are_its_turning_points() -> None:
    note = (VAULT / "Ideas" / "Tide clock.md").read_text(encoding="utf-8")
    block = note.split("```text\nHarbour\n", 1)[1].split("```", 1)[0]

    for line in block.splitlines():
        day, hour, minute, kind, height = re.findall(r"-(\d\d)T(\d\d):(\d\d)Z +(high|low) +(\S+) m", line)[0]
        hours = (int(day) - 1) * 24 + int(hour) + int(minute) / 60
        before, after = swings(hours - 0.5 / 60)[1], swings(hours + 0.5 / 60)[1]

        assert (before > 0 >= after) if kind == "high" else (before <= 0 < after), line
        assert f"{swings(hours)[0]:.2f}" == height
        assert line.endswith("CAUSEWAY CLOSED") == (swings(hours)[0] > 3.20)
    assert len(block.splitlines()) == 4


def test_the_printed_table_of_the_tide_clock_comes_out_of_its_formula() -> None:
    note = (VAULT / "Ideas" / "Tide clock.md").read_text(encoding="utf-8")
    block = note.split("--hours 2` prints:\n\n```text\nHarbour\n", 1)[1].split("```", 1)[0]

    lines = re.findall(r"^2026-01-01T(\d\d):00Z  (\S+) m(  CAUSEWAY CLOSED)?$", block, re.MULTILINE)

    assert len(lines) == 2
    for hour, height, closed in lines:
        assert f"{swings(float(hour))[0]:.2f}" == height
        assert bool(closed) == (swings(float(hour))[0] > 3.20)


def test_the_watering_example_comes_out_of_the_attached_readings() -> None:
    note = (VAULT / "Идеи" / "Полив теплицы.md").read_text(encoding="utf-8")
    readings = (VAULT / "Attachments" / "soil-april.csv").read_text(encoding="utf-8").splitlines()[1:]
    means: dict[str, list[float]] = {}
    for line in readings:
        _, zone, moisture, *_ = line.split(",")
        if 0 <= float(moisture) <= 100:
            means.setdefault(zone, []).append(float(moisture))

    for zone, values in means.items():
        shown = f"{sum(values) / len(values):.1f}".replace(".", ",")

        assert re.search(rf"^\| {zone} .*\| {shown} % +\|", note, re.MULTILINE), (zone, shown)


def test_the_kept_code_of_the_reading_ledger_does_what_its_examples_say() -> None:
    note = (VAULT / "Ideas" / "Reading ledger.idea").read_text(encoding="utf-8")
    source = note.split('```python title="rating.py"\n', 1)[1].split("```\n", 1)[0]
    space: dict[str, Any] = {}
    exec(compile(source, "rating.py", "exec"), space)
    examples = re.findall(r"^\| `((?:parse_rating|stars)\(.*\))` \| `(.+)` \|$", note, re.MULTILINE)

    assert len(examples) == 4
    for call, expected in examples:
        assert eval(call, space) == eval(expected), call
    for wrong in ("0.5", "6", "3.7", "many"):
        with pytest.raises(ValueError, match=r"rating|convert"):
            space["parse_rating"](wrong)
