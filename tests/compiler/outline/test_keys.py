from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from compiler.packages import lowered, run, written
from compiler.units import kettle

from vaultc.compiler.outline.assemble import root_records
from vaultc.compiler.outline.keys import with_keys
from vaultc.compiler.unit import Entity, EntityKind, Field, Limit, Unit, Verbatim

if TYPE_CHECKING:
    from pathlib import Path

    from compiler.units import Notes

SITE = {
    "zones": [
        {"code": "south", "name": "Юг", "on_percent": 35, "flow_l_per_min": 4},
        {"code": "north", "name": "Север", "on_percent": 25},
    ]
}


def _site(value: object) -> tuple[Unit, Notes]:
    unit, notes = kettle()
    quote = unit.summary_origins[0]
    bound = (Limit("on", "<=", 80.0, "%", quote),)
    zone = Entity(
        "E-0d0001",
        EntityKind.RECORD,
        "Зона",
        "Zone",
        (quote,),
        fields=(
            Field("код", "code", "str"),
            Field("название", "title", "str"),
            Field("порог включения", "threshold", "float", limits=bound),
            Field("flow", "flow", "float", is_required=False),
        ),
    )
    site = Entity(
        "E-0d0002", EntityKind.RECORD, "Site", "Site", (quote,), fields=(Field("zones", "zones", "list[Zone]"),)
    )
    given = Verbatim("site.json", "json", json.dumps(value, ensure_ascii=False), quote)
    return replace(unit, entities=(zone, site), verbatim=(given,)), notes


def _keys(unit: Unit) -> dict[str, list[str]]:
    return {item.name: [field.key for field in item.fields] for item in with_keys(unit, unit.entities)}


def test_keys_of_a_sample_reach_the_fields_of_records_inside_it() -> None:
    unit, _ = _site(SITE)

    found = _keys(unit)

    assert found == {"Зона": ["", "name", "on_percent", "flow_l_per_min"], "Site": [""]}


def test_a_file_of_one_object_is_read_as_one_and_a_file_of_many_as_many() -> None:
    one, _ = _site(SITE)
    many, _ = _site([SITE])

    lone = next(item for item in with_keys(one, one.entities) if item.name == "Site")
    list_ = next(item for item in with_keys(many, many.entities) if item.name == "Site")

    assert (lone.sample, lone.is_lone) == ("site.json", True)
    assert (list_.sample, list_.is_lone) == ("site.json", False)


@pytest.mark.parametrize(
    "zone",
    [
        {"code": "south", "name": "Юг", "on_percent": 95},
        {"code": "south", "name": "Юг", "on_percent": "wet"},
        {"code": "south", "name": "Юг"},
        {"code": "south", "name": "Юг", "on_percent": 35, "flow": 1, "more": 2},
        {"a": "south", "b": "Юг", "c": 35, "d": 1},
        ["south"],
    ],
)
def test_a_sample_that_does_not_fit_gives_no_keys(zone: Any) -> None:
    unit, _ = _site({"zones": [zone]})

    assert all(key == "" for keys in _keys(unit).values() for key in keys)


def test_a_field_that_a_row_of_the_sample_leaves_out_may_be_left_out() -> None:
    north = {"code": "north", "on_percent": 25, "name": "Север"}
    unit, _ = _site(
        {"zones": [{"code": "south", "name": "Юг", "on_percent": 35}, {"code": "x", "on_percent": 1}, north]}
    )

    zone = with_keys(unit, unit.entities)[0]

    assert {field.code_name: field.is_required for field in zone.fields} == {
        "code": True, "title": False, "threshold": True, "flow": False,
    }  # fmt: skip


def test_a_key_written_as_code_in_a_table_is_the_key() -> None:
    unit, _ = kettle()
    fields = (
        Field("`mean_level_m`", "mean_level", "float"),
        Field("`name`", "name", "str"),
        Field("`a b`", "a_b", "str"),
    )
    entity = Entity("E-0d0003", EntityKind.RECORD, "Station", "Station", unit.summary_origins[:1], fields=fields)

    (found,) = with_keys(unit, (entity,))

    assert [field.key for field in found.fields] == ["mean_level_m", "", ""]


def test_of_two_records_of_one_shape_one_is_read_and_written() -> None:
    unit, _ = _site(SITE)
    zone, site = unit.entities
    twin = replace(site, id="E-0d0004", name="Site file", code_name="SiteFile")

    found = root_records(replace(unit, entities=(zone, twin, replace(site, is_lone=True))))

    assert [item.name for item in found] == ["Site"]


def test_generated_storage_reads_and_writes_the_file_of_the_notes(tmp_path: Path, types_seen: Path) -> None:
    unit, notes = _site(SITE)
    folder = written(lowered(unit, notes), tmp_path)

    code = (
        "from pathlib import Path; from kettle_timer.storage import load_sites, save_sites;"
        "save_sites(Path('again.json'), load_sites(Path('site.json')))"
    )
    ran = run(folder, "-c", code)
    tests = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--disable-plugin-autoload")
    types = run(folder, "-m", "mypy", "--strict", f"--cache-dir={types_seen}", ".")

    assert ran.returncode == 0, ran.stderr
    assert json.loads((folder / "again.json").read_text(encoding="utf-8")) == SITE
    assert tests.returncode == 0, tests.stdout
    assert "sample_is_read" in (folder / "tests" / "test_storage.py").read_text(encoding="utf-8")
    assert types.returncode == 0, types.stdout
