"""Whether an answer fits the JSON Schema that a client gave (only importer of jsonschema).

A grammar binds the form while the model writes; limits of numbers, uniqueness and the like are in no grammar.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNCHECKED = frozenset({"pattern", "patternProperties", "format", "$schema", "$id"})
"""A client's regular expression may run for ever; `format` is a remark; nothing is ever fetched."""
_MOST_SHOWN = 200


def misfit(text: str, schema: Mapping[str, Any]) -> str:
    """Say why `text` is no answer by `schema`; empty where it is one. What cannot be checked counts as met."""
    from jsonschema import Draft202012Validator, ValidationError  # slow to import
    from jsonschema.exceptions import best_match

    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "it is no JSON"
    try:
        found: ValidationError | None = best_match(Draft202012Validator(_checked(schema)).iter_errors(value))
    except Exception:  # noqa: BLE001 - a stranger's schema: whatever it leads the library to, it cannot be checked
        return ""
    if found is None:
        return ""
    place = "/".join(map(str, found.absolute_path))
    return f"{place or 'the answer'}: {found.message[:_MOST_SHOWN]}"


def _checked(schema: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(schema, dict):
        return {key: _named(key, value) for key, value in schema.items() if key not in _UNCHECKED}
    return [_checked(item) for item in schema] if isinstance(schema, list) else schema


def _named(key: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Keep names of properties, which may be spelt like the words that are left out."""
    if key in ("properties", "$defs", "definitions") and isinstance(value, dict):
        return {name: _checked(item) for name, item in value.items()}
    return value if key in ("enum", "const", "required", "default", "examples") else _checked(value)
