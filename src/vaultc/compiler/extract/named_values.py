"""Named values: tables "constant | value | unit", lines "pause between waterings: 30 min", "mean level is 2.3 m"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vaultc.compiler.extract.limits import unit_of
from vaultc.compiler.extract.plain import masked, plain
from vaultc.compiler.extract.statements import leads
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.extract.type_words import python_value, type_of_sample
from vaultc.compiler.unit import Constant
from vaultc.core.digest import short_id
from vaultc.language.lexicon import listed
from vaultc.language.modality import modal_marks
from vaultc.language.quantities import quantities
from vaultc.language.translit import code_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement
    from vaultc.core.note import Cell
    from vaultc.core.source import Quote

_NAMES = listed(
    "constant parameter setting option name value_name variable константа постоянная параметр настройка "
    "величина название имя"
)
_VALUES = listed("value default number значение число величина")
_UNITS = listed("unit units единица единицы ед")
_PAIR = re.compile(r"^(?P<name>[^:=?!]{2,60}?)\s{0,2}(?::|=|—|–)\s{0,2}(?P<rest>\S.{0,60})$")
_COPULA = re.compile(
    r"^(?:the\s|our\s)?(?P<name>[\w\s-]{3,60}?)\s(?:is|are|equals|=|составляет|равен|равна|равно|равняется|"
    r"—)\s(?P<rest>\S.{0,200})$",
    re.IGNORECASE,
)
_NOT_HERE = frozenset(
    {
        Topic.HISTORY,
        Topic.REFERENCES,
        Topic.EXAMPLES,
        Topic.QUESTIONS,
        Topic.DECISIONS,
        Topic.REQUIREMENTS,
        Topic.FEATURES,
        Topic.OPTIONAL,
        Topic.EXCLUDED,
        Topic.TASKS,
        Topic.RISKS,
    }
)
_MAX_NAME_WORDS = 8
_MAX_CELLS = 60


def find_constants(regions: Sequence[Region], said: Iterable[Statement]) -> tuple[Constant, ...]:
    """Give the named values of the regions, each once: tables first, then lines and sentences."""
    found: dict[str, Constant] = {}
    for region in regions:
        for constant in (*_in_tables(region), *_in_grids(region)):
            found.setdefault(constant.code_name, constant)
    for statement in said:
        stated = _of_statement(statement)
        if stated is not None:
            found.setdefault(stated.code_name, stated)
    return tuple(found.values())


def _make(name: str, type_: str, value: str, unit: str, origin: Quote) -> Constant:
    code = code_name(name, "constant") if not (name.isascii() and name.isidentifier() and name.isupper()) else name
    return Constant(short_id("C", ("constant", code)), name, code, type_, value, unit, (origin,))


def _number(value: float) -> tuple[str, str]:
    return ("int", str(int(value))) if value == int(value) and abs(value) < 10**15 else ("float", repr(value))


def _column(header: Sequence[str], names: frozenset[str]) -> int:
    return next((at for at, head in enumerate(header) if head and head.split()[0] in names), -1)


def _in_tables(region: Region) -> Iterator[Constant]:
    for block, table in region.tables():
        header = [cell.text.lower().strip("*_` ") for cell in table.header]
        name, value, unit = (_column(header, names) for names in (_NAMES, _VALUES, _UNITS))
        topic = topic_of_path(region.headings(block))
        if name < 0 or value < 0 or name == value or topic in _NOT_HERE or "type" in header or "тип" in header:
            continue
        for row in table.rows:
            if len(row) > max(name, value) and row[name].text.strip("` "):
                constant = _of_row(region, row, name, value, unit)
                if constant is not None:
                    yield constant


def _of_row(region: Region, row: Sequence[Cell], name: int, value: int, unit: int) -> Constant | None:
    title = plain(region, row[name].span).strip("`")
    text = plain(region, row[value].span).strip("`")
    quote = region.quote(region.source.span(row[0].span.start, row[-1].span.end))
    unit_text = row[unit].text.strip() if 0 <= unit < len(row) else ""
    measured = quantities(f"1 {unit_text}") if unit_text else []
    unit_name = measured[0].unit if len(measured) == 1 and measured[0].dimension != "count" else unit_text
    type_ = type_of_sample(text)
    if type_ == "str":
        numbers = quantities(text)
        if (
            len(numbers) == 1
            and numbers[0].start == 0
            and numbers[0].end == len(text)
            and numbers[0].dimension != "count"
        ):
            return _make(title, *_number(numbers[0].value), numbers[0].unit, quote)
    source = python_value(text, type_)
    return _make(title, type_, source, unit_name, quote) if source is not None and text else None


def _in_grids(region: Region) -> Iterator[Constant]:
    """Give the cells of a grid of settings: rows and columns are named, every other cell is a quantity with a unit."""
    lead_of = leads(region)
    for block, table in region.tables():
        lead = lead_of.get(table.block)
        headings = (*region.headings(block), lead) if lead else region.headings(block)
        cells = [cell for row in table.rows for cell in row[1:]]
        if topic_of_path(headings) in _NOT_HERE or not 2 <= len(cells) <= _MAX_CELLS or len(table.header) < 2:
            continue
        numbers = [_whole(region, cell) for cell in cells]
        if any(number is None for number in numbers) or not all(number[2] for number in numbers if number):
            continue
        for row in table.rows:
            for head, cell in zip(table.header[1:], row[1:], strict=False):
                number = _whole(region, cell)
                if number is not None and row[0].text and head.text:
                    quote = region.quote(region.source.span(row[0].span.start, row[-1].span.end))
                    yield _make(f"{head.text} {row[0].text}", *number, quote)


def _whole(region: Region, cell: Cell) -> tuple[str, str, str] | None:
    """Give type, value and unit of a cell that is one quantity and nothing else."""
    text = masked(region, cell.span)
    numbers = quantities(text)
    if len(numbers) != 1 or text[: numbers[0].start].strip() or text[numbers[0].end :].strip() or numbers[0].comparator:
        return None
    return (*_number(numbers[0].value), numbers[0].unit)


def _of_statement(statement: Statement) -> Constant | None:
    """Read "pause between waterings: 30 min" and "the mean level is 2.3 m"; a bound or a duty is no constant."""
    topic = topic_of_path(statement.headings)
    text = statement.masked.strip(" .;")
    if statement.is_question or statement.is_lead or topic in _NOT_HERE or modal_marks(text):
        return None
    pair = _PAIR.match(text) if statement.item is not None else None
    match = pair or (_COPULA.match(text) if statement.is_head or statement.item is None else None)
    if match is None or len(match["name"].split()) > _MAX_NAME_WORDS:
        return None
    rest = match["rest"].strip()
    numbers = quantities(rest)
    if not numbers or numbers[0].start != 0 or numbers[0].comparator or numbers[0].is_approximate:
        return None
    number = numbers[0]
    is_whole = number.end >= len(rest.rstrip(" .;"))
    is_measured = number.dimension not in {"count", "number", "frequency"}
    if pair is not None and not (is_whole and (is_measured or topic is Topic.SETTINGS)):
        return None
    if pair is None and (not is_measured or len(numbers) > 1):
        return None
    unit = unit_of(rest, number)
    return _make(" ".join(match["name"].split()), *_number(number.value), unit, statement.quote)
