"""JSON of a file or of another program: whatever is wrong with it is one kind of error.

The standard library takes more than JSON (NaN, a key twice) and answers deep nesting by a RecursionError, which no
reader of a file expects. RFC 8259 leaves both open; two readers of one file must not take it differently.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any


class NotJsonError(ValueError):
    """The text is not JSON as we take it; the message says why."""


def parse_json(data: bytes | str) -> Any:  # noqa: ANN401 - any JSON value
    """Give the value that `data` holds.

    Raises:
        NotJsonError: it is no JSON, nests too deep, or holds NaN, a number without end or a key twice.
    """
    try:
        text = data if isinstance(data, str) else data.decode(json.detect_encoding(data), "surrogatepass")
        return _DECODER.decode(text.removeprefix("\ufeff"))
    except RecursionError:
        raise NotJsonError("it nests too deep") from None
    except NotJsonError:
        raise
    except ValueError as error:  # of the syntax, of the encoding, or a number of thousands of digits
        raise NotJsonError(str(error)) from error


def parse_object(data: bytes | str) -> dict[str, Any]:
    """Give the JSON object that `data` holds.

    Raises:
        NotJsonError: as `parse_json`, and where it holds another value than an object.
    """
    value = parse_json(data)
    if not isinstance(value, dict):
        raise NotJsonError("it holds no JSON object")
    return value


@dataclass(frozen=True, slots=True)
class OrNull:
    """A shape that `null` fits too."""

    shape: Any


class Row(tuple[Any, ...]):
    """A shape that a list of as many values fits, each fitting its own shape."""

    __slots__ = ()

    def __new__(cls, *shapes: Any) -> Row:  # noqa: ANN401 - any shape
        """Give the shape of a list whose values fit `shapes`."""
        return super().__new__(cls, shapes)


def fits(value: Any, shape: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Tell whether a JSON value is built as a reader takes it for granted.

    A `shape` is a type (`int` is a whole number from 0), an object with the keys that are needed and their shapes,
    `{str: shape}` for an object with any keys, `[shape]` for a list, a `Row`, or `OrNull`.
    """
    match shape:
        case OrNull():
            return value is None or fits(value, shape.shape)
        case Row():
            return isinstance(value, list) and len(value) == len(shape) and all(map(fits, value, shape))
        case [each]:
            return isinstance(value, list) and all(fits(item, each) for item in value)
        case dict():
            if not isinstance(value, dict):
                return False
            if str in shape:
                return all(fits(item, shape[str]) for item in value.values())
            return all(key in value and fits(value[key], wanted) for key, wanted in shape.items())
        case _ if shape is int:
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        case _:
            return isinstance(value, shape)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise NotJsonError(f"the key {twice[:40]!r} stands twice")
    return found


def _constant(name: str) -> Any:  # noqa: ANN401 - never returns
    raise NotJsonError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
