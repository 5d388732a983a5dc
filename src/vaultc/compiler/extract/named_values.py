"""Named values: what sentences, lists, tables and fields state as numbers, each once, with the value in force."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaultc.compiler.extract.in_force import Settled, settled
from vaultc.compiler.extract.limits import bounds_of_cell
from vaultc.compiler.extract.plain import masked, plain
from vaultc.compiler.extract.stated_values import Side, Stated, stated_in
from vaultc.compiler.extract.statements import leads
from vaultc.compiler.extract.topics import Topic, topic_of_path
from vaultc.compiler.extract.type_words import python_value, type_of_sample
from vaultc.compiler.unit import Constant, Replaced
from vaultc.core.digest import short_id
from vaultc.core.spanned import Places
from vaultc.language.lexicon import entries, phrases
from vaultc.language.quantities import quantities
from vaultc.language.stems import content_stems, is_russian
from vaultc.language.translit import code_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vaultc.compiler.extract.region import Region
    from vaultc.compiler.extract.statements import Statement
    from vaultc.compiler.unit import Entity
    from vaultc.core.note import Cell
    from vaultc.core.source import Quote, VaultPath

_NOT_HERE = frozenset(
    {Topic.HISTORY, Topic.REFERENCES, Topic.EXAMPLES, Topic.QUESTIONS, Topic.OPTIONAL, Topic.EXCLUDED, Topic.TASKS}
)
_BOUNDS = frozenset({Side.MIN, Side.MAX})
_MAX_CELLS = 60


def find_constants(
    regions: Sequence[Region], said: Iterable[Statement], entities: Sequence[Entity] = ()
) -> tuple[Constant, ...]:
    """Give the named values of the regions, each once: tables first, then fields and sentences.

    A value that a later word replaces is kept as `replaced` of the one in force; values of one thing that differ
    without such a word are one constant that is disputed.
    """
    found: dict[str, Constant] = {}
    for region in regions:
        for constant in (*_in_tables(region), *_in_grids(region)):
            found.setdefault(constant.code_name, constant)
    fields = _Fields(entities)
    stated = [fields.scoped(item) for region in regions for item in _in_rows(region)]
    stated += [item for region in regions for item in _in_fields(region)]
    for value in (value for statement in said for value in stated_in(statement)):
        stated.append(fields.scoped(value) if value.side in _BOUNDS else value)
    for item in settled(stated):
        _add(found, item)
    return tuple(found.values())


class _Fields:
    """The fields of records by where they were read: a bound that stands there is theirs."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._names: dict[int, str] = {}
        quotes: dict[VaultPath, list[Quote]] = {}
        for entity in entities:
            for field in entity.fields:
                for quote in field.origins:
                    self._names.setdefault(id(quote), f"{entity.code_name}.{field.code_name}")
                    quotes.setdefault(quote.span.path, []).append(quote)
        self._places = {path: Places(own) for path, own in quotes.items()}

    def scoped(self, item: Stated) -> Stated:
        """Give a value with the field of a record that was read from where it stands."""
        places = self._places.get(item.quote.span.path)
        found = places.touching(item.quote.span) if places is not None else []
        return replace(item, scope=self._names[id(found[0])]) if found else item


def _add(found: dict[str, Constant], item: Settled) -> None:
    """Add a value under a name of its own; a bound of a thing that has another value too is called a bound."""
    first = item.stated
    type_, value = _source(first)
    origins = tuple(dict.fromkeys(each.quote for each in (first, *item.same, *item.rivals)))
    values = tuple(dict.fromkeys(_source(each)[1] for each in (first, *item.rivals))) if item.rivals else ()
    old = [Replaced(_source(each)[1], each.quote) for each in item.others]
    twin = next((each for each in found.values() if not values and _is_same(each, first, value)), None)
    if twin is not None:
        found[twin.code_name] = replace(twin, origins=tuple(dict.fromkeys((*twin.origins, *origins))))
        return
    known = {each.value for each in old}
    old += [Replaced(_number(number)[1]) for number in item.replaced if _number(number)[1] not in known]
    for name in _names(first):
        code = _code(name)
        same = found.get(code)
        if same is not None and (same.value, same.unit) != (value, first.unit):
            continue
        if same is None:
            found[code] = Constant(
                short_id("C", ("constant", code)), name, code, type_, "" if values else value, first.unit, origins,
                bound=first.side.value, values=values, replaced=tuple(old), scope=first.scope,
                is_titled=first.is_titled,
            )  # fmt: skip
        return


def _is_same(known: Constant, item: Stated, value: str) -> bool:
    """Tell whether a sentence states again what a table or another sentence named: the value, the unit, a word."""
    if known.value != value or (known.unit and item.unit and known.unit != item.unit):
        return False
    sides = {known.bound, item.side.value}
    is_exact = Side.EXACT.value in sides or len(sides) == 1
    return is_exact and bool(set(content_stems(known.name.replace("_", " "))) & set(content_stems(item.name)))


def _names(item: Stated) -> Iterator[str]:
    """Give the names that a value may bear, the shortest first: its own, with its bound, with its unit, numbered."""
    if item.side not in {Side.MIN, Side.MAX}:
        yield item.name
    elif item.has_twin:
        yield _minimum_of(item.name) if item.side is Side.MIN else _maximum_of(item.name)
    else:
        yield item.name
        yield _minimum_of(item.name) if item.side is Side.MIN else _maximum_of(item.name)
    yield f"{item.name} {item.unit}".strip()
    yield from (f"{item.name} {number}" for number in range(2, 10))


def _minimum_of(name: str) -> str:
    """Name the lower bound of what `name` names: "dose minimum", «доза, минимум»."""
    return _bound_of(name, 0)


def _maximum_of(name: str) -> str:
    """Name the upper bound of what `name` names."""
    return _bound_of(name, 1)


def _bound_of(name: str, at: int) -> str:
    if is_russian(name):
        return f"{name}, {entries('values', 'ru')['ends'][at]}"
    return f"{name} {entries('values', 'en')['ends'][at]}"


def _source(item: Stated) -> tuple[str, str]:
    """Give the type and the Python source of a value."""
    if item.clock:
        return "str", repr(item.clock)
    if len(item.values) == 1:
        return _number(item.values[0])
    parts = [_number(value) for value in item.values]
    type_ = "float" if any(part[0] == "float" for part in parts) else "int"
    return f"tuple[{type_}, ...]", f"({', '.join(part[1] for part in parts)})"


def _code(name: str) -> str:
    return name if name.isascii() and name.isidentifier() and name.isupper() else code_name(name, "constant")


def _make(name: str, type_: str, value: str, unit: str, origin: Quote) -> Constant:
    code = _code(name)
    return Constant(short_id("C", ("constant", code)), name, code, type_, value, unit, (origin,), is_titled=True)


def _number(value: float) -> tuple[str, str]:
    return ("int", str(int(value))) if value == int(value) and abs(value) < 10**15 else ("float", repr(value))


def _column(header: Sequence[str], names: frozenset[str]) -> int:
    return next((at for at, head in enumerate(header) if head and head.split()[0] in names), -1)


def _in_tables(region: Region) -> Iterator[Constant]:
    for block, table in region.tables():
        header = [cell.text.lower().strip("*_` ") for cell in table.header]
        name, value, unit = (
            _column(header, phrases("values", names)) for names in ("name_heads", "value_heads", "unit_heads")
        )
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


def _in_rows(region: Region) -> Iterator[Stated]:
    """Give the bounds in tables of fields: the row names the thing, a column of limits tells between what it lies."""
    for block, table in region.tables():
        header = [cell.text.lower().strip("*_` ") for cell in table.header]
        column = _column(header, phrases("values", "limit_heads"))
        if column < 1 or topic_of_path(region.headings(block)) in _NOT_HERE:
            continue
        for row in table.rows:
            if len(row) <= column or not row[0].text.strip("*_` "):
                continue
            quote = region.quote(region.source.span(row[0].span.start, row[-1].span.end))
            text = masked(region, row[column].span)
            limits = bounds_of_cell(text, quote, plain(region, row[0].span).strip("` "))
            sides = {limit.comparator[0] for limit in limits}
            for limit in limits:
                side = Side.MIN if limit.comparator.startswith(">") else Side.MAX
                yield Stated(
                    limit.subject, (limit.value,), limit.unit, limit.unit or "number", side, quote, text,
                    start=len(text), has_twin=len(sides) > 1,
                )  # fmt: skip


def _in_fields(region: Region) -> Iterator[Stated]:
    """Give the Dataview fields that are one measure: `pause:: 30 min`."""
    for field in region.note.fields:
        numbers = quantities(field.value)
        is_whole = len(numbers) == 1 and numbers[0].start == 0 and numbers[0].end == len(field.value.rstrip())
        is_measure = is_whole and numbers[0].dimension not in {"number", "currency"}
        if region.holds(field.span) and is_measure and field.key.lower() not in phrases("values", "metadata"):
            number = numbers[0]
            yield Stated(
                field.key, (number.value,), number.unit, number.dimension, Side.EXACT, region.quote(field.span),
                field.value, is_titled=True,
            )  # fmt: skip
