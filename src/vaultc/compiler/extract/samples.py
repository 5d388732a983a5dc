"""Records from samples: JSON, CSV and flat YAML fences show field names, types and which fields may be missing."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from vaultc.compiler.extract.fields import FieldDraft, RecordDraft
from vaultc.compiler.extract.naming import name_from, singular
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.extract.type_words import TypeWords, type_of_sample
from vaultc.compiler.extract.verbatim import file_name_of
from vaultc.language.lexicon import phrases
from vaultc.syntax.frontmatter import plain_yaml

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
        for word in sorted(phrases("records", "thing.shown")):
            stem = (
                stem.removeprefix(f"{word}-").removeprefix(f"{word}_").removesuffix(f"-{word}").removesuffix(f"_{word}")
            )
        name = stem.replace("_", " ").replace("-", " ") or name_from(region.headings(block), region.note.title)
        if fence.language in {"json", "yaml", "yml", "toml"}:
            value = _parsed(fence)
            is_lists = isinstance(value, dict) and not any(_kind_of(part) == "plain" for part in value.values())
            is_wrapped = is_lists and len(value) == 1 and not file_name_of(fence)
            for part in value.values() if is_wrapped else [value]:
                own = name if part is value else singular(next(iter(value)))
                yield from _records(region, fence, own, part if isinstance(part, list) else [part], 0)
        elif fence.language in {"csv", "tsv"}:
            yield from _of_csv(region, fence, name)


def _parsed(fence: Fence) -> Any:  # noqa: ANN401 - any value that a file can hold
    """Give the value that a fence of JSON, YAML or TOML shows; None for one that cannot be read."""
    try:
        if fence.language == "json":
            return json.loads(fence.code)
        if fence.language == "toml":
            return tomllib.loads(fence.code)
        return plain_yaml(fence.code)
    except (ValueError, RecursionError):
        return None


def _kind_of(value: object) -> str:
    return "record" if isinstance(value, dict) else "list" if isinstance(value, list) else "plain"


def _records(region: Region, fence: Fence, name: str, rows: Sequence[Any], depth: int) -> Iterator[RecordDraft]:
    """Give the records in `rows`, the parts of each before it. A key that some rows lack is optional."""
    shown = [row for row in rows if isinstance(row, dict) and row]
    if not shown or depth > _MAX_DEPTH:
        return
    if all(_is_map(row) for row in shown):  # its keys are data, each value a record
        yield from _records(region, fence, name, [part for row in shown for part in row.values()], depth + 1)
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
        at = next((at for shape in (f'"{key}"', key) if (at := fence.code.find(shape)) >= 0), -1)
        start = fence.code_span.start + max(at, 0)
        size = len(key) + (2 if fence.code[at : at + 1] == '"' else 0)
        quote = region.quote(region.source.span(start, start + size)) if at >= 0 else origin
        fields.append(FieldDraft(key, words, "", quote, required=False if is_missing else None))
    yield RecordDraft(name, tuple(fields), (origin,), region)


def _is_map(row: Mapping[str, Any]) -> bool:
    """Tell whether the keys of an object are data, not names: numbers, dates, paths; its values are alike then."""
    return len({_kind_of(value) for value in row.values()}) == 1 and all(_is_datum(str(key)) for key in row)


def _is_datum(key: str) -> bool:
    """Tell whether a key can be no name of a field: it begins with no letter, or holds what no name does."""
    return (
        (not key[:1].isalpha() and not key.startswith("_"))
        or any(sign in key for sign in "/@:.")
        or len(key.split()) > 3
    )


def _words_of(key: str, values: Sequence[Any]) -> tuple[TypeWords, str | None]:
    """Give the type that sample values show, and the name of a record they hold."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, dict) and _is_map(value) for value in known):
        inner = [part for value in known for part in value.values()]
        part = singular(key) if all(isinstance(one, dict) for one in inner) else None
        return TypeWords("dict[str, str]"), part
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
    if isinstance(value, datetime | date | time):
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
