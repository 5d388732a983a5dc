from __future__ import annotations

import json
from dataclasses import fields

import pytest
from compiler.units import kettle, poliv, tools

from vaultc.compiler.codec import fields_as_json, fields_from_json
from vaultc.compiler.passes.code import code
from vaultc.compiler.passes.design import design
from vaultc.compiler.passes.pseudocode import pseudocode
from vaultc.compiler.passes.trace import trace


@pytest.mark.parametrize("make", [kettle, poliv])
def test_every_field_of_a_lowered_unit_survives_json(make: object) -> None:
    unit, notes = make()  # type: ignore[operator]  # a fixture function
    with_tools = tools(notes)
    unit = trace(code(pseudocode(design(unit, with_tools), with_tools), with_tools), with_tools)
    names = [item.name for item in fields(unit)]

    data = json.loads(json.dumps(fields_as_json(unit, names)))
    back = fields_from_json(data)

    assert {name: getattr(unit, name) for name in names} == back


def test_data_of_another_shape_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="validation error"):
        fields_from_json({"requirements": [{"id": 3}]})
