"""Fields of a unit as JSON and back: what the cache of passes keeps.

pydantic is slow to import and only needed here, so it is imported when a field is first written or read.
"""

from __future__ import annotations

import functools
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_type_hints

from vaultc.compiler.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import TypeAdapter


@functools.cache
def _adapters() -> Mapping[str, TypeAdapter[Any]]:
    from pydantic import TypeAdapter

    hints = get_type_hints(Unit)
    return {field.name: TypeAdapter(hints[field.name]) for field in fields(Unit)}


def field_as_json(unit: Unit, name: str) -> Any:  # noqa: ANN401 - any JSON value
    """Give field `name` of `unit` as a JSON value."""
    return _adapters()[name].dump_python(getattr(unit, name), mode="json")


def fields_as_json(unit: Unit, names: Iterable[str]) -> dict[str, Any]:
    """Give the fields `names` of `unit` as a JSON object."""
    return {name: field_as_json(unit, name) for name in names}


def fields_from_json(data: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values of the fields in `data`. Raises ValueError where they do not fit."""
    adapters = _adapters()
    return {name: adapters[name].validate_python(value, strict=False) for name, value in data.items()}
