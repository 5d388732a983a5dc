"""Records from samples: JSON, CSV and flat YAML fences show field names, types and which fields may be missing."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from vaultc.compiler.extract.fields import FieldDraft, RecordDraft
from vaultc.compiler.extract.naming import name_from, singular
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.extract.type_words import TypeWords, type_of_sample
from vaultc.compiler.extract.verbatim import file_name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.core.note import Fence

_MAX_CHARS = 50_000
_MAX_DEPTH = 4
_MAX_FIELDS = 40


def draft_samples(region: Region) -> Iterator[RecordDraft]:
    """Give the records that the sample fences of a region show; what a fence's list holds comes before the whole."""
    for block, fence in region.fences():
        if len(fence.code) > _MAX_CHARS or topic_of_path(region.headings(block)) is Topic.HISTORY:
            continue
        stem = file_name_of(fence).rsplit("/", 1)[-1].split(".")[0]
        for word in ("sample", "example", "test"):
            stem = (
                stem.removeprefix(f"{word}-").removeprefix(f"{word}_").removesuffix(f"-{word}").removesuffix(f"_{word}")
            )
        name = stem.replace("_", " ").replace("-", " ") or name_from(region.headings(block), region.note.title)
        if fence.language == "json":
            yield from _of_json(region, fence, name)
        elif fence.language == "csv":
            yield from _of_csv(region, fence, name)


def _of_json(region: Region, fence: Fence, name: str) -> Iterator[RecordDraft]:
    try:
        value = json.loads(fence.code)
    except (ValueError, RecursionError):
        return
    yield from _records(region, fence, name, value if isinstance(value, list) else [value], 0)


def _records(region: Region, fence: Fence, name: str, rows: Sequence[Any], depth: int) -> Iterator[RecordDraft]:
    """Give the records in `rows`, the parts of each before it. A key that some rows lack is optional."""
    shown = [row for row in rows if isinstance(row, dict) and row]
    if not shown or depth > _MAX_DEPTH:
        return
    keys = list(dict.fromkeys(key for row in shown for key in row))
    if len(keys) > _MAX_FIELDS or not all(isinstance(key, str) and key.strip() for key in keys):
        return
    origin = region.quote(fence.code_span)
    fields: list[FieldDraft] = []
    for key in keys:
        values = [row[key] for row in shown if key in row]
        words, part = _words_of(key, values)
        if part is not None:
            yield from _records(
                region,
                fence,
                part,
                [one for value in values for one in (value if isinstance(value, list) else [value])],
                depth + 1,
            )
        is_missing = any(key not in row or row[key] is None for row in shown)
        at = fence.code.find(f'"{key}"')
        start = fence.code_span.start + max(at, 0)
        quote = region.quote(region.source.span(start, start + len(key) + 2)) if at >= 0 else origin
        fields.append(FieldDraft(key, words, "", quote, required=False if is_missing else None))
    yield RecordDraft(name, tuple(fields), (origin,), region)


def _words_of(key: str, values: Sequence[Any]) -> tuple[TypeWords, str | None]:
    """Give the type that sample values show, and the name of a record they hold."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, dict) for value in known):
        return TypeWords(record=singular(key)), singular(key)
    if known and all(isinstance(value, list) for value in known):
        inner = [one for value in known for one in value]
        if inner and all(isinstance(one, dict) for one in inner):
            return TypeWords(record=singular(key), is_list=True), singular(key)
        return TypeWords(_json_type(inner) or "str", is_list=True), None
    return TypeWords(_json_type(known) or "str"), None


def _json_type(values: Sequence[Any]) -> str:
    kinds = {_kind(value) for value in values}
    if kinds == {"int", "float"}:
        return "float"
    return kinds.pop() if len(kinds) == 1 else ""


def _kind(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return type(value).__name__
    shown = type_of_sample(value) if isinstance(value, str) else "str"
    return shown if shown in {"date", "datetime", "time"} else "str"


def _of_csv(region: Region, fence: Fence, name: str) -> Iterator[RecordDraft]:
    sign = ";" if fence.code.split("\n", 1)[0].count(";") > fence.code.split("\n", 1)[0].count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(fence.code), delimiter=sign))
    except csv.Error:
        return
    if (
        len(rows) < 2
        or not 2 <= len(rows[0]) <= _MAX_FIELDS
        or not all(cell.strip() and not cell.strip()[0].isdigit() for cell in rows[0])
    ):
        return
    first = region.source.span(
        fence.code_span.start, fence.code_span.start + len(fence.code.split("\n", 1)[0].rstrip("\r"))
    )
    columns: Mapping[str, list[str]] = {
        head.strip(): [row[at].strip() for row in rows[1:] if at < len(row)] for at, head in enumerate(rows[0])
    }
    fields = tuple(
        FieldDraft(
            head, TypeWords(_cell_type([cell for cell in cells if cell])), "", region.quote(first),
            required=False if any(not cell for cell in cells) else None,
        )
        for head, cells in columns.items()
    )  # fmt: skip
    yield RecordDraft(singular(name), fields, (region.quote(fence.code_span),), region)


def _cell_type(cells: Sequence[str]) -> str:
    kinds = {type_of_sample(cell) for cell in cells}
    if kinds == {"int", "float"}:
        return "float"
    return kinds.pop() if len(kinds) == 1 else "str"
