"""The body of a request as JSON: strict, bounded, and the same to every reader.

What two readers could take differently (a key twice, NaN, a number without end, a lone surrogate) is refused, and
so is what only costs memory.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

MAX_DEPTH = 64
MAX_CONTAINERS = 100_000
MAX_VALUES = 200_000
_MAX_NUMBER = 64
_TOKEN = re.compile(r'[\[\]{},]|"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)


class BadBodyError(ValueError):
    """The body is not JSON as we take it; the message says why."""


def read_json(data: bytes) -> dict[str, Any]:
    """Give the JSON object in `data`. Raises BadBodyError."""
    value = read_value(data)
    if not isinstance(value, dict):
        raise BadBodyError("the body must be a JSON object")
    return value


def read_value(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Give the JSON value in `data`. Raises BadBodyError."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadBodyError(f"the body is not UTF-8: byte {error.start}") from None
    _check_depth(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
        )
    except BadBodyError:
        raise
    except (ValueError, RecursionError) as error:
        raise BadBodyError(f"the body is not JSON: {error}") from None
    _check_texts(value)
    return value


def _check_depth(text: str) -> None:
    """Refuse deep or endless nesting before anything is built. Brackets and commas within texts do not count."""
    depth = opened = commas = 0
    for token in _TOKEN.finditer(text):
        sign = token[0][0]
        if sign in "[{":
            depth, opened = depth + 1, opened + 1
            if depth > MAX_DEPTH or opened > MAX_CONTAINERS:
                raise BadBodyError(f"more than {MAX_DEPTH} levels or {MAX_CONTAINERS:,} lists and objects")
        elif sign == ",":
            commas += 1
            if commas >= MAX_VALUES:  # reading them holds up everybody else
                raise BadBodyError(f"more than {MAX_VALUES:,} values")
        elif sign != '"':
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = counts.most_common(1)[0][0]
        raise BadBodyError(f"the key {twice[:40]!r} stands twice")
    return found


def _constant(name: str) -> Any:  # noqa: ANN401 - never returns
    raise BadBodyError(f"{name} is not JSON")


def _integer(text: str) -> int:
    if len(text) > _MAX_NUMBER:
        raise BadBodyError(f"a number of {len(text)} digits")
    return int(text)


def _float(text: str) -> float:
    value = float(text) if len(text) <= _MAX_NUMBER else float("inf")
    if value in (float("inf"), float("-inf")):
        raise BadBodyError(f"the number {text[:20]} is too large or too long")
    return value


def _check_texts(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Refuse lone surrogates: no file, prompt or answer can hold them."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str) and not item.isascii():
            try:
                item.encode("utf-8")
            except UnicodeEncodeError:
                raise BadBodyError("a text holds half a character (a lone surrogate)") from None
