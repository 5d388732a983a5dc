"""Tests that are generated: what they spell out, and how often."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from compiler.packages import lowered, run, written
from compiler.units import kettle

from vaultc.compiler.unit import Entity, EntityKind, Field, Limit, Unit
from vaultc.core.digest import short_id

if TYPE_CHECKING:
    from pathlib import Path

    from vaultc.core.source import Quote


def record(name: str, fields: tuple[Field, ...], quote: Quote) -> Entity:
    return Entity(short_id("E", (name,)), EntityKind.RECORD, name, name, (quote,), fields)


def bounded(count: int, quote: Quote) -> tuple[Field, ...]:
    limits = (Limit("part", ">=", 1.0, "", quote), Limit("part", "<=", 9.0, "", quote))
    return tuple(Field(f"part {n}", f"part_{n}", "int", limits=limits, origins=(quote,)) for n in range(count))


def package(*entities: Entity) -> Unit:
    unit, notes = kettle()
    return lowered(replace(unit, entities=entities, interfaces=(), examples=()), notes)


def text_of_tests(unit: Unit) -> str:
    return next(file.text for file in unit.code if file.path == "tests/test_model.py")


def test_a_large_record_is_spelled_once_and_changed_field_by_field(tmp_path: Path) -> None:
    quote = kettle()[0].entities[0].origins[0]
    holder = record("Holder", (Field("abcdef", "abcdef", "Abcdef", origins=(quote,)),), quote)

    unit = package(record("Abcdef", bounded(60, quote), quote), holder)

    text = text_of_tests(unit)
    assert text.count("part_7=") == 3  # where it is made, where it is accepted, where it is refused
    assert "replace(_valid_abcdef(), part_7=value)" in text
    folder = written(unit, tmp_path)
    tests = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    assert tests.returncode == 0, tests.stdout


def test_records_that_hold_records_do_not_grow_with_the_power_of_their_depth() -> None:
    quote = kettle()[0].entities[0].origins[0]
    names = ["Aabcde", "Babcde", "Cabcde", "Dabcde", "Eabcde", "Fabcde"]
    inner = [
        tuple(Field(f"p {n}", f"p_{n}", below, origins=(quote,)) for n in range(9)) for below in [*names[1:], "int"]
    ]

    text = text_of_tests(package(*(record(name, fields, quote) for name, fields in zip(names, inner, strict=True))))

    assert len(text) < 20_000
    compile(text, "test_model.py", "exec")
