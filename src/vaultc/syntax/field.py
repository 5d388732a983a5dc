"""Dataview inline fields: `key:: value` on a line of its own, `[key:: value]`, `(key:: value)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.core.note import Field
from vaultc.syntax.positions import trim_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vaultc.core.source import Source

_LINE = re.compile(r"[^\r\n]+")
_LEAD = re.compile(r"[ \t>]*")
_MARKS = "*_~= \t"
_KEY = re.compile(r"[^\W_][^\[\](){}<>|`\\\"=:;!?]{0,79}")
_BRACKET_KEY = re.compile(r"([^\W_][^\[\](){}<>|`\\\"=:;!?\r\n]{0,79})::")
_VALUE_LEAD = re.compile(r"[*_]*[ \t]*")


def bracket_key(text: str, pos: int, end: int) -> re.Match[str] | None:
    """Match `key::` behind an opening bracket, at `pos`."""
    return _BRACKET_KEY.match(text, pos, end)


def bracket_field(source: Source, start: int, end: int) -> Field:
    """Give the field of `[key:: value]` at `[start, end)`, brackets included."""
    key = _BRACKET_KEY.match(source.text, start + 1, end)
    assert key is not None  # the scanner matched it when it met the bracket
    lead = _VALUE_LEAD.match(source.text, key.end(), end - 1)
    first = lead.end() if lead is not None else key.end()
    behind = trim_end(source.text, first, end - 1)
    return Field(key.group(1).strip(), source.text[first:behind], source.span(start, end), source.span(first, behind))


def line_fields(source: Source, start: int, end: int, is_masked: Callable[[int], bool]) -> Iterator[Field]:
    """Give the fields that take a whole line of the region `[start, end)`; `is_masked` knows code and math."""
    text = source.text
    for line in _LINE.finditer(text, start, end):
        colons = text.find("::", line.start(), line.end())
        if colons < 0 or is_masked(colons):
            continue
        lead = _LEAD.match(text, line.start(), colons)
        first = lead.end() if lead is not None else line.start()
        value = _VALUE_LEAD.match(text, colons + 2, line.end())
        value_start = value.end() if value is not None else colons + 2
        # `std::vector` is no field: a blank or the end of the line follows the colons.
        if value_start == colons + 2 < line.end():
            continue
        key = text[first:colons].strip(_MARKS)
        if _KEY.fullmatch(key) is None or key.isdigit():
            continue
        behind = trim_end(text, value_start, line.end())
        value_start = min(value_start, behind)
        yield Field(
            key, text[value_start:behind], source.span(first, max(behind, colons + 2)), source.span(value_start, behind)
        )
