from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from compiler.packages import lowered
from compiler.units import kettle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vaultc.compiler.passes.code import check_code
from vaultc.compiler.python.layout import CodeBlock, formatted, literal
from vaultc.compiler.python.package import Package, stand_in
from vaultc.compiler.unit import Constant, Entity, EntityKind, Field, Limit, RequirementKind, Transition, Unit

if TYPE_CHECKING:
    from vaultc.core.source import Quote

PIECES = [
    '"',
    "'",
    '"""',
    "'''",
    "\\",
    "\\n",
    "\\N{",
    "{",
    "}",
    "{value}",
    "{{",
    "%s",
    "%",
    "#",
    "\n",
    "\r",
    "\t",
    "\x00",
    "\x1b[31m",
    "\u2028",
    "\u202e",
    "\u200f",
    "🫖",
    "👩‍🚀",
    "אבג",
    "ё",
    "«",
    "»",
    " ",
    ";",
    "`",
    "$(",
    "f'",
    'r"',
    "senior",
    "полив",
    "class",
    "import",
    "None",
    "__",
    "0",
    "\ud800",
]
WORDS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)


def _unit(texts: list[str]) -> Unit:
    unit, _ = kettle()
    quote = unit.summary_origins[0]
    given_text = iter(texts * 12)

    def word() -> str:
        return next(given_text)

    needs = [
        replace(
            need,
            text=word(),
            condition=word() if need.condition else "",
            limits=tuple(replace(limit, subject=word(), unit=word()) for limit in need.limits),
        )
        for need in unit.requirements
    ]
    limit = Limit(word(), ">=", 5.0, word(), quote)
    needs.append(replace(needs[0], id="R-0c0009", kind=RequirementKind.LIMIT, text=word(), limits=(limit,)))
    record, states = _entities(word, limit, quote)
    constant = Constant("C-0c0009", word(), "STRANGE", "str", literal(word()), word(), (quote,))
    commands = tuple(replace(item, summary=word(), usage=word()) for item in unit.interfaces)
    flows = tuple(
        replace(flow, name=word(), steps=tuple(replace(step, text=word()) for step in flow.steps))
        for flow in unit.flows
    )
    return replace(
        unit,
        idea=replace(unit.idea, title=word()),
        summary=word(),
        requirements=tuple(needs),
        entities=(*unit.entities, record, states),
        constants=(*unit.constants, constant),
        interfaces=commands,
        flows=flows,
    )


def _entities(word: object, limit: Limit, quote: Quote) -> tuple[Entity, Entity]:
    assert callable(word)
    fields = (
        Field(word(), "a", "float", note=word(), limits=(limit,)),
        Field(word(), "b", "str", is_required=False, default=word(), note=word()),
        Field(word(), "c", word()),
    )
    record = Entity("E-0c0009", EntityKind.RECORD, word(), "Strange", (quote,), fields=fields)
    moves = (Transition("idle", "other", word(), (quote,)), Transition("other", word(), word(), (quote,)))
    return record, Entity("E-0c000a", EntityKind.STATES, word(), "StrangeState", (quote,), transitions=moves)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(WORDS, min_size=6, max_size=10))
def test_whatever_the_notes_say_the_package_is_python(texts: list[str]) -> None:
    unit = _unit(texts)
    _, notes = kettle()

    done = lowered(unit, notes)

    assert [item for item in done.refusals if item.task == "layout"] == []
    assert list(check_code(done)) == []
    for file in done.code:
        if file.path.endswith(".py"):
            compile(file.text, file.path, "exec")


@given(WORDS)
def test_a_message_says_the_words_and_the_value(text: str) -> None:
    source = formatted(f"{text} got ", "value")

    shown = eval(source, {"value": 8})

    kept = "".join(char if char.isprintable() or char in "\n\t" else " " for char in text)
    assert shown == f"{kept} got 8"


def test_a_quoted_word_in_a_limit_gives_a_message_in_words() -> None:
    unit, notes = kettle()
    limit = Limit('salary of a "senior" {x}', ">=", 5.0, "year", unit.summary_origins[0])
    need = replace(unit.requirements[0], id="R-0c0009", kind=RequirementKind.LIMIT, limits=(limit,))

    done = lowered(replace(unit, requirements=(*unit.requirements, need)), notes)

    module = next(file.text for file in done.code if file.path.endswith("/limits.py"))
    names: dict[str, object] = {}
    exec(compile(module, "limits", "exec"), names)
    check = next(value for name, value in names.items() if name.startswith("check_salary"))
    assert callable(check)
    with pytest.raises(ValueError, match="years") as stop:
        check(4)
    assert str(stop.value) == 'salary of a "senior" {x} must be at least 5 years, got 4'


def test_an_element_that_cannot_be_written_leaves_the_rest_of_its_module() -> None:
    unit, notes = kettle()
    package = Package(lowered(unit, notes))
    good, bad = CodeBlock("def good() -> int:\n    return 1"), CodeBlock("def bad() -> int:\n    return (")

    text = package.rendered('"""Module."""', (good, bad), "kettle_timer/x.py", is_test=False)

    defined = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    assert defined == {"good", "bad"}
    assert [item.target for item in package.faults] == ["kettle_timer/x.py"]
    assert stand_in(CodeBlock("x = (")) == []
