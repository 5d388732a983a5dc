from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from compiler.units import Notes, kettle, tools

from vaultc.compiler.cache import FileCache, MemoryCache
from vaultc.compiler.passes.code import code
from vaultc.compiler.passes.design import design
from vaultc.compiler.passes.pseudocode import pseudocode
from vaultc.compiler.passes.trace import trace
from vaultc.compiler.pipeline import Pass, compile_idea
from vaultc.compiler.tools import Level, Tools
from vaultc.core.digest import Digest
from vaultc.core.errors import UsageError, VaultcError
from vaultc.disk.policy import Root
from vaultc.disk.seal import Seal
from vaultc.model.scripted import ChatScript

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vaultc.compiler.unit import Unit

EXTRACTED = (
    "context", "requirements", "decisions", "entities", "constants", "flows", "questions", "examples", "interfaces",
    "summary", "summary_origins",
)  # fmt: skip
DESIGNED = ("components", "interfaces", "entities")


def _passes(start: Unit) -> tuple[Pass, ...]:
    def given(unit: Unit, _: Tools) -> Unit:
        return replace(unit, **{name: getattr(start, name) for name in EXTRACTED})

    every = (*EXTRACTED, "components")
    return (
        Pass("extract", 1, (), EXTRACTED, given),
        Pass("design", 1, EXTRACTED, DESIGNED, design, prompts=("design",)),
        Pass("pseudocode", 1, every, ("procedures",), pseudocode),
        Pass("code", 1, (*every, "procedures"), ("code",), code),
        Pass("trace", 1, (*every, "procedures", "code"), ("artifacts",), trace, reads_notes=True),
    )


def test_a_second_compile_runs_no_pass_and_gives_the_same_unit() -> None:
    start, notes = kettle()
    cache = MemoryCache()

    first = compile_idea(start.idea, tools(notes), _passes(start), cache=cache)
    second = compile_idea(start.idea, tools(notes), _passes(start), cache=cache)

    assert [item.was_known for item in first.ran] == [False] * 5
    assert [item.was_known for item in second.ran] == [True] * 5
    assert first.unit == second.unit


def test_a_changed_requirement_runs_what_reads_it_again() -> None:
    start, notes = kettle()
    cache = MemoryCache()
    compile_idea(start.idea, tools(notes), _passes(start), cache=cache)
    first, *rest = start.requirements
    changed = replace(start, requirements=(replace(first, priority=1), *rest))
    passes = (replace(_passes(changed)[0], version=2), *_passes(changed)[1:])

    ran = compile_idea(start.idea, tools(notes), passes, cache=cache).ran

    assert {item.name for item in ran if not item.was_known} >= {"extract", "design"}


def test_a_changed_note_runs_only_what_reads_the_notes() -> None:
    start, notes = kettle()
    cache = MemoryCache()
    compile_idea(start.idea, tools(notes), _passes(start), cache=cache)
    longer = Notes({path: text + "\nOne more line.\n" for path, text in notes.texts.items()})

    ran = compile_idea(start.idea, tools(longer), _passes(start), cache=cache).ran

    assert [item.name for item in ran if not item.was_known] == ["trace"]


def test_a_pass_sees_only_what_it_reads() -> None:
    start, notes = kettle()
    seen: list[Unit] = []

    def look(unit: Unit, _: Tools) -> Unit:
        seen.append(unit)
        return unit

    passes = (*_passes(start)[:1], Pass("look", 1, ("requirements",), ("components",), look))
    compile_idea(start.idea, tools(notes), passes, cache=MemoryCache())

    assert seen[0].requirements == start.requirements
    assert seen[0].context == ()
    assert seen[0].entities == ()


def test_a_law_that_does_not_hold_stops_the_compile() -> None:
    start, notes = kettle()

    def broken(_unit: Unit, _tools: Tools) -> Iterator[str]:
        yield "nothing is served"

    passes = (replace(_passes(start)[0], check=broken),)

    with pytest.raises(VaultcError, match="nothing is served"):
        compile_idea(start.idea, tools(notes), passes, cache=MemoryCache())


def test_until_stops_and_from_runs_again() -> None:
    start, notes = kettle()
    cache = MemoryCache()

    early = compile_idea(start.idea, tools(notes), _passes(start), cache=cache, until="design").unit
    compile_idea(start.idea, tools(notes), _passes(start), cache=cache)
    again = compile_idea(start.idea, tools(notes), _passes(start), cache=cache, from_="code").ran

    assert early.components
    assert early.procedures == ()
    assert [item.name for item in again if not item.was_known] == ["code", "trace"]


def test_an_unknown_pass_is_a_usage_error() -> None:
    start, notes = kettle()

    with pytest.raises(UsageError, match='no pass "weave"'):
        compile_idea(start.idea, tools(notes), _passes(start), cache=MemoryCache(), until="weave")


def test_another_model_is_another_fingerprint_and_its_answer_is_not_asked_for_twice() -> None:
    start, notes = kettle()
    cache = MemoryCache()
    script = ChatScript({"design": "no JSON"})
    with_model = tools(notes, Level.FULL, script)
    passes = _passes(start)[:2]
    compile_idea(start.idea, tools(notes), passes, cache=cache)

    first = compile_idea(start.idea, with_model, passes, cache=cache)
    calls = len(script.calls)
    second = compile_idea(start.idea, with_model, passes, cache=cache)

    assert [item.was_known for item in first.ran] == [True, False]
    assert calls > 0
    assert len(script.calls) == calls
    assert second.unit == first.unit
    assert [item.task for item in second.unit.refusals] == ["design"]


def _replaced(path: Path, how: str) -> None:
    """Damage a file of the cache, or put something else at its place."""
    data = path.read_bytes()
    path.unlink()
    if how == "folder":
        path.mkdir()
    elif how == "pipe":
        os.mkfifo(path)
    elif how == "link":
        path.symlink_to(path.with_name("elsewhere"))
    elif how == "letter":
        path.write_bytes(data.replace(b"Brew", b"Boil"))
    elif how == "half":
        path.write_bytes(data[: len(data) // 2])
    elif how == "foreign":
        path.write_bytes(
            Seal(b"of another machine").closed(("pass", f"b2:{path.stem}"), json.loads(data.partition(b"\n")[2]))
        )
    else:
        path.write_bytes({"deep": b"[" * 100_000, "number": b"9" * 100_000, "bytes": b"\xed\xa0\x80\0"}[how])


@pytest.mark.parametrize("how", ["half", "letter", "foreign", "deep", "number", "bytes", "folder", "pipe", "link"])
def test_a_result_that_was_not_kept_here_as_it_stands_is_computed_again(tmp_path: Path, how: str) -> None:
    start, notes = kettle()
    cache = FileCache(Root(tmp_path), "passes", Seal(b"of this machine"))
    first = compile_idea(start.idea, tools(notes), _passes(start), cache=cache).unit
    assert all(item.was_known for item in compile_idea(start.idea, tools(notes), _passes(start), cache=cache).ran)
    for path in sorted((tmp_path / "passes").iterdir()):
        _replaced(path, how)

    again = compile_idea(start.idea, tools(notes), _passes(start), cache=cache)

    assert again.unit == first
    if how != "letter":
        assert not any(item.was_known for item in again.ran)


def test_a_result_kept_for_another_pass_is_not_taken_for_this_one(tmp_path: Path) -> None:
    cache = FileCache(Root(tmp_path), "passes", Seal(b"of this machine"))
    cache.put(Digest("b2:aa"), {"summary": "one"})
    (tmp_path / "passes/bb.json").write_bytes((tmp_path / "passes/aa.json").read_bytes())

    assert cache.get(Digest("b2:aa")) == {"summary": "one"}
    assert cache.get(Digest("b2:bb")) is None
