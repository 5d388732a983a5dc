"""The IR of a unit as JSON, with places instead of spans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vaultc.compiler.codec import fields_as_json
from vaultc.compiler.pipeline import unit_fields
from vaultc.core.source import Span, VaultPath

if TYPE_CHECKING:
    from vaultc.app.places import Placer
    from vaultc.compiler.unit import Unit


def ir_json(unit: Unit, placer: Placer) -> dict[str, Any]:
    """Give every field of `unit`; each quotation becomes its place (docs/json.md)."""
    return {name: _placed(value, placer) for name, value in fields_as_json(unit, unit_fields()).items()}


def _placed(value: Any, placer: Placer) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, list):
        return [_placed(item, placer) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"span", "text"}:
        span = value["span"]
        return placer.place(Span(VaultPath(span["path"]), span["start"], span["end"])).as_json()
    return {key: _placed(item, placer) for key, item in value.items()}
