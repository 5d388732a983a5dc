"""Values that a person wrote, as the type that is wanted: a text of a variable may stand for a number or a list."""

from __future__ import annotations

import math
import types
from typing import Any

_MOST = 2**31 - 1  # what llama.cpp and Chroma count with
_YES, _NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
_SHOWN = 60


def as_type(value: object, wanted: Any) -> Any:  # noqa: ANN401 - a type hint, and a value of that type
    """Give `value` as `wanted`: a text, a whole number, a number, true or false, or a tuple of texts.

    Raises:
        TypeError: it is of another kind.
        ValueError: it does not say what it should, or is no number that a machine counts with.
    """
    if wanted is bool:
        return _boolean(value)
    if isinstance(wanted, types.GenericAlias):
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise TypeError("expected a list of texts")
        return tuple(item.strip() for item in items)
    if wanted is str:
        if not isinstance(value, str):
            raise TypeError(f"expected a text, got {shown(value)}")
        if "\0" in value:
            raise ValueError("a text cannot hold a NUL")
        return value
    return _number(value, wanted)


def shown(value: object) -> str:
    """Give `value` for a message: in quotes, its control characters escaped, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _number(value: object, wanted: Any) -> Any:  # noqa: ANN401 - int or float, as the hint says
    if isinstance(value, bool) or not isinstance(value, str | int | wanted):
        raise TypeError(f"expected {wanted.__name__}, got {shown(value)}")
    try:
        number = wanted(value)
    except (ValueError, OverflowError):
        raise ValueError(f"expected {wanted.__name__}, got {shown(value)}") from None
    if not math.isfinite(number) or abs(number) > _MOST:
        raise ValueError(f"expected a number of at most {_MOST}, got {shown(value)}")
    return number


def _boolean(value: object) -> bool:
    text = str(value).lower()
    if isinstance(value, bool) or text in _YES | _NO:
        return value is True or text in _YES
    raise ValueError(f"expected true or false, got {shown(value)}")
