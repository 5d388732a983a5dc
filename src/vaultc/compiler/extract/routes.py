"""Routes of a server: `POST /orders` in tables, lists, headings, sentences and code, with what each takes and gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from vaultc.compiler.extract.plain import is_struck
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.extract.type_words import type_of_sample
from vaultc.compiler.naming import snake
from vaultc.compiler.unit import Field, Interface, InterfaceKind
from vaultc.core.digest import short_id
from vaultc.core.note import BlockKind
from vaultc.language.lexicon import phrases
from vaultc.language.morphology import lemma_of
from vaultc.language.stems import fold
from vaultc.language.translit import code_name
from vaultc.language.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.core.note import Block, Cell, Table
    from vaultc.core.source import Quote

_METHODS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
_METHOD = re.compile(rf"(?:{_METHODS})")
_PATH = re.compile(r"/[\w./{}:<>*~%-]{0,160}(?:\?[\w=&\[\]{}<>,.-]{1,80})?")
_ROUTE = re.compile(rf"(?<![\w/])({_METHODS})[`*]{{0,3}}\s{{1,8}}[`*]{{0,3}}({_PATH.pattern})")
_HOLE = re.compile(r"\{([^{}]{1,40})\}|<(?:\w{1,20}:)?([^<>]{1,40})>|(?<=/):(\w{1,40})")
_STATUS = re.compile(r"(?<![\w.,#:/-])[1-5]\d\d(?![\w%]|[.,]\d)")
_ERROR = 400
_NAME = re.compile(r"[`\"'*]{0,2}([^\W\d][\w-]{0,40})(\??)[`\"'*]{0,2}(?:\s{0,2}[:(]\s{0,2}([^,;(){}]{1,60})\)?)?(\??)")
_BRACES = re.compile(r"\{([^{}]{1,400})\}")
_SILENT = frozenset({Topic.HISTORY, Topic.REFERENCES, Topic.EXCLUDED})
_BLOCKS = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.HEADING, BlockKind.FENCE, BlockKind.CODE})
_MAX_ROUTES = 80
_MAX_ANSWER = 60
_FEW = 2


@dataclass
class _Route:
    """A route as the notes tell of it, put together from its cells or lines."""

    method: str
    path: str
    origins: list[Quote]
    summary: str = ""
    params: dict[str, Field] = field(default_factory=dict)
    answers: dict[str, None] = field(default_factory=dict)
    errors: dict[str, None] = field(default_factory=dict)


def find_routes(regions: Sequence[Region]) -> tuple[Interface, ...]:
    """Give the routes that the notes state, each once, in reading order.

    A linked note that names a single route in passing tells of somebody else's server as likely as not: it is left out.
    """
    found: dict[tuple[str, str], _Route] = {}
    for region in regions:
        own = [*_in_tables(region), *_in_lines(region)]
        if region.role == "link" and len({(route.method, route.path) for route in own}) < _FEW:
            continue
        for route in own[:_MAX_ROUTES]:
            known = found.setdefault((route.method, route.path), route)
            if known is not route:
                known.origins += route.origins
                known.summary = known.summary or route.summary
                known.params |= {name: param for name, param in route.params.items() if name not in known.params}
                known.answers |= route.answers
                known.errors |= route.errors
    return tuple(map(_interface, found.values()))


def _interface(route: _Route) -> Interface:
    name = f"{route.method} {route.path}"
    return Interface(
        id=short_id("I", ("route", name)),
        component="",
        kind=InterfaceKind.HTTP,
        name=name,
        code_name=_code_name(route),
        summary=route.summary or name,
        params=tuple(sorted(route.params.values(), key=lambda param: not param.is_required)),
        returns="object",
        serves=(),
        origins=tuple(dict.fromkeys(route.origins)),
        answers=tuple(route.answers),
        errors=tuple(route.errors),
    )


def _code_name(route: _Route) -> str:
    """Give a name of the method and the words of the path; one thing of many is named in the singular."""
    parts = route.path.strip("/").split("/")
    words = [part for part in parts if part and not _HOLE.search(f"/{part}")]
    if words and len(parts) > 1 and _HOLE.search(f"/{parts[-1]}"):
        words[-1] = lemma_of(words[-1]) if words[-1].isalpha() else words[-1]
    return f"{route.method.lower()}_{snake(' '.join(words) or 'root')}".rstrip("_")


def _started(method: str, written: str, origin: Quote) -> _Route:
    """Give a route with the holes of its path and the names of its query as parameters."""
    path, _, query = written.rstrip(".,:").partition("?")
    route = _Route(method, path, [origin])
    for hole in _HOLE.finditer(path):
        _take(route, next(part for part in hole.groups() if part), origin)
    for part in query.split("&"):
        name = part.partition("=")[0].strip("[]{}<>")
        if name:
            _take(route, name, origin, is_required=False)
    return route


def _take(route: _Route, name: str, origin: Quote, type_: str = "str", *, is_required: bool = True) -> None:
    default = None if is_required else "None"
    route.params.setdefault(name, Field(name, code_name(name), type_, is_required, default, origins=(origin,)))


def _in_tables(region: Region) -> Iterator[_Route]:
    for block, table in region.tables():
        if topic_of_path(region.headings(block)) in _SILENT:
            continue
        for row in table.rows:
            found = _of_row(region, table, row)
            if found is not None:
                yield found


def _of_row(region: Region, table: Table, row: Sequence[Cell]) -> _Route | None:
    texts = [cell.text.strip("`* ") for cell in row]
    whole = next((at for at, text in enumerate(texts) if _ROUTE.fullmatch(text)), -1)
    method = next((at for at, text in enumerate(texts) if _METHOD.fullmatch(text)), -1)
    path = next((at for at, text in enumerate(texts) if _PATH.fullmatch(text)), -1)
    if whole < 0 and (method < 0 or path < 0):
        return None
    origin = region.quote(region.source.span(row[0].span.start, row[-1].span.end))
    match = _ROUTE.fullmatch(texts[whole]) if whole >= 0 else None
    route = _started(match[1], match[2], origin) if match else _started(texts[method], texts[path], origin)
    for at, text in enumerate(texts):
        if at in {whole, method, path} or at >= len(table.header):
            continue
        _told(route, fold(table.header[at].text.strip("`*_ ")), text, origin)
    return route


def _told(route: _Route, label: str, text: str, origin: Quote) -> None:
    """Take what stands in a column, or behind a label, of that name."""
    if not any(char.isalnum() for char in text) or fold(text) in phrases("routes", "nothing"):
        return
    if label in phrases("routes", "takes"):
        _fields(route, text, origin)
    elif _statuses(route, text):
        return
    elif label in phrases("routes", "fails"):
        route.errors |= dict.fromkeys(part.strip() for part in re.split(r"[,;]", text) if part.strip())
    elif label in phrases("routes", "gives"):
        route.answers[text] = None
    elif label in phrases("routes", "tells") and not route.summary:
        route.summary = text


def _fields(route: _Route, text: str, origin: Quote) -> None:
    """Take the fields of a body: `number, label, fade_in?` or `{"number": 3, "label": "dawn"}`."""
    braces = _BRACES.search(text)
    for part in re.split(r"[,;\n]", braces[1] if braces else text):
        named = _NAME.fullmatch(part.strip(" .{}"))
        if named:
            is_open = bool(named[2] or named[4]) or (named[3] or "").rstrip(")").endswith("?")
            type_ = type_of_sample((named[3] or "").strip("\"'"))
            _take(route, named[1], origin, type_, is_required=not is_open)


def _statuses(route: _Route, text: str) -> bool:
    """Take the status codes of `text` with the words behind each; tell whether there is one."""
    codes = [match for match in _STATUS.finditer(text) if _is_status(text, match)]
    for number, match in enumerate(codes):
        end = codes[number + 1].start() if number + 1 < len(codes) else len(text)
        said = re.split(r"[,;|)\n]|\.(?:\s|$)", text[match.end() : end], maxsplit=1)[0].strip(" `*:=—–-→(\"'")
        words = said[:_MAX_ANSWER].split()
        while words and fold(words[-1]) in phrases("routes", "parts"):
            words.pop()
        held = route.errors if int(match.group()) >= _ERROR else route.answers
        held[" ".join((match.group(), *words))] = None
    return bool(codes)


def _is_status(text: str, match: re.Match[str]) -> bool:
    """Tell whether a number is a status: a code of HTTP without a unit behind it."""
    behind = text[match.end() : match.end() + 20].split()
    is_known = int(match.group()) in {status.value for status in HTTPStatus}
    return is_known and not (behind and unit_of(behind[0].rstrip(".,;")) is not None)


def _in_lines(region: Region) -> Iterator[_Route]:
    """Give the routes of headings, items, sentences and lines of code, with what is said below each."""
    blocks = region.note.blocks
    for index, block in region.blocks():
        if block.kind not in _BLOCKS or region.is_foreign(block) or topic_of_path(region.headings(block)) in _SILENT:
            continue
        if block.parent is not None and block.kind is BlockKind.PARAGRAPH and _holds(blocks[block.parent], block):
            continue  # the paragraph inside a list item
        text = region.source.slice(block.text)
        matches = list(_ROUTE.finditer(text))
        for number, match in enumerate(matches):
            end = matches[number + 1].start() if number + 1 < len(matches) else len(text)
            is_code = block.kind in {BlockKind.FENCE, BlockKind.CODE}
            if is_code and "\n" in text[match.end() : end]:
                end = text.index("\n", match.end())
            start = block.text.start
            told = start + max(match.end(), _sentence_end(text, match.end(), end))
            span = region.source.span(start + match.start(), told)
            if is_struck(region, span):
                continue
            route = _started(match[1], match[2], region.quote(span))
            _said(route, text[match.end() : end], region.quote(span))
            if number == len(matches) - 1 and not is_code:
                _below(region, index, block, route)
            yield route


def _holds(above: Block, block: Block) -> bool:
    return above.kind is BlockKind.LIST_ITEM and above.text.covers(block.text)


def _sentence_end(text: str, start: int, end: int) -> int:
    """Give where the first line or sentence behind `start` ends."""
    cut = re.compile(r"[.;](?=\s|$)|\n").search(text, start, end)
    return start + len(text[start : cut.start() if cut else end].rstrip(" `*,"))


def _said(route: _Route, rest: str, origin: Quote) -> None:
    """Take the codes, the body in braces and the words of what stands behind a route."""
    before = _STATUS.split(rest, maxsplit=1)[0]
    braces = _BRACES.search(before)
    if braces:
        _fields(route, braces.group(), origin)
    _statuses(route, rest)
    words = re.split(r"[.;\n(]|→|->|=>", _BRACES.sub("", rest), maxsplit=1)[0]
    said = words.strip(" `*:,—–-#")
    if said[:1].isalpha() and not _STATUS.search(said):
        route.summary = route.summary or said


def _below(region: Region, index: int, block: Block, route: _Route) -> None:
    """Take what the blocks under a route say: those of its section, or the items nested in its item."""
    blocks = region.note.blocks
    for below in blocks[index + 1 :]:
        if block.kind is BlockKind.HEADING:
            is_inside = below.section == block.section
        else:
            is_inside = any(above is block for above in region.ancestors(below))
        if not is_inside or not region.holds(below.text):
            break
        text = region.source.slice(below.text)
        if _ROUTE.search(text):
            break
        for line in text.splitlines() if below.kind is not BlockKind.FENCE else ():
            label, _, rest = line.strip("*_- ").partition(":")
            _told(route, fold(label.strip("*_` ")), rest.strip("*_ ") or line, region.quote(below.text))
