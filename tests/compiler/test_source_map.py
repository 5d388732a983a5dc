from __future__ import annotations

import functools
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from compiler.packages import lowered
from compiler.units import KETTLE, Notes, kettle
from hypothesis import given, settings
from hypothesis import strategies as st

from vaultc.compiler.source_map import (
    MOVED,
    UnitMap,
    as_found,
    map_bytes,
    read_map,
    reading,
    trace_line,
    trace_note,
    unit_map,
)
from vaultc.compiler.unit import Entity, EntityKind, Field, Limit
from vaultc.compiler.untaken import Kept, Untaken
from vaultc.core.source import Source, VaultPath
from vaultc.vault.decode import decoded

if TYPE_CHECKING:
    from vaultc.compiler.unit import Unit
    from vaultc.core.source import Quote

IDEA = VaultPath("Ideas/Kettle timer.md")


@functools.cache
def _mapped() -> tuple[UnitMap, Unit, Notes]:
    unit, notes = kettle()
    unit = lowered(unit, notes)
    found = read_map(map_bytes(unit, notes))
    assert found is not None
    return found, unit, notes


def _line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def _sources(unit: Unit) -> dict[str, Source]:
    files = {file.path: file.text for file in unit.code} | {item.path: item.text for item in unit.artifacts}
    return {path: Source(VaultPath(path), text) for path, text in files.items()}


def test_places_of_the_map_stand_word_for_word_in_the_notes() -> None:
    found, _, notes = _mapped()

    places = [
        place
        for file in found.files.values()
        for segment in file["segments"]
        for place in (*segment["origins"], *((segment["derived"] or {}).get("leans_on", [])))
    ]

    assert len(places) > 100
    for place in places:
        source = notes.read(place["path"]).source
        assert source.text[place["start"] : place["end"]] == place["text"]
        assert source.line_col(place["start"]) == (place["line"], place["col"])


def test_a_check_of_a_limit_leads_to_what_states_that_limit_alone() -> None:
    unit, notes = kettle()
    quote = next(item for item in unit.requirements if item.limits).limits[0].quote
    other = unit.summary_origins[0]
    bounds = (Limit("speed", "<=", 180.0, "m/s", quote), Limit("size", ">=", 3.0, "m", other))
    fields = tuple(Field(limit.subject, limit.subject, "float", limits=(limit,), origins=(other,)) for limit in bounds)
    record = Entity("E-0e0001", EntityKind.RECORD, "Swing", "Swing", (other, quote), fields=fields)
    done = lowered(replace(unit, entities=(*unit.entities, record)), notes)
    found = read_map(map_bytes(done, notes))
    assert found is not None

    for path, part in (
        ("kettle_timer/model.py", "if not self.speed <= 180"),
        ("tests/test_model.py", "def test_swing_speed_refuses"),
    ):
        source = _sources(done)[path]
        trace = trace_line(found, path, source, _line_of(source.text, part), reading(notes))

        assert quote.text in [item.place.text for item in trace.ends]
        assert other.text not in [item.place.text for item in trace.ends]
        assert len(set(trace.chain)) == len(trace.chain)


def test_the_files_around_a_package_lead_to_what_the_idea_says_it_is() -> None:
    found, unit, notes = _mapped()

    for path in ("README.md", "pyproject.toml", "kettle_timer/__init__.py"):
        trace = trace_line(found, path, _sources(unit)[path], 3, reading(notes))

        assert [item.place.text for item in trace.ends] == [unit.summary_origins[0].text]
        assert [item.kind for item in trace.chain] == ["code", "note"]


def test_a_line_of_code_leads_to_its_requirement_and_its_note() -> None:
    found, unit, notes = _mapped()
    source = _sources(unit)["kettle_timer/brewing.py"]
    line = _line_of(source.text, "raise NotImplementedError")

    trace = trace_line(found, "kettle_timer/brewing.py", source, line, reading(notes))

    assert trace.chain[0].kind == "code"
    assert unit.requirements[0].id in [item.id for item in trace.chain if item.kind == "requirement"]
    assert unit.requirements[0].text in [item.place.text for item in trace.ends]


def test_a_test_and_an_artifact_lead_to_notes_too() -> None:
    found, unit, notes = _mapped()
    sources = _sources(unit)
    for path, kind in (("tests/test_model.py", "test"), ("Ideas/Kettle timer.pseudo.md", "artifact")):
        source = sources[path]
        for line in range(1, source.line_count + 1):
            trace = trace_line(found, path, source, line, reading(notes))
            assert trace.ends, (path, line)
        assert trace.chain[0].kind == kind


def test_a_note_line_leads_to_everything_that_leans_on_it() -> None:
    found, unit, notes = _mapped()
    sources = _sources(unit)
    line = _line_of(KETTLE, "A pause must last")

    trace = trace_note([found], notes.read(IDEA).source, line, reading(notes), lambda _, path: sources.get(path))

    kinds = {item.kind for item in trace.chain}
    assert {"requirement", "code", "test"} <= kinds
    assert "check_pause" in {item.id for item in trace.ends}


def test_words_that_moved_are_found_and_words_that_went_are_told() -> None:
    found, unit, notes = _mapped()
    source = _sources(unit)["kettle_timer/limits.py"]
    line = _line_of(source.text, "def check_pause")
    moved = Notes({**notes.texts, IDEA: "A new first line.\n\n" + KETTLE})
    gone = Notes({**notes.texts, IDEA: KETTLE.replace("A pause must last at most 15 min.", "")})

    there = trace_line(found, source.path, source, line, reading(moved))
    lost = trace_line(found, source.path, source, line, reading(gone))

    assert {item.status for item in there.ends} == {"moved"}
    assert there.ends[0].place.line == _line_of(KETTLE, "A pause must last") + 2
    assert "gone" in {item.status for item in lost.ends}


def test_places_in_a_note_that_was_put_right_count_in_its_file() -> None:
    spoilt = "Чайник должен кипеть три минуты.".encode().decode("mac_roman")
    source = decoded(IDEA, f"# Чайник\n\n{spoilt}\n".encode()).source
    moved = decoded(IDEA, f"# Чайник\n\nНовое.\n\n{spoilt}\n".encode()).source
    assert source is not None
    assert moved is not None
    place = source.place(source.head(source.text.index("Чайник должен"), 100))

    same, same_status = as_found(place.as_json(), source)
    other, other_status = as_found(place.as_json(), moved)

    assert (same, same_status) == (place, "")
    assert (place.line, place.text) == (3, spoilt)
    assert (other.line, other.text, other_status) == (5, spoilt, MOVED)
    data = {"files": {}, "elements": {"R-1": {"kind": "requirement", "origins": [place.as_json()], "derived": None}}}
    unit = UnitMap(IDEA, data)
    for line, ids in ((1, []), (3, ["R-1"]), (4, [])):
        trace = trace_note([unit], source, line, lambda _: source, lambda _unit, _path: None)
        assert [link.id for link in trace.chain] == ids
        assert trace.start.line == line


def test_the_json_of_a_trace_has_its_keys() -> None:
    found, unit, notes = _mapped()
    source = _sources(unit)["kettle_timer/limits.py"]

    value = json.loads(json.dumps(trace_line(found, source.path, source, 999, reading(notes)).as_json()))

    assert set(value) == {"version", "from", "chain", "to", "verdicts"}
    assert {"path", "line", "col", "end_line", "end_col", "start", "end", "text"} == set(value["to"][0])


def test_what_is_no_map_is_none() -> None:
    assert read_map(b"{}") is None
    assert read_map(b"\xff") is None
    assert read_map(b'{"version": 2}') is None
    assert read_map(b'{"version": 1, "unit": "x", "files": [], "elements": {}}') is None
    assert read_map(b"[" * 100_000) is None
    assert read_map(b'{"version": 1' + b"0" * 100_000 + b"}") is None


JUNK = st.sampled_from([None, True, -1, 1.5, 10**30, "", "x", "\ud800", [], {}, [1, 2], ["x"], {"x": 1}, "../../x"])


def _spoilt(value: Any, draw: Any) -> Any:
    """Put junk at one place of a JSON value, or leave that place out."""
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 9)) == 0:
        return draw(JUNK)
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = draw(st.sampled_from(keys))
    copy = dict(value) if isinstance(value, dict) else list(value)
    if draw(st.integers(0, 9)) == 0:
        del copy[key]
    else:
        copy[key] = _spoilt(value[key], draw)
    return copy


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_map_that_came_with_code_is_read_or_is_none_and_never_a_traceback(data: st.DataObject) -> None:
    good, unit, notes = _mapped()
    found = unit_map(_spoilt(good.data, data.draw))
    if found is None:
        return

    idea = notes.read(IDEA).source
    for path, source in _sources(unit).items():
        if path in found.files:
            trace_line(found, path, source, data.draw(st.integers(1, 200)), reading(notes))
    trace_note([found], idea, data.draw(st.integers(1, 40)), reading(notes), lambda _unit, _path: idea)


def test_a_line_of_a_note_says_how_it_binds_or_why_it_was_not_taken() -> None:
    unit, notes = kettle()
    need = unit.requirements[0]
    other = unit.requirements[1].origins[0]
    unit = replace(
        unit,
        requirements=(replace(need, rule="words"), *unit.requirements[1:]),
        untaken=(Untaken(other, "past", Kept.PAST),),
    )
    found = read_map(map_bytes(unit, notes))
    assert found is not None
    source = notes.read(IDEA).source

    def verdicts(quote: Quote) -> set[tuple[str, str]]:
        line = source.line_col(quote.span.start)[0]
        trace = trace_note([found], source, line, reading(notes), lambda _unit, _path: None)
        return {(item["verdict"], item["rule"]) for item in trace.as_json()["verdicts"]}

    assert (need.modality.value, "words") in verdicts(need.origins[0])
    assert ("not taken: past", "past") in verdicts(other)
