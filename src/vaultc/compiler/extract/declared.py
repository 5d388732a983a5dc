"""Records that code declares: CREATE TABLE of SQL, and types of TypeScript, Rust, Go, Kotlin, Python, C# and the like.

Line by line: a line that opens a type, then a line for each of its fields, to the line that closes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vaultc.compiler.extract.fields import Bound, FieldDraft, RecordDraft
from vaultc.compiler.extract.items import list_parts
from vaultc.compiler.extract.naming import singular
from vaultc.compiler.extract.type_words import TypeWords, read_type
from vaultc.compiler.extract.verbatim import file_name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vaultc.compiler.extract.region import Region
    from vaultc.core.note import Fence
    from vaultc.core.source import Span

_OPENS = re.compile(
    r"^\s{0,40}(?:export\s{1,3}|pub(?:lic)?\s{1,3}|data\s{1,3}|default\s{1,3}|final\s{1,3}){0,4}"
    r"(?P<kind>interface|type|struct|class|record|enum|model|message)\s{1,3}(?P<name>[A-Za-zА-Яа-я_]\w{0,60})"
    r"[^{(:=]{0,80}(?P<sign>[{(:=]|struct\s{0,3}\{)?"
)
_TABLE = re.compile(
    r"^\s{0,40}create\s{1,3}table\s{1,3}(?:if\s{1,3}not\s{1,3}exists\s{1,3})?[\"`\[]?(?:\w{1,60}\.)?(?P<name>\w{1,60})",
    re.IGNORECASE,
)
_COLUMN = re.compile(
    r"^\s{0,40}[\"`\[]?(?P<name>\w{1,60})[\"`\]]?\s{1,10}(?P<type>[A-Za-z]\w{0,30}(?:\s{0,2}\(\s{0,2}\d{1,6}[^)]{0,20}\))?)"
    r"(?P<rest>.{0,400})$"
)
_NO_COLUMN = re.compile(r"^\s{0,40}(?:primary|foreign|unique|constraint|check|index|key)\b", re.IGNORECASE)
_COLON = re.compile(
    r"^\s{0,40}(?:(?:pub|val|var|readonly|private|public|let|required)\s{1,3}){0,3}(?P<name>\w{1,60})(?P<may>\?)?\s{0,3}:"
    r"\s{0,3}(?P<type>[^=/#;]{1,80}?)\s{0,3}(?:[;,]\s{0,3})?(?:=\s{0,3}(?P<default>[^/#;]{1,80}?))?\s{0,3}[,;)]?\s{0,3}"
    r"(?:(?://|#)(?P<note>.{0,200}))?$"
)
_GO = re.compile(
    r"^\s{1,40}(?P<name>[A-Z]\w{0,60})\s{1,10}(?P<type>[*\[\]\w.]{1,60})\s{0,10}(?:`[^`]{0,200}`)?\s{0,3}(?://(?P<note>.{0,200}))?$"
)
_UNION = re.compile(r"[\"'](?P<value>[^\"'|]{1,40})[\"']")
_LENGTH = re.compile(r"\(\s{0,2}(?P<most>\d{1,6})\s{0,2}\)")
_CHECK = re.compile(r"check\s{0,3}\((?P<words>[^()]{1,200}(?:\([^()]{1,200}\))?[^()]{0,200})\)", re.IGNORECASE)
_IN = re.compile(r"\bin\s{0,3}\((?P<values>[^()]{1,200})\)", re.IGNORECASE)
_DEFAULT = re.compile(r"\bdefault\s{1,3}(?P<value>'[^']{0,80}'|[\w.+-]{1,40})", re.IGNORECASE)
_OPTION = re.compile(r"^(?:Option|Optional)\s{0,2}[<\[](?P<inner>.{1,80})[>\]]$")
_INNER = re.compile(
    r"^(?:Vec|List|list|Array|MutableList|\[\]|Sequence|tuple)\s{0,2}[<\[]?(?P<inner>[\w.<>]{1,60}?)[>\]]?(?:,\s{0,2}\.\.\.)?$"
)
_LANGUAGES = frozenset(
    [
        "sql",
        "postgresql",
        "mysql",
        "sqlite",
        "ts",
        "typescript",
        "tsx",
        "rust",
        "rs",
        "go",
        "golang",
        "kotlin",
        "kt",
        "swift",
        "python",
        "py",
        "scala",
        "csharp",
        "cs",
        "java",
        "proto",
    ]
)
_PYTHON = frozenset({"python", "py"})
_MAX_FIELDS = 60


@dataclass
class _Open:
    """A type whose fields are being read."""

    name: str
    is_table: bool
    start: int
    fields: list[FieldDraft] = field(default_factory=list)


def declared(region: Region) -> Iterator[RecordDraft]:
    """Give the records that the fences of a region declare; Python with a file name is taken over as it is instead."""
    for _, fence in region.fences():
        if fence.language in _LANGUAGES and not (fence.language in _PYTHON and file_name_of(fence)):
            yield from _of_fence(region, fence)


def _of_fence(region: Region, fence: Fence) -> Iterator[RecordDraft]:
    now: _Open | None = None
    offset = fence.code_span.start
    for line in fence.code.splitlines(keepends=True):
        start, offset = offset, offset + len(line)
        text = line.rstrip("\r\n")
        opened = _opened(text, start)
        if opened is not None:
            yield from _closed(region, now, start)
            now = opened
            if not now.is_table:
                now.fields += _inline(region, text, start, fence.language)
            continue
        if now is None or not text.strip():
            continue
        if text.strip()[:1] in "})" or text.strip().startswith(("def ", "fn ", "fun ", "func ", "impl ")):
            yield from _closed(region, now, offset)
            now = None
            continue
        begin = start + len(line) - len(line.lstrip())
        end = start + len(line.rstrip())
        if begin < end and len(now.fields) < _MAX_FIELDS:
            span = region.source.span(begin, end)
            part = _column(region, text, span) if now.is_table else _member(region, text, span, fence.language)
            now.fields += [part] if part is not None else []
    yield from _closed(region, now, offset)


def _inline(region: Region, text: str, start: int, language: str) -> Iterator[FieldDraft]:
    """Give the fields in the line that opens a type: `data class Keeper(val name: String, val age: Int?)`."""
    at = text.find("(") + 1
    for begin, end in list_parts(text[at:].rstrip(" ){:")) if at else ():
        span = region.source.span(start + at + begin, start + at + end)
        part = _member(region, text[at + begin : at + end], span, language)
        if part is not None:
            yield part


def _opened(text: str, start: int) -> _Open | None:
    table = _TABLE.match(text)
    if table is not None:
        return _Open(singular(table["name"]), True, start)
    match = _OPENS.match(text)
    is_type = match is not None and match["kind"] != "enum" and (match["sign"] or text.rstrip().endswith("struct {"))
    return _Open(match["name"], False, start) if match is not None and is_type else None


def _closed(region: Region, now: _Open | None, end: int) -> Iterator[RecordDraft]:
    if now is not None and now.fields:
        whole = region.source.text[now.start : end].rstrip()
        origin = region.quote(region.source.span(now.start, now.start + len(whole)))
        yield RecordDraft(now.name, tuple(now.fields), (origin,), region)


def _column(region: Region, text: str, span: Span) -> FieldDraft | None:
    match = _COLUMN.match(text)
    if match is None or _NO_COLUMN.match(text):
        return None
    rest = match["rest"]
    words = read_type(match["type"].split("(")[0])
    check, default = _CHECK.search(rest), _DEFAULT.search(rest)
    chosen = _IN.search(check["words"]) if check else None
    values = tuple(value["value"] for value in _UNION.finditer(chosen["values"])) if chosen else ()
    if len(values) > 1:
        words = TypeWords(options=values, is_enum=True)
    bounds = []
    length = _LENGTH.search(match["type"])
    if length is not None and words.type == "str":
        at = span.start + text.lstrip().find(match["type"]) + length.start("most")
        bounds.append(Bound(region.source.span(at, at + len(length["most"])), "<="))
    if check is not None and chosen is None:
        at = span.start + text.lstrip().find(check["words"])
        bounds.append(Bound(region.source.span(at, at + len(check["words"]))))
    folded = rest.lower()
    is_needed = "not null" in folded or "primary key" in folded
    value = default["value"].strip("'") if default else ""
    return FieldDraft(
        match["name"], words, "", region.quote(span), "", tuple(bounds), None if is_needed else False, value
    )


def _member(region: Region, text: str, span: Span, language: str) -> FieldDraft | None:
    match = (_GO if language in {"go", "golang"} else _COLON).match(text)
    if match is None:
        return None
    groups = match.groupdict()
    type_ = match["type"].strip(" ,;*")
    option = _OPTION.match(type_)
    is_optional = bool(groups.get("may")) or option is not None or match["type"].startswith("*") or type_.endswith("?")
    type_ = option["inner"] if option is not None else type_
    values = tuple(value["value"] for value in _UNION.finditer(type_)) if "|" in type_ else ()
    words = TypeWords(options=values, is_enum=True) if len(values) > 1 else _type(type_)
    note = (groups.get("note") or "").strip()
    default = (groups.get("default") or "").strip(" \"'")
    required = False if is_optional or words.is_optional else None
    return FieldDraft(
        match["name"], words, note, region.quote(span), "", (Bound(span),) if note else (), required, default
    )


def _type(text: str) -> TypeWords:
    """Read a type as code writes it: `Vec<String>`, `[]int`, `Item[]`, `string | null`."""
    is_slice = text.startswith("[]")
    inner = _INNER.match(text)
    if is_slice or inner is not None:
        found = read_type(text[2:] if is_slice else inner["inner"] if inner else "")
        return TypeWords(found.type, found.options, found.record, found.is_optional, is_list=True)
    return read_type(text)
